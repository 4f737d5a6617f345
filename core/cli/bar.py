"""A bar on standard error while something takes its time; a terminal shows it, a pipe never sees it."""

from __future__ import annotations

from core.job import Progress


class Bar:
    """Comes with the first progress and goes for every line that is printed; the next progress brings it back."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
        console = Console(stderr=True, highlight=False)
        self._bar = RichProgress(*columns, TimeRemainingColumn(), console=console, transient=True)
        self._task = self._bar.add_task("", total=None)

    def show(self, progress: Progress) -> None:
        """Show this progress; without a text of its own it keeps the last one."""
        self._bar.start()
        total = None if progress.fraction is None else 1.0
        text = one_line(progress.text) or None
        self._bar.update(self._task, total=total, completed=progress.fraction or 0.0, description=text)

    def hide(self) -> None:
        self._bar.stop()


def one_line(text: str) -> str:
    """A file name may hold line breaks and control characters; a terminal must not act on them."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
