"""A form with a title above it and two buttons below it."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.theme import Space


class FormPage(QWidget):
    """Emits `accepted` or `left`; the form's `edited` and `complaint` decide whether it can be accepted."""

    accepted = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, title: str, form: QWidget, yes: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = form
        self.title = QLabel(title)
        self.title.setProperty("title", True)
        self.title.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setProperty("muted", True)
        self.problem.setWordWrap(True)
        self.no_button, self.yes_button = QPushButton("Back"), QPushButton(yes)
        self.yes_button.setProperty("primary", True)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.problem, 1)
        for button in (self.no_button, self.yes_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.title)
        column.addWidget(form)
        column.addStretch()
        column.addLayout(buttons)
        form.edited.connect(self.look)
        self.yes_button.clicked.connect(lambda _=False: self.accepted.emit())
        self.no_button.clicked.connect(lambda _=False: self.left.emit())
        self.look()

    def look(self) -> None:
        """Say what is missing, and accept only a whole form."""
        self.problem.setText(self._form.complaint)
        self.yes_button.setEnabled(not self._form.complaint)
