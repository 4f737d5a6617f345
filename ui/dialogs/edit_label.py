"""Label and category of batches that were exported already."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.theme.tokens import Space

WIDTH_PX = 420


class EditLabelDialog(QDialog):
    """Labels used before are offered, the most recent first. Accepting it means: take `label` and `category`."""

    def __init__(
        self,
        what: str,
        label: str,
        category: str,
        labels: Sequence[str],
        categories: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Edit label")
        self.setMinimumWidth(WIDTH_PX)
        title = QLabel(what)
        title.setProperty("title", True)
        self.label_box = _editable("Label", labels, label)
        self.category_box = _editable("Category", categories, category)
        form = QFormLayout()
        form.setSpacing(Space.S)
        form.addRow("Label", self.label_box)
        form.addRow("Category", self.category_box)
        note = QLabel("dataset.json follows; no file changes.")
        note.setProperty("muted", True)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        self.save_button = QPushButton("Save")
        self.save_button.setProperty("primary", True)
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addLayout(form)
        column.addWidget(note)
        column.addLayout(buttons)
        self.label_box.setFocus()
        self.label_box.lineEdit().selectAll()

    @property
    def label(self) -> str:
        return self.label_box.currentText().strip()

    @property
    def category(self) -> str:
        return self.category_box.currentText().strip()


def _editable(name: str, choices: Sequence[str], text: str) -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.addItems(list(choices))
    box.setCurrentText(text)
    box.setAccessibleName(name)
    box.completer().setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    box.completer().setFilterMode(Qt.MatchFlag.MatchContains)
    box.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    return box
