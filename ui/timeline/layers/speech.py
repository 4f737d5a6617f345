"""Where someone speaks: a band along the top of the waveform and a tint over it, while it is `shown`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter

from core.domain.timespan import Span
from ui.theme import Space
from ui.timeline.columns import coverage, draw_pixels, premultiplied
from ui.timeline.layers.regions import device_columns
from ui.timeline.scene import TimelineScene
from ui.timeline.view import BODY, View

HEIGHT_PX = 5
_TINT = 0.13


class SpeechLayer:
    """It has no lane of its own, so nothing jumps when speech is found; `text` says why there is none to see."""

    lane = BODY
    at_top = False

    def __init__(self) -> None:
        self.shown = False
        self.text = ""
        self._starts = self._ends = np.zeros(0)

    def set_spans(self, spans: Sequence[Span]) -> None:
        """What to show from now on."""
        self._starts = np.array([span.start_s for span in spans], np.float64)
        self._ends = np.array([span.end_s for span in spans], np.float64)

    def wanted_px(self, scene: TimelineScene) -> int:
        return 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        if not self.shown:
            return
        if self.text:
            painter.setFont(view.type.small)
            painter.setPen(view.colours["text_muted"])
            box = QRectF(0, view.body.top + Space.XS, view.width_px - Space.S, view.body.height)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), self.text)
        if not len(self._starts):
            return
        first, behind = device_columns(view, self._starts, self._ends)
        said = coverage(first, behind, np.zeros(len(first), np.int64), 1, view.columns)[0]
        colour = view.colours["info"]
        for height_px, alpha in ((view.body.height, _TINT), (HEIGHT_PX, 1.0)):
            pixels = np.where(said, premultiplied(colour, np.float32(alpha)), np.uint32(0))
            rows = max(1, round(height_px * view.dpr))
            draw_pixels(painter, np.broadcast_to(pixels, (rows, view.columns)), view.left_px, view.body.top, view.dpr)
