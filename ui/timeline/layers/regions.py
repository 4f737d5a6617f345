"""Scan regions. Colour, fill pattern and glyph all tell the state; opacity tells the score.

Enabled: a full bar. Exported: a bar in the lower half, ✓. Hard negative: hatched, −. Disabled: an empty outline, ×.
The patterns are made of pixel columns, so they survive when thousands of regions share a few hundred pixels; edges,
glyphs and scores are added for regions wide enough to have them.
"""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from core.domain.timecode import format_time
from ui.timeline.columns import coverage, draw_pixels, premultiplied, strongest
from ui.timeline.gestures import RegionResized
from ui.timeline.scene import RegionTable, TimelineScene
from ui.timeline.scene_regions import RegionState, SceneRegion
from ui.timeline.view import BODY, ROUND_UP, Lane, View

REGIONS = "regions"
HEIGHT_PX = 20
_PAD_PX = 3
_LEVELS = 12
_EDGE_FROM_PX, _GLYPH_FROM_PX, _SCORE_FROM_PX = 6.0, 17.0, 52.0
_HATCH_PX = 5


def region_columns(view: View, table: RegionTable) -> tuple[np.ndarray, np.ndarray]:
    """The state (−1: none) and score level of every device column of the part to paint."""
    part = table.between(view.start_s, view.end_s)
    first, behind = device_columns(view, table.starts[part], table.ends[part])
    levels = np.minimum((np.clip(table.scores[part], 0, 1) * _LEVELS).astype(np.intp), _LEVELS - 1)
    shape = (len(RegionState), _LEVELS, view.columns)
    return strongest(first, behind, table.states[part].astype(np.intp), levels, shape)


