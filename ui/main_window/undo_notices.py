"""Says what Undo and Redo did where nobody looks: in a file or a profile that is not open."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QUndoCommand

from core.domain.media import Media
from core.session import Session
from ui.commands.command import About
from ui.commands.history import EditHistory
from ui.main_window.notices import Notices


class UndoNotices(QObject):
    """What was undone in the open file shows itself; of anything else a message tells, and offers to go there."""

    def __init__(
        self,
        history: EditHistory,
        session: Session,
        notices: Notices,
        open_media: Callable[[Media], None],
        switch_profile: Callable[[str], None],
    ) -> None:
        super().__init__(history)
        self._session = session
        self._notices = notices
        self._open_media = open_media
        self._switch_profile = switch_profile
        history.undone.connect(lambda command: self._tell("Undone", command))
        history.redone.connect(lambda command: self._tell("Done again", command))

    def _tell(self, verb: str, command: QUndoCommand) -> None:
        about: About | None = getattr(command, "about", None)
        if about is None:
            return
        if about.profile != self._session.profile:
            there = f"in {about.media.name}, profile {about.profile}"
            go = (f"Switch to {about.profile}", lambda: self._switch_profile(about.profile))
        elif about.media != self._session.media:
            there = f"in {about.media.name}, which is not open"
            go = ("Open it", lambda: self._open_media(about.media))
        else:
            return
        self._notices.tell(f"{verb} {there}: {command.text()}.", action=go)
