"""Who sits here: labels are kept under this name, and it decides the order of the items."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from ui.theme import Space


class CoderField(QWidget):
    """A name to type or to choose; emits `edited` when it is another one."""

    edited = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.lineEdit().setPlaceholderText("Your name")
        self.box.setAccessibleName("Who labels")
        self.box.setToolTip("Your labels are kept under this name; use the same one on every machine")
        self.box.setMinimumWidth(220)
        title = QLabel("I am")
        title.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(title)
        row.addWidget(self.box)
        row.addStretch()
        self.box.editTextChanged.connect(lambda _: self.edited.emit(self.name))

    @property
    def name(self) -> str:
        """Without spaces at its ends, and with single ones inside."""
        return " ".join(self.box.currentText().split())

    def show_names(self, names: Iterable[str], mine: str) -> None:
        """Offer these; `mine` is filled in where nothing is. Silent."""
        mine = self.name or mine
        blocked = self.box.blockSignals(True)
        self.box.clear()
        self.box.addItems(sorted({*names, mine} - {""}))
        self.box.setCurrentText(mine)
        self.box.blockSignals(blocked)

    def ask(self) -> None:
        """Let the person type."""
        self.box.setFocus()
