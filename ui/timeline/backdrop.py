"""The static layers as one cached picture. A pan scrolls it and paints only the strip that came into view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QRect, QRectF
from PyQt6.QtGui import QPainter, QPixmap

from ui.timeline.scene import TimelineScene
from ui.timeline.view import Layer, View

# A pan is scrolled when it is this near to whole device pixels.
_WHOLE = 1e-3


class Backdrop:
    """Keeps the picture of the static layers in step with view and scene."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)
        self.full_paints = 0
        self.strip_paints = 0
        self._pixmap: QPixmap | None = None
        self._view: View | None = None
        self._scene: TimelineScene | None = None

    def invalidate(self) -> None:
        """Paint everything anew next time: something that is not in the scene has changed."""
        self._pixmap = None

    def draw(self, painter: QPainter, rect: QRect, view: View, scene: TimelineScene) -> None:
        """Bring the picture up to date and copy the logical `rect` of it."""
        self._refresh(view, scene)
        ratio = view.dpr
        source = QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio)
        painter.drawPixmap(QRectF(rect), self._pixmap, source)

    def _refresh(self, view: View, scene: TimelineScene) -> None:
        shift = self._shift(view, scene)
        if shift is None or abs(shift) >= self._pixmap.width():
            self._paint_all(view, scene)
        elif shift:
            self._scroll(view, scene, shift)
        self._view, self._scene = view, scene

    def _shift(self, view: View, scene: TimelineScene) -> int | None:
        """Device pixels that the content moved to the right since the last paint, None when all must be painted."""
        old = self._view
        if self._pixmap is None or old is None or not scene.same_static(self._scene):
            return None
        if (old.dpr, old.height_px, old.lanes, old.colours, old.type) != (
            view.dpr,
            view.height_px,
            view.lanes,
            view.colours,
            view.type,
        ):
            return None
        shift = view.axis.shift_px(old.axis)
        if shift is None or abs(shift * view.dpr - round(shift * view.dpr)) > _WHOLE:
            return None
        return round(shift * view.dpr)

    def _paint_all(self, view: View, scene: TimelineScene) -> None:
        self.full_paints += 1
        width, height = round(view.width_px * view.dpr), round(view.height_px * view.dpr)
        if self._pixmap is None or (self._pixmap.width(), self._pixmap.height()) != (width, height):
            self._pixmap = QPixmap(max(1, width), max(1, height))
        self._pixmap.setDevicePixelRatio(view.dpr)
        self._paint(view, scene, 0, self._pixmap.width())

    def _scroll(self, view: View, scene: TimelineScene, shift: int) -> None:
        self.strip_paints += 1
        width = self._pixmap.width()
        self._pixmap.scroll(shift, 0, self._pixmap.rect())
        left, right = (0, shift) if shift > 0 else (width + shift, width)
        self._paint(view, scene, left, right)

    def _paint(self, view: View, scene: TimelineScene, left: int, right: int) -> None:
        """Paint the device columns `[left, right)` of all layers."""
        part = replace(view, left_px=left / view.dpr, right_px=right / view.dpr)
        painter = QPainter(self._pixmap)
        strip = QRectF(part.left_px, 0, part.right_px - part.left_px, view.height_px)
        painter.setClipRect(strip)
        painter.fillRect(strip, view.colours["timeline_back"])
        for layer in self.layers:
            painter.save()
            layer.paint(painter, part, scene)
            painter.restore()
        painter.end()