def device_columns(view: View, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The device columns, counted from the left of the part to paint, of spans given in seconds; one at least."""
    per_column = view.axis.seconds_per_px / view.dpr
    origin = view.axis.x(0.0) * view.dpr
    left = round(view.left_px * view.dpr)
    # Clipped while still floats: far outside, the numbers would not fit an integer.
    first = np.clip(np.floor(origin + starts / per_column + ROUND_UP) - left, -1, view.columns + 1).astype(np.intp)
    behind = np.clip(np.floor(origin + ends / per_column + ROUND_UP) - left, -1, view.columns + 1).astype(np.intp)
    return first, np.maximum(behind, first + 1)


class RegionTintLayer:
    """A breath of the regions' colour behind the waveform."""

    lane = BODY
    at_top = False

    def wanted_px(self, scene: TimelineScene) -> int:
        return 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        if not scene.regions or not view.columns:
            return
        states, levels = region_columns(view, scene.region_table)
        pixels = np.zeros(view.columns, np.uint32)
        for state in (RegionState.NEGATIVE, RegionState.EXPORTED, RegionState.ENABLED):
            mine = states == state
            strength = 0.05 + 0.12 * levels[mine] / _LEVELS
            pixels[mine] = premultiplied(view.colours.region_fills[state], strength)
        body = view.body
        rows = np.broadcast_to(pixels, (round(body.height * view.dpr), view.columns))
        draw_pixels(painter, rows, view.left_px, body.top, view.dpr)


class RegionLayer:
    """The lane of the regions."""

    lane = REGIONS
    at_top = False

    def wanted_px(self, scene: TimelineScene) -> int:
        return HEIGHT_PX if scene.regions else 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane = view.lanes[REGIONS]
        if not scene.regions or not lane.height or not view.columns:
            return
        painter.fillRect(
            QRectF(view.left_px, lane.top, view.right_px - view.left_px, lane.height), view.colours["waveform_back"]
        )
        table = scene.region_table
        self._bars(painter, view, table, lane)
        self._details(painter, view, scene, lane)

    def _bars(self, painter: QPainter, view: View, table: RegionTable, lane: Lane) -> None:
        states, levels = region_columns(view, table)
        height = round((lane.height - 2 * _PAD_PX) * view.dpr)
        left = round(view.left_px * view.dpr) - math.floor(view.axis.x(0.0) * view.dpr + ROUND_UP)
        pixels = np.zeros((height, view.columns), np.uint32)
        for state in RegionState:
            mine = np.flatnonzero(states == state)
            if len(mine):
                score = (levels[mine] + 1) / _LEVELS
                alpha = pattern(state, mine + left, height, view.dpr) * score_alpha(state, score)
                pixels[:, mine] = premultiplied(view.colours.region_fills[state], alpha)
        draw_pixels(painter, pixels, view.left_px, lane.top + _PAD_PX, view.dpr)
        # The trimmed parts: a faint line where the region once reached.
        part = table.between(view.start_s, view.end_s)
        trimmed = np.flatnonzero(table.trimmed[part]) + part.start
        if len(trimmed):
            first, behind = device_columns(view, table.lows[trimmed], table.highs[trimmed])
            ghost = coverage(first, behind, np.zeros(len(trimmed), np.intp), 1, view.columns)[0] & (states < 0)
            row = premultiplied(view.colours["region_ghost"], ghost.astype(np.float32))
            draw_pixels(
                painter, np.broadcast_to(row, (height, view.columns)), view.left_px, lane.top + _PAD_PX, view.dpr
            )

    def _details(self, painter: QPainter, view: View, scene: TimelineScene, lane: Lane) -> None:
        table, axis = scene.region_table, view.axis
        part = table.between(view.start_s, view.end_s)
        widths = (table.ends[part] - table.starts[part]) / axis.seconds_per_px
        bar = Lane(lane.top + _PAD_PX, lane.bottom - _PAD_PX)
        lines: dict[int, list[QLineF]] = {}
        for index in np.flatnonzero(widths >= _EDGE_FROM_PX) + part.start:
            region = table.regions[index]
            left, right = view.snap(axis.x(region.start_s)), view.snap(axis.x(region.end_s))
            half = 0.5 / view.dpr
            lines.setdefault(int(region.state), []).extend(
                (
                    QLineF(left + half, bar.top, left + half, bar.bottom),
                    QLineF(right - half, bar.top, right - half, bar.bottom),
                )
            )
            if right - left >= _GLYPH_FROM_PX:
                self._inside(painter, view, region, QRectF(left, bar.top, right - left, bar.height))
            if region.id == scene.highlighted_region and scene.highlighted_region is not None:
                outline(painter, view, left, right, Lane(view.body.top, lane.bottom), view.colours["region_selected"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for state, edges in lines.items():
            painter.setPen(QPen(view.colours.region_fills[state], 1))
            painter.drawLines(edges)

    def _inside(self, painter: QPainter, view: View, region: SceneRegion, box: QRectF) -> None:
        fill = view.colours.region_fills[region.state]
        glyph = region.state is not RegionState.ENABLED
        if glyph:
            # On a ground of its own, else hatching swallows it.
            painter.fillRect(QRectF(box.left() + 3, box.top() + 1, 13, box.height() - 2), view.colours["waveform_back"])
            draw_glyph(painter, region.state, box.left() + 9.5, box.center().y(), fill)
        if box.width() >= _SCORE_FROM_PX and region.state is not RegionState.NEGATIVE:
            painter.setFont(view.type.small)
            painter.setPen(self._ink(view, region, fill))
            painter.drawText(
                box.adjusted(20 if glyph else 6, 0, -4, 0), int(Qt.AlignmentFlag.AlignVCenter), f"{region.score:.2f}"
            )

    def _ink(self, view: View, region: SceneRegion, fill: QColor) -> QColor:
        """The text colour that stands out from a bar of this score."""
        if region.state is not RegionState.ENABLED:
            return view.colours["text_muted" if region.state is RegionState.DISABLED else "text"]
        alpha = float(score_alpha(region.state, np.float64(region.score)))
        back = view.colours["waveform_back"].getRgbF()
        ground = QColor.fromRgbF(
            *(alpha * over + (1 - alpha) * under for over, under in zip(fill.getRgbF()[:3], back[:3], strict=True))
        )
        inks = (view.colours["text"], view.colours["timeline_back"])
        return max(inks, key=lambda ink: contrast(ink, ground))


class ResizeOverlay:
    """The region being resized, with its new ends in words."""

    def state(self, view: View, scene: TimelineScene) -> object:
        return view.live.resizing

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        resizing = view.live.resizing
        if resizing is None:
            return QRect()
        left, right = view.axis.x(resizing.start_s), view.axis.x(resizing.end_s)
        text = view.type.width(self._text(resizing)) + 24
        lanes = (view.body.top, view.lanes.get(REGIONS, view.body).bottom)
        span = QRectF(left - 3, lanes[0], max(right - left, text) + 6, lanes[1] - lanes[0])
        return span.intersected(QRectF(0, 0, view.width_px, view.height_px)).toAlignedRect()

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        resizing = view.live.resizing
        left, right = view.snap(view.axis.x(resizing.start_s)), view.snap(view.axis.x(resizing.end_s))
        lane = Lane(view.body.top, view.lanes.get(REGIONS, view.body).bottom)
        painter.fillRect(QRectF(left, lane.top, right - left, lane.height), view.colours["region_selected", 0.22])
        outline(painter, view, left, right, lane, view.colours["region_selected"])
        text = self._text(resizing)
        box = QRectF(max(left, 0) + 5, lane.top + 4, view.type.width(text) + 10, 17)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(view.colours["raised"])
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(view.colours["text"])
        painter.setFont(view.type.small)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def _text(self, resizing: RegionResized) -> str:
        length_s = resizing.end_s - resizing.start_s
        return f"{format_time(resizing.start_s, 2)} – {format_time(resizing.end_s, 2)}   {length_s:.2f} s"


def score_alpha(state: RegionState, score: np.ndarray) -> np.ndarray:
    """Opacity of a fill by score; an outline is always readable."""
    return np.ones_like(score) * 0.8 if state is RegionState.DISABLED else 0.25 + 0.7 * score


def pattern(state: RegionState, columns: np.ndarray, height: int, dpr: float) -> np.ndarray:
    """float32[height, n]: how strongly each pixel of the bar is filled. `columns` are counted from time 0."""
    rows = np.arange(height)[:, None]
    line = max(1, round(dpr))
    if state is RegionState.ENABLED:
        return np.ones((height, len(columns)), np.float32)
    if state is RegionState.EXPORTED:
        lower = np.where(rows >= height - max(3, round(height * 0.42)), 1.0, 0.22)
        return np.broadcast_to(lower, (height, len(columns))).astype(np.float32)
    if state is RegionState.NEGATIVE:
        period = max(3, round(_HATCH_PX * dpr))
        return np.where((columns + rows) % period < max(1, round(1.6 * dpr)), 1.0, 0.16).astype(np.float32)
    border = (rows < line) | (rows >= height - line)
    dashes = columns // max(2, round(3 * dpr)) % 2 == 0
    return (border & dashes).astype(np.float32)


def draw_glyph(painter: QPainter, state: RegionState, x_px: float, y_px: float, colour: QColor) -> None:
    """✓, − or × drawn as lines, so that no font has to have them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if state is RegionState.EXPORTED:
        points = [QPointF(x_px - 4, y_px - 1), QPointF(x_px - 1.2, y_px + 2), QPointF(x_px + 4, y_px - 4)]
        painter.drawPolyline(points)
    elif state is RegionState.NEGATIVE:
        painter.drawLine(QPointF(x_px - 3.5, y_px), QPointF(x_px + 3.5, y_px))
    elif state is RegionState.DISABLED:
        painter.drawLine(QPointF(x_px - 3, y_px - 3), QPointF(x_px + 3, y_px + 3))
        painter.drawLine(QPointF(x_px - 3, y_px + 3), QPointF(x_px + 3, y_px - 3))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of two colours, 1–21 (relative luminance with a gamma of 2.2)."""
    red, green, blue = 0.2126, 0.7152, 0.0722
    lights = []
    for colour in (one, other):
        parts = [channel**2.2 for channel in colour.getRgbF()[:3]]
        lights.append(red * parts[0] + green * parts[1] + blue * parts[2] + 0.05)
    return max(lights) / min(lights)


def outline(painter: QPainter, view: View, left: float, right: float, lane: Lane, colour: QColor) -> None:
    """A sharp frame two pixels wide at its sides, one at top and bottom."""
    view.vertical(painter, left, lane, colour, 2)
    view.vertical(painter, right - 2, lane, colour, 2)
    painter.fillRect(QRectF(left, lane.top, right - left, 1), colour)
    painter.fillRect(QRectF(left, lane.bottom - 1, right - left, 1), colour)
