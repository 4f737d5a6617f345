"""What is cut already and which marker is armed, as pixels and as words."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QEvent, QPoint
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip

from core.domain.timespan import Span
from tests.ui.timeline.test_pixels import distance, picture
from ui.theme import DARK, qcolor
from ui.timeline import TimelineWidget
from ui.timeline.widget import coverage_text

CUT = (Span(20.0, 30.0), Span(50.0, 65.0))


def line_colour(timeline: TimelineWidget, time_s: float):
    """The colour of the thin line along the bottom of the body at a time."""
    return picture(timeline).pixelColor(round(timeline.axis.x(time_s)), timeline._lanes["body"].bottom - 3)


def is_green(timeline: TimelineWidget, time_s: float) -> bool:
    return distance(line_colour(timeline, time_s), qcolor(DARK.success)) < 110


def test_what_is_cut_is_green_and_the_rest_is_not(timeline: TimelineWidget) -> None:
    plain = line_colour(timeline, 55.0)
    timeline.set_scene(replace(timeline.scene, coverage=CUT))
    assert [is_green(timeline, time) for time in (22.0, 29.5, 40.0, 51.0, 64.5, 66.0)] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]
    timeline.set_scene(replace(timeline.scene, coverage=()))
    assert line_colour(timeline, 55.0) == plain


def test_the_line_stays_at_its_times_when_zoomed(timeline: TimelineWidget) -> None:
    timeline.set_scene(replace(timeline.scene, coverage=CUT))
    timeline.zoom_to(45.0, 70.0)
    assert [is_green(timeline, time) for time in (48.0, 51.0, 64.0, 66.0)] == [False, True, True, False]


def test_nothing_moves_when_the_first_clip_is_cut(timeline: TimelineWidget) -> None:
    before = dict(timeline._lanes)
    timeline.set_scene(replace(timeline.scene, coverage=CUT))
    assert timeline._lanes == before


def test_the_total_is_said_in_words(timeline: TimelineWidget) -> None:
    assert coverage_text(timeline.scene) == ""
    timeline.set_scene(replace(timeline.scene, coverage=CUT))
    percent = round(100 * 25 / timeline.scene.duration_s)
    assert coverage_text(timeline.scene) == f"00:00:25 cut in all profiles, {percent} % of the file"
    point = QPoint(round(timeline.axis.x(80.0)), timeline._lanes["body"].bottom - 2)
    QApplication.sendEvent(timeline, QHelpEvent(QEvent.Type.ToolTip, point, timeline.mapToGlobal(point)))
    assert QToolTip.text().startswith("00:00:25 cut")
    QToolTip.hideText()


def test_the_armed_marker_has_its_own_colour(timeline: TimelineWidget) -> None:
    marker = timeline.scene.markers[0]
    x, row = round(timeline.axis.x(marker.start_s)) + 4, timeline._lanes["markers"].top + 4
    before = picture(timeline)
    timeline.set_scene(replace(timeline.scene, armed_marker=marker.id))
    assert distance(picture(timeline).pixelColor(x, row), qcolor(DARK.marker_armed)) < 12
    timeline.set_scene(replace(timeline.scene, armed_marker=None))
    assert picture(timeline) == before
