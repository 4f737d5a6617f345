"""How commands show long work, a bar on a terminal or JSON lines for a program, and how signals cancel it."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.cli.bar import Bar
from core.job import JobContext, Progress

TICK_S = 0.1


class Work:
    """The context of a command's work, and where its news go.

    Args:
        as_json: one object a line on standard output; else text.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._bar = None if as_json or not sys.stderr.isatty() else Bar()
        self.ctx: JobContext = TickingContext(self._progress)

    def say(self, text: str, *, error: bool = False) -> None:
        """A line for a person; a program does not get it."""
        if not self.as_json:
            self._clear()
            print(text, file=sys.stderr if error else sys.stdout, flush=True)

    def tell(self, event: str, **values: Any) -> None:
        """An event for a program; a person does not get it."""
        if self.as_json:
            print(json.dumps({"event": event, **values}), flush=True)

    def close(self) -> None:
        """Remove the bar."""
        self._clear()

    def _progress(self, progress: Progress) -> None:
        if self._bar:
            self._bar.show(progress)
        self.tell("progress", fraction=progress.fraction, text=progress.text)

    def _clear(self) -> None:
        if self._bar:
            self._bar.hide()


@contextmanager
def working(as_json: bool) -> Iterator[Work]:
    """Work that Ctrl+C and a polite kill cancel."""
    work = Work(as_json)
    try:
        with cancelled_by_signals(work.ctx):
            yield work
    finally:
        work.close()


class TickingContext(JobContext):
    """A context that calls back at most ten times a second, on the thread that reports."""

    def __init__(self, on_tick: Callable[[Progress], None]) -> None:
        super().__init__()
        self._on_tick = on_tick
        self._ticking = threading.Lock()
        self._last = 0.0

    def progress(self, done: float, total: float, text: str = "") -> None:
        super().progress(done, total, text)
        if time.monotonic() - self._last < TICK_S or not self._ticking.acquire(blocking=False):
            return
        try:
            self._last = time.monotonic()
            self._on_tick(self.snapshot)
        finally:
            self._ticking.release()


@contextmanager
def cancelled_by_signals(ctx: JobContext) -> Iterator[None]:
    """Ctrl+C and a polite kill cancel the work, which then cleans up; a second one ends the program at once."""
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def stop(*_: object) -> None:
        restore()
        # From a thread of its own: the one that was interrupted may hold the context's lock.
        threading.Thread(target=ctx.cancel, name="cancel").start()

    for number in previous:
        signal.signal(number, stop)
    try:
        yield
    finally:
        restore()
