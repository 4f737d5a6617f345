"""A short sound as a picture of its pitches, with a line where it is being heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Space, Theme, current
from ui.timeline.columns import draw_pixels
from ui.timeline.layers.spectrogram import ramp

if TYPE_CHECKING:
    from core.media.spectrogram import Spectrogram

_HALF_HOP_S = 0.006
_MARGIN_PX = 24
_MOST_HEIGHT_PX = 420


class SoundView(QWidget):
    """The axis says how long the window is, never where in a recording it lies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pitches: Spectrogram | None = None
        self._seconds = 0.0
        self._at_s = 0.0
        self._paused = False
        self._drawn: tuple[tuple[int, int, str], np.ndarray] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self.setAccessibleName("The sound")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_sound(self, pitches: Spectrogram | None, seconds: float) -> None:
        """Draw this sound; None for nothing."""
        self._pitches, self._seconds, self._at_s = pitches, seconds, 0.0
        self._drawn = None
        self.update()

    def show_position(self, at_s: float) -> None:
        self._at_s = at_s
        self.update()

    def show_paused(self, paused: bool) -> None:
        self._paused = paused
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.timeline_back))
        if self._pitches is None or self._seconds <= 0:
            return
        box = self._box()
        ratio = self.devicePixelRatioF()
        columns, rows = round(box.width() * ratio), round(box.height() * ratio)
        draw_pixels(painter, self._picture(columns, rows, theme), box.left(), box.top(), ratio)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRect(box)
        self._paint_axis(painter, box)
        if 0 <= self._at_s <= self._seconds:
            x = box.left() + self._at_s / self._seconds * box.width()
            painter.setPen(QPen(QColor(theme.playhead), 2))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        if self._paused:
            painter.setPen(QColor(theme.text))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "Paused — Space plays")

    def _picture(self, columns: int, rows: int, theme: Theme) -> np.ndarray:
        """The pixels of this size and theme, made once: the line over them moves many times a second."""
        key = (columns, rows, theme.name)
        if self._drawn is None or self._drawn[0] != key:
            # The last half hop of a sound has no row of its own.
            loudness = self._pitches.image(0.0, self._seconds - _HALF_HOP_S, columns, rows)
            self._drawn = key, ramp(theme).take(loudness)
        return self._drawn[1]

    def _paint_axis(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QColor(current().ruler_text))
        metrics = QFontMetricsF(painter.font())
        below = box.bottom() + metrics.ascent() + Space.XS
        end = f"{self._seconds:.4g} s"
        painter.drawText(QPointF(box.left(), below), "0")
        painter.drawText(QPointF(box.right() - metrics.horizontalAdvance(end), below), end)

    def _box(self) -> QRectF:
        whole = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX - Space.L)
        height = min(_MOST_HEIGHT_PX, whole.height())
        return QRectF(whole.left(), round(whole.center().y() - height / 2), whole.width(), height)
