"""Every command answers to its keys, wherever the focus is, and to none while somebody types."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QKeySequenceEdit,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QTabWidget,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.action_table import MENUS, SPECS
from ui.actions import Act, ActionSpec, ActionTable, conflicts, normal_key, takes_text
from ui.settings import SHORTCUTS, Settings
from ui.theme.icon_paths import PATHS

SPEC_1_KEYS = {
    Act.FRAME_BACK: {"Left", "J"},
    Act.FRAME_FORWARD: {"Right", "L"},
    Act.SECOND_BACK: {"Shift+Left", "Shift+J"},
    Act.SECOND_FORWARD: {"Shift+Right", "Shift+L"},
    Act.PLAY: {"Space", "P"},
    Act.PAUSE_AND_SNAP: {"K"},
    Act.SET_START: {"I"},
    Act.SET_END: {"O"},
    Act.EXPORT: {"E"},
    Act.NEXT_MARKER: {"M"},
    Act.NEXT_FILE: {"N"},
    Act.LOCK: {"G"},
    Act.AUTOCLIP: {"A"},
    Act.UNDO: {"Ctrl+Z"},
    Act.REDO: {"Ctrl+Shift+Z"},
    Act.OPEN_FILES: {"Ctrl+O"},
    Act.SHORTCUTS: {"?", "F1"},
}
TEXT_FIELDS = [QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit]
OTHER_WIDGETS = [QPushButton, QToolButton, QCheckBox, QComboBox, QListWidget, QSlider, QTabWidget, QWidget]


class Window(QMainWindow):
    """A window with every command bound to a list that remembers the calls."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.settings = Settings(folder / "settings.ini")
        self.table = ActionTable(self, self.settings)
        self.called: list[str] = []
        for spec in self.table.specs:
            self.table.connect(spec.id, lambda action_id=spec.id: self.called.append(action_id))
        self.body = QWidget()
        self.body.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        QVBoxLayout(self.body)
        self.setCentralWidget(self.body)

    def add(self, widget: QWidget) -> QWidget:
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body.layout().addWidget(widget)
        return widget

    def press(self, key: str) -> None:
        """A real key press through the window system's entry to Qt."""
        combination = QKeySequence(key)[0]
        QTest.keyClick(self.windowHandle(), combination.key(), combination.keyboardModifiers())


@pytest.fixture
def window(qtbot, tmp_path: Path) -> Window:
    window = Window(tmp_path)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.body.setFocus()
    return window


