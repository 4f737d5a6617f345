"""All keys in one table, and the place to change them."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.action_table import MENUS
from ui.actions import ActionSpec, ActionTable, normal_key
from ui.dialogs.messages import ask
from ui.key_presets import PRESETS
from ui.theme.tokens import Space
from ui.widgets.tables import table_of

# What the mouse does is no command, but belongs to what one looks up here.
MOUSE = (
    "On the timeline: click or drag moves the cursor, the wheel changes the number of clips, Ctrl+wheel zooms, "
    "a middle drag pans, a middle click locks the cursor."
)


def native(keys: tuple[str, ...]) -> str:
    """Keys as they are printed on this system's keyboards."""
    shown = (QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
    return "   ".join(shown)


class ShortcutsDialog(QDialog):
    """Lists every command that can be called now, finds by word or key, and gives commands other keys."""

    def __init__(self, table: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(680, 640)
        self._actions = table
        self._specs = [spec for spec in table.specs if table[spec.id].isVisible()]
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Find a command or a key")
        self.filter.setAccessibleName("Find")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._narrow)
        self.presets = QComboBox()
        self.presets.setAccessibleName("Set of keys")
        for preset in PRESETS:
            self.presets.addItem(preset.name)
            self.presets.setItemData(self.presets.count() - 1, preset.about, Qt.ItemDataRole.ToolTipRole)
        self.presets.setCurrentText(table.preset)
        self.presets.textActivated.connect(self._use_preset)
        self.about = QLabel()
        self.about.setProperty("muted", True)
        self.about.setWordWrap(True)
        self.table = self._make_table()
        self.name = QLabel()
        self.key_edit = QKeySequenceEdit()
        self.key_edit.setMaximumSequenceLength(1)
        self.key_edit.setAccessibleName("New key")
        self.key_edit.keySequenceChanged.connect(self._check)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.replace_button = self._button("Use this key", lambda: self._give(()))
        self.add_button = self._button("Add this key", lambda: self._give(self._actions.keys(self._spec().id)))
        self.clear_button = self._button("No key", lambda: self._set(()))
        self.default_button = self._button("Default", lambda: self._set(self._actions.default_keys(self._spec().id)))
        self.reset_button = self._button("All to default", self._reset)
        self.close_button = self._button("Close", self.accept)
        self._arrange()
        self._fill()
        self.table.itemSelectionChanged.connect(self._selected)
        self.table.selectRow(0)
        self.filter.setFocus()

    def select(self, action_id: str) -> None:
        """Choose the row of a command."""
        self.table.selectRow([spec.id for spec in self._specs].index(action_id))

    def _spec(self) -> ActionSpec:
        return self._specs[max(0, self.table.currentRow())]

    def _give(self, before: tuple[str, ...]) -> None:
        key = normal_key(self.key_edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText))
        if key and not self._owner(key):
            self._set((*before, key))

    def _set(self, keys: tuple[str, ...]) -> None:
        taken = [(key, owner) for key in keys if (owner := self._owner(normal_key(key)))]
        if taken:
            self._say(f"{native((taken[0][0],))} already calls “{taken[0][1].plain_text}”", bad=True)
            return
        self._actions.set_keys(self._spec().id, keys)
        self._fill()
        self._selected()

    def _use_preset(self, name: str) -> None:
        question = "The keys that you changed by hand are given up."
        if self._actions.changed_by_hand and not ask(
            self, f"Use the keys of {name}?", question, "Use them", "Keep mine"
        ):
            self.presets.setCurrentText(self._actions.preset)
            return
        self._actions.use_preset(name)
        self._fill()
        self._selected()

    def _reset(self) -> None:
        self._actions.reset_keys()
        self._fill()
        self._selected()

    def _owner(self, key: str) -> ActionSpec | None:
        """Another command that this key calls already."""
        chosen = self._spec().id
        return next(
            (spec for spec in self._actions.specs if spec.id != chosen and key in self._actions.keys(spec.id)), None
        )

    def _check(self) -> None:
        key = normal_key(self.key_edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText))
        owner = self._owner(key) if key else None
        self.replace_button.setEnabled(bool(key) and owner is None)
        self.add_button.setEnabled(bool(key) and owner is None and key not in self._actions.keys(self._spec().id))
        if owner is not None:
            self._say(f"{native((key,))} already calls “{owner.plain_text}”", bad=True)
        else:
            self._say("Press a key in the field, then use it or add it." if not key else "This key is free.")

    def _say(self, text: str, bad: bool = False) -> None:
        self.problem.setText(text)
        self.problem.setProperty("tone", "danger" if bad else "")
        self.problem.setProperty("muted", not bad)
        self.problem.style().unpolish(self.problem)
        self.problem.style().polish(self.problem)

    def _selected(self) -> None:
        spec = self._spec()
        self.name.setText(f"{spec.plain_text}: {native(self._actions.keys(spec.id)) or 'no key'}")
        self.clear_button.setEnabled(bool(self._actions.keys(spec.id)))
        self.default_button.setEnabled(self._actions.keys(spec.id) != self._actions.default_keys(spec.id))
        self.key_edit.clear()
        self._check()

    def _narrow(self, text: str) -> None:
        """A row stays when the words are in its name or one of its keys is exactly what was typed."""
        wanted = text.strip().lower()
        for row, spec in enumerate(self._specs):
            keys = native(self._actions.keys(spec.id)).lower().split()
            self.table.setRowHidden(row, bool(wanted) and wanted not in spec.plain_text.lower() and wanted not in keys)

    def _fill(self) -> None:
        self.about.setText(next(preset.about for preset in PRESETS if preset.name == self._actions.preset))
        for row, spec in enumerate(self._specs):
            menu = MENUS[spec.menu].replace("&", "")
            for column, text in enumerate((spec.plain_text, native(self._actions.keys(spec.id)), menu)):
                item = QTableWidgetItem(text)
                item.setToolTip(spec.tip if column == 0 else "")
                self.table.setItem(row, column, item)

    def _make_table(self) -> QTableWidget:
        table = table_of("Shortcuts", ("Command", "Keys", "Menu"), words=True)
        table.setRowCount(len(self._specs))
        table.verticalHeader().setDefaultSectionSize(26)
        for column, width_px in ((1, 220), (2, 110)):
            table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            table.setColumnWidth(column, width_px)
        return table

    def _arrange(self) -> None:
        mouse = QLabel(MOUSE)
        mouse.setProperty("muted", True)
        mouse.setWordWrap(True)
        keys_like = QLabel("&Keys like")
        keys_like.setBuddy(self.presets)
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(self.filter, 1)
        top.addWidget(keys_like)
        top.addWidget(self.presets)
        change = QHBoxLayout()
        change.setSpacing(Space.S)
        for widget in (self.key_edit, self.replace_button, self.add_button, self.clear_button, self.default_button):
            change.addWidget(widget)
        change.setStretch(0, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.reset_button)
        foot.addStretch()
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(top)
        column.addWidget(self.about)
        column.addWidget(self.table, 1)
        column.addWidget(mouse)
        column.addWidget(self.name)
        column.addLayout(change)
        column.addWidget(self.problem)
        column.addLayout(foot)

    @staticmethod
    def _button(text: str, act) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button
