"""How a cut shows its clips: lines with a bar on a terminal, plain lines in a pipe, JSON lines for a program."""

from __future__ import annotations

import json
import sys
from typing import Any, Protocol

from core.cli.bar import Bar, one_line
from core.domain.amounts import count_text
from core.domain.export import ClipState, ExportJob, PlannedClip
from core.job import Progress


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
    return LinesAndBar() if sys.stderr.isatty() else PlainLines()


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
            self._line(f"failed: {clip.path}: {clip.error}", error=True)
        else:
            self._line(clip.path)

    def note(self, text: str) -> None:
        self._line(f"8-cut: {text}", error=True)

    def finished(self, done: int, failed: int, seconds: float) -> None:
        self._line(f"8-cut: {_summary(done, failed, seconds)}", error=True)

    def close(self) -> None:
        """Nothing is held open."""

    def _line(self, text: str, error: bool = False) -> None:
        print(text, file=sys.stderr if error else sys.stdout, flush=True)


class LinesAndBar(PlainLines):
    """The same lines, with a bar below them."""

    def __init__(self) -> None:
        self._bar = Bar()

    def planned(self, job: ExportJob) -> None:
        self._bar.show(Progress(text=job.title))

    def progress(self, progress: Progress) -> None:
        self._bar.show(progress)

    def close(self) -> None:
        self._bar.hide()

    def _line(self, text: str, error: bool = False) -> None:
        # First: while it shows, both streams lead to it.
        self._bar.hide()
        stream = sys.stderr if error else sys.stdout
        super()._line(one_line(text) if stream.isatty() else text, error)


def _summary(done: int, failed: int, seconds: float) -> str:
    return f"{count_text(done, 'clip')} in {seconds:.1f} s" + (f", {failed} failed" if failed else "")
