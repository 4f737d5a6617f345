"""The lists, profiles and subprofiles of the window: built, wired, and bound to their commands."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QObject

from ui import settings as keys
from ui.action_table import SUBPROFILES, Act
from ui.main_window.cutting_state import CuttingState
from ui.main_window.export_controller import ExportController
from ui.main_window.figures_controller import FiguresController
from ui.main_window.list_controller import ListController
from ui.main_window.list_reader import ListReader
from ui.main_window.media_controller import MediaController
from ui.main_window.profile_controller import ProfileController
from ui.main_window.relink_controller import RelinkController
from ui.main_window.subprofile_controller import SubprofileController
from ui.main_window.tab_controller import TabController
from ui.main_window.window import MainWindow
from ui.services import Services


class Library(QObject):
    """Everything about which media there are and whose they are."""

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        state: CuttingState,
        media: MediaController,
        export: ExportController,
    ) -> None:
        super().__init__(window)
        pane, notices = window.lists_pane, window.notices
        self._window, self._settings = window, services.settings
        self.reader = ListReader(services, pane, window.media_model, window.pinned_model, notices)
        media.show_in(self.reader, window.media_panel, window.stage, window.timeline)
        window.pinned_panel.open_requested.connect(lambda chosen: media.open(chosen))
        self.rows = ListController(services, state, media, self.reader, pane, notices)
        self.tabs = TabController(services, self.reader, pane, window.deck, notices)
        self.relink = RelinkController(services, window, self.reader, self.rows, media, state)
        self.profiles = ProfileController(services, window, media)
        self.figures = FiguresController(services, window, self.reader)
        self.subprofiles = SubprofileController(services, window, export)
        self._bind()
        self._bind_what_is_seen()

    def _bind(self) -> None:
        rows, tabs, relink = self.rows, self.tabs, self.relink
        for act, handler in {
            Act.REMOVE_FROM_LIST: rows.remove,
            Act.REVEAL: rows.reveal,
            Act.COPY_NAME: rows.copy_name,
            Act.NEW_LIST: tabs.ask_for_new,
            Act.RENAME_LIST: tabs.rename,
            Act.DUPLICATE_LIST: tabs.duplicate,
            Act.CLOSE_LIST: tabs.close,
            Act.NEXT_LIST: partial(tabs.step, 1),
            Act.PREVIOUS_LIST: partial(tabs.step, -1),
            Act.PIN_LIST: tabs.pin,
            Act.LIST_FOLDER: tabs.choose_folder,
            Act.ADD_SEPARATOR: rows.ask_for_separator,
            Act.ROWS_UP: partial(rows.move_by, -1),
            Act.ROWS_DOWN: partial(rows.move_by, 1),
            Act.HIDE_FILES: rows.toggle_hidden,
            Act.DISABLE_FILES: rows.toggle_disabled,
            Act.RELINK: relink.relink,
            Act.FIND_MISSING: relink.find_missing,
            Act.TRASH_FILES: relink.discard,
            Act.FILTER_LIST: self._window.media_panel.focus_filter,
            Act.PROFILES: self.profiles.manage,
            Act.SUBPROFILES: self.subprofiles.manage,
        }.items():
            self._window.actions_table.connect(act, handler)
        for key, act in enumerate(SUBPROFILES, start=1):
            self._window.actions_table.connect(act, partial(self.subprofiles.export_to, key))
        self.reader.view_changed.connect(self._show_pin)

    def _bind_what_is_seen(self) -> None:
        """Hide exported and Show hidden hold for every list and are remembered."""
        actions, panels = self._window.actions_table, (self._window.media_panel, self._window.pinned_panel)
        for act, key, method in (
            (Act.HIDE_EXPORTED, keys.HIDE_EXPORTED, "set_hide_exported"),
            (Act.SHOW_HIDDEN, keys.SHOW_HIDDEN, "set_show_hidden"),
        ):
            action = actions[act]

            def show(action=action, key=key, method=method) -> None:
                self._settings.set(key, action.isChecked())
                for panel in panels:
                    getattr(panel, method)(action.isChecked())

            action.setChecked(self._settings.get(key))
            actions.connect(act, show)
            show()
        for panel in panels:
            panel.offer_options(actions[Act.HIDE_EXPORTED], actions[Act.SHOW_HIDDEN])

    def _show_pin(self) -> None:
        view = self.reader.view
        self._window.actions_table[Act.PIN_LIST].setChecked(view.pinned is not None and view.pinned == view.shown)
