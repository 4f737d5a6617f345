"""Profiles: switch, make, rename, copy and delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QUndoCommand

from core.changes import Changes, Kind
from core.domain.amounts import size_text
from core.domain.media_list import free_name
from core.domain.profile import ProfileSummary
from core.domain.trash import DeletePreview
from core.errors import EightCutError
from core.ops import profiles
from ui import settings as keys
from ui.commands.command import Command, Operation
from ui.dialogs.messages import MessageDialog
from ui.dialogs.prompt import Prompt
from ui.jobs.runner import Lane
from ui.main_window.media_controller import MediaController
from ui.main_window.notices import Notices
from ui.main_window.profiles_dialog import ProfilesDialog
from ui.main_window.window import MainWindow
from ui.services import Services


class ProfileController(QObject):
    """The one place that switches profiles: what belongs to the old one is stored and closed first."""

    def __init__(self, services: Services, window: MainWindow, media: MediaController) -> None:
        super().__init__(window)
        self._db = services.db
        self._trash = services.paths.trash
        self._session = services.session
        self._runner = services.runner
        self._settings = services.settings
        self._window = window
        self._media = media
        self._undo = services.undo
        self._notices: Notices = window.notices
        self.dialog: ProfilesDialog | None = None
        window.profile_chosen.connect(self.switch)
        services.bridge.changed.connect(self._follow)

    def switch(self, name: str) -> None:
        """Work in another profile: its lists, its place, its markers. What was undoable is not any more."""
        if name != self._session.profile:
            self._media.remember_position()
            self._media.close()
            self._enter(name)
            self._undo.clear()
            self._media.refresh_list(then=self._media.resume)

    def manage(self) -> None:
        """Show all profiles."""
        dialog = ProfilesDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.switch_requested.connect(lambda profile: self.switch(profile.name))
        dialog.new_requested.connect(self.ask_for_new)
        dialog.rename_requested.connect(self.ask_for_name)
        dialog.duplicate_requested.connect(self.ask_for_copy)
        dialog.delete_requested.connect(self.ask_to_delete)
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        self._refresh_dialog()
        dialog.open()

    # -- make, rename, copy -------------------------------------------------------------------------------------------

    def ask_for_new(self) -> None:
        self._ask("New profile", "Name of the profile", "", "Make profile", self.new)

    def new(self, name: str) -> None:
        """An empty profile; undoable. The person stays where they are."""
        made = self._made(partial(profiles.create, self._db, name))
        if made is not None:
            self._push(f"New profile {name}", partial(profiles.show, self._db, made), self._hiding(made))
            self._notices.tell(f"Profile {name} is there.", "success", ("Work in it", lambda: self.switch(name)))

    def ask_for_name(self, profile: ProfileSummary) -> None:
        self._ask(
            "Rename profile", "Name of the profile", profile.name, "Rename", partial(self.rename, profile.name), profile
        )

    def rename(self, name: str, new_name: str) -> None:
        """Another name; undoable."""
        if name != new_name:
            self._push(f"Rename {name}", self._renaming(name, new_name), self._renaming(new_name, name))

    def ask_for_copy(self, profile: ProfileSummary) -> None:
        name = free_name(profile.name, self._db.profiles.names())
        self._ask(
            "Duplicate profile",
            f"Name of the copy of {profile.name}",
            name,
            "Duplicate",
            partial(self.duplicate, profile.name),
        )

    def duplicate(self, name: str, new_name: str) -> None:
        """A copy of everything in a profile, made in the background; both use the same files. Undoable."""

        def done(made: int) -> None:
            self._push(f"Duplicate {name}", partial(profiles.show, self._db, made), self._hiding(made))
            self._notices.tell(
                f"{new_name} has all of {name}. Both use the same files: one stays while either needs it.",
                "success",
                ("Work in it", lambda: self.switch(new_name)),
            )

        self._runner.submit(
            Lane.DB,
            f"Duplicate {name}",
            lambda _: profiles.duplicate(self._db, name, new_name),
            on_done=done,
            on_failed=self._notices.complain,
        )

    # -- delete -------------------------------------------------------------------------------------------------------

    def ask_to_delete(self, profile: ProfileSummary) -> None:
        """Look at what would go, then ask."""
        self._runner.submit(
            Lane.DB,
            "Look at the profile's files",
            lambda _: profiles.files_preview(self._db, profile.id),
            on_done=partial(self._ask_to_delete, profile),
            on_failed=self._notices.complain,
            quiet=True,
        )

    def _ask_to_delete(self, profile: ProfileSummary, preview: DeletePreview) -> None:
        moving = len(preview.moving)
        shared = sum(bool(clip.stays_for) for clip in preview.clips)
        files = f"{moving} clip files ({size_text(preview.size_bytes)}) are used by no other profile."
        buttons = ("Cancel", "Delete, files to the trash", "Delete, keep the files") if moving else ("Cancel", "Delete")
        dialog = MessageDialog(
            self.dialog or self._window,
            "Delete profile",
            f"Delete {profile.name}?",
            (
                f"Its lists, markers, scans and marks go: {profile.contents}.",
                files if moving else "",
                f"{shared} files stay in any case: another profile uses them." if shared else "",
                "Undo brings it back.",
            ),
            buttons,
            glyph="trash",
            token="warning",
            danger=True,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _: self._answered(profile, bool(moving), dialog.choice))
        dialog.open()

    def _answered(self, profile: ProfileSummary, has_files: bool, choice: int) -> None:
        if choice == 1 and has_files:
            self.delete_with_files(profile)
        elif choice > 0:
            self.delete(profile)

    def delete(self, profile: ProfileSummary) -> None:
        """Delete a profile and keep its files; undoable."""
        was_current = profile.name == self._session.profile
        other = next((name for name in self._db.profiles.names() if name != profile.name), None)

        def forward() -> Changes:
            changes = profiles.hide(self._db, profile.id)
            if was_current:
                self._leave(other)
            return changes

        def backward() -> Changes:
            changes = profiles.show(self._db, profile.id)
            if was_current:
                self._leave(profile.name)
            return changes

        self._push(f"Delete profile {profile.name}", forward, backward)
        self._notices.tell(f"{profile.name} is deleted.", action=("Undo", self._undo.undo))

    def delete_with_files(self, profile: ProfileSummary) -> None:
        """Delete a profile and move what no other one uses to the trash, in the background; undoable."""
        if profile.name == self._session.profile:
            other = next((name for name in self._db.profiles.names() if name != profile.name), None)
            if other is None:
                self._notices.tell("The last profile stays. Make another one first.")
                return
            self.switch(other)

        def done(result: tuple[tuple[int, ...], Changes]) -> None:
            clips, changes = result
            self._session.publish(changes)
            self._undo.push(DeletedProfile(self, profile, clips))
            text = f"{profile.name} is deleted, {len(clips)} clips with it."
            self._notices.tell(text, action=("Undo", self._undo.undo))

        self.move_out(profile, done)

    def move_out(
        self, profile: ProfileSummary, done: Callable[[tuple[tuple[int, ...], Changes]], None] | None = None
    ) -> None:
        """Delete a profile with the files only it uses, in the background."""
        self._runner.submit(
            Lane.DB,
            f"Delete profile {profile.name}",
            lambda ctx: profiles.delete_with_files(self._db, self._trash, profile.id, ctx),
            on_done=done or (lambda result: self._session.publish(result[1])),
            on_failed=self._notices.complain,
        )

    def bring_back(self, profile: ProfileSummary, clips: tuple[int, ...]) -> None:
        """Undo `move_out`."""
        self._runner.submit(
            Lane.DB,
            f"Bring back {profile.name}",
            lambda ctx: profiles.restore_with_files(self._db, self._trash, profile.id, clips, ctx),
            on_done=self._session.publish,
            on_failed=self._notices.complain,
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    def _leave(self, name: str | None) -> None:
        """Work in another profile without forgetting what can be undone."""
        if name is not None:
            self._media.close()
            self._enter(name)

    def _enter(self, name: str) -> None:
        self._session.switch_profile(name)
        self._settings.set(keys.PROFILE, name)
        self._window.show_profiles(self._db.profiles.names(), name)
        self._refresh_dialog()

    def _renaming(self, name: str, new_name: str) -> Operation:
        def rename() -> Changes:
            changes = profiles.rename(self._db, name, new_name)
            if self._session.profile == name:
                self._session.switch_profile(new_name)
                self._settings.set(keys.PROFILE, new_name)
            return changes

        return rename

    def _hiding(self, profile_id: int) -> Operation:
        def hide() -> Changes:
            changes = profiles.hide(self._db, profile_id)
            names = self._db.profiles.names()
            if self._session.profile not in names:
                self._leave(names[0])
            return changes

        return hide

    def _made(self, operation) -> int | None:
        try:
            return operation()
        except EightCutError as error:
            self._notices.complain(error)
            return None

    def _push(self, text: str, forward: Operation, backward: Operation) -> None:
        self._undo.push(Command(text, forward, backward, self._session.publish, self._notices.complain))

    def _ask(self, title: str, caption: str, text: str, yes: str, entered, own: ProfileSummary | None = None) -> None:
        taken = {name.casefold() for name in self._db.profiles.names()} - ({own.name.casefold()} if own else set())
        prompt = Prompt(
            self.dialog or self._window,
            title,
            caption,
            text,
            yes,
            check=lambda name: "There is a profile of this name already." if name.casefold() in taken else "",
        )
        prompt.entered.connect(entered)
        prompt.open()

    def _follow(self, changes: Changes) -> None:
        if changes.touches(Kind.PROFILES):
            self._refresh_dialog()

    def _refresh_dialog(self) -> None:
        if self.dialog:
            self.dialog.show_profiles(profiles.summaries(self._db), self._session.profile)

    def _forget_dialog(self) -> None:
        self.dialog = None


class DeletedProfile(QUndoCommand):
    """A profile that went with its files; it had when the stack gets to know, so the first redo has nothing to do."""

    def __init__(self, controller: ProfileController, profile: ProfileSummary, clips: tuple[int, ...]) -> None:
        super().__init__(f"Delete profile {profile.name}")
        self._controller, self._profile, self._clips = controller, profile, clips
        self._happened = True

    def redo(self) -> None:
        if self._happened:
            self._happened = False
            return
        self._controller.move_out(self._profile)

    def undo(self) -> None:
        self._controller.bring_back(self._profile, self._clips)
