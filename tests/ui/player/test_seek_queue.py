"""The queue of seeks, without a player."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.player.seek_queue import FAST_DRAG_S, SeekQueue

times = st.floats(min_value=0, max_value=100)


def queue_and_sent() -> tuple[SeekQueue, list[tuple[float, bool]]]:
    sent: list[tuple[float, bool]] = []
    return SeekQueue(lambda time_s, exact: sent.append((time_s, exact))), sent


def test_one_in_flight_and_the_latest_wins() -> None:
    queue, sent = queue_and_sent()
    queue.seek(1.0)
    queue.seek(2.0)
    queue.seek(3.0, exact=False)
    assert sent == [(1.0, True)] and queue.wanted_s == 3.0 and queue.has_newer
    assert not queue.finished()
    assert sent == [(1.0, True), (3.0, False)]
    assert queue.finished() and not queue.busy and queue.wanted_s is None


def test_what_is_on_its_way_is_not_asked_for_twice() -> None:
    queue, sent = queue_and_sent()
    queue.seek(1.0)
    queue.seek(2.0)
    queue.seek(1.0)
    assert queue.finished()
    assert sent == [(1.0, True)]
    queue.drag(5.0)
    queue.seek(5.0)
    assert queue.finished()
    assert sent[1:] == [(5.0, True)]


def test_a_fast_drag_shows_keyframes_and_a_pause_in_it_the_exact_frame() -> None:
    queue, sent = queue_and_sent()
    queue.drag(0.0)
    queue.drag(FAST_DRAG_S * 2)
    queue.finished()
    assert sent[-1] == (FAST_DRAG_S * 2, False)
    assert not queue.finished()
    assert sent[-1] == (FAST_DRAG_S * 2, True)
    assert queue.finished()


def test_a_slow_drag_is_exact() -> None:
    queue, sent = queue_and_sent()
    for time_s in (1.0, 1.5, 2.0):
        queue.drag(time_s)
        queue.finished()
    assert all(exact for _time_s, exact in sent)


def test_clear_forgets_and_a_late_end_does_no_harm() -> None:
    queue, sent = queue_and_sent()
    queue.seek(1.0)
    queue.seek(2.0)
    queue.clear()
    assert not queue.busy
    assert queue.finished()
    assert sent == [(1.0, True)]


@given(st.lists(st.tuples(times, st.booleans()), max_size=30), times)
def test_whatever_the_drag_it_ends_exactly_where_it_was_let_go(moves: list[tuple[float, bool]], last: float) -> None:
    queue, sent = queue_and_sent()
    for time_s, landed in moves:
        queue.drag(time_s)
        if landed and queue.busy:
            queue.finished()
    queue.seek(last)
    while queue.busy:
        queue.finished()
    assert sent[-1] == (last, True)
