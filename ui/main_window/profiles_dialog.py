"""All profiles with what they hold, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.profile import ProfileSummary
from ui.theme import Space
from ui.widgets.tables import table_of

SIZE_PX = (560, 400)


class ProfilesDialog(QDialog):
    """Says what the person wants of the selected profile; shows what it is told."""

    switch_requested = pyqtSignal(object)
    new_requested = pyqtSignal()
    rename_requested = pyqtSignal(object)
    duplicate_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Profiles")
        self.resize(*SIZE_PX)
        self._profiles: tuple[ProfileSummary, ...] = ()
        self._current = ""
        title = QLabel("Profiles")
        title.setProperty("title", True)
        text = QLabel("Each has its own lists, numbers, markers, scans and models. Clips and sources may be shared.")
        text.setProperty("muted", True)
        text.setWordWrap(True)
        self.table = table_of("Profiles", ("Profile", "Files in lists", "Clips"))
        self.table.itemDoubleClicked.connect(lambda _: self._say(self.switch_requested))
        self.table.itemSelectionChanged.connect(self._look)
        self.new_button = self._button("New…", self.new_requested.emit)
        self.rename_button = self._button("Rename…", lambda: self._say(self.rename_requested))
        self.duplicate_button = self._button("Duplicate…", lambda: self._say(self.duplicate_requested))
        self.delete_button = self._button("Delete…", lambda: self._say(self.delete_requested))
        self.use_button = self._button("Work in this one", lambda: self._say(self.switch_requested))
        self.close_button = self._button("Close", self.accept)
        side = QVBoxLayout()
        side.setSpacing(Space.S)
        for button in (self.new_button, self.rename_button, self.duplicate_button, self.delete_button):
            side.addWidget(button)
        side.addStretch()
        middle = QHBoxLayout()
        middle.setSpacing(Space.M)
        middle.addWidget(self.table, 1)
        middle.addLayout(side)
        bottom = QHBoxLayout()
        bottom.setSpacing(Space.S)
        bottom.addWidget(self.use_button)
        bottom.addStretch()
        bottom.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        for widget in (title, text):
            column.addWidget(widget)
        column.addLayout(middle, 1)
        column.addLayout(bottom)

    def show_profiles(self, profiles: Sequence[ProfileSummary], current: str) -> None:
        """Show these; the one in use is marked and stays selected unless another was."""
        chosen = self.chosen
        self._profiles, self._current = tuple(profiles), current
        self.table.setRowCount(len(profiles))
        wanted = next((row for row, each in enumerate(profiles) if chosen and each.id == chosen.id), None)
        for row, each in enumerate(profiles):
            in_use = each.name == current
            name = QTableWidgetItem(f"{each.name}  (in use)" if in_use else each.name)
            self.table.setItem(row, 0, name)
            for column, number in ((1, each.media), (2, each.clips)):
                item = QTableWidgetItem(f"{number:,}")
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
            if wanted is None and in_use:
                wanted = row
        self.table.selectRow(wanted or 0)
        self._look()

    @property
    def chosen(self) -> ProfileSummary | None:
        """The selected profile."""
        row = self.table.currentRow()
        return self._profiles[row] if 0 <= row < len(self._profiles) else None

    def _look(self) -> None:
        chosen = self.chosen
        self.use_button.setEnabled(chosen is not None and chosen.name != self._current)
        self.delete_button.setEnabled(chosen is not None and len(self._profiles) > 1)
        for button in (self.rename_button, self.duplicate_button):
            button.setEnabled(chosen is not None)

    def _say(self, signal) -> None:
        chosen = self.chosen
        if chosen is not None:
            signal.emit(chosen)

    @staticmethod
    def _button(text: str, act) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button
