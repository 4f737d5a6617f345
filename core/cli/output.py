"""How a command shows long work: a bar on a terminal, plain lines in a pipe, JSON lines for a program."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from core.domain.amounts import count_text
from core.domain.export import ClipState, ExportJob, PlannedClip
from core.job import JobContext, Progress

TICK_S = 0.1


class Output(Protocol):
    """What a cut tells while it runs. `close` is called once, however it ends."""

    def planned(self, job: ExportJob) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def clip(self, clip: PlannedClip) -> None: ...

    def note(self, text: str) -> None:
        """Something was done otherwise than asked."""

    def finished(self, done: int, failed: int, seconds: float) -> None: ...

    def close(self) -> None: ...


def choose_output(as_json: bool) -> Output:
    if as_json:
        return JsonLines()
    return Bar() if sys.stderr.isatty() else PlainLines()


class JsonLines:
    """One object a line on standard output; `event` says which. docs/file-formats.md describes them."""

    def planned(self, job: ExportJob) -> None:
        clips = [
            {"index": clip.index, "start_s": clip.start_s, "duration_s": clip.duration_s, "path": clip.path}
            for clip in job.clips
        ]
        self._emit("planned", job=job.id, media=job.request.media.path, batch=job.batch_number, clips=clips)

    def progress(self, progress: Progress) -> None:
        self._emit("progress", fraction=progress.fraction, text=progress.text)

    def clip(self, clip: PlannedClip) -> None:
        details: dict[str, Any] = {"error": clip.error} if clip.state is ClipState.FAILED else {}
        if clip.audit:
            details["frames"] = clip.audit.frames
        self._emit("clip", index=clip.index, path=clip.path, state=clip.state.value, **details)

    def note(self, text: str) -> None:
        self._emit("note", text=text)

    def finished(self, done: int, failed: int, seconds: float) -> None:
        self._emit("done", done=done, failed=failed, seconds=round(seconds, 3))

    def close(self) -> None:
        """Nothing is held open."""

    @staticmethod
    def _emit(event: str, **values: Any) -> None:
        print(json.dumps({"event": event, **values}), flush=True)


class PlainLines:
    """A line for each clip, none for the time between."""

    def planned(self, job: ExportJob) -> None:
        """The clips themselves say it soon enough."""

    def progress(self, progress: Progress) -> None:
        """A pipe has no use for it."""

    def clip(self, clip: PlannedClip) -> None:
        if clip.state is ClipState.FAILED:
            self._line(f"failed: {clip.path}: {clip.error}", sys.stderr)
        else:
            self._line(clip.path, sys.stdout)

    def note(self, text: str) -> None:
        self._line(f"8-cut: {text}", sys.stderr)

    def finished(self, done: int, failed: int, seconds: float) -> None:
        self._line(f"8-cut: {_summary(done, failed, seconds)}", sys.stderr)

    def close(self) -> None:
        """Nothing is held open."""

    def _line(self, text: str, stream: Any) -> None:
        print(text, file=stream, flush=True)


class Bar(PlainLines):
    """The same lines, with a bar below them on standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._console = Console(stderr=True, highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
        self._bar = RichProgress(*columns, TimeRemainingColumn(), console=self._console, transient=True)
        self._task = self._bar.add_task("", total=None)

    def planned(self, job: ExportJob) -> None:
        self._bar.update(self._task, description=_one_line(job.title))
        self._bar.start()

    def progress(self, progress: Progress) -> None:
        fraction = progress.fraction
        self._bar.update(self._task, total=1.0 if fraction is not None else None, completed=fraction or 0.0)
        if progress.text:
            self._bar.update(self._task, description=_one_line(progress.text))

    def close(self) -> None:
        self._bar.stop()

    def _line(self, text: str, stream: Any) -> None:
        if stream.isatty():
            self._console.print(_one_line(text), markup=False, soft_wrap=True)
        else:
            super()._line(text, stream)


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


def _one_line(text: str) -> str:
    """A file name may hold line breaks and control characters; a terminal must not act on them."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _summary(done: int, failed: int, seconds: float) -> str:
    return f"{count_text(done, 'clip')} in {seconds:.1f} s" + (f", {failed} failed" if failed else "")
