"""The ruler: round times at every zoom, and their faint lines through the body."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter

from ui.timeline.axis import choose_ticks, tick_label
from ui.timeline.scene import TimelineScene
from ui.timeline.view import BODY, Lane, View

RULER = "ruler"
HEIGHT_PX = 24
_LABEL_PAD_PX = 5
_MINOR_TICK_PX = 5


class GroundLayer:
    """The ground of the body: as wide as the media, what is outside stays dark."""

    lane = BODY
    at_top = False

    def wanted_px(self, scene: TimelineScene) -> int:
        return 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        left, right = view.snap(view.axis.x(0.0)), view.snap(view.axis.x(scene.duration_s))
        left, right = max(left, view.left_px), min(right, view.right_px)
        if scene.duration_s > 0 and right > left:
            body = view.body
            painter.fillRect(QRectF(left, body.top, right - left, body.height), view.colours["waveform_back"])


class RulerLayer:
    """Ticks and labels; a label stands right of its tick, so that the first one needs no room to the left."""

    lane = RULER
    at_top = True

    def wanted_px(self, scene: TimelineScene) -> int:
        return HEIGHT_PX

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane, body, colours = view.lanes[RULER], view.body, view.colours
        painter.fillRect(
            QRectF(view.left_px, lane.top, view.right_px - view.left_px, lane.height), colours["ruler_back"]
        )
        if scene.duration_s > 0:
            self._ticks(painter, view, scene)
        line = 1 / view.dpr
        painter.fillRect(
            QRectF(view.left_px, lane.bottom - line, view.right_px - view.left_px, line), colours["border"]
        )
        painter.fillRect(
            QRectF(view.left_px, body.bottom - line, view.right_px - view.left_px, line), colours["border"]
        )

    def _ticks(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane, body, colours, axis = view.lanes[RULER], view.body, view.colours, view.axis
        duration_s = scene.duration_s

        def widest(step_s: float) -> float:
            return view.type.width(tick_label(duration_s, step_s, duration_s)) + _LABEL_PAD_PX

        ticks = choose_ticks(axis.seconds_per_px, widest, scene.frame_s)
        # A label reaches to the right of its tick: begin far enough to the left to meet those that reach in.
        reach_s = (widest(ticks.step_s) + 2) * axis.seconds_per_px
        start_s, end_s = max(0.0, view.start_s - reach_s), min(duration_s, view.end_s)
        minor_top = lane.bottom - _MINOR_TICK_PX
        for time_s in ticks.between(start_s, end_s, minor=True):
            view.vertical(painter, axis.x(time_s), Lane(minor_top, lane.bottom), colours["tick_minor"])
        painter.setFont(view.type.small)
        baseline = (
            lane.top + (lane.height - view.type.small_metrics.height()) / 2 + view.type.small_metrics.ascent() - 1
        )
        last_x = axis.x(duration_s)
        for time_s in ticks.between(start_s, end_s):
            x = axis.x(time_s)
            view.vertical(painter, x, Lane(lane.top + 6, lane.bottom), colours["tick"])
            view.vertical(painter, x, body, colours["tick_minor", 0.45])
            text = tick_label(time_s, ticks.step_s, duration_s)
            left = view.snap(x) + _LABEL_PAD_PX
            if left + view.type.width(text) <= max(last_x + 8, 0) or time_s == 0:
                painter.setPen(colours["ruler_text"])
                painter.drawText(QPointF(left, view.snap(baseline)), text)
