"""Crop keyframes: a diamond where each stands, its ratio beside it, hollow while it is only proposed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from core.domain.timecode import format_time
from ui.timeline.scene import SceneKeyframe, TimelineScene
from ui.timeline.view import View

KEYFRAMES = "keyframes"
HEIGHT_PX = 16
_HALF_PX = 5
_REACH_PX = 7
_LABEL_GAP_PX = 4


class KeyframeLayer:
    """A lane of its own below the waveform, there only while the media has keyframes."""

    lane = KEYFRAMES
    at_top = False

    def wanted_px(self, scene: TimelineScene) -> int:
        return HEIGHT_PX if scene.keyframes else 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane = view.lanes[KEYFRAMES]
        if not lane.height:
            return
        colours, line = view.colours, 1 / view.dpr
        back = QRectF(view.left_px, lane.top, view.right_px - view.left_px, lane.height)
        painter.fillRect(back, colours["timeline_back"])
        painter.fillRect(QRectF(back.left(), lane.top, back.width(), line), colours["border"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(view.type.small)
        middle = (lane.top + lane.bottom) / 2
        baseline = view.snap(middle + view.type.small_metrics.capHeight() / 2)
        for shown, following in _in_view(view, scene):
            x = view.snap(view.axis.x(shown.time_s))
            colour = colours["keyframe" if shown.time_s < scene.duration_s else "text_disabled"]
            painter.setPen(QPen(colour, 1.2))
            painter.setBrush(colours["timeline_back"] if shown.proposed else colour)
            corners = ((0, -_HALF_PX), (_HALF_PX, 0), (0, _HALF_PX), (-_HALF_PX, 0))
            painter.drawPolygon(QPolygonF([QPointF(x + 0.5 + dx, middle + dy) for dx, dy in corners]))
            left = x + _HALF_PX + _LABEL_GAP_PX
            end = view.axis.x(following.time_s) - _HALF_PX if following else float("inf")
            if left + view.type.width(shown.label) + _LABEL_GAP_PX <= end:
                painter.setPen(colours["ruler_text"])
                painter.drawText(QPointF(left, baseline), shown.label)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def keyframe_under(view: View, scene: TimelineScene, x_px: float, y_px: float) -> SceneKeyframe | None:
    """The keyframe whose diamond is under a pixel, the nearest where several are."""
    lane = view.lanes.get(KEYFRAMES)
    if not scene.keyframes or lane is None or not lane.top <= y_px < lane.bottom:
        return None
    nearest = min(scene.keyframes, key=lambda shown: abs(view.axis.x(shown.time_s) - x_px))
    return nearest if abs(view.axis.x(nearest.time_s) - x_px) <= _REACH_PX else None


def keyframe_tooltip(keyframe: SceneKeyframe) -> str:
    """What a diamond stands for."""
    origin = "Proposed crop keyframe" if keyframe.proposed else "Crop keyframe"
    return f"{origin} at {format_time(keyframe.time_s)}\n{keyframe.tooltip}"


def _in_view(view: View, scene: TimelineScene) -> list[tuple[SceneKeyframe, SceneKeyframe | None]]:
    """The keyframes that reach into the part to paint, each with the one behind it. They are in order of time."""
    margin_s = (2 * _HALF_PX + view.type.width("00:00") + _LABEL_GAP_PX) * view.axis.seconds_per_px
    shown = scene.keyframes
    first = bisect_left(shown, view.start_s - margin_s, key=lambda each: each.time_s)
    behind = bisect_right(shown, view.end_s + margin_s, key=lambda each: each.time_s)
    return [(shown[at], shown[at + 1] if at + 1 < len(shown) else None) for at in range(first, behind)]
