"""What a person sees of a mistake in 8-cut: that the app goes on, and a report to send."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import QLabel, QPushButton, QWidget

from ui.dialogs.folders import open_folder
from ui.dialogs.text_dialog import TextDialog
from ui.theme.icons import icon

CALM = (
    "A mistake in 8-cut stopped what you just did. Your files and history are safe, and 8-cut goes on. "
    "Please send this report; nothing is sent by itself."
)


class CrashDialog(TextDialog):
    """The report of one mistake; `count` says how often it happened while the window was open."""

    def __init__(self, headline: str, report: str, log_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("Something went wrong", report, parent)
        self._headline = headline
        self.headline = QLabel(headline)
        self.headline.setProperty("title", True)
        self.headline.setWordWrap(True)
        self.calm = QLabel(CALM)
        self.calm.setWordWrap(True)
        self.folder_button = QPushButton(icon("folder"), "Open log folder")
        self.folder_button.setAutoDefault(False)
        self.folder_button.clicked.connect(lambda _checked=False: open_folder(log_folder))
        self.copy_button.setText("Copy report")
        self.copy_button.setAutoDefault(False)
        self.close_button.setText("Go on")
        self.close_button.setProperty("primary", True)
        self.buttons.insertWidget(1, self.folder_button)
        self.layout().insertWidget(0, self.headline)
        self.layout().insertWidget(1, self.calm)
        self.close_button.setFocus()

    def set_count(self, count: int) -> None:
        """Say how often it happened."""
        self.headline.setText(self._headline + (f" ({count} times)" if count > 1 else ""))