def focus(qtbot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


def test_ids_are_unique_and_menus_and_icons_exist() -> None:
    assert len({spec.id for spec in SPECS}) == len(SPECS) == len(Act)
    assert {spec.menu for spec in SPECS} == set(MENUS)
    assert {spec.icon for spec in SPECS if spec.icon} <= set(PATHS)


def test_the_keys_of_the_specification() -> None:
    table = {spec.id: set(spec.shortcuts) for spec in SPECS}
    for action_id, keys in SPEC_1_KEYS.items():
        assert keys <= table[action_id]


def test_every_key_of_the_table_is_spelled_as_qt_spells_it() -> None:
    assert [key for spec in SPECS for key in spec.shortcuts if normal_key(key) != key] == []


def test_no_two_commands_share_a_key() -> None:
    assert conflicts() == []


def test_no_two_entries_of_a_menu_share_an_access_key() -> None:
    for menu in MENUS:
        letters = [found[1].lower() for spec in SPECS if spec.menu == menu and (found := re.search("&(.)", spec.text))]
        assert sorted(letters) == sorted(set(letters)), menu
    titles = [re.search("&(.)", title)[1].lower() for title in MENUS.values()]
    assert len(set(titles)) == len(titles)


def test_conflicts_are_found_through_other_spellings_and_chords() -> None:
    (found,) = conflicts(overrides={Act.EXPORT: ["shift+CTRL+z"]})
    assert (found.key, set(found.ids)) == ("Ctrl+Shift+Z", {Act.REDO, Act.EXPORT})
    (found,) = conflicts(overrides={Act.EXPORT: ["A, E"]})
    assert (found.key, set(found.ids)) == ("A", {Act.AUTOCLIP, Act.EXPORT})
    assert conflicts(overrides={Act.EXPORT: ["rubbish", ""]}) == []
    assert conflicts(overrides={Act.EXPORT: ["X", "X"]}) == []


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_every_shortcut_calls_its_command(window: Window, spec: ActionSpec) -> None:
    for key in spec.shortcuts:
        window.called.clear()
        window.press(key)
        assert window.called == [spec.id], key


@pytest.mark.parametrize("kind", OTHER_WIDGETS, ids=lambda kind: kind.__name__)
def test_shortcuts_work_whatever_else_has_the_focus(qtbot, window: Window, kind: Callable[[], QWidget]) -> None:
    widget = window.add(kind())
    if isinstance(widget, QComboBox | QListWidget):
        widget.addItems(["elm", "ash", "pine"])
    if isinstance(widget, QTabWidget):
        widget.addTab(QWidget(), "one")
        widget.addTab(QWidget(), "two")
        widget = widget.tabBar()
    focus(qtbot, widget)
    for key, action_id in (
        ("E", Act.EXPORT),
        ("Space", Act.PLAY),
        ("Left", Act.FRAME_BACK),
        ("Shift+Right", Act.SECOND_FORWARD),
    ):
        window.called.clear()
        window.press(key)
        assert window.called == [action_id], key


@pytest.mark.parametrize("kind", TEXT_FIELDS, ids=lambda kind: kind.__name__)
def test_a_field_gets_its_keys(qtbot, window: Window, kind: Callable[[], QWidget]) -> None:
    field = window.add(kind())
    focus(qtbot, field)
    for key in (
        "E",
        "P",
        "Space",
        "M",
        "?",
        "Left",
        "Right",
        "Shift+Left",
        "Shift+Right",
        "+",
        "-",
        "=",
        "1",
        "Shift+Del",
    ):
        window.press(key)
    assert window.called == []


@pytest.mark.parametrize("kind", TEXT_FIELDS, ids=lambda kind: kind.__name__)
def test_commands_with_ctrl_and_function_keys_work_in_a_field(
    qtbot, window: Window, kind: Callable[[], QWidget]
) -> None:
    focus(qtbot, window.add(kind()))
    for key, action_id in (
        ("Ctrl+O", Act.OPEN_FILES),
        ("F1", Act.SHORTCUTS),
        ("Esc", Act.FOCUS_VIDEO),
        ("Ctrl+J", Act.JOBS),
    ):
        window.called.clear()
        window.press(key)
        assert window.called == [action_id], key


def test_letters_end_up_in_the_field(qtbot, window: Window) -> None:
    line = window.add(QLineEdit())
    focus(qtbot, line)
    QTest.keyClicks(line, "a pig, oje? + 1=2")
    assert line.text() == "a pig, oje? + 1=2"
    assert window.called == []


def test_the_field_of_an_editable_combo_box_takes_text(qtbot, window: Window) -> None:
    box = window.add(QComboBox())
    box.setEditable(True)
    focus(qtbot, box)
    for key in ("E", "P", "Space", "G"):
        window.press(key)
    assert box.currentText().lower() == "ep g"
    assert window.called == []


def test_a_read_only_field_takes_no_text(qtbot, window: Window) -> None:
    line = window.add(QLineEdit("fixed"))
    line.setReadOnly(True)
    focus(qtbot, line)
    window.press("E")
    assert window.called == [Act.EXPORT]
    line.setReadOnly(False)
    window.press("E")
    assert window.called == [Act.EXPORT]


def test_shortcuts_are_back_when_the_field_is_left_or_dies(qtbot, window: Window) -> None:
    line = window.add(QLineEdit())
    focus(qtbot, line)
    focus(qtbot, window.body)
    window.press("E")
    focus(qtbot, line)
    line.deleteLater()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not line)
    focus(qtbot, window.body)
    window.press("E")
    assert window.called == [Act.EXPORT] * 2


