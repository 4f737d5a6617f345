"""The window's QActions, made from the table, with the keys a person chose and handlers bound by id.

Single letters are shortcuts, so they must not fire while somebody types: `TypingGuard` lets a field that takes text
have every key that writes or moves in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from ui.action_table import MENUS, SPECS, Act, ActionSpec
from ui.key_presets import preset_named
from ui.settings import KEY_PRESET, SHORTCUTS, Settings
from ui.theme.icons import icon

__all__ = ["Act", "ActionSpec", "ActionTable", "Conflict", "TypingGuard", "conflicts", "takes_text"]


@dataclass(frozen=True)
class Conflict:
    """Two or more commands that one key would call; Qt would then call none of them."""

    key: str
    ids: tuple[str, ...]


def keys_of(spec: ActionSpec, overrides: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The keys in force, in portable text: the person's own, else those of the table."""
    chosen = overrides.get(spec.id, spec.shortcuts)
    return tuple(normal for key in chosen if (normal := normal_key(key)))


def normal_key(key: str) -> str:
    """One spelling for each key, in portable text; empty for what is no key at all."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    if sequence.isEmpty() or any(sequence[part].key() == Qt.Key.Key_unknown for part in range(sequence.count())):
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def conflicts(
    specs: Iterable[ActionSpec] = SPECS, overrides: Mapping[str, Iterable[str]] | None = None
) -> list[Conflict]:
    """Every key that more than one command would answer to. A chord hides the longer ones that begin with it."""
    owners: dict[str, list[str]] = defaultdict(list)
    for spec in specs:
        for key in dict.fromkeys(keys_of(spec, overrides or {})):
            owners[key].append(str(spec.id))
    found = [Conflict(key, tuple(ids)) for key, ids in owners.items() if len(ids) > 1]
    for short in owners:
        for long in owners:
            if long.startswith(f"{short}, "):
                found.append(Conflict(short, (*owners[short], *owners[long])))
    return found


def takes_text(widget: QObject | None) -> bool:
    """Whether keys pressed in `widget` write or edit something."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox):
        return not widget.isReadOnly()
    return isinstance(widget, QKeySequenceEdit)


class TypingGuard(QObject):
    """Watches the widget with the focus: keys that write go to it before any shortcut, and Enter presses a button.

    Space is play, so a button reached by the Tab key is pressed by Enter.
    """

    _PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watched: QWidget | None = None
        app.focusChanged.connect(self._move)
        self._move(None, app.focusWidget())

    def _move(self, _old: QWidget | None, new: QWidget | None) -> None:
        # Qt moves the focus out of a widget that is being destroyed, when its Python side is gone already.
        if self._watched is not None and not sip.isdeleted(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = new if takes_text(new) or isinstance(new, QAbstractButton) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and takes_text(watched) and self._writes(event):
            event.accept()
            return True
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(watched, QAbstractButton)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.isAutoRepeat()
        ):
            watched.click()
            return True
        return super().eventFilter(watched, event)

    def _writes(self, event: QKeyEvent) -> bool:
        """Plain and shifted keys write or move; Escape and the function keys do not. AltGr writes too."""
        function_key = Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
        if function_key or event.key() == Qt.Key.Key_Escape:
            return False
        if not event.modifiers() & ~self._PLAIN:
            return True
        return (
            bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            and event.text().isprintable()
            and bool(event.text() and event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        )


class ActionTable(QObject):
    """All commands of one window. A command is out of sight until somebody says what it does."""

    def __init__(self, window: QWidget, settings: Settings, specs: tuple[ActionSpec, ...] = SPECS) -> None:
        super().__init__(window)
        self._settings = settings
        self.specs = specs
        self._actions: dict[str, QAction] = {}
        for spec in specs:
            self._actions[spec.id] = self._make(spec, window)
        self._apply_keys()
        settings.changed.connect(self._setting_changed)
        self._guard = TypingGuard(QApplication.instance(), self)

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def connect(self, action_id: str, handler: Callable[[], object]) -> QAction:
        """`handler` runs when the command is called; from now on it shows."""
        action = self._actions[action_id]
        action.triggered.connect(lambda _checked=False: handler())
        action.setVisible(True)
        action.setEnabled(True)
        return action

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus of the table; returns them by id so that others can add to them."""
        menus = {}
        for menu_id, title in MENUS.items():
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            for spec in self.specs:
                if spec.menu == menu_id:
                    if spec.starts_group:
                        menu.addSeparator()
                    menu.addAction(self._actions[spec.id])
            menus[menu_id] = menu
        return menus

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys in force, in portable text."""
        return keys_of(self._spec(action_id), self._in_force())

    def default_keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of the preset in force, in portable text."""
        return keys_of(self._spec(action_id), preset_named(self._settings.get(KEY_PRESET)).keys)

    def set_keys(self, action_id: str, keys: Iterable[str]) -> None:
        """Give a command these keys and remember them; those of the preset are remembered as nothing."""
        overrides = self._settings.get(SHORTCUTS)
        wanted = tuple(dict.fromkeys(normal for key in keys if (normal := normal_key(key))))
        if wanted == self.default_keys(action_id):
            overrides.pop(action_id, None)
        else:
            overrides[str(action_id)] = list(wanted)
        self._settings.set(SHORTCUTS, overrides)

    def reset_keys(self) -> None:
        """All keys as in the preset."""
        self._settings.reset(SHORTCUTS)

    @property
    def preset(self) -> str:
        return preset_named(self._settings.get(KEY_PRESET)).name

    @property
    def changed_by_hand(self) -> bool:
        """Whether any command has keys other than those of the preset."""
        return bool(self._settings.get(SHORTCUTS))

    def use_preset(self, name: str) -> None:
        """Take all keys of a preset; those changed by hand are given up."""
        self.reset_keys()
        self._settings.set(KEY_PRESET, name)

    def conflicts(self) -> list[Conflict]:
        return conflicts(self.specs, self._in_force())

    def _spec(self, action_id: str) -> ActionSpec:
        return next(spec for spec in self.specs if spec.id == action_id)

    def _in_force(self) -> dict[str, Iterable[str]]:
        return {**preset_named(self._settings.get(KEY_PRESET)).keys, **self._settings.get(SHORTCUTS)}

    def _make(self, spec: ActionSpec, window: QWidget) -> QAction:
        action = QAction(spec.text, window)
        action.setObjectName(spec.id)
        action.setAutoRepeat(spec.auto_repeat)
        action.setCheckable(spec.checkable)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setStatusTip(spec.tip)
        if spec.icon:
            action.setIcon(icon(spec.icon, on_token="accent" if spec.checkable else None))
        action.setVisible(False)
        action.setEnabled(False)
        window.addAction(action)
        return action

    def _apply_keys(self) -> None:
        for spec in self.specs:
            action = self._actions[spec.id]
            sequences = [QKeySequence(key) for key in self.keys(spec.id)]
            action.setShortcuts(sequences)
            shown = sequences[0].toString(QKeySequence.SequenceFormat.NativeText) if sequences else ""
            tip = spec.tip or spec.plain_text
            action.setToolTip(f"{tip} ({shown})" if shown else tip)

    def _setting_changed(self, name: str) -> None:
        if name in (SHORTCUTS.name, KEY_PRESET.name):
            self._apply_keys()
