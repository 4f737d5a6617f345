"""Real mouse, wheel and key events on the real widget, one gesture after another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from ui.timeline import TimelineScene, TimelineWidget
from ui.timeline.layers.markers import tooltip
from ui.timeline.layers.regions import REGIONS
from ui.timeline.widget import NOT_HOVERED

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
SHIFT, CTRL, NONE = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.NoModifier,
)


class Heard:
    """Everything a timeline has said, in order."""

    def __init__(self, timeline: TimelineWidget) -> None:
        self.all: list[tuple] = []
        for name in (
            "cursor_requested",
            "scrub_requested",
            "clips_step",
            "lock_toggled",
            "marker_activated",
            "context_requested",
            "region_resized",
        ):
            getattr(timeline, name).connect(lambda *values, name=name: self.all.append((name, *values)))

    def of(self, name: str) -> list[tuple]:
        return [said[1:] for said in self.all if said[0] == name]


@pytest.fixture
def heard(timeline: TimelineWidget) -> Heard:
    return Heard(timeline)


def at(timeline: TimelineWidget, time_s: float, lane: str = "body") -> QPoint:
    return QPoint(round(timeline.axis.x(time_s)), sum(timeline._lanes[lane]) // 2)


def move(widget: QWidget, point: QPoint, button: Qt.MouseButton = Qt.MouseButton.NoButton, modifiers=NONE) -> None:
    """A move as an event of its own: `QTest.mouseMove` moves the one pointer that all tests on a display share."""
    position = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove, position, widget.mapToGlobal(position), Qt.MouseButton.NoButton, button, modifiers
    )
    QApplication.sendEvent(widget, event)


def drag(timeline: TimelineWidget, button: Qt.MouseButton, points: list[QPoint], modifiers=NONE) -> None:
    QTest.mousePress(timeline, button, modifiers, points[0])
    for point in points[1:]:
        move(timeline, point, button, modifiers)
    QTest.mouseRelease(timeline, button, modifiers, points[-1])


def wheel(timeline: TimelineWidget, point: QPoint, angle=(0, 0), pixels=(0, 0), modifiers=NONE, momentum=False) -> None:
    phase = Qt.ScrollPhase.ScrollMomentum if momentum else Qt.ScrollPhase.NoScrollPhase
    position = QPointF(point)
    event = QWheelEvent(
        position,
        timeline.mapToGlobal(position),
        QPoint(*pixels),
        QPoint(*angle),
        Qt.MouseButton.NoButton,
        modifiers,
        phase,
        False,
    )
    QApplication.sendEvent(timeline, event)


def px_s(timeline: TimelineWidget) -> float:
    return timeline.axis.seconds_per_px


def test_a_click_moves_the_cursor_and_shows_the_picture_exactly_once_final(timeline, heard: Heard) -> None:
    QTest.mouseClick(timeline, LEFT, NONE, at(timeline, 30.0))
    times = [values[0] for values in heard.of("cursor_requested")]
    assert times == pytest.approx([30.0, 30.0], abs=px_s(timeline))
    assert [final for _, final in heard.of("scrub_requested")] == [False, True]
    assert timeline.scene.cursor_s == times[-1]
    assert timeline.scene.batch.cursor_s == times[-1]


def test_a_drag_sends_the_cursor_along_and_is_final_at_the_release(timeline, heard: Heard) -> None:
    drag(timeline, LEFT, [at(timeline, time_s) for time_s in (30, 35, 40, 45)])
    times = [values[0] for values in heard.of("cursor_requested")]
    assert times[0] == pytest.approx(30, abs=px_s(timeline))
    assert times[-1] == pytest.approx(45, abs=px_s(timeline))
    assert times == sorted(times)
    assert [final for _, final in heard.of("scrub_requested")][-2:] == [False, True]


def test_locked_the_mouse_only_scrubs(timeline, heard: Heard) -> None:
    timeline.set_locked(True)
    drag(timeline, LEFT, [at(timeline, 30), at(timeline, 50)])
    assert heard.of("cursor_requested") == []
    assert heard.of("scrub_requested")[-1] == (pytest.approx(50, abs=px_s(timeline)), True)
    assert timeline.scene.cursor_s == 10.0


def test_a_drag_out_of_the_window_stays_inside_the_media(timeline, heard: Heard) -> None:
    drag(timeline, LEFT, [at(timeline, 30), QPoint(-500, 60), QPoint(9000, 60), QPoint(-300, 60)])
    times = [values[0] for values in heard.of("cursor_requested")]
    assert min(times) == 0.0
    assert max(times) == 100.0
    assert times[-1] == 0.0


def test_esc_cancels_a_drag_and_later_moves_mean_nothing(timeline, heard: Heard) -> None:
    QTest.mousePress(timeline, LEFT, NONE, at(timeline, 30))
    move(timeline, at(timeline, 60))
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert heard.all[-2:] == [("cursor_requested", 10.0), ("scrub_requested", 10.0, True)]
    said = len(heard.all)
    move(timeline, at(timeline, 70))
    QTest.mouseRelease(timeline, LEFT, NONE, at(timeline, 70))
    assert len(heard.all) == said
    assert timeline.scene.cursor_s == 10.0


def test_a_click_on_a_flag_goes_to_its_start_and_a_double_click_activates_it(timeline, heard: Heard) -> None:
    point = at(timeline, 20.0, "markers") + QPoint(8, 0)
    QTest.mouseClick(timeline, LEFT, NONE, point)
    assert heard.of("cursor_requested")[-1] == (20.0,)
    QTest.mouseDClick(timeline, LEFT, NONE, point)
    assert heard.of("marker_activated") == [("m1",)]


def test_a_double_click_on_a_group_zooms_in_until_its_markers_stand_apart(timeline, heard: Heard) -> None:
    point = at(timeline, 60.0, "markers") + QPoint(6, 0)
    QTest.mouseDClick(timeline, LEFT, NONE, point)
    assert heard.of("marker_activated") == []
    assert timeline.axis.start_s < 60.0 < 60.4 < timeline.axis.end_s
    QTest.mouseDClick(timeline, LEFT, NONE, at(timeline, 60.4, "markers") + QPoint(6, 0))
    assert heard.of("marker_activated") == [("m3",)]


def test_a_double_click_beside_the_flags_is_a_click(timeline, heard: Heard) -> None:
    QTest.mouseDClick(timeline, LEFT, NONE, at(timeline, 47.0))
    assert heard.of("marker_activated") == []
    assert heard.of("cursor_requested")[-1][0] == pytest.approx(47.0, abs=px_s(timeline))


def test_a_middle_click_toggles_lock_and_a_middle_drag_pans(timeline, heard: Heard) -> None:
    QTest.mouseClick(timeline, MIDDLE, NONE, at(timeline, 40))
    assert heard.of("lock_toggled") == [()]
    timeline.zoom_to(40, 60)
    before = timeline.axis.start_s
    drag(timeline, MIDDLE, [QPoint(500, 60), QPoint(450, 60), QPoint(400, 60)])
    assert timeline.axis.start_s == pytest.approx(before + 100 * px_s(timeline))
    assert len(heard.of("lock_toggled")) == 1
    assert heard.of("cursor_requested") == []


def test_esc_takes_a_pan_back(timeline) -> None:
    timeline.zoom_to(40, 60)
    before = timeline.axis
    QTest.mousePress(timeline, MIDDLE, NONE, QPoint(500, 60))
    move(timeline, QPoint(300, 60))
    assert timeline.axis != before
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert timeline.axis == before


@pytest.mark.parametrize(("edge_s", "to_s", "expected"), [(9.0, 12.0, (5.0, 12.0)), (5.0, 2.0, (2.0, 9.0))])
def test_shift_and_drag_of_an_edge_resizes_once_at_the_release(timeline, heard: Heard, edge_s, to_s, expected) -> None:
    points = [at(timeline, edge_s, REGIONS), at(timeline, (edge_s + to_s) / 2, REGIONS), at(timeline, to_s, REGIONS)]
    QTest.mousePress(timeline, LEFT, SHIFT, points[0])
    move(timeline, points[1])
    assert heard.of("region_resized") == []
    assert timeline._live.resizing is not None
    move(timeline, points[2])
    QTest.mouseRelease(timeline, LEFT, SHIFT, points[2])
    (resized,) = heard.of("region_resized")
    assert resized == ("r1", *(pytest.approx(value, abs=2 * px_s(timeline)) for value in expected))
    assert timeline._live.resizing is None
    assert heard.of("cursor_requested") == []


def test_a_region_is_never_shorter_than_half_a_second(timeline, heard: Heard) -> None:
    drag(timeline, LEFT, [at(timeline, 9.0, REGIONS), at(timeline, 1.0, REGIONS)], SHIFT)
    assert heard.of("region_resized") == [("r1", 5.0, 5.5)]


def test_without_shift_an_edge_stays(timeline, heard: Heard) -> None:
    drag(timeline, LEFT, [at(timeline, 9.0, REGIONS), at(timeline, 15.0, REGIONS)])
    assert heard.of("region_resized") == []
    assert heard.of("cursor_requested")


def test_shift_beside_every_edge_does_nothing(timeline, heard: Heard) -> None:
    drag(timeline, LEFT, [at(timeline, 60.0, REGIONS), at(timeline, 65.0, REGIONS)], SHIFT)
    assert heard.all == []


def test_esc_keeps_the_region(timeline, heard: Heard) -> None:
    QTest.mousePress(timeline, LEFT, SHIFT, at(timeline, 9.0, REGIONS))
    move(timeline, at(timeline, 20.0, REGIONS))
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    QTest.mouseRelease(timeline, LEFT, SHIFT, at(timeline, 20.0, REGIONS))
    assert heard.all == []
    assert timeline._live.resizing is None


def test_the_pointer_shows_what_a_press_would_do(timeline) -> None:
    move(timeline, at(timeline, 20.0, "markers") + QPoint(6, 0))
    assert timeline.cursor().shape() is Qt.CursorShape.PointingHandCursor
    move(timeline, at(timeline, 50.0))
    assert timeline.cursor().shape() is Qt.CursorShape.ArrowCursor
    QTest.mousePress(timeline, MIDDLE, NONE, at(timeline, 50.0))
    assert timeline.cursor().shape() is Qt.CursorShape.ClosedHandCursor
    QTest.mouseRelease(timeline, MIDDLE, NONE, at(timeline, 50.0))
    assert timeline.cursor().shape() is Qt.CursorShape.ArrowCursor
    QTest.mousePress(timeline, LEFT, SHIFT, at(timeline, 9.0, REGIONS))
    assert timeline.cursor().shape() is Qt.CursorShape.SplitHCursor
    QTest.mouseRelease(timeline, LEFT, NONE, at(timeline, 9.0, REGIONS))


def test_the_wheel_changes_the_number_of_clips(timeline, heard: Heard) -> None:
    point = at(timeline, 50)
    wheel(timeline, point, (0, 120))
    wheel(timeline, point, (0, -240))
    assert heard.of("clips_step") == [(1,), (-2,)]


def test_a_touchpad_adds_up_and_its_momentum_does_not_count(timeline, heard: Heard) -> None:
    for _ in range(8):
        wheel(timeline, at(timeline, 50), (0, 15), (0, 3))
    assert heard.of("clips_step") == [(1,)]
    for _ in range(40):
        wheel(timeline, at(timeline, 50), (0, 60), (0, 12), momentum=True)
    assert heard.of("clips_step") == [(1,)]


def test_ctrl_and_wheel_zooms_about_the_pointer(timeline, heard: Heard) -> None:
    point = at(timeline, 50)
    under = timeline.axis.time(point.x())
    for _ in range(12):
        wheel(timeline, point, (0, 120), modifiers=CTRL)
    assert timeline.axis.seconds_per_px < px_s(timeline) * 15
    assert timeline.axis.time(point.x()) == pytest.approx(under, abs=1e-6)
    assert timeline.axis.visible_s < 10
    for _ in range(30):
        wheel(timeline, point, (0, -120), modifiers=CTRL)
    assert not timeline.axis.zoomed
    assert heard.all == []


@pytest.mark.parametrize("modifiers", [NONE, SHIFT])
def test_a_horizontal_wheel_and_shift_and_wheel_pan(timeline, heard: Heard, modifiers) -> None:
    timeline.zoom_to(40, 60)
    before = timeline.axis.start_s
    wheel(timeline, at(timeline, 50), (-120, 0) if modifiers is NONE else (0, -120), modifiers=modifiers)
    assert timeline.axis.start_s > before
    assert heard.all == []


def test_touchpad_pixels_pan_one_to_one_and_fractions_are_kept(timeline) -> None:
    timeline.zoom_to(40, 60)
    before = timeline.axis.start_s
    for _ in range(10):
        wheel(timeline, at(timeline, 50), (-24, 0), (-3, 0))
    assert timeline.axis.start_s == pytest.approx(before + 30 * px_s(timeline), abs=px_s(timeline))


def test_a_right_click_asks_for_a_menu_with_what_is_there(timeline, heard: Heard) -> None:
    for point in (at(timeline, 20.0, "markers") + QPoint(6, 0), at(timeline, 50.0)):
        place = timeline.mapToGlobal(point)
        QApplication.sendEvent(timeline, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, place))
        QTest.mouseClick(timeline, RIGHT, NONE, point)
    first, second = heard.of("context_requested")
    assert first[1] == "m1"
    assert second[:2] == (pytest.approx(50, abs=px_s(timeline)), None)
    assert second[2] == timeline.mapToGlobal(at(timeline, 50.0))
    assert heard.of("cursor_requested") == []


def test_the_menu_key_asks_for_the_menu_at_the_cursor(timeline, heard: Heard) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    QApplication.sendEvent(timeline, event)
    assert heard.of("context_requested")[0][:2] == (10.0, None)


def test_hovering_tells_the_time_and_leaving_says_so(qtbot: QtBot, timeline) -> None:
    told = []
    timeline.hovered.connect(told.append)
    move(timeline, at(timeline, 50))
    assert told[-1] == pytest.approx(50, abs=px_s(timeline))
    QApplication.sendEvent(timeline, QEvent(QEvent.Type.Leave))
    assert told[-1] == NOT_HOVERED


@pytest.mark.parametrize(
    ("time_s", "lane", "dx", "text"),
    [(20.0, "markers", 6, "Batch 1: 3 clips"), (60.0, "markers", 6, "Batch 2"), (41.0, REGIONS, 0, "hard negative")],
)
def test_tooltips_say_what_is_there(timeline, time_s: float, lane: str, dx: int, text: str) -> None:
    point = at(timeline, time_s, lane) + QPoint(dx, 0)
    QApplication.sendEvent(timeline, QHelpEvent(QEvent.Type.ToolTip, point, timeline.mapToGlobal(point)))
    assert text in QToolTip.text()
    QToolTip.hideText()


def test_the_tooltip_of_a_group_lists_its_batches(timeline) -> None:
    flag = timeline._flag_at(QPointF(at(timeline, 60.0, "markers") + QPoint(6, 0)))
    assert tooltip(flag).splitlines() == ["Batch 2: 3 clips", "Batch 3: 3 clips", "Double-click to zoom in."]
    many = replace(flag, members=flag.members * 10)
    assert len(tooltip(many).splitlines()) == 7
    assert "14 more" in tooltip(many)


def test_nothing_open_means_nothing_happens(timeline, heard: Heard) -> None:
    timeline.set_scene(TimelineScene())
    for button in (LEFT, MIDDLE, RIGHT):
        QTest.mouseClick(timeline, button, NONE, QPoint(300, 60))
    wheel(timeline, QPoint(300, 60), (0, 120))
    wheel(timeline, QPoint(300, 60), (0, 120), modifiers=CTRL)
    point = QPoint(300, 60)
    QApplication.sendEvent(
        timeline, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, timeline.mapToGlobal(point))
    )
    assert heard.all == []


def test_it_can_be_reached_by_keyboard_and_says_what_it_is(timeline) -> None:
    assert timeline.focusPolicy() is Qt.FocusPolicy.StrongFocus
    assert timeline.accessibleName() == "Timeline"
    timeline.set_cursor(65.0)
    assert "00:01:05.000" in timeline.accessibleDescription()
