"""What can be done with the rows of the lists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QApplication, QMenu

from core.changes import Changes
from core.domain.amounts import count_text
from core.domain.media import Media
from core.domain.media_list import Entry, EntryKey, Separator, entry_key
from core.errors import EightCutError
from core.ops import lists
from ui.commands.command import Command, Operation
from ui.dialogs.folders import open_folder
from ui.dialogs.prompt import Prompt
from ui.main_window.cutting_state import CuttingState
from ui.main_window.list_reader import ListReader
from ui.main_window.lists_pane import ListsPane
from ui.main_window.media_controller import MediaController
from ui.main_window.media_list import MediaListPanel
from ui.main_window.notices import Notices
from ui.services import Services


class ListController(QObject):
    """Acts on the selected rows of the list that has the keys, or on what is open."""

    def __init__(
        self,
        services: Services,
        state: CuttingState,
        media: MediaController,
        reader: ListReader,
        pane: ListsPane,
        notices: Notices,
    ) -> None:
        super().__init__(state)
        self._db = services.db
        self._session = services.session
        self._state = state
        self._media = media
        self._reader = reader
        self._pane = pane
        self._undo = services.undo
        self._notices = notices
        self.extra_menu_entries: list[tuple[str, object]] = []
        """(text, what it does with the chosen media) of other controllers, at the end of the context menu."""
        for panel in (pane.panel, pane.pinned_panel):
            panel.context_requested.connect(partial(self._show_menu, panel))
            panel.rows_dropped.connect(partial(self._drop, panel))
            panel.heading_requested.connect(self.rename_separator)

    # -- what is chosen -----------------------------------------------------------------------------------------------

    @property
    def panel(self) -> MediaListPanel:
        """The list that has the keys: the pinned one while the focus is in it."""
        focus = QApplication.focusWidget()
        pinned = self._pane.pinned_panel
        return pinned if focus is not None and pinned.isAncestorOf(focus) else self._pane.panel

    def chosen(self) -> list[Entry]:
        """The selected rows; what is open when none is."""
        rows = self.panel.selected_entries()
        return rows or ([self._state.media] if self._state.media else [])

    def chosen_media(self) -> list[Media]:
        return [row for row in self.chosen() if isinstance(row, Media)]

    # -- rows ---------------------------------------------------------------------------------------------------------

    def remove(self) -> None:
        """Take the chosen rows off their list; undoable."""
        rows, list_id = self.chosen(), self.panel.list_id
        if not rows or list_id is None:
            return
        keys, what = [entry_key(row) for row in rows], _name(rows)
        self._push(
            f"Remove {what} from the list",
            partial(lists.take_out, self._db, list_id, keys),
            partial(lists.put_back, self._db, list_id, lists.places_of(self._db, list_id, keys)),
        )
        if self._state.media in rows:
            self._media.close()
        if any(isinstance(row, Media) for row in rows):
            verb = "is" if len(rows) == 1 else "are"
            self._notices.tell(f"{what} {verb} off the list; nothing on disk changed.", action=self._take_back)

    def move_by(self, step: int) -> None:
        """Move the chosen rows one row up (-1) or down (1); undoable."""
        panel = self.panel
        keys = [entry_key(row) for row in panel.selected_entries()]
        places = [panel.row_of(key) for key in keys]
        if keys and panel.list_id is not None:
            self._move(panel.list_id, keys, max(0, min(places) - 1) if step < 0 else max(places) + 2)

    def set_hidden(self, media: Sequence[Media], hidden: bool) -> None:
        """Hide media in the lists of this profile, or show them again; undoable."""
        before = self._reader.view.hidden if self._reader.view else frozenset()
        media = [each for each in media if (each.id in before) != hidden]
        if not media:
            return
        self._flag(media, hidden, lists.set_hidden, ("Hide", "Show"))
        if hidden:
            self._notices.tell(f"{_name(media)}: hidden. Show hidden brings back what is.", action=self._take_back)

    def set_disabled(self, media: Sequence[Media], disabled: bool) -> None:
        """Keep media out of the training of this profile, or let them in again; undoable."""
        before = self._reader.view.disabled if self._reader.view else frozenset()
        media = [each for each in media if (each.id in before) != disabled]
        if not media:
            return
        self._flag(media, disabled, lists.set_disabled, ("Not for training:", "For training again:"))
        if disabled:
            self._notices.tell(f"{_name(media)}: nothing is learned from it.", action=self._take_back)

    def toggle_hidden(self) -> None:
        media, view = self.chosen_media(), self._reader.view
        if media and view:
            self.set_hidden(media, not all(each.id in view.hidden for each in media))

    def toggle_disabled(self) -> None:
        media, view = self.chosen_media(), self._reader.view
        if media and view:
            self.set_disabled(media, not all(each.id in view.disabled for each in media))

    # -- separators ---------------------------------------------------------------------------------------------------

    def ask_for_separator(self) -> None:
        """Ask for a heading and put a line above the chosen row; undoable."""
        panel = self.panel
        if panel.list_id is None:
            return
        rows = panel.selected_entries()
        index = panel.row_of(entry_key(rows[0])) if rows else panel.row_count

        def entered(text: str) -> None:
            made = self._made(partial(lists.add_separator, self._db, panel.list_id, text, index))
            if made:
                key = [entry_key(made)]
                self._push(
                    "Add separator",
                    partial(lists.put_back, self._db, panel.list_id, key),
                    partial(lists.take_out, self._db, panel.list_id, key),
                )

        self._ask_heading("Add separator", "", "Add", entered)

    def rename_separator(self, line: Separator) -> None:
        """Ask for another heading; undoable."""

        def entered(text: str) -> None:
            if text != line.text:
                self._push(
                    "Rename separator",
                    partial(lists.rename_separator, self._db, line.id, text),
                    partial(lists.rename_separator, self._db, line.id, line.text),
                )

        self._ask_heading("Separator", line.text, "Rename", entered)

    # -- files --------------------------------------------------------------------------------------------------------

    def reveal(self) -> None:
        """Show the first chosen file's folder in the file manager."""
        for media in self.chosen_media()[:1]:
            if not open_folder(Path(media.path).parent):
                self._notices.tell(f"No file manager could open the folder of {media.name}.", "warning")

    def copy_name(self) -> None:
        """The names of the chosen media to the clipboard, one a line."""
        media = self.chosen_media()
        if media:
            QApplication.clipboard().setText("\n".join(each.name for each in media))
            self._notices.tell(f"Copied “{media[0].name}”." if len(media) == 1 else f"Copied {len(media)} names.")

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def _take_back(self) -> tuple[str, object]:
        return ("Undo", self._undo.undo)

    def _drop(self, panel: MediaListPanel, from_list: int, keys: list[EntryKey], index: int) -> None:
        """Rows were let go over a list: of its own they move, of another one they come too."""
        if from_list == panel.list_id:
            self._move(from_list, keys, index)
            return
        list_id, media_ids = panel.list_id, [number for kind, number in keys if kind == "media"]
        if list_id is None or not media_ids:
            return
        new: list[EntryKey] = []

        def forward() -> Changes:
            new[:] = lists.add_media(self._db, list_id, media_ids, index)
            return lists.LISTS

        files = count_text(len(media_ids), "file")
        self._push(f"Add {files} to the list", forward, lambda: lists.take_out(self._db, list_id, tuple(new)))
        if not new:
            self._notices.tell("That list has them already.")

    def _move(self, list_id: int, keys: Sequence[EntryKey], index: int) -> None:
        before: dict[EntryKey, int] = {}

        def forward() -> Changes:
            before.clear()
            before.update(lists.move_rows(self._db, list_id, keys, index))
            return lists.LISTS

        rows = "row" if len(keys) == 1 else f"{len(keys)} rows"
        self._push(f"Move {rows}", forward, lambda: lists.set_places(self._db, list_id, before))

    def _flag(self, media: Sequence[Media], value: bool, operation, words: tuple[str, str]) -> None:
        profile, ids = self._session.profile, [each.id for each in media]
        self._push(
            f"{words[0] if value else words[1]} {_name(media)}",
            partial(operation, self._db, profile, ids, value),
            partial(operation, self._db, profile, ids, not value),
        )

    def _push(self, text: str, forward: Operation, backward: Operation) -> None:
        self._undo.push(Command(text, forward, backward, self._session.publish, self._notices.complain))

    def _made(self, operation) -> Separator | None:
        try:
            return operation()
        except EightCutError as error:
            self._notices.complain(error)
            return None

    def _ask_heading(self, title: str, text: str, yes: str, entered) -> None:
        prompt = Prompt(self._pane.window(), title, "Heading (may be empty)", text, yes, may_be_empty=True)
        prompt.entered.connect(entered)
        prompt.open()

    def _show_menu(self, panel: MediaListPanel, entry: Entry | None, position: QPoint) -> None:
        menu = QMenu(panel)
        media, view = [row for row in panel.selected_entries() if isinstance(row, Media)], self._reader.view
        if isinstance(entry, Media):
            menu.addAction("Open", partial(self._media.open, entry))
            menu.addSeparator()
            menu.addAction("Copy name" if len(media) < 2 else "Copy names", self.copy_name)
            menu.addAction("Reveal in folder", self.reveal)
            menu.addSeparator()
            hidden = view is not None and all(each.id in view.hidden for each in media)
            disabled = view is not None and all(each.id in view.disabled for each in media)
            menu.addAction("Show again" if hidden else "Hide", partial(self.set_hidden, media, not hidden))
            menu.addAction(
                "Use for training" if disabled else "Keep out of training",
                partial(self.set_disabled, media, not disabled),
            )
        elif isinstance(entry, Separator):
            menu.addAction("Rename…", partial(self.rename_separator, entry))
        menu.addAction("Add separator above…" if entry else "Add separator…", self.ask_for_separator)
        if entry is not None:
            menu.addSeparator()
            menu.addAction("Remove from list", self.remove)
        if isinstance(entry, Media):
            for text, act in self.extra_menu_entries:
                menu.addAction(text, partial(act, media))
        menu.popup(position)
        menu.aboutToHide.connect(menu.deleteLater)


def _name(rows: Sequence[Entry]) -> str:
    """What is told of these rows."""
    if len(rows) == 1:
        return rows[0].name if isinstance(rows[0], Media) else "the separator"
    return f"{len(rows)} files" if all(isinstance(row, Media) for row in rows) else f"{len(rows)} rows"
