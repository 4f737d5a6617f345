"""The whole media as a thin bar with a window on the part in view; drag the window to go elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ui.timeline.axis import Axis
from ui.timeline.columns import draw_pixels, premultiplied
from ui.timeline.layers.regions import device_columns, region_columns
from ui.timeline.scene import TimelineScene
from ui.timeline.scene_regions import RegionState
from ui.timeline.view import Lane, View

HEIGHT_PX = 14
_NARROWEST_WINDOW_PX = 10.0


class OverviewBar(QWidget):
    """Its height is always reserved, so that nothing jumps when the timeline is zoomed; fitted, it stays empty."""

    start_requested = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAccessibleName("Overview")
        self.setAccessibleDescription("The whole media; drag the window to move the part that the timeline shows.")
        self._view: View | None = None
        self._scene = TimelineScene()
        self._picture: QPixmap | None = None
        self._pictured: tuple[View, TimelineScene] | None = None
        self._held_px: float | None = None

    def show_part(self, view: View, scene: TimelineScene) -> None:
        """Show where `view` lies in the media. Cheap when only the axis, playhead or cursor moved."""
        self._view, self._scene = view, scene
        self.setCursor(Qt.CursorShape.OpenHandCursor if view.axis.zoomed else Qt.CursorShape.ArrowCursor)
        self.update()

    def part_box(self) -> QRectF:
        """The window on the part in view, in pixels of this bar."""
        whole = self._whole_axis()
        axis = self._view.axis
        left, right = whole.x(axis.start_s), whole.x(axis.end_s)
        missing = max(0.0, _NARROWEST_WINDOW_PX - (right - left))
        return QRectF(left - missing / 2, 1, right - left + missing, HEIGHT_PX - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._view is None:
            return
        colours = self._view.colours
        painter.fillRect(event.rect(), colours["overview_back"])
        if not self._view.axis.zoomed or self._scene.duration_s <= 0:
            return
        self._refresh_picture()
        painter.drawPixmap(QPointF(0, 0), self._picture)
        whole, lane = self._whole_axis(), Lane(0, HEIGHT_PX)
        box = self.part_box()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours["overview_edge"], 1))
        painter.setBrush(colours["overview_view"])
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._view.vertical(painter, whole.x(self._scene.cursor_s) - 1, lane, colours["cursor"], 2)
        if self._view.live.playhead_s is not None:
            self._view.vertical(painter, whole.x(self._view.live.playhead_s), lane, colours["playhead", 0.8])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._view is None or not self._view.axis.zoomed:
            event.ignore()
            return
        box, x = self.part_box(), event.position().x()
        inside = box.left() <= x <= box.right()
        # A press beside the window brings its middle there.
        self._held_px = x - box.left() if inside else box.width() / 2
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held_px is None:
            event.ignore()
            return
        self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._held_px is not None:
            self._held_px = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            event.ignore()

    def _drag_to(self, x_px: float) -> None:
        self.start_requested.emit(self._whole_axis().time(x_px - self._held_px))

    def _whole_axis(self) -> Axis:
        return Axis.fitted(self._scene.duration_s, self.width())

    def _refresh_picture(self) -> None:
        """Regions and markers of the whole media: painted once, zooming and panning change nothing in it."""
        old = self._pictured
        size = self.size() * self._view.dpr
        if (
            old is not None
            and self._picture.size() == size
            and old[0].colours is self._view.colours
            and self._scene.same_static(old[1])
        ):
            return
        self._pictured = (self._view, self._scene)
        self._picture = QPixmap(size)
        self._picture.setDevicePixelRatio(self._view.dpr)
        self._picture.fill(self._view.colours["overview_back"])
        whole = replace(self._view, axis=self._whole_axis(), left_px=0.0, right_px=float(self.width()))
        painter = QPainter(self._picture)
        self._paint_regions(painter, whole)
        self._paint_markers(painter, whole)
        painter.end()

    def _paint_regions(self, painter: QPainter, whole: View) -> None:
        if not self._scene.regions:
            return
        states, _ = region_columns(whole, self._scene.region_table)
        pixels = np.zeros(whole.columns, np.uint32)
        for state in RegionState:
            pixels[states == state] = premultiplied(whole.colours.region_fills[state], np.float32(0.75))
        height = max(1, round(3 * whole.dpr))
        draw_pixels(painter, np.broadcast_to(pixels, (height, whole.columns)), 0, HEIGHT_PX - 6, whole.dpr)

    def _paint_markers(self, painter: QPainter, whole: View) -> None:
        if not self._scene.markers:
            return
        starts, ends, folder = self._scene.marker_table.spans
        first, behind = device_columns(whole, starts, ends)
        pixels = np.zeros(whole.columns, np.uint32)
        for own, colour in ((False, whole.colours["text_muted"]), (True, whole.colours["marker"])):
            for index in np.flatnonzero((folder < 0) == own):
                pixels[max(0, first[index]) : behind[index]] = premultiplied(colour, np.float32(0.9))
        height = max(1, round(3 * whole.dpr))
        draw_pixels(painter, np.broadcast_to(pixels, (height, whole.columns)), 0, 3, whole.dpr)
