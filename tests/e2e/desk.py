"""One window for many tests: two videos, an exported batch, subprofiles on all nine keys; put in order before each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QDesktopServices, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from core.domain.subprofile import Subprofile
from core.ops import profiles
from tests.e2e.driver import Driver
from tests.file_manager import Opened
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.action_table import ActionSpec

FIRST, SECOND = "first.mp4", "second.mp4"
CURSOR_S, MARKER_S = 2.0, 4.0
LONGEST_MS = 30_000


class Desk(Driver):
    """The program at work. `prepare` puts back whatever a test has moved."""

    def __init__(self, qtbot: QtBot, app: QApplication, media: MediaShelf, folder: Path) -> None:
        self.folder, self.out = folder, folder / "Barks"
        for kind, name in (("gop250_25", FIRST), ("tiny", SECOND)):
            shutil.copy(media(kind), folder / name)
        super().__init__(qtbot, app, folder / "data", [str(folder / FIRST), str(folder / SECOND)])
        self.opened = Opened()
        self.until_open(FIRST)
        self.until(lambda: self.window.media_model.rowCount() == 2)
        # Questions before an export are tested elsewhere.
        self.program.settings.set(keys.FOLDER_CHECK, False)
        self.program.settings.set(keys.OVERLAP_PERCENT, 0)
        self.choose_folder(self.out)
        self.window.deck.resize_px.setValue(120)
        for key in range(1, 10):
            profiles.add_subprofile(self.program.db, "default", Subprofile(0, f"sub{key}", key=key, suffix=f"sub{key}"))
        self.program.library.subprofiles.refresh()
        self.prepare()
        self.go(MARKER_S)
        self.program.controllers.export.export()
        self.until_exported(1)

    # -- putting in order ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """The first video at two seconds, paused, with a batch of two short clips, nothing open over the window."""
        QDesktopServices.setUrlHandler("file", self.opened.open)
        self.close_dialogs()
        self.program.runner.cancel_all()
        self.until_idle()
        self.window.set_full_screen(False)
        self.program.controllers.export.overwrite.disarm()
        settings = self.program.settings
        for setting in (keys.LOOP_ENDS, keys.SPEED, keys.VOLUME, keys.MUTED, keys.THEME, keys.DECK_SHOWN):
            settings.reset(setting)
        self.program.controllers.playback.shuttle(0)
        self.state.set_locked(False)
        if self.state.media is None or self.state.media.name != FIRST:
            self.open(FIRST)
        self.until_open(FIRST)
        self.state.shape_batch(clips=2, spread_s=1.0, duration_s=2.0)
        self.window.timeline.zoom_reset()
        self.window.notices.dismiss()
        self.go(CURSOR_S)
        self.focus()

    def open(self, name: str) -> None:
        self.program.controllers.media.open(next(each for each in self.window.media_model.media if each.name == name))

    def go(self, time_s: float) -> None:
        """Cursor and picture to this time."""
        self.program.controllers.playback.move_cursor(time_s)
        self.until(lambda: not self.player.seeking)

    def look(self, time_s: float) -> None:
        """Only the picture goes there."""
        self.player.seek(time_s)
        self.until(lambda: not self.player.seeking)

    def focus(self) -> None:
        self.window.activateWindow()
        self.window.timeline.setFocus()
        self.until(lambda: self._app.focusWidget() is self.window.timeline)

    def close_dialogs(self) -> None:
        for popup in iter(self._app.activePopupWidget, None):
            popup.close()
        for dialog in self.dialogs():
            dialog.close()
        self.until(lambda: not self.dialogs())

    # -- pressing -----------------------------------------------------------------------------------------------------

    def press_key(self, key: str) -> None:
        """A key as the table spells it, through the window system's entry to Qt."""
        combination = QKeySequence(key)[0]
        QTest.keyClick(self.window.windowHandle(), combination.key(), combination.keyboardModifiers())

    def call(self, spec: ActionSpec, key: str) -> None:
        """Press the key, or choose the command in its menu when it has none."""
        if key:
            self.press_key(key)
        else:
            self.window.actions_table[spec.id].trigger()

    # -- looking ------------------------------------------------------------------------------------------------------

    def dialogs(self) -> list[QWidget]:
        """Everything open over the window, the newest last."""
        return [
            each
            for each in QApplication.topLevelWidgets()
            if each.isVisible() and each is not self.window and isinstance(each, QDialog)
        ]

    def dialog_named(self, title: str) -> bool:
        return any(each.windowTitle() == title for each in self.dialogs())

    @contextmanager
    def modal(self) -> Iterator[list[str]]:
        """Turns down the dialogs that wait for an answer while they are open; gives their titles."""
        seen: list[str] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is not None:
                seen.append(dialog.windowTitle())
                dialog.close()

        timer = QTimer()
        timer.setInterval(20)
        timer.timeout.connect(look)
        timer.start()
        yield seen
        timer.stop()

    def later(self, act: Callable[[], object]) -> None:
        """As soon as the events that are under way are done: for what holds the program until it is closed."""
        QTimer.singleShot(0, act)

    def said(self, part: str) -> bool:
        """Whether this is on a passing message right now."""
        return any(part in message for message in self.messages())

    @property
    def markers(self) -> tuple:
        return self.program.controllers.timeline.markers

    def put_away(self) -> None:
        QDesktopServices.unsetUrlHandler("file")
        self.close_dialogs()
        self.close()


Effect = Callable[[Desk, Callable[[], None]], None]
"""Arranges what a command needs, presses its key by calling the second one, and asserts what must come of it."""

__all__ = ["CURSOR_S", "FIRST", "MARKER_S", "SECOND", "Desk", "Effect"]
