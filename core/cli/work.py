"""How commands that embed, train and scan show their work: a bar on a terminal, JSON lines for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.cli.output import TickingContext, cancelled_by_signals
from core.job import JobContext, Progress


class Work:
    """The context of a command's work, and where its news go.

    Args:
        as_json: one object a line on standard output; else text.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._bar = None if as_json or not sys.stderr.isatty() else _Bar()
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


class _Bar:
    """A bar on standard error that comes and goes."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
        console = Console(stderr=True, highlight=False)
        self._bar = RichProgress(*columns, TimeRemainingColumn(), console=console, transient=True)
        self._task = self._bar.add_task("", total=None)

    def show(self, progress: Progress) -> None:
        self._bar.start()
        text = "".join(letter if letter.isprintable() else "�" for letter in progress.text)
        total = None if progress.fraction is None else 1.0
        self._bar.update(self._task, total=total, completed=progress.fraction or 0.0, description=text)

    def hide(self) -> None:
        self._bar.stop()


@contextmanager
def working(as_json: bool) -> Iterator[Work]:
    """Work that Ctrl+C and a polite kill cancel."""
    work = Work(as_json)
    try:
        with cancelled_by_signals(work.ctx):
            yield work
    finally:
        work.close()
