"""Crop keyframes on the timeline: seen where they are, clicked, explained."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from ui.theme import current, qcolor
from ui.timeline.layers.keyframes import HEIGHT_PX, KEYFRAMES, keyframe_tooltip, keyframe_under
from ui.timeline.scene import SceneKeyframe, TimelineScene
from ui.timeline.widget import TimelineWidget

KEYS = (
    SceneKeyframe(10.0, "9:16", "30 % across"),
    SceneKeyframe(40.0, "1:1", "50 % across", proposed=True),
    SceneKeyframe(70.0, "off"),
)


@pytest.fixture
def timeline(qtbot) -> TimelineWidget:
    widget = TimelineWidget()
    qtbot.addWidget(widget)
    widget.resize(1000, 160)
    widget.set_scene(TimelineScene(duration_s=100.0, keyframes=KEYS))
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def middle(timeline: TimelineWidget, time_s: float) -> QPoint:
    lane = timeline._lanes[KEYFRAMES]
    return QPoint(round(timeline.axis.x(time_s)), (lane.top + lane.bottom) // 2)


def test_their_lane_is_there_only_while_there_are_any(timeline: TimelineWidget) -> None:
    assert timeline._lanes[KEYFRAMES].height == HEIGHT_PX
    timeline.set_scene(replace(timeline.scene, keyframes=()))
    assert timeline._lanes[KEYFRAMES].height == 0
    timeline.set_scene(TimelineScene())


def test_a_kept_one_is_filled_a_proposed_one_hollow(timeline: TimelineWidget) -> None:
    picture = timeline.grab().toImage()
    colour = qcolor(current().keyframe)
    assert picture.pixelColor(middle(timeline, 10.0)) == colour
    assert picture.pixelColor(middle(timeline, 40.0)) != colour
    assert picture.pixelColor(middle(timeline, 55.0)) == qcolor(current().timeline_back)


def test_a_click_goes_to_the_very_keyframe(timeline: TimelineWidget, qtbot) -> None:
    with qtbot.waitSignal(timeline.cursor_requested) as asked:
        QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=middle(timeline, 10.0) + QPoint(3, 1))
    assert asked.args == [10.0]
    with qtbot.waitSignal(timeline.cursor_requested) as asked:
        QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=middle(timeline, 25.0))
    assert asked.args[0] == pytest.approx(25.0, abs=0.1)


def test_what_is_under_the_pointer(timeline: TimelineWidget) -> None:
    view, scene = timeline._view(), timeline.scene
    point = middle(timeline, 40.0)
    assert keyframe_under(view, scene, point.x() + 4, point.y()) is KEYS[1]
    assert keyframe_under(view, scene, point.x() + 40, point.y()) is None
    assert keyframe_under(view, scene, point.x(), 5) is None
    assert keyframe_tooltip(KEYS[1]) == "Proposed crop keyframe at 00:00:40.000\n50 % across"


def test_those_beyond_the_end_do_not_shine(timeline: TimelineWidget) -> None:
    timeline.set_scene(TimelineScene(duration_s=60.0, keyframes=KEYS))
    assert timeline.grab().toImage().width() == 1000
    timeline.zoom_to(5.0, 15.0)
    colour = qcolor(current().keyframe)
    assert timeline.grab().toImage().pixelColor(middle(timeline, 10.0)) == colour
