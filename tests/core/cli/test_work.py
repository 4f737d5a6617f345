"""Long work of commands: what is shown, and how it is cancelled."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from core.cli.work import TickingContext, cancelled_by_signals
from core.job import JobContext, Progress


def test_a_busy_worker_does_not_flood_the_output() -> None:
    ticks: list[Progress] = []
    ctx = TickingContext(ticks.append)
    for step in range(10_000):
        ctx.progress(step, 10_000)
    assert ticks[0] == Progress(0, 10_000)
    assert len(ticks) < 1000
    assert ctx.snapshot.done == 9_999


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_work_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    ctx = JobContext()
    stopped = threading.Event()
    ctx.on_cancel(stopped.set)
    with cancelled_by_signals(ctx):
        os.kill(os.getpid(), number)
        assert stopped.wait(10)
        assert signal.getsignal(number) is before, "a second one ends the program at once"
    assert ctx.cancelled
    assert signal.getsignal(number) is before


def test_a_signal_while_the_context_is_locked_does_not_hang() -> None:
    ctx = JobContext()
    stopped = threading.Event()
    ctx.on_cancel(stopped.set)
    with cancelled_by_signals(ctx):
        with ctx._lock:
            os.kill(os.getpid(), signal.SIGINT)
        assert stopped.wait(10)
