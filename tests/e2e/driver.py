"""Hands and eyes for a test: opens the program, presses keys, waits for what should come of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.paths import data_paths
from ui import settings as keys
from ui import theme
from ui.app import Program, make_application
from ui.jobs.job import State
from ui.main_window.open_history import open_history
from ui.settings import Settings

LONGEST_MS = 90_000


class Driver:
    """One run of the program in this process."""

    def __init__(self, qtbot: QtBot, app: QApplication, data: Path, media: list[str]) -> None:
        self._qtbot = qtbot
        self._app = app
        self._closed = False
        make_application([])
        self.paths = data_paths(data).prepare()
        settings = Settings(self.paths.settings)
        # The questions before an export have tests of their own; everywhere else E exports.
        settings.set(keys.FOLDER_CHECK, False)
        settings.set(keys.OVERLAP_PERCENT, 0)
        theme.apply(app, theme.theme_named(settings.get(keys.THEME)))
        self.program = Program(open_history(self.paths), self.paths, settings)
        self.window = self.program.window
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.program.start(media)

    @property
    def state(self):
        return self.program.state

    @property
    def player(self):
        return self.program.player

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is, as the person at the keyboard would."""
        target = self._app.focusWidget() or self.window
        QTest.keyClick(target, key, modifiers)

    def until(self, condition: Callable[[], bool], timeout_ms: int = LONGEST_MS) -> None:
        """Let the program run until this holds; fails after a minute and a half unless told otherwise."""
        self._qtbot.waitUntil(condition, timeout=timeout_ms)

    def until_open(self, name: str) -> None:
        """Until this media is open with everything known about it and the picture standing at the cursor."""
        state = self.state
        self.until(lambda: state.media is not None and state.media.name == name and state.info is not None)
        self.until(lambda: state.info.video is None or state.times is not None)
        self.until(lambda: self.player.is_open and not self.player.seeking)

    def until_idle(self) -> None:
        """Until nothing waits or runs."""
        self.until(lambda: not self.program.runner.active)

    def until_exported(self, batches: int) -> None:
        """Until this many batches of the open media are on its timeline and nothing is left to do."""
        self.until(lambda: len(self.program.controllers.timeline.markers) >= batches)
        self.until_idle()

    def failed_jobs(self) -> list[str]:
        return [str(job.error) for job in self.program.runner.jobs if job.state is State.FAILED]

    def messages(self) -> list[str]:
        """What is on the toasts right now."""
        from ui.widgets.toast import ToastCard

        return [card.message.text() for card in self.window.findChildren(ToastCard) if card.isVisible()]

    def choose_folder(self, folder: Path) -> None:
        """Fill in the export folder as a person would have."""
        self.window.deck.folder.setText(str(folder))

    def picture(self) -> QImage:
        """The whole window as it is on screen."""
        return self.window.grab().toImage()

    def close(self) -> None:
        """Close the window as its close button does, and free everything. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.window.close()
        self.program.shut_down()
        self.window.deleteLater()
        self.program.deleteLater()
        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
