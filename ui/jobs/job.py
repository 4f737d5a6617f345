"""One piece of long work: what it is, how it stands, and what a person can do with it."""

from __future__ import annotations

import itertools
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from core.errors import EightCutError
from core.job import JobContext, Progress
from ui.jobs.eta import Eta


class Lane(Enum):
    """Where work runs; the second value is how many jobs of the lane run at once."""

    DB = ("db", 1)
    FFMPEG = ("ffmpeg", 1)
    ENGINE = ("engine", 1)
    IO = ("io", 2)

    @property
    def threads(self) -> int:
        return self.value[1]


class State(Enum):
    """How a job stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (State.DONE, State.FAILED, State.CANCELLED)


class BugError(EightCutError):
    """Work that failed for no reason 8-cut knows: a mistake in the program. `report` holds the traceback."""

    report = ""

    @classmethod
    def of(cls, title: str, error: BaseException) -> BugError:
        bug = cls(
            f"“{title}” stopped because of a mistake in 8-cut",
            f"{type(error).__name__}: {error}",
            "Try again; when it happens again, send the log",
        )
        bug.report = "".join(traceback.format_exception(error))
        return bug


@dataclass(frozen=True)
class Callbacks:
    """What happens on the GUI thread when a job ends. A superseded job calls none of them."""

    on_done: Callable[[Any], None] | None = None
    on_failed: Callable[[EightCutError], None] | None = None
    on_cancelled: Callable[[], None] | None = None


@dataclass(frozen=True)
class Outcome:
    """How the work itself ended, carried from the worker to the GUI thread."""

    state: State
    result: Any = None
    error: EightCutError | None = None


_numbers = itertools.count(1)


class Job:
    """A row of the job panel. Everything but `context` belongs to the GUI thread."""

    def __init__(
        self,
        lane: Lane,
        title: str,
        work: Callable[[JobContext], Any],
        callbacks: Callbacks,
        *,
        where: str = "",
        folder: str = "",
        quiet: bool = False,
        key: str | None = None,
    ) -> None:
        self.id = next(_numbers)
        self.lane = lane
        self.title = title
        self.where = where
        self.folder = folder
        self.quiet = quiet
        self.key = key
        self.work = work
        self.callbacks = callbacks
        self.context = JobContext()
        self.added_s = time.monotonic()
        self.state = State.WAITING
        self.error: EightCutError | None = None
        self.stale = False
        """A newer job of the same key took its place: its result is dropped."""
        self.taken = False
        """A worker has begun with it."""
        self._seen: Progress | None = None
        self._looked_s = 0.0
        self._eta = Eta()
        self._on_cancel: Callable[[Job], None] = lambda job: None
        self._on_retry: Callable[[Job], None] = lambda job: None

    def bind(self, on_cancel: Callable[[Job], None], on_retry: Callable[[Job], None]) -> None:
        """The runner says what cancel and retry do."""
        self._on_cancel, self._on_retry = on_cancel, on_retry

    @property
    def progress(self) -> Progress:
        return self.context.snapshot

    @property
    def log_lines(self) -> tuple[str, ...]:
        return self.context.log_lines

    @property
    def eta_s(self) -> float | None:
        """Seconds still to go, or None when that is unknown or the job does not run."""
        return self._eta.remaining_s(time.monotonic()) if self.state is State.RUNNING else None

    def cancel(self) -> None:
        """Ask it to stop; nothing happens to a job that has ended."""
        if not self.state.final:
            self._on_cancel(self)

    def retry(self) -> None:
        """Do it again, after it failed or was cancelled."""
        if self.state in (State.FAILED, State.CANCELLED):
            self._on_retry(self)

    def watch(self, now_s: float) -> bool:
        """Look at the progress for the estimate; whether to draw its row again (it moved, or a second passed)."""
        snapshot = self.context.snapshot
        if snapshot is self._seen and now_s - self._looked_s < 1.0:
            return False
        self._eta.update(now_s, snapshot.fraction)
        self._seen, self._looked_s = snapshot, now_s
        return True
