"""The tabs of lists: open, make, rename, copy, close, pin, put in order, and where the clips of each list go."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QObject, QPoint, QTimer
from PyQt6.QtWidgets import QFileDialog, QMenu

from core.domain.media_list import MediaList, free_name
from core.errors import EightCutError
from core.ops import lists
from ui.commands.command import Command, Operation
from ui.dialogs.prompt import Prompt
from ui.jobs.runner import Lane
from ui.main_window.export_deck import ExportDeck
from ui.main_window.list_reader import ListReader
from ui.main_window.lists_pane import ListsPane
from ui.main_window.notices import Notices
from ui.services import Services

STORE_FOLDER_AFTER_MS = 400


class TabController(QObject):
    """Acts on the open list unless told of another one. The deck's folder is that of the open list."""

    def __init__(
        self, services: Services, reader: ListReader, pane: ListsPane, deck: ExportDeck, notices: Notices
    ) -> None:
        super().__init__(pane)
        self._db = services.db
        self._session = services.session
        self._runner = services.runner
        self._reader = reader
        self._pane = pane
        self._deck = deck
        self._undo = services.undo
        self._notices = notices
        self._folder_of: int | None = None
        self._store = QTimer(self)
        self._store.setSingleShot(True)
        self._store.setInterval(STORE_FOLDER_AFTER_MS)
        self._store.timeout.connect(self.store_folder)
        pane.chosen.connect(self.open)
        pane.reordered.connect(self._reorder)
        pane.rename_requested.connect(self.rename)
        pane.menu_requested.connect(self._show_menu)
        pane.unpin_requested.connect(self.unpin)
        deck.folder.textChanged.connect(lambda _: self._store.start())
        reader.view_changed.connect(self._show_folder)

    # -- the open list ------------------------------------------------------------------------------------------------

    def open(self, list_id: int) -> None:
        """Show another list."""
        if list_id != self._reader.open_list:
            self.store_folder()
            self._do(partial(lists.show, self._db, self._session.profile, list_id))

    def step(self, by: int) -> None:
        """Open the list so many tabs on, round the end."""
        order = self._pane.order
        if len(order) > 1 and self._pane.open_list in order:
            self.open(order[(order.index(self._pane.open_list) + by) % len(order)])

    # -- tabs ---------------------------------------------------------------------------------------------------------

    def ask_for_new(self) -> None:
        """Ask for a name and make a list of it."""
        name = free_name("List", [tab.name for tab in self._tabs])
        prompt = Prompt(self._pane.window(), "New list", "Name of the list", name, "Make list")
        prompt.entered.connect(self.new)
        prompt.open()

    def new(self, name: str) -> None:
        """Make a list and open it; undoable."""
        before = self._reader.open_list
        made = self._made(partial(lists.create, self._db, self._session.profile, name))
        if made:
            self._push(f"New list {made.name}", self._come(made.id), self._go(made.id, before))

    def duplicate(self, list_id: int | None = None) -> None:
        """A copy of a list, opened; undoable."""
        list_id = self._target(list_id)
        before = self._reader.open_list
        made = self._made(partial(lists.duplicate, self._db, list_id)) if list_id is not None else None
        if made:
            self._push(f"Duplicate {made.name}", self._come(made.id), self._go(made.id, before))

    def close(self, list_id: int | None = None) -> None:
        """Take a list away; undoable."""
        tab = self._tab(self._target(list_id))
        if tab is None:
            return
        if len(self._tabs) == 1:
            self._notices.tell("The last list stays. Make another one first.")
            return
        before, order = self._reader.open_list, self._pane.order
        place = order.index(tab.id)
        after = before if before != tab.id else order[place + 1] if place + 1 < len(order) else order[place - 1]
        back = self._come(tab.id) if before == tab.id else partial(lists.reopen, self._db, tab.id)
        self._push(f"Close {tab.name}", self._go(tab.id, after), back)
        self._notices.tell(f"{tab.name} is closed; its files stay.", action=("Undo", self._undo.undo))

    def rename(self, list_id: int | None = None) -> None:
        """Ask for another name; undoable."""
        tab = self._tab(self._target(list_id))
        if tab is None:
            return

        def entered(name: str) -> None:
            if name != tab.name:
                self._push(
                    f"Rename {tab.name}",
                    partial(lists.rename, self._db, tab.id, name),
                    partial(lists.rename, self._db, tab.id, tab.name),
                )

        prompt = Prompt(self._pane.window(), "Rename list", "Name of the list", tab.name, "Rename")
        prompt.entered.connect(entered)
        prompt.open()

    def pin(self, list_id: int | None = None) -> None:
        """Pin a list beside the others, or take the pin away when it has it."""
        list_id = self._target(list_id)
        pinned = self._reader.view.pinned if self._reader.view else None
        wanted = None if list_id == pinned else list_id
        self._do(partial(lists.pin, self._db, self._session.profile, wanted))
        if wanted is not None and wanted == self._reader.open_list:
            self._notices.tell("Pinned. Open another list, and this one stays beside it.")

    def unpin(self) -> None:
        """No list is pinned any more."""
        self._do(partial(lists.pin, self._db, self._session.profile, None))

    def choose_folder(self, list_id: int | None = None) -> None:
        """Ask where the clips of a list go; undoable."""
        tab = self._tab(self._target(list_id))
        if tab is None:
            return
        start = tab.folder or self._deck.folder.text().strip()
        chosen = QFileDialog.getExistingDirectory(self._pane.window(), f"Export folder of {tab.name}", start)
        if chosen:
            self._push(
                f"Export folder of {tab.name}",
                partial(self._set_folder, tab.id, chosen),
                partial(self._set_folder, tab.id, tab.folder),
            )

    # -- the folder of the deck ---------------------------------------------------------------------------------------

    def store_folder(self) -> None:
        """Remember what was filled in for the open list."""
        self._store.stop()
        tab, folder = self._tab(self._folder_of), self._deck.folder.text().strip()
        if tab and folder != tab.folder and not self._db.read_only:
            self._runner.submit(
                Lane.DB,
                "Remember the folder of the list",
                lambda _: lists.set_folder(self._db, tab.id, folder),
                on_done=self._session.publish,
                on_failed=self._notices.complain,
                quiet=True,
            )

    def flush(self) -> None:
        """Store at once what waits to be stored; for the end of the program."""
        tab, folder = self._tab(self._folder_of), self._deck.folder.text().strip()
        if self._store.isActive() and tab and not self._db.read_only:
            self._store.stop()
            lists.set_folder(self._db, tab.id, folder)

    def _show_folder(self) -> None:
        """The open list's folder goes into the deck; a list without one takes what is filled in when that changes."""
        opened = self._reader.open_list
        if opened == self._folder_of:
            return
        if self._store.isActive():
            self.store_folder()
        self._folder_of = opened
        tab = self._tab(opened)
        if tab and tab.folder:
            self._deck.folder.setText(tab.folder)
        self._store.stop()

    def _set_folder(self, list_id: int, folder: str):
        changes = lists.set_folder(self._db, list_id, folder)
        if list_id == self._folder_of and folder:
            self._deck.folder.setText(folder)
            self._store.stop()
        return changes

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def _tabs(self) -> tuple[MediaList, ...]:
        return self._reader.view.tabs if self._reader.view else ()

    def _tab(self, list_id: int | None) -> MediaList | None:
        return next((tab for tab in self._tabs if tab.id == list_id), None)

    def _target(self, list_id: int | None) -> int | None:
        return self._reader.open_list if list_id is None else list_id

    def _come(self, list_id: int) -> Operation:
        """The list is there and open."""
        profile = self._session.profile
        return lambda: lists.reopen(self._db, list_id) | lists.show(self._db, profile, list_id)

    def _go(self, list_id: int, then_open: int | None) -> Operation:
        """The list is gone and another one open."""
        profile = self._session.profile

        def go():
            changes = lists.close(self._db, profile, list_id)
            return changes | lists.show(self._db, profile, then_open) if then_open is not None else changes

        return go

    def _reorder(self, order: list[int]) -> None:
        before = [tab.id for tab in self._tabs]
        if order != before:
            self._push(
                "Move tab",
                partial(lists.set_tab_order, self._db, order),
                partial(lists.set_tab_order, self._db, before),
            )

    def _made(self, operation) -> MediaList | None:
        try:
            return operation()
        except EightCutError as error:
            self._notices.complain(error)
            return None

    def _do(self, operation: Operation) -> None:
        """Something that is not worth an undo."""
        try:
            self._session.publish(operation())
        except EightCutError as error:
            self._notices.complain(error)

    def _push(self, text: str, forward: Operation, backward: Operation) -> None:
        self._undo.push(Command(text, forward, backward, self._session.publish, self._notices.complain))

    def _show_menu(self, list_id: int, position: QPoint) -> None:
        pinned = self._reader.view.pinned if self._reader.view else None
        menu = QMenu(self._pane)
        menu.addAction("Rename…", partial(self.rename, list_id))
        menu.addAction("Duplicate", partial(self.duplicate, list_id))
        menu.addAction("Unpin" if list_id == pinned else "Pin beside", partial(self.pin, list_id))
        menu.addAction("Export folder…", partial(self.choose_folder, list_id))
        menu.addSeparator()
        menu.addAction("Close list", partial(self.close, list_id))
        menu.popup(position)
        menu.aboutToHide.connect(menu.deleteLater)
