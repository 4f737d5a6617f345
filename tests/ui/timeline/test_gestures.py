"""Gestures without a widget: pointers in, previews and an intent out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.timeline.gestures import (
    CursorAt,
    Gesture,
    Kind,
    LockToggled,
    PannedBy,
    Pointer,
    RegionResized,
    Running,
    ScrubAt,
    ignore,
    move_cursor,
    pan_or_lock,
    resize_region,
    resized,
)
from ui.timeline.scene import MIN_REGION_S, Edge, SceneRegion

REGION = SceneRegion("r", 10.0, 14.0, 0.8)


def press(x: float) -> Pointer:
    return Pointer(Kind.PRESS, x, x / 10)


def play(gesture: Gesture, *pointers: Pointer) -> tuple[list, list]:
    """Previews and intents of a gesture that gets these pointers."""
    shown, meant = [], []
    running = Running(gesture, shown.append, meant.append)
    for pointer in pointers:
        running.send(pointer)
    assert running.done == bool(meant)
    return shown, meant


def move(x: float) -> Pointer:
    return Pointer(Kind.MOVE, x, x / 10)


def release(x: float) -> Pointer:
    return Pointer(Kind.RELEASE, x, x / 10)


CANCEL = Pointer(Kind.CANCEL, 0, 0)


def test_a_click_moves_the_cursor_at_once_and_for_good_at_the_release() -> None:
    shown, meant = play(move_cursor(press(50), original_s=1.0, locked=False), release(50))
    assert shown == [CursorAt(5.0)]
    assert meant == [CursorAt(5.0)]


def test_a_drag_follows_every_move() -> None:
    shown, meant = play(move_cursor(press(50), original_s=1.0, locked=False), move(60), move(70), release(75))
    assert shown == [CursorAt(5.0), CursorAt(6.0), CursorAt(7.0)]
    assert meant == [CursorAt(7.5)]


def test_locked_only_the_picture_moves() -> None:
    shown, meant = play(move_cursor(press(50), original_s=1.0, locked=True), move(60), release(60))
    assert shown == [ScrubAt(5.0), ScrubAt(6.0)]
    assert meant == [ScrubAt(6.0)]


def test_esc_puts_the_cursor_back() -> None:
    _, meant = play(move_cursor(press(50), original_s=1.25, locked=False), move(60), CANCEL)
    assert meant == [CursorAt(1.25)]


def test_a_click_on_a_flag_lands_on_its_marker_and_a_drag_leaves_it() -> None:
    _, clicked = play(move_cursor(press(50), original_s=1.0, locked=False, snap_s=4.7), move(52), release(52))
    assert clicked == [CursorAt(4.7)]
    _, dragged = play(move_cursor(press(50), original_s=1.0, locked=False, snap_s=4.7), move(58), release(51))
    assert dragged == [CursorAt(5.1)]


def test_a_middle_click_toggles_lock_even_with_a_shaky_hand() -> None:
    shown, meant = play(pan_or_lock(press(50)), move(52), release(51))
    assert shown == []
    assert meant == [LockToggled()]


def test_a_middle_drag_pans_by_the_whole_way() -> None:
    shown, meant = play(pan_or_lock(press(50)), move(60), move(51), release(90))
    assert shown == [PannedBy(10), PannedBy(1)]
    assert meant == [PannedBy(40)]


def test_esc_takes_a_pan_back() -> None:
    assert play(pan_or_lock(press(50)), move(60), CANCEL)[1] == [PannedBy(0)]


def test_resizing_keeps_the_distance_between_pointer_and_edge() -> None:
    gesture = resize_region(Pointer(Kind.PRESS, 0, 10.2), REGION, Edge.START, 100.0)
    shown, meant = play(gesture, Pointer(Kind.MOVE, 5, 9.2), Pointer(Kind.RELEASE, 6, 8.2))
    assert shown == [RegionResized("r", 9.0, 14.0)]
    assert [(one.region_id, one.start_s, one.end_s) for one in meant] == [("r", pytest.approx(8.0), 14.0)]


def test_an_edge_that_was_only_clicked_or_dragged_back_means_nothing() -> None:
    at = Pointer(Kind.PRESS, 100, 14.0)
    assert play(resize_region(at, REGION, Edge.END, 100.0), Pointer(Kind.RELEASE, 100, 14.0))[1] == [None]
    there_and_back = [Pointer(Kind.MOVE, 120, 16.0), Pointer(Kind.RELEASE, 100, 14.0)]
    assert play(resize_region(at, REGION, Edge.END, 100.0), *there_and_back)[1] == [None]


def test_esc_leaves_the_region_as_it_was() -> None:
    gesture = resize_region(Pointer(Kind.PRESS, 100, 14.0), REGION, Edge.END, 100.0)
    assert play(gesture, Pointer(Kind.MOVE, 120, 16.0), CANCEL)[1] == [None]


def test_a_press_that_means_nothing_ends_with_its_release() -> None:
    assert play(ignore(), move(3), release(3)) == ([], [None])


@given(
    st.floats(0, 99).flatmap(lambda start: st.tuples(st.just(start), st.floats(start + 0.001, 100))),
    st.sampled_from(list(Edge)),
    st.floats(-50, 150),
)
def test_a_resized_region_stays_inside_the_media_and_long_enough(
    ends: tuple[float, float], edge: Edge, time_s: float
) -> None:
    result = resized(SceneRegion("r", *ends, 1.0), edge, time_s, 100.0)
    assert 0 <= result.start_s < result.end_s <= 100.0
    assert result.end_s - result.start_s >= MIN_REGION_S - 1e-9
    if ends[1] - ends[0] >= MIN_REGION_S:
        other = (result.end_s, ends[1]) if edge is Edge.START else (result.start_s, ends[0])
        assert other[0] == pytest.approx(other[1])
