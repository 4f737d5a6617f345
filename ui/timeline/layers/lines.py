"""The three vertical lines: cursor with its handle, playhead, and the pointer's own with the time under it."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from core.domain.timecode import format_time
from ui.timeline.layers.ruler import RULER
from ui.timeline.scene import TimelineScene
from ui.timeline.view import Lane, View

_HANDLE_HALF_PX, _HANDLE_PX = 6, 15
_HEAD_HALF_PX, _HEAD_PX = 5, 7
_HALF_EXTENT_PX = 9
_PILL_OFFSET_PX = 9


def _column(view: View, x_px: float) -> QRect:
    if not -_HALF_EXTENT_PX <= x_px <= view.width_px + _HALF_EXTENT_PX:
        return QRect()
    return QRect(round(x_px) - _HALF_EXTENT_PX, 0, 2 * _HALF_EXTENT_PX + 1, view.height_px)


class CursorOverlay:
    """Where the next batch starts. Locked, it has another colour and a padlock in its handle."""

    def state(self, view: View, scene: TimelineScene) -> object:
        return (scene.cursor_s, view.live.locked, scene.duration_s > 0)

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        return _column(view, view.axis.x(scene.cursor_s)) if scene.duration_s > 0 else QRect()

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        locked = view.live.locked
        colour = view.colours["cursor_locked" if locked else "cursor"]
        x, ruler = view.snap(view.axis.x(scene.cursor_s)), view.lanes[RULER]
        view.vertical(painter, x - 1, Lane(ruler.bottom - 2, view.height_px), colour, 2)
        top = ruler.bottom - _HANDLE_PX
        shape = QPolygonF(
            [
                QPointF(x - _HANDLE_HALF_PX, top),
                QPointF(x + _HANDLE_HALF_PX, top),
                QPointF(x + _HANDLE_HALF_PX, top + 8),
                QPointF(x, top + _HANDLE_PX),
                QPointF(x - _HANDLE_HALF_PX, top + 8),
            ]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(view.colours["ruler_back"], 1))
        painter.setBrush(colour)
        painter.drawPolygon(shape)
        if locked:
            draw_padlock(painter, view, x, top + 5.5, "ruler_back")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class PlayheadOverlay:
    """The frame on screen."""

    def state(self, view: View, scene: TimelineScene) -> object:
        return view.live.playhead_s

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        playhead_s = view.live.playhead_s
        return QRect() if playhead_s is None or scene.duration_s <= 0 else _column(view, view.axis.x(playhead_s))

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        x, colour = view.snap(view.axis.x(view.live.playhead_s)), view.colours["playhead"]
        view.vertical(painter, x, Lane(0, view.height_px), colour)
        middle = x + 0.5
        head = [QPointF(middle - _HEAD_HALF_PX, 0), QPointF(middle + _HEAD_HALF_PX, 0), QPointF(middle, _HEAD_PX)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(head))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class HoverOverlay:
    """A thin line under the pointer and the time there, in the ruler."""

    def state(self, view: View, scene: TimelineScene) -> object:
        return view.live.hover_x

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        if view.live.hover_x is None or scene.duration_s <= 0:
            return QRect()
        pill = self._pill(view)
        line = QRectF(view.live.hover_x - 1, 0, 3, view.height_px)
        return pill.united(line).toAlignedRect()

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        ruler = view.lanes[RULER]
        view.vertical(painter, view.live.hover_x, Lane(ruler.bottom, view.height_px), view.colours["hover_line"])
        pill = self._pill(view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(view.colours["border"], 1))
        painter.setBrush(view.colours["raised"])
        painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(view.colours["text"])
        painter.setFont(view.type.small)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), self._text(view))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _text(self, view: View) -> str:
        return format_time(view.axis.media_time(view.live.hover_x))

    def _pill(self, view: View) -> QRectF:
        width = view.type.width("00:00:00.000") + 12
        # Beside the pointer, so that the handle of a cursor being dragged stays in sight.
        left = view.live.hover_x + _PILL_OFFSET_PX
        if left + width > view.width_px:
            left = view.live.hover_x - _PILL_OFFSET_PX - width
        ruler = view.lanes[RULER]
        return QRectF(view.snap(left), ruler.top + 3, width, ruler.height - 7)


def draw_padlock(painter: QPainter, view: View, x_px: float, y_px: float, ink: str) -> None:
    """A small closed padlock, 7 px high, centred at a point."""
    painter.setPen(QPen(view.colours[ink], 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(x_px - 1.8, y_px - 4, 3.6, 4.6), 0, 180 * 16)
    painter.fillRect(QRectF(x_px - 3, y_px - 1, 6, 4), view.colours[ink])
