"""Sets of keys: free of conflicts, whole, and in force as soon as they are chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from ui.action_table import MENUS, SPECS, Act
from ui.actions import ActionTable, conflicts, normal_key
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.key_presets import EDITING, LOSSLESSCUT, OWN, PRESETS, KeyPreset, preset_named
from ui.settings import KEY_PRESET, SHORTCUTS, Settings


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_has_no_conflicts_and_spells_keys_as_qt_does(preset: KeyPreset) -> None:
    assert conflicts(SPECS, preset.keys) == []
    assert [key for keys in preset.keys.values() for key in keys if normal_key(key) != key] == []
    assert set(preset.keys) <= set(Act)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_no_key_opens_a_menu_as_well(preset: KeyPreset) -> None:
    """Alt and the underlined letter of a menu opens it; Qt would then call no command."""
    menus = {f"Alt+{title[title.index('&') + 1].upper()}" for title in MENUS.values()}
    used = {key for spec in SPECS for key in preset.keys.get(spec.id, spec.shortcuts)}
    assert menus & used == set()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_takes_no_command_its_only_keys(preset: KeyPreset) -> None:
    assert [name for name, keys in preset.keys.items() if not keys] == []


def test_own_keys_step_and_the_others_shuttle() -> None:
    """The decision: J and L are one frame in 8-cut's own set; in both others they are the true shuttle."""
    table = {spec.id: spec.shortcuts for spec in SPECS}
    assert "J" in table[Act.FRAME_BACK]
    assert "L" in table[Act.FRAME_FORWARD]
    assert OWN.keys == {}
    for preset in (LOSSLESSCUT, EDITING):
        assert preset.keys[Act.SHUTTLE_BACK] == ("J",)
        assert preset.keys[Act.SHUTTLE_FORWARD] == ("L",)
    assert EDITING.keys[Act.SHUTTLE_STOP] == ("K",)
    assert preset_named("gone") is OWN


@pytest.fixture
def table(qtbot: QtBot, tmp_path: Path) -> ActionTable:
    window = QMainWindow()
    qtbot.addWidget(window)
    table = ActionTable(window, Settings(tmp_path / "settings.ini"))
    window.called = []
    for spec in table.specs:
        table.connect(spec.id, lambda name=spec.id: window.called.append(name))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return table


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_key_of_a_preset_calls_its_command(table: ActionTable, preset: KeyPreset) -> None:
    window = table.parent()
    table.use_preset(preset.name)
    for spec in table.specs:
        for key in table.keys(spec.id):
            window.called.clear()
            combination = QKeySequence(key)[0]
            QTest.keyClick(window.windowHandle(), combination.key(), combination.keyboardModifiers())
            assert window.called == [spec.id], key


def test_the_preset_lasts_and_own_changes_lie_over_it(table: ActionTable, tmp_path: Path) -> None:
    table.use_preset(EDITING.name)
    assert table.keys(Act.SHUTTLE_BACK) == ("J",)
    table.set_keys(Act.EXPORT, ["X"])
    settings = Settings(tmp_path / "settings.ini")
    assert (settings.get(KEY_PRESET), settings.get(SHORTCUTS)) == (EDITING.name, {"export": ["X"]})
    table.set_keys(Act.EXPORT, EDITING.keys[Act.EXPORT])
    assert not table.changed_by_hand, "the preset's own keys are no change"
    table.set_keys(Act.EXPORT, ["X"])
    table.reset_keys()
    assert (table.preset, table.keys(Act.EXPORT)) == (EDITING.name, EDITING.keys[Act.EXPORT])


def answer(text: str) -> Callable[[], None]:
    def press() -> None:
        dialog = QApplication.activeModalWidget()
        next(button for button in dialog.findChildren(QPushButton) if button.text() == text).click()

    return press


def test_choosing_a_preset_in_the_dialog(qtbot: QtBot, table: ActionTable) -> None:
    dialog = ShortcutsDialog(table, table.parent())
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.presets.setCurrentText(LOSSLESSCUT.name)
    dialog.presets.textActivated.emit(LOSSLESSCUT.name)
    assert table.preset == LOSSLESSCUT.name
    assert dialog.about.text() == LOSSLESSCUT.about
    row = [spec.id for spec in table.specs].index(Act.SHUTTLE_BACK)
    assert dialog.table.item(row, 1).text() == "J"
    dialog.select(Act.SHUTTLE_BACK)
    dialog.key_edit.setKeySequence(QKeySequence("L"))
    assert "already calls" in dialog.problem.text()
    assert not dialog.replace_button.isEnabled()


@pytest.mark.parametrize(("button", "kept"), [("Keep mine", True), ("Use them", False)])
def test_keys_changed_by_hand_are_not_given_up_unasked(
    qtbot: QtBot, table: ActionTable, button: str, kept: bool
) -> None:
    table.set_keys(Act.EXPORT, ["X"])
    dialog = ShortcutsDialog(table, table.parent())
    qtbot.addWidget(dialog)
    dialog.show()
    QTimer.singleShot(0, answer(button))
    dialog.presets.textActivated.emit(EDITING.name)
    assert (table.preset, table.keys(Act.EXPORT)[0]) == ((OWN.name, "X") if kept else (EDITING.name, "E"))
    assert dialog.presets.currentText() == (OWN.name if kept else EDITING.name) or not kept