def test_enter_presses_the_button_with_the_focus(qtbot, window: Window) -> None:
    pressed: list[str] = []
    for kind in (QPushButton, QToolButton, QCheckBox):
        button = window.add(kind())
        button.clicked.connect(lambda _checked=False, name=kind.__name__: pressed.append(name))
        focus(qtbot, button)
        window.press("Return")
    assert pressed == ["QPushButton", "QToolButton", "QCheckBox"]
    assert window.called == []


def test_what_takes_text(qtbot) -> None:
    plain, editable = QComboBox(), QComboBox()
    editable.setEditable(True)
    for widget in (plain, editable):
        qtbot.addWidget(widget)
    assert takes_text(editable)
    assert not takes_text(plain)
    assert not takes_text(None)
    edit = QKeySequenceEdit()
    qtbot.addWidget(edit)
    assert takes_text(edit)


def test_menus_hold_what_is_connected_and_hide_the_rest(qtbot, tmp_path: Path) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    table = ActionTable(window, Settings(tmp_path / "settings.ini"))
    table.connect(Act.EXPORT, lambda: None)
    menus = table.fill(window.menuBar())
    assert [action.text() for action in menus["clip"].actions() if action.isVisible() and not action.isSeparator()] == [
        "&Export"
    ]
    assert set(menus) == set(MENUS)
    assert "(E)" in table[Act.EXPORT].toolTip()


def test_calling_from_the_menu(window: Window) -> None:
    menus = window.table.fill(window.menuBar())
    for menu in menus.values():
        for action in menu.actions():
            action.trigger()
    assert window.called == [spec.id for menu in MENUS for spec in SPECS if spec.menu == menu]


def test_keys_can_be_changed_and_come_back_after_a_restart(window: Window, tmp_path: Path) -> None:
    window.table.set_keys(Act.EXPORT, ["x", "Ctrl+E", "X"])
    assert window.table.keys(Act.EXPORT) == ("X", "Ctrl+E")
    for key in ("E", "X", "Ctrl+E"):
        window.press(key)
    assert window.called == [Act.EXPORT] * 2
    window.settings.save()
    again = Settings(tmp_path / "settings.ini")
    assert again.get(SHORTCUTS) == {"export": ["X", "Ctrl+E"]}


def test_the_keys_of_the_table_are_not_stored(window: Window) -> None:
    window.table.set_keys(Act.EXPORT, ["X"])
    window.table.set_keys(Act.EXPORT, ["E"])
    assert window.settings.get(SHORTCUTS) == {}
    window.table.set_keys(Act.PLAY, [])
    window.press("Space")
    assert window.called == []
    window.table.reset_keys()
    window.press("Space")
    assert window.called == [Act.PLAY]


def test_stored_keys_of_commands_that_are_gone_are_harmless(qtbot, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    settings.set(SHORTCUTS, {"gone": ["X"], "export": ["rubbish"]})
    window = QMainWindow()
    qtbot.addWidget(window)
    table = ActionTable(window, settings)
    assert table.keys(Act.EXPORT) == ()
    assert table.conflicts() == []


@pytest.mark.parametrize("key", ["Up", "Down", "PgUp", "Home", "Return", "Ins", "Shift+Up"])
@pytest.mark.parametrize("kind", [QLineEdit, QSpinBox, QPlainTextEdit], ids=lambda kind: kind.__name__)
def test_a_field_keeps_its_editing_keys_when_somebody_gives_them_to_a_command(
    qtbot, window: Window, kind: Callable[[], QWidget], key: str
) -> None:
    window.table.set_keys(Act.MORE_CLIPS, [key])
    focus(qtbot, window.add(kind()))
    window.press(key)
    assert window.called == []
    focus(qtbot, window.body)
    window.press(key)
    assert window.called == [Act.MORE_CLIPS]


def test_altgr_writes(qtbot, window: Window) -> None:
    """On many keyboards a sign such as @ is Ctrl+Alt and a letter."""
    altgr = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    window.table.set_keys(Act.MORE_CLIPS, ["Ctrl+Alt+Q"])
    line = window.add(QLineEdit())
    focus(qtbot, line)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Q, altgr, "@")
    event.ignore()
    QApplication.sendEvent(line, event)
    assert event.isAccepted()
