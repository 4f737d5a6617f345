"""Missing files found again, and source files moved to the trash."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QUndoCommand
from PyQt6.QtWidgets import QFileDialog

from core.changes import Changes
from core.domain.amounts import count_text, size_text
from core.domain.media import Media
from core.domain.relink import FoundFile, RelinkPlan, known_size
from core.errors import EightCutError
from core.job import JobContext
from core.ops import relink, source_trash
from core.ops.source_trash import TrashedSource
from ui.commands.command import Command
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import Lane
from ui.main_window.cutting_state import CuttingState
from ui.main_window.list_controller import ListController
from ui.main_window.list_reader import ListReader
from ui.main_window.media_controller import MediaController
from ui.main_window.media_list_model import MediaListModel
from ui.main_window.notices import Notices
from ui.main_window.relink_dialog import RelinkDialog
from ui.main_window.window import MainWindow
from ui.services import Services


class RelinkController(QObject):
    """Searches and moves on the I/O lane; what a person has to decide is asked without stopping anything."""

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        reader: ListReader,
        rows: ListController,
        media: MediaController,
        state: CuttingState,
    ) -> None:
        super().__init__(window)
        self._db = services.db
        self._trash = services.paths.trash
        self._session = services.session
        self._runner = services.runner
        self._window = window
        self._model: MediaListModel = window.media_model
        self._reader = reader
        self._rows = rows
        self._media = media
        self._state = state
        self._undo = services.undo
        self._notices: Notices = window.notices
        rows.extra_menu_entries += [("Relink…", self.relink), ("Move to trash…", self.discard)]

    # -- missing files ------------------------------------------------------------------------------------------------

    def relink(self, media: Sequence[Media] | None = None) -> None:
        """Ask where the first chosen file is now."""
        chosen = media or self._rows.chosen_media()
        if not chosen:
            self._notices.tell("Select a file in the list first.")
            return
        wanted = chosen[0]
        path, _ = QFileDialog.getOpenFileName(
            self._window, f"Where is {wanted.name}?", str(Path(wanted.path).parent), f"{wanted.name};;All files (*)"
        )
        if path:
            self._look(lambda _: relink.look_at(wanted, path), f"Look at {Path(path).name}", single=wanted)

    def find_missing(self) -> None:
        """Ask for a folder and look in it for all missing files of the open list."""
        wanted = [each for each in self._model.media if each.id in self._model.missing_ids]
        if not wanted:
            self._notices.tell("No file of this list is missing.")
            return
        folder = QFileDialog.getExistingDirectory(self._window, f"Where are the {len(wanted)} missing files?")
        if folder:
            self.search(folder, wanted)

    def search(self, folder: str, wanted: Sequence[Media]) -> None:
        """Look in a folder for these, in the background."""
        self._look(lambda ctx: relink.search(folder, wanted, ctx), "Find missing files", where=folder)

    def _look(self, work, title: str, where: str = "", single: Media | None = None) -> None:
        self._runner.submit(
            Lane.IO,
            title,
            work,
            on_done=lambda plan: self._found(plan, single),
            on_failed=self._notices.complain,
            where=where,
            quiet=single is not None,
        )

    def _found(self, plan: RelinkPlan, single: Media | None) -> None:
        if plan.likely:
            dialog = RelinkDialog(plan, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(lambda: self._link((*plan.sure, *dialog.chosen), plan))
            dialog.rejected.connect(lambda: self._link(plan.sure, plan))
            dialog.open()
        elif single is not None and not plan.sure:
            self._notices.tell(f"That is another file: neither its content nor its size is {single.name}’s.", "warning")
        else:
            self._link(plan.sure, plan)

    def _link(self, found: Sequence[FoundFile], plan: RelinkPlan) -> None:
        left = len(plan.sure) + len(plan.likely) + len(plan.missing) - len(found)
        if found:
            if all(known_size(each.media.content_key) is not None for each in found):
                self._undo.push(
                    Command(
                        f"Relink {len(found)} files" if len(found) > 1 else f"Relink {found[0].media.name}",
                        partial(relink.link, self._db, found),
                        partial(relink.unlink, self._db, found),
                        self._session.publish,
                        self._notices.complain,
                    )
                )
            else:
                # A media known only by name becomes one with the file's: two rows that joined cannot be parted.
                self._try(partial(relink.link, self._db, found))
        told = f"{count_text(len(found), 'file')} found again"
        self._notices.tell(f"{told}, {left} still missing." if left else f"{told}.", "success" if found else "warning")
        opened = self._state.media
        again = next((each for each in found if opened and each.media.id == opened.id), None)
        if again:
            self._media.open(Media(again.media.id, again.content_key, again.path))

    # -- source files to the trash ------------------------------------------------------------------------------------

    def discard(self, media: Sequence[Media] | None = None) -> None:
        """Ask, then move source files to the trash; undoable."""
        gone = self._reader.missing_ids
        chosen = [each for each in (media or self._rows.chosen_media()) if each.id not in gone]
        if not chosen:
            self._notices.tell("Select files that are there first.")
            return
        self._runner.submit(
            Lane.IO,
            "Measure files",
            lambda _: source_trash.size(chosen),
            on_done=partial(self._ask, chosen),
            on_failed=self._notices.complain,
            quiet=True,
        )

    def _ask(self, media: Sequence[Media], size_bytes: int) -> None:
        what = media[0].name if len(media) == 1 else f"{len(media)} files"
        dialog = MessageDialog(
            self._window,
            "Move to trash",
            f"Move {what} to the trash?",
            (
                f"{size_text(size_bytes)} of source material leave their folder and the lists. Clips stay.",
                "Undo brings everything back.",
            ),
            ("Cancel", "Move to trash"),
            glyph="trash",
            token="warning",
            danger=True,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _: self._discard(media) if dialog.choice == 1 else None)
        dialog.open()

    def _discard(self, media: Sequence[Media]) -> None:
        if self._state.media in media:
            self._media.close()
        profile = self._session.profile

        def done(result: tuple[tuple[TrashedSource, ...], Changes]) -> None:
            trashed, changes = result
            self._session.publish(changes)
            what = media[0].name if len(media) == 1 else f"{len(media)} files"
            self._undo.push(SourceMove(f"Move {what} to the trash", self, trashed))
            self._notices.tell(f"{what}: in the trash.", action=("Undo", self._undo.undo))

        self._runner.submit(
            Lane.IO,
            "Move to the trash",
            lambda ctx: source_trash.discard(self._db, self._trash, profile, media, ctx),
            on_done=done,
            on_failed=self._notices.complain,
            where=media[0].name if len(media) == 1 else f"{len(media)} files",
        )

    def move_trashed(self, trashed: Sequence[TrashedSource], back: bool) -> None:
        """Undo or redo a move to the trash, in the background."""
        operation = source_trash.restore if back else source_trash.discard_again

        def work(ctx: JobContext) -> Changes:
            return operation(self._db, trashed, ctx)

        title = "Bring files back" if back else "Move to the trash"
        self._runner.submit(
            Lane.IO, title, work, on_done=self._session.publish, on_failed=self._notices.complain, quiet=True
        )

    def _try(self, operation) -> None:
        try:
            self._session.publish(operation())
        except EightCutError as error:
            self._notices.complain(error)


class SourceMove(QUndoCommand):
    """Source files that went to the trash; they had when the stack gets to know, so the first redo has nothing to do.

    Both directions are idempotent: what is where it belongs already stays.
    """

    def __init__(self, text: str, controller: RelinkController, trashed: Sequence[TrashedSource]) -> None:
        super().__init__(text)
        self._controller, self._trashed = controller, trashed
        self._happened = True

    def redo(self) -> None:
        if self._happened:
            self._happened = False
            return
        self._controller.move_trashed(self._trashed, back=False)

    def undo(self) -> None:
        self._controller.move_trashed(self._trashed, back=True)
