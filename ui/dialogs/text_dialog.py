"""A window with text to read and copy."""

from __future__ import annotations

from PyQt6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ui.theme.icons import icon
from ui.theme.tokens import Space


class TextDialog(QDialog):
    """Read-only text in figures of equal width, a Copy button and Close."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(720, 440)
        self.view = QPlainTextEdit(text)
        self.view.setReadOnly(True)
        self.view.setProperty("mono", True)
        self.view.setAccessibleName(title)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.copy_button = QPushButton(icon("copy"), "Copy")
        self.copy_button.clicked.connect(self.copy)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(Space.S)
        self.buttons.addWidget(self.copy_button)
        self.buttons.addStretch()
        self.buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.view)
        column.addLayout(self.buttons)

    def copy(self) -> None:
        """The whole text to the clipboard."""
        QApplication.clipboard().setText(self.view.toPlainText())
