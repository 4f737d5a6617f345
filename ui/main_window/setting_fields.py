"""Fields that are a setting: they show it, change it, and follow it when it is changed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from ui.settings import Setting, Settings
from ui.theme import Space

FIELD_WIDTH_PX = 220


class _Bond(QObject):
    """Ties a field to a setting for as long as the field lives."""

    def __init__(self, settings: Settings, setting: Setting, field: QWidget, show: Callable[[Any], object]) -> None:
        super().__init__(field)
        self._settings, self._setting, self._show = settings, setting, show
        field.setObjectName(setting.name)
        settings.changed.connect(self._changed)
        show(settings.get(setting))

    def set(self, value: object) -> None:
        self._settings.set(self._setting, value)

    def _changed(self, name: str) -> None:
        if name == self._setting.name:
            self._show(self._settings.get(self._setting))


def check_field(settings: Settings, setting: Setting[bool], text: str) -> QCheckBox:
    """Yes or no."""
    box = QCheckBox(text)
    bond = _Bond(settings, setting, box, box.setChecked)
    box.toggled.connect(bond.set)
    return box


def number_field(
    settings: Settings, setting: Setting[int], limits: tuple[int, int], suffix: str = "", step: int = 1
) -> QSpinBox:
    """A whole number."""
    box = QSpinBox()
    box.setRange(*limits)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    box.setMaximumWidth(FIELD_WIDTH_PX)
    bond = _Bond(settings, setting, box, box.setValue)
    box.valueChanged.connect(bond.set)
    return box


def choice_field(settings: Settings, setting: Setting, choices: Sequence[tuple[str, object]]) -> QComboBox:
    """One of a few, given as (text, value)."""
    box = QComboBox()
    box.setMaximumWidth(FIELD_WIDTH_PX)
    for text, value in choices:
        box.addItem(text, value)
    values = [value for _, value in choices]
    bond = _Bond(settings, setting, box, lambda value: box.setCurrentIndex(values.index(value)))
    box.activated.connect(lambda row: bond.set(values[row]))
    return box


class FolderField(QWidget):
    """A folder: a line to type in and a button to choose with; empty means `otherwise`."""

    def __init__(self, settings: Settings, setting: Setting[str], otherwise: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText(otherwise)
        self.browse = QToolButton()
        self.browse.setText("Browse…")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.line)
        self._bond = _Bond(settings, setting, self, self._show)
        self.line.textEdited.connect(lambda text: self._bond.set(text.strip()))
        self.browse.clicked.connect(self._choose)

    def _show(self, folder: str) -> None:
        if folder != self.line.text().strip():
            self.line.setText(folder)

    def _choose(self) -> None:
        start = self.line.text().strip() or self.line.placeholderText()
        chosen = QFileDialog.getExistingDirectory(self, "Default export folder", start)
        if chosen:
            self._bond.set(chosen)
