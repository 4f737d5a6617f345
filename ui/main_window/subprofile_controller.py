"""Subprofiles: kept in step with the keys 1 to 9, exported to, and managed."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QObject, Qt

from core.changes import Changes, Kind
from core.domain.subprofile import Subprofile
from core.errors import EightCutError
from core.ops import profiles
from ui.action_table import SUBPROFILES
from ui.commands.command import Command
from ui.main_window.export_controller import ExportController
from ui.main_window.notices import Notices
from ui.main_window.subprofiles_dialog import SubprofilesDialog
from ui.main_window.window import MainWindow
from ui.services import Services


class SubprofileController(QObject):
    """Says on each key's command where it exports to."""

    def __init__(self, services: Services, window: MainWindow, export: ExportController) -> None:
        super().__init__(window)
        self._db = services.db
        self._session = services.session
        self._window = window
        self._export = export
        self._undo = services.undo
        self._notices: Notices = window.notices
        self._all: list[Subprofile] = []
        self.dialog: SubprofilesDialog | None = None
        services.bridge.changed.connect(self._follow)
        services.bridge.focus_changed.connect(self.refresh)
        self.refresh()

    def export_to(self, key: int) -> None:
        """Cut the pending batch to the subprofile of this key."""
        found = next((each for each in self._all if each.key == key), None)
        if found is None:
            self._notices.tell(
                f"No subprofile of {self._session.profile} has the key {key}.", "warning", ("Manage…", self.manage)
            )
            return
        self._export.export(subprofile=found)

    def manage(self) -> None:
        """Show the profile's subprofiles."""
        dialog = SubprofilesDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self.save)
        dialog.delete_requested.connect(self.delete)
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        self.refresh()
        dialog.open()

    def save(self, subprofile: Subprofile) -> None:
        """Store a new one or another version of one; undoable."""
        profile = self._session.profile
        if subprofile.id:
            before = next(each for each in self._all if each.id == subprofile.id)
            if before != subprofile:
                self._push(
                    f"Change {before.name}",
                    partial(profiles.change_subprofile, self._db, profile, subprofile),
                    partial(profiles.change_subprofile, self._db, profile, before),
                )
            return
        try:
            made = profiles.add_subprofile(self._db, profile, subprofile)
        except EightCutError as error:
            self._notices.complain(error)
            return
        self._push(
            f"New subprofile {made.name}",
            partial(profiles.restore_subprofile, self._db, profile, made),
            partial(profiles.delete_subprofile, self._db, made.id),
        )
        if self.dialog:
            self.dialog.select(made.id)

    def delete(self, subprofile: Subprofile) -> None:
        """Take one away; undoable. What was exported to it stays."""
        profile = self._session.profile
        self._push(
            f"Delete subprofile {subprofile.name}",
            partial(profiles.delete_subprofile, self._db, subprofile.id),
            partial(profiles.restore_subprofile, self._db, profile, subprofile),
        )
        self._notices.tell(f"{subprofile.name} is deleted; its clips stay.", action=("Undo", self._undo.undo))

    def refresh(self) -> None:
        """Read the profile's subprofiles and show them."""
        self._all = profiles.subprofiles(self._db, self._session.profile)
        by_key = {each.key: each for each in self._all}
        for key, act in enumerate(SUBPROFILES, start=1):
            found = by_key.get(key)
            name = found.name.replace("&", "&&") if found else ""
            text = f"Export to “{name}” (&{key})" if found else f"No subprofile &{key}"
            self._window.actions_table[act].setText(text)
        if self.dialog:
            self.dialog.show_subprofiles(self._all, self._session.profile)

    def _push(self, text: str, forward, backward) -> None:
        self._undo.push(Command(text, forward, backward, self._session.publish, self._notices.complain))

    def _follow(self, changes: Changes) -> None:
        if changes.touches(Kind.PROFILES):
            self.refresh()

    def _forget_dialog(self) -> None:
        self.dialog = None
