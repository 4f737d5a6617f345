"""The batch that the next press of Export would make: its span, a tick with its index for each clip, their lengths."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtGui import QPainter

from core.domain.clip import Batch
from ui.timeline.scene import TimelineScene
from ui.timeline.view import Lane, View

_LABEL_GAP_PX = 6
_SHORT_TICK_PX = 7
_BAR_PX, _MOST_ROWS = 3, 4
_EVERY = (1, 2, 5, 10, 20, 50)


class BatchOverlay:
    """Translucent over the waveform; a clip reaching behind the end of the media is drawn in the colour of warnings."""

    def state(self, view: View, scene: TimelineScene) -> object:
        return scene.batch

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        if scene.batch is None or scene.duration_s <= 0:
            return QRect()
        left, right = view.axis.x(scene.batch.span.start_s) - 1, view.axis.x(scene.batch.span.end_s) + 30
        left, right = max(-2.0, left), min(view.width_px + 2.0, right)
        if right <= left:
            return QRect()
        return QRectF(left, view.body.top, right - left, view.body.height).toAlignedRect()

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        batch, body, axis, colours = scene.batch, view.body, view.axis, view.colours
        left = view.snap(max(-4.0, axis.x(batch.span.start_s)))
        right = view.snap(min(view.width_px + 4.0, axis.x(batch.span.end_s)))
        painter.fillRect(QRectF(left, body.top, right - left, body.height), colours["batch_fill"])
        painter.fillRect(QRectF(left, body.top, right - left, 1), colours["batch_edge", 0.7])
        self._ticks(painter, view, batch, scene.duration_s)
        self._bars(painter, view, batch, scene.duration_s)
        view.vertical(painter, right - 1, body, colours["batch_edge"])

    def _ticks(self, painter: QPainter, view: View, batch: Batch, duration_s: float) -> None:
        body, axis, colours = view.body, view.axis, view.colours
        spread_px = batch.spread_s / axis.seconds_per_px
        widest = view.type.width(str(batch.clips - 1)) + _LABEL_GAP_PX
        every = next((step for step in _EVERY if step * spread_px >= widest), 0)
        painter.setFont(view.type.small)
        baseline = view.snap(body.top + 3 + view.type.small_metrics.ascent())
        for index, start_s in enumerate(batch.starts_s):
            x = axis.x(start_s)
            if not -40 <= x <= view.width_px + 4 or (spread_px < 2 and index):
                continue
            labelled = bool(every) and index % every == 0
            if index:
                lane = body if labelled else Lane(body.bottom - _SHORT_TICK_PX, body.bottom)
                fits = start_s + batch.duration_s <= duration_s + 1e-6
                tick = colours["batch_tick", 0.75 if labelled else 0.5] if fits else colours["warning"]
                view.vertical(painter, x, lane, tick)
            if labelled and batch.clips > 1:
                painter.setPen(colours["batch_tick"])
                painter.drawText(QPointF(view.snap(x) + 4, baseline), str(index))

    def _bars(self, painter: QPainter, view: View, batch: Batch, duration_s: float) -> None:
        """Each clip as a bar at the bottom, stepped where they overlap: how much of the material is used twice."""
        axis, body = view.axis, view.body
        rows = min(max(1, math.ceil(batch.duration_s / batch.spread_s)), batch.clips)
        if rows > _MOST_ROWS or (batch.spread_s / axis.seconds_per_px < 3 and batch.clips > 1):
            return
        for index, span in enumerate(batch.spans):
            left, right = (
                view.snap(max(-4.0, axis.x(span.start_s))),
                view.snap(min(view.width_px + 4.0, axis.x(span.end_s))),
            )
            if right <= left:
                continue
            fits = span.end_s <= duration_s + 1e-6
            colour = view.colours["batch_tick", 0.55] if fits else view.colours["warning"]
            top = body.bottom - 2 - (rows - index % rows) * (_BAR_PX + 1)
            painter.fillRect(QRectF(left + 1, top, max(1.0, right - left - 2), _BAR_PX), colour)
