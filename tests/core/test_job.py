from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled
from core.job import JobContext, Progress


def test_progress_is_the_last_value_written() -> None:
    ctx = JobContext()
    ctx.progress(1, 4, "first")
    ctx.progress(2, 4, "second")
    assert ctx.snapshot == Progress(2, 4, "second")
    assert ctx.snapshot.fraction == 0.5


def test_an_unknown_total_has_no_fraction() -> None:
    assert Progress(3, 0).fraction is None


def test_check_raises_only_after_cancel() -> None:
    ctx = JobContext()
    ctx.check()
    ctx.cancel()
    with pytest.raises(Cancelled):
        ctx.check()


def test_cancel_wakes_what_waits_and_does_it_once() -> None:
    ctx = JobContext()
    woken = []
    ctx.on_cancel(lambda: woken.append("child"))
    ctx.cancel()
    ctx.cancel()
    assert woken == ["child"]


def test_a_removed_hook_stays_silent() -> None:
    ctx = JobContext()
    woken = []
    ctx.on_cancel(lambda: woken.append("gone"))()
    ctx.cancel()
    assert woken == []


def test_a_hook_that_comes_after_the_cancel_runs_at_once() -> None:
    ctx = JobContext()
    ctx.cancel()
    woken = []
    ctx.on_cancel(lambda: woken.append("late"))
    assert woken == ["late"]


def test_cancelling_from_another_thread_is_seen() -> None:
    ctx = JobContext()
    waiting = threading.Event()
    ctx.on_cancel(waiting.set)
    canceller = threading.Thread(target=ctx.cancel)
    canceller.start()
    assert waiting.wait(5)
    canceller.join()
    assert ctx.cancelled
