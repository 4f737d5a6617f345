"""Markers: a numbered flag on a stem where a batch starts, and a line under the flags along what it covers.

Flags of the own folder are filled, those of other folders are outlined in the folder's colour. Flags that would overlap
become one pale flag with a count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from ui.timeline.columns import coverage, draw_pixels, premultiplied
from ui.timeline.layers.regions import device_columns
from ui.timeline.scene import MarkerTable, SceneMarker, TimelineScene
from ui.timeline.view import Lane, View

MARKERS = "markers"
HEIGHT_PX = 22
_FLAG_TOP_PX, _FLAG_HEIGHT_PX, _FLAG_PAD_PX = 2, 14, 5
_SPAN_PX = 3
_LONGEST_LABEL = 6


@dataclass(frozen=True)
class Flag:
    """One flag: where its stem is, how wide it is, and the markers it stands for, in order of start."""

    x_px: float
    width_px: float
    label: str
    members: tuple[SceneMarker, ...]

    @property
    def own(self) -> bool:
        return any(marker.own for marker in self.members)


class MarkerLayer:
    """Paints the flags, and knows which one is under a pixel."""

    lane = MARKERS
    at_top = True

    def wanted_px(self, scene: TimelineScene) -> int:
        return HEIGHT_PX

    def flags(self, view: View, scene: TimelineScene) -> list[Flag]:
        """The flags that touch the part to paint."""
        if not scene.markers:
            return []
        table, axis = scene.marker_table, view.axis
        gap_s = self._gap_px(view, scene) * axis.seconds_per_px
        found = []
        for group in table.clusters_between(gap_s, view.start_s - gap_s, view.end_s):
            members = table.markers[group]
            label = members[0].label[:_LONGEST_LABEL] if len(members) == 1 else f"{len(members)}×"
            width = max(_FLAG_HEIGHT_PX + 2, view.type.width(label, bold=True) + 2 * _FLAG_PAD_PX)
            found.append(Flag(view.snap(axis.x(members[0].start_s)), width, label, members))
        return found

    def flag_at(self, view: View, scene: TimelineScene, x_px: float, y_px: float) -> Flag | None:
        """The flag under a pixel, or None."""
        lane = view.lanes[MARKERS]
        if not lane.top <= y_px < lane.bottom:
            return None
        inside = [flag for flag in self.flags(view, scene) if flag.x_px - 2 <= x_px < flag.x_px + flag.width_px]
        return inside[-1] if inside else None

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane = view.lanes[MARKERS]
        painter.fillRect(
            QRectF(view.left_px, lane.top, view.right_px - view.left_px, lane.height), view.colours["timeline_back"]
        )
        if not scene.markers:
            return
        self._spans(painter, view, scene.marker_table, lane)
        flags = self.flags(view, scene)
        for flag in flags:
            colour = self._colour(view, flag, scene)
            view.vertical(painter, flag.x_px, Lane(lane.top + _FLAG_TOP_PX, lane.bottom), colour)
            stem = QColor(colour)
            stem.setAlphaF(0.55 if len(flag.members) == 1 else 0.3)
            view.vertical(painter, flag.x_px, view.body, stem)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(view.type.bold)
        for flag in flags:
            self._flag(painter, view, flag, lane, scene)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _gap_px(self, view: View, scene: TimelineScene) -> float:
        """The distance at which two flags still stand apart: the widest label's."""
        digits = max(3, min(_LONGEST_LABEL, scene.marker_table.longest_label))
        return view.type.width("0" * digits, bold=True) + 2 * _FLAG_PAD_PX + 5

    def _spans(self, painter: QPainter, view: View, table: MarkerTable, lane: Lane) -> None:
        folders = len(view.colours.theme.folders)
        starts, ends, folder = table.spans
        first, behind = device_columns(view, starts, ends)
        seen = (behind > 0) & (first < view.columns)
        groups = np.where(folder < 0, 0, folder % folders + 1)
        covered = coverage(first[seen], behind[seen], groups[seen], folders + 1, view.columns)
        height = max(1, round(_SPAN_PX * view.dpr))
        pixels = np.zeros(view.columns, np.uint32)
        for group in range(folders, -1, -1):
            colour = view.colours["marker"] if group == 0 else view.colours.folder(group - 1)
            pixels[covered[group]] = premultiplied(colour, np.float32(0.75))
        rows = np.broadcast_to(pixels, (height, view.columns))
        draw_pixels(painter, rows, view.left_px, lane.bottom - _SPAN_PX, view.dpr)

    def _colour(self, view: View, flag: Flag, scene: TimelineScene) -> QColor:
        if _armed(flag, scene):
            return view.colours["marker_armed"]
        if flag.own:
            return view.colours["marker"]
        folders = {marker.folder_index for marker in flag.members}
        return view.colours.folder(folders.pop()) if len(folders) == 1 else view.colours["text_muted"]

    def _flag(self, painter: QPainter, view: View, flag: Flag, lane: Lane, scene: TimelineScene) -> None:
        colour = self._colour(view, flag, scene)
        box = QRectF(flag.x_px, lane.top + _FLAG_TOP_PX, flag.width_px, _FLAG_HEIGHT_PX)
        painter.setBrush(view.colours["timeline_back"])
        if len(flag.members) > 1:
            # A group is paler than a single batch: at a glance, what is solid can be double-clicked.
            faint = QColor(colour)
            faint.setAlphaF(0.45)
            painter.setPen(QPen(faint, 1))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
            faint.setAlphaF(0.2)
            painter.fillRect(box, faint)
            painter.setPen(colour)
        elif flag.own:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(box, 2, 2)
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), colour)
            painter.setPen(view.colours["marker_armed_text" if _armed(flag, scene) else "marker_text"])
        else:
            painter.setPen(QPen(colour, 1))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        metrics = view.type.bold_metrics
        left = box.left() + (box.width() - view.type.width(flag.label, bold=True)) / 2
        baseline = box.top() + (box.height() - metrics.capHeight()) / 2 + metrics.capHeight()
        painter.drawText(QPointF(view.snap(left), view.snap(baseline)), flag.label)


def _armed(flag: Flag, scene: TimelineScene) -> bool:
    return scene.armed_marker is not None and any(marker.id == scene.armed_marker for marker in flag.members)


def tooltip(flag: Flag) -> str:
    """What a flag stands for; a long list ends in how many more there are."""
    shown = [marker.tooltip or marker.label for marker in flag.members[:6]]
    if len(flag.members) > len(shown):
        shown.append(f"… and {len(flag.members) - len(shown)} more. Double-click to zoom in.")
    elif len(flag.members) > 1:
        shown.append("Double-click to zoom in.")
    return "\n".join(shown)
