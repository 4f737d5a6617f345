"""The crop over a picture: what is left out is dimmed, what is kept has a frame. `core.domain` says where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from core.domain.crop import Crop
from core.domain.frame_size import kept_rect
from ui.theme import Space, current, qcolor

_EDGE_PX = 1.5
_TICK_PX = 6


@dataclass(frozen=True)
class Trim:
    """What else than the crop takes pixels away: sides that have to be multiples of `side_step` after the resize."""

    short_side: int | None = None
    side_step: int = 2


NO_TRIM = Trim()


def kept_area(picture: QRectF, size: tuple[int, int], crop: Crop, trim: Trim = NO_TRIM) -> QRectF:
    """Where the pixels that a clip keeps of a picture of `size` lie, when it is shown in the rectangle `picture`."""
    left, top, right, bottom = kept_rect(*size, crop, trim.short_side, trim.side_step).fractions(*size)
    corner = QPointF(picture.left() + left * picture.width(), picture.top() + top * picture.height())
    opposite = QPointF(picture.left() + right * picture.width(), picture.top() + bottom * picture.height())
    return QRectF(corner, opposite)


def paint_crop(painter: QPainter, picture: QRectF, kept: QRectF, label: str = "") -> None:
    """Dim all of the picture but what is kept, and frame that."""
    theme = current()
    shade = qcolor(theme.crop_shade)
    painter.fillRect(QRectF(picture.topLeft(), QPointF(picture.right(), kept.top())), shade)
    painter.fillRect(QRectF(QPointF(picture.left(), kept.bottom()), picture.bottomRight()), shade)
    painter.fillRect(QRectF(QPointF(picture.left(), kept.top()), QPointF(kept.left(), kept.bottom())), shade)
    painter.fillRect(QRectF(QPointF(kept.right(), kept.top()), QPointF(picture.right(), kept.bottom())), shade)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(qcolor(theme.crop_edge), _EDGE_PX))
    half = _EDGE_PX / 2
    painter.drawRect(kept.adjusted(-half, -half, half, half).intersected(picture))
    middle = kept.center()
    painter.drawLine(middle - QPointF(_TICK_PX, 0), middle + QPointF(_TICK_PX, 0))
    painter.drawLine(middle - QPointF(0, _TICK_PX), middle + QPointF(0, _TICK_PX))
    if label:
        _paint_label(painter, kept, label)


def _paint_label(painter: QPainter, kept: QRectF, label: str) -> None:
    theme = current()
    bounds = QRectF(painter.fontMetrics().boundingRect(label)).adjusted(-Space.XS, -2, Space.XS, 2)
    bounds.moveTopLeft(kept.topLeft() + QPointF(Space.S, Space.S))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.crop_shade))
    painter.drawRoundedRect(bounds, 3, 3)
    painter.setPen(qcolor(theme.crop_edge))
    painter.drawText(bounds, int(Qt.AlignmentFlag.AlignCenter), label)


class CropOverlay:
    """Painted by the player's surface after every picture; `trim` is asked how the clip is resized and trimmed."""

    def __init__(self, trim: Callable[[], Trim] = lambda: NO_TRIM) -> None:
        self.trim = trim
        self.size: tuple[int, int] | None = None
        """Width and height of the displayed picture in pixels; None while unknown."""
        self.crop = Crop()

    def __call__(self, painter: QPainter, picture: QRectF) -> None:
        if not self.size or picture.isEmpty():
            return
        trim = self.trim()
        if self.crop.ratio or trim.side_step > NO_TRIM.side_step:
            paint_crop(painter, picture, kept_area(picture, self.size, self.crop, trim), self.crop.ratio)
