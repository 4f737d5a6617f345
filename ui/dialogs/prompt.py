"""Ask for one line of text without stopping the program."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.theme.tokens import Space

WIDTH_PX = 380


class Prompt(QDialog):
    """A caption, a line and two buttons. Emits `entered` with the text, without spaces at its ends."""

    entered = pyqtSignal(str)

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        caption: str,
        text: str = "",
        yes: str = "OK",
        *,
        check: Callable[[str], str] | None = None,
        may_be_empty: bool = False,
    ) -> None:
        """`check` gets the text and says what is wrong with it, or an empty string."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH_PX)
        self._check, self._may_be_empty = check, may_be_empty
        label = QLabel(caption)
        self.line = QLineEdit(text)
        self.line.selectAll()
        self.line.setAccessibleName(caption)
        label.setBuddy(self.line)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setProperty("tone", "danger")
        self.no_button, self.yes_button = QPushButton("Cancel"), QPushButton(yes)
        self.no_button.setAutoDefault(False)
        self.yes_button.setDefault(True)
        self.yes_button.setProperty("primary", True)
        self.no_button.clicked.connect(self.reject)
        self.yes_button.clicked.connect(self.accept)
        self.line.textChanged.connect(self._look)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch()
        buttons.addWidget(self.no_button)
        buttons.addWidget(self.yes_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addWidget(label)
        column.addWidget(self.line)
        column.addWidget(self.problem)
        column.addSpacing(Space.S)
        column.addLayout(buttons)
        self._look()

    @property
    def text(self) -> str:
        return self.line.text().strip()

    def accept(self) -> None:
        if self.yes_button.isEnabled():
            text = self.text
            super().accept()
            self.entered.emit(text)

    def _look(self) -> None:
        problem = self._check(self.text) if self._check and self.text else ""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.yes_button.setEnabled(not problem and (bool(self.text) or self._may_be_empty))
