"""The trash of the app: shown, brought back from, emptied when a person says so."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QObject, Qt

from core.changes import Changes
from core.domain.amounts import count_text, size_text
from core.domain.trash import TrashItem, TrashTotals
from core.job import JobContext
from core.ops import manifest, trash
from core.ops.swap import recover
from ui import settings as keys
from ui.commands.exchange import Exchange, Mover
from ui.dialogs.messages import MessageDialog
from ui.dialogs.trash import TrashDialog
from ui.jobs.runner import Lane
from ui.main_window.window import MainWindow
from ui.services import Services

SHOWN = 1000


class TrashController(QObject):
    """Nothing is ever deleted for good without a question."""

    def __init__(self, services: Services, window: MainWindow, mover: Mover) -> None:
        super().__init__(window)
        self._db = services.db
        self._session = services.session
        self._runner = services.runner
        self._settings = services.settings
        self._window = window
        self._notices = window.notices
        self._undo = services.undo
        self._mover = mover
        self._dialog: TrashDialog | None = None
        services.bridge.changed.connect(lambda _: self._refresh())

    def begin(self) -> None:
        """At the start: carry on interrupted moves, bring dataset.json up to date, offer to empty what is old."""
        days = self._settings.get(keys.TRASH_DAYS)

        def look(ctx: JobContext) -> tuple[Changes, TrashTotals]:
            changes = recover(self._db)
            manifest.follow(self._db, ctx)
            return changes, trash.totals(self._db, days)

        def found(result: tuple[Changes, TrashTotals]) -> None:
            changes, old = result
            self._session.publish(changes)
            if old.files:
                self._window.banner.ask(
                    f"Clips deleted more than {days} days ago take {size_text(old.size_bytes)} in the trash.",
                    ("Keep them", lambda: None),
                    ("Delete for good…", partial(self.ask_to_purge, days)),
                )

        self._runner.submit(
            Lane.DB, "Look into the trash", look, on_done=found, on_failed=self._notices.complain, quiet=True
        )

    def show(self) -> None:
        """Open the trash."""
        self._dialog = TrashDialog(self._settings.get(keys.TRASH_DAYS), self._window)
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog.restore_requested.connect(self._restore)
        self._dialog.purge_requested.connect(self.ask_to_purge)
        self._dialog.finished.connect(self._closed)
        self._dialog.open()
        self._refresh()

    def ask_to_purge(self, older_than_days: int | None) -> None:
        """Ask, then delete for good."""
        totals = trash.totals(self._db, older_than_days)
        if not totals.files:
            return
        files = count_text(totals.files, "file")
        dialog = MessageDialog(
            self._dialog or self._window,
            "Delete for good",
            f"Delete {files} ({size_text(totals.size_bytes)}) for good?",
            ("They cannot be brought back.", "Undo of what deleted them will not work any more."),
            ("Cancel", "Delete for good"),
            glyph="warning",
            token="warning",
            danger=True,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._purge(older_than_days) if dialog.choice == 1 else None)
        dialog.open()

    def _purge(self, older_than_days: int | None) -> None:
        def done(purged: TrashTotals) -> None:
            self._notices.tell(f"{size_text(purged.size_bytes)} freed.", "success")
            self._refresh()

        self._runner.submit(
            Lane.DB,
            "Empty the trash",
            lambda ctx: trash.purge(self._db, older_than_days, ctx),
            on_done=done,
            on_failed=self._notices.complain,
            on_cancelled=self._refresh,
        )

    def _restore(self, clip_ids: tuple[int, ...]) -> None:
        self._undo.push(Exchange(f"Restore {count_text(len(clip_ids), 'clip')}", self._mover, (), clip_ids))

    def _refresh(self) -> None:
        if self._dialog is None:
            return
        days = self._settings.get(keys.TRASH_DAYS)

        def read(_: JobContext) -> tuple[list[TrashItem], TrashTotals, TrashTotals]:
            return trash.contents(self._db, SHOWN), trash.totals(self._db), trash.totals(self._db, days)

        def show(found: tuple[list[TrashItem], TrashTotals, TrashTotals]) -> None:
            if self._dialog is not None:
                self._dialog.show_items(*found)

        self._runner.submit(
            Lane.DB,
            "Read the trash",
            read,
            on_done=show,
            on_failed=self._notices.complain,
            quiet=True,
            supersedes="trash",
        )

    def _closed(self) -> None:
        self._dialog = None
