"""What can be done with a row of the media list."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtGui import QUndoStack
from PyQt6.QtWidgets import QApplication, QMenu

from core.db import ProcessedDB
from core.domain.media import Media
from core.ops import lists
from ui.commands.command import Command
from ui.dialogs.folders import open_folder
from ui.main_window.cutting_state import CuttingState
from ui.main_window.media_controller import MediaController
from ui.main_window.media_list import MediaListPanel
from ui.main_window.media_list_model import MediaListModel
from ui.main_window.notices import Notices
from ui.session_bridge import SessionBridge


class ListController(QObject):
    """Acts on the row under the mouse, or on the selected one, or on what is open."""

    def __init__(
        self,
        db: ProcessedDB,
        bridge: SessionBridge,
        state: CuttingState,
        media: MediaController,
        model: MediaListModel,
        panel: MediaListPanel,
        undo: QUndoStack,
        notices: Notices,
    ) -> None:
        super().__init__(state)
        self._db = db
        self._session = bridge.session
        self._state = state
        self._media = media
        self._model = model
        self._panel = panel
        self._undo = undo
        self._notices = notices
        panel.context_requested.connect(self._show_menu)

    def remove(self, media: Media | None = None) -> None:
        """Take a media off the list, undoably."""
        media = media or self._target()
        index = self._model.row_of(media.id) if media else None
        if index is None:
            return
        profile = self._session.profile
        self._undo.push(
            Command(
                f"Remove {media.name} from the list",
                partial(lists.remove_from_list, self._db, profile, media.id),
                partial(lists.put_in_list, self._db, profile, media.id, index),
                self._session.publish,
                self._notices.complain,
            )
        )
        if self._state.media == media:
            self._media.close()
        self._notices.tell(f"{media.name} is off the list; nothing on disk changed.", action=("Undo", self._undo.undo))

    def reveal(self, media: Media | None = None) -> None:
        """Show the file's folder in the file manager."""
        media = media or self._target()
        if media and not open_folder(Path(media.path).parent):
            self._notices.tell(f"No file manager could open the folder of {media.name}.", "warning")

    def copy_name(self, media: Media | None = None) -> None:
        media = media or self._target()
        if media:
            QApplication.clipboard().setText(media.name)
            self._notices.tell(f"Copied “{media.name}”.")

    def _target(self) -> Media | None:
        return self._panel.selected() or self._state.media

    def _show_menu(self, media: Media, position: QPoint) -> None:
        menu = QMenu(self._panel)
        for text, act in (
            ("Open", self._media.open),
            ("Copy name", self.copy_name),
            ("Reveal in folder", self.reveal),
            ("Remove from list", self.remove),
        ):
            menu.addAction(text, partial(act, media))
        menu.popup(position)
        menu.aboutToHide.connect(menu.deleteLater)
