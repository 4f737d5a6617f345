"""What long work sees of the world that runs it: a place to report progress and a question to ask now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """A snapshot of how far a job is. `total` 0 means unknown; `done` and `total` share any unit."""

    done: float = 0.0
    total: float = 0.0
    text: str = ""

    @property
    def fraction(self) -> float | None:
        """0–1, or None while the total is unknown."""
        return min(1.0, max(0.0, self.done / self.total)) if self.total > 0 else None


class JobContext:
    """Handed to every long function. Safe to use from the worker and from the thread that watches it.

    The worker overwrites one value, the watcher reads it when it likes: a fast worker never floods a slow window.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._cancel_hooks: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._progress = Progress()
        self._log: list[str] = []

    def progress(self, done: float, total: float, text: str = "") -> None:
        """Overwrite the snapshot; call it as often as convenient."""
        self._progress = Progress(done, total, text)

    @property
    def snapshot(self) -> Progress:
        return self._progress

    def log(self, line: str) -> None:
        """Add a line to the job's own log, which its row in the job panel shows."""
        self._log.append(line)

    @property
    def log_lines(self) -> tuple[str, ...]:
        return tuple(self._log)

    def check(self) -> None:
        """Raise Cancelled when the job was cancelled. Call it at least twice a second."""
        if self._cancelled.is_set():
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; runs the hooks of whatever it is waiting for. Idempotent."""
        with self._lock:
            if self._cancelled.is_set():
                return
            self._cancelled.set()
            hooks = tuple(self._cancel_hooks)
        for hook in hooks:
            hook()

    def on_cancel(self, hook: Callable[[], None]) -> Callable[[], None]:
        """Register a hook that wakes blocking work (kill a child process); returns the call that removes it again.

        The hook runs at once when the job is cancelled already.
        """
        with self._lock:
            self._cancel_hooks.append(hook)
            already = self._cancelled.is_set()
        if already:
            hook()

        def remove() -> None:
            with self._lock:
                if hook in self._cancel_hooks:
                    self._cancel_hooks.remove(hook)

        return remove


class PartOfJob(JobContext):
    """The context of one of several steps of a job: its progress is a share of the whole, the rest is the whole's.

    Args:
        whole: the job.
        number: of the step, from 0.
        count: of all steps; all weigh the same.
        title: stands before the step's own text.
    """

    def __init__(self, whole: JobContext, number: int, count: int, title: str = "") -> None:
        super().__init__()
        self._whole, self._number, self._count, self._title = whole, number, count, title
        self.progress(0, 1)

    def progress(self, done: float, total: float, text: str = "") -> None:
        super().progress(done, total, text)
        shown = ": ".join(part for part in (self._title, text) if part)
        self._whole.progress(self._number + (self.snapshot.fraction or 0.0), self._count, shown)

    def log(self, line: str) -> None:
        self._whole.log(line)

    def check(self) -> None:
        self._whole.check()

    @property
    def cancelled(self) -> bool:
        return self._whole.cancelled

    def cancel(self) -> None:
        self._whole.cancel()

    def on_cancel(self, hook: Callable[[], None]) -> Callable[[], None]:
        return self._whole.on_cancel(hook)
