"""The crop over a picture: what is left out is dimmed, what is kept has a frame. `core.domain.crop` says where."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from core.domain.crop import Crop, crop_rect
from ui.theme import Space, current, qcolor

_EDGE_PX = 1.5
_TICK_PX = 6


def kept_area(picture: QRectF, size: tuple[int, int], crop: Crop) -> QRectF:
    """Where the pixels that a crop keeps of a picture of `size` lie, when it is shown in the rectangle `picture`."""
    left, top, right, bottom = crop_rect(*size, crop).fractions(*size)
    corner = QPointF(picture.left() + left * picture.width(), picture.top() + top * picture.height())
    opposite = QPointF(picture.left() + right * picture.width(), picture.top() + bottom * picture.height())
    return QRectF(corner, opposite)


def paint_crop(painter: QPainter, picture: QRectF, size: tuple[int, int], crop: Crop, label: str = "") -> None:
    """Dim what the crop leaves out of the picture and frame what it keeps."""
    kept, theme = kept_area(picture, size, crop), current()
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
    """Painted by the player's surface after every picture."""

    def __init__(self) -> None:
        self.size: tuple[int, int] | None = None
        """Width and height of the displayed picture in pixels; None while unknown."""
        self.crop = Crop()
        self.label = ""

    def __call__(self, painter: QPainter, picture: QRectF) -> None:
        if self.size and self.crop.ratio and not picture.isEmpty():
            paint_crop(painter, picture, self.size, self.crop, self.label)
