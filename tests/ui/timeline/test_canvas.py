"""Zoom, following the playhead, resizing, and the overview bar."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.timeline import TimelineScene, TimelineWidget
from ui.timeline.axis import INSET_PX

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def test_zoom_steps_go_about_the_cursor_and_back(timeline: TimelineWidget) -> None:
    x = timeline.axis.x(10.0)
    timeline.zoom_in()
    assert timeline.axis.zoomed
    assert timeline.axis.x(10.0) == pytest.approx(x)
    timeline.zoom_out()
    timeline.zoom_out()
    assert not timeline.axis.zoomed


def test_a_view_change_is_told_once(qtbot: QtBot, timeline: TimelineWidget) -> None:
    told = []
    timeline.view_changed.connect(lambda *view: told.append(view))
    timeline.zoom_to(20, 40)
    timeline.zoom_to(20, 40)
    assert told == [(pytest.approx(20), pytest.approx(40))]
    timeline.zoom_reset()
    assert told[-1] == (0.0, pytest.approx(100.0))


def test_playing_turns_the_page_when_the_playhead_leaves_it(timeline: TimelineWidget) -> None:
    timeline.zoom_to(20, 40)
    timeline.set_playing(True)
    timeline.set_playhead(39.9)
    assert timeline.axis.start_s == pytest.approx(20)
    timeline.set_playhead(40.1)
    assert timeline.axis.start_s < 40.1 < timeline.axis.start_s + 2
    timeline.set_playhead(30.0)
    assert timeline.axis.start_s <= 30.0 <= timeline.axis.end_s


def test_the_view_stays_when_paused_or_when_the_person_has_gone_elsewhere(timeline: TimelineWidget) -> None:
    timeline.zoom_to(20, 40)
    timeline.set_playhead(39.9)
    timeline.set_playhead(41.0)
    assert timeline.axis.start_s == pytest.approx(20)
    timeline.set_playing(True)
    timeline.set_playhead(42.0)
    assert timeline.axis.start_s == pytest.approx(20)


def test_reveal_brings_a_time_into_view_and_else_does_nothing(timeline: TimelineWidget) -> None:
    timeline.zoom_to(20, 40)
    before = timeline.axis
    timeline.reveal(30)
    assert timeline.axis == before
    timeline.reveal(80)
    assert timeline.axis.start_s < 80 < timeline.axis.end_s


def test_resizing_keeps_what_is_in_view(timeline: TimelineWidget) -> None:
    timeline.resize(700, 160)
    assert not timeline.axis.zoomed
    assert timeline.axis.x(100) == pytest.approx(700 - INSET_PX)
    timeline.zoom_to(20, 40)
    timeline.resize(1000, 120)
    assert timeline.axis.start_s == pytest.approx(20)


def test_another_media_starts_whole_and_another_batch_keeps_the_zoom(timeline: TimelineWidget) -> None:
    timeline.zoom_to(20, 40)
    timeline.set_scene(replace(timeline.scene, cursor_s=25.0, markers=()))
    assert timeline.axis.start_s == pytest.approx(20)
    timeline.set_scene(TimelineScene(7200.0))
    assert not timeline.axis.zoomed
    assert timeline.axis.duration_s == 7200.0


def test_the_lanes_leave_room_for_the_waveform_even_when_low(timeline: TimelineWidget) -> None:
    timeline.resize(500, timeline.minimumSizeHint().height())
    lanes = timeline._lanes
    assert lanes["body"].height >= 24
    for name in ("ruler", "markers", "regions"):
        assert lanes[name].height > 0
    ordered = sorted(lanes.values())
    assert all(above.bottom <= below.top for above, below in itertools.pairwise(ordered))


def test_the_waveform_is_asked_for_the_device_columns_in_view(timeline: TimelineWidget, peaks) -> None:
    timeline.zoom_to(40, 60)
    peaks.asked.clear()
    timeline.grab()
    ((start_s, end_s, columns),) = peaks.asked
    column_s = timeline.axis.seconds_per_px / timeline.devicePixelRatioF()
    assert (end_s - start_s) / columns == pytest.approx(column_s)
    assert start_s == pytest.approx(timeline.axis.time(0) - column_s)
    assert columns == round(timeline.width() * timeline.devicePixelRatioF()) + 1


def test_dragging_the_overview_moves_the_view(timeline: TimelineWidget) -> None:
    timeline.zoom_to(20, 40)
    bar = timeline._overview
    middle = bar.part_box().center().toPoint()
    QTest.mousePress(bar, LEFT, NONE, middle)
    to = QPointF(middle + QPoint(100, 0))
    move = QMouseEvent(QEvent.Type.MouseMove, to, bar.mapToGlobal(to), Qt.MouseButton.NoButton, LEFT, NONE)
    QApplication.sendEvent(bar, move)
    QTest.mouseRelease(bar, LEFT, NONE, middle + QPoint(100, 0))
    assert timeline.axis.start_s == pytest.approx(30, abs=0.2)
    assert timeline.axis.visible_s == pytest.approx(20)


def test_a_press_beside_the_window_of_the_overview_brings_it_there(timeline: TimelineWidget) -> None:
    timeline.zoom_to(20, 40)
    QTest.mouseClick(timeline._overview, LEFT, NONE, QPoint(round(timeline.width() * 0.75), 6))
    middle = (timeline.axis.start_s + timeline.axis.end_s) / 2
    assert middle == pytest.approx(75, abs=1)


def test_the_overview_is_empty_while_everything_is_in_view(timeline: TimelineWidget) -> None:
    empty = timeline._overview.grab().toImage()
    timeline.zoom_to(20, 40)
    assert timeline._overview.grab().toImage() != empty
    timeline.zoom_reset()
    assert timeline._overview.grab().toImage() == empty
    start_s = timeline.axis.start_s
    QTest.mouseClick(timeline._overview, LEFT, NONE, QPoint(800, 6))
    assert timeline.axis.start_s == start_s


@pytest.mark.parametrize("dpr", [1.0, 1.25, 1.5, 2.0])
def test_rounding_to_device_pixels_moves_with_a_pan(timeline: TimelineWidget, dpr: float) -> None:
    view = replace(timeline._view(), dpr=dpr)
    for half in range(8):
        x = (half + 0.5) / dpr
        assert view.snap(x + 1 / dpr) - view.snap(x) == pytest.approx(1 / dpr)
