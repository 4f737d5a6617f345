"""What to do when the history cannot be opened. 8-cut never goes on silently without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QListWidget, QListWidgetItem, QPushButton, QWidget

from core.errors import EightCutError, NewerDataError
from ui.dialogs.messages import MessageDialog
from ui.theme.icons import icon

BACKUP_ROW_PX = 28
MOST_ROWS = 5


class DatabaseAction(Enum):
    """The ways on."""

    RETRY = "retry"
    READ_ONLY = "read only"
    OTHER_FILE = "other file"
    RESTORE = "restore"
    QUIT = "quit"


@dataclass(frozen=True)
class DatabaseChoice:
    """What the person chose; `path` is the other file or the backup."""

    action: DatabaseAction
    path: Path | None = None


class DatabaseDialog(MessageDialog):
    """The three sentences of the error, the backups there are, and the ways on."""

    def __init__(self, parent: QWidget | None, error: EightCutError, backups: Sequence[Path]) -> None:
        super().__init__(
            parent,
            "The history cannot be opened",
            error.what,
            (error.why, error.fix),
            ("Quit", "Try again"),
            glyph="warning",
            token="danger",
        )
        self.setFixedWidth(600)
        self.answer = DatabaseChoice(DatabaseAction.QUIT)
        self.quit_button, self.retry_button = self.buttons
        self.read_only_button = QPushButton("Open read-only")
        self.read_only_button.setToolTip("Look at everything; nothing can be exported")
        self.read_only_button.clicked.connect(lambda: self._answer(DatabaseAction.READ_ONLY))
        # A newer file may mean other things by its tables: reading it could mislead.
        self.read_only_button.setVisible(not isinstance(error, NewerDataError))
        self.other_button = QPushButton(icon("file"), "Another file…")
        self.other_button.clicked.connect(self._choose_file)
        self.restore_button = QPushButton(icon("undo"), "Use this backup", self)
        self.restore_button.setToolTip("The file that cannot be opened is kept beside it")
        self.restore_button.clicked.connect(self._restore)
        for place, button in enumerate((self.read_only_button, self.other_button)):
            button.setAutoDefault(False)
            self.button_row.insertWidget(place, button)
        self.backups = self._backup_list(backups)
        self.restore_button.setAutoDefault(False)
        self.restore_button.setVisible(bool(backups))
        self.column.insertWidget(1, self.backups)
        self.column.insertWidget(2, self.restore_button, 0, Qt.AlignmentFlag.AlignLeft)

    def _pressed(self, index: int) -> None:
        self._answer(DatabaseAction.RETRY if index == 1 else DatabaseAction.QUIT)

    def _answer(self, action: DatabaseAction, path: Path | None = None) -> None:
        self.answer = DatabaseChoice(action, path)
        self.accept()

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a history file", "", "History (*.db);;All files (*)")
        if name:
            self._answer(DatabaseAction.OTHER_FILE, Path(name))

    def _restore(self) -> None:
        item = self.backups.currentItem()
        if item is not None:
            self._answer(DatabaseAction.RESTORE, item.data(Qt.ItemDataRole.UserRole))

    def _backup_list(self, backups: Sequence[Path]) -> QListWidget:
        found = QListWidget(self)
        found.setAccessibleName("Backups")
        for path in backups:
            item = QListWidgetItem(_describe(path))
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(str(path))
            found.addItem(item)
        found.setCurrentRow(0)
        found.setFixedHeight(BACKUP_ROW_PX * min(MOST_ROWS, max(1, len(backups))) + 4)
        found.setVisible(bool(backups))
        return found


def _describe(path: Path) -> str:
    try:
        status = path.stat()
    except OSError as error:
        return f"{path.name} ({error.strerror})"
    when = datetime.fromtimestamp(status.st_mtime).strftime("%Y-%m-%d %H:%M")
    return f"{when}   {status.st_size / 1_000_000:.1f} MB   {path.name}"


def ask_database_problem(parent: QWidget | None, error: EightCutError, backups: Sequence[Path] = ()) -> DatabaseChoice:
    """Ask and wait. `backups` newest first. Closing the window means quit."""
    dialog = DatabaseDialog(parent, error, backups)
    dialog.exec()
    return dialog.answer
