"""Undoing and redoing what moved files: exports, overwrites, deletions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QUndoCommand

from core.changes import Changes
from core.db import ProcessedDB
from core.errors import EightCutError
from core.ops import manifest
from core.ops.swap import is_quick, swap
from ui.commands.command import About
from ui.jobs.runner import Lane, Runner


class Mover(QObject):
    """Moves clips between the history and the trash: at once where that is renaming, else as a job.

    While a job of its own waits or runs, everything joins the queue behind it, so that undo never overtakes.
    """

    def __init__(
        self,
        db: ProcessedDB,
        trash: Path,
        runner: Runner,
        publish: Callable[[Changes], None],
        complain: Callable[[EightCutError], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._db = db
        self._trash = trash
        self._runner = runner
        self._publish = publish
        self._complain = complain
        self._waiting = 0

    def exchange(self, leaving: Sequence[int], coming: Sequence[int], failed: Callable[[], None]) -> None:
        """Let clips leave and others come; `failed` is called when nothing has changed, after the person was told."""
        if self._waiting or not is_quick(self._db, self._trash, [*leaving, *coming]):
            self._queue(leaving, coming, failed)
            return
        try:
            changes = swap(self._db, self._trash, leaving, coming)
        except EightCutError as error:
            failed()
            self._complain(error)
            return
        self._publish(changes)
        self.write_manifests()

    def write_manifests(self) -> None:
        """Bring dataset.json of every folder that changed up to date, in the background."""
        self._runner.submit(
            Lane.DB,
            "Write dataset.json",
            lambda ctx: manifest.follow(self._db, ctx),
            on_failed=self._complain,
            quiet=True,
            supersedes="dataset.json",
        )

    def _queue(self, leaving: Sequence[int], coming: Sequence[int], failed: Callable[[], None]) -> None:
        def ended(act: Callable[[], None]) -> None:
            self._waiting -= 1
            act()

        def done(changes: Changes) -> None:
            self._publish(changes)
            self.write_manifests()

        def broke(error: EightCutError) -> None:
            failed()
            self._complain(error)

        self._waiting += 1
        files = len(leaving) + len(coming)
        self._runner.submit(
            Lane.DB,
            f"Move {files} clips" if files != 1 else "Move 1 clip",
            lambda ctx: swap(self._db, self._trash, leaving, coming, ctx=ctx),
            on_done=lambda changes: ended(partial(done, changes)),
            on_failed=lambda error: ended(partial(broke, error)),
            on_cancelled=lambda: ended(failed),
            where=str(self._trash) if leaving else "",
        )


class Exchange(QUndoCommand):
    """Some clips leave, others come; undo turns it round. `happened`: the first redo, by the stack, has nothing to do.

    One that could not be carried out becomes obsolete: the stack forgets it instead of offering what never happened.
    """

    def __init__(
        self,
        text: str,
        mover: Mover,
        leaving: Sequence[int],
        coming: Sequence[int],
        *,
        happened: bool = False,
        about: About | None = None,
    ) -> None:
        super().__init__(text)
        self.about = about
        self._mover = mover
        self._leaving, self._coming = tuple(leaving), tuple(coming)
        self._happened = happened

    def redo(self) -> None:
        if self._happened:
            self._happened = False
            return
        self._mover.exchange(self._leaving, self._coming, self._failed)

    def undo(self) -> None:
        self._mover.exchange(self._coming, self._leaving, self._failed)

    def _failed(self) -> None:
        self.setObsolete(True)
