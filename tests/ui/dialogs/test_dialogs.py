"""Dialogs say what they are told, and every button does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog, QMainWindow, QPushButton

from core.errors import EnvironmentProblem, NewerDataError, UserError
from tests.file_manager import Opened
from ui.actions import Act, ActionTable
from ui.dialogs import versions
from ui.dialogs.about import AboutDialog
from ui.dialogs.crash_dialog import CrashDialog
from ui.dialogs.database import DatabaseAction, DatabaseChoice, DatabaseDialog, ask_database_problem
from ui.dialogs.log_view import LogView, entries, narrowed
from ui.dialogs.messages import MessageDialog, ask, error_dialog, show_error
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.dialogs.versions import Component
from ui.settings import SHORTCUTS, Settings

ROOT = Path(versions.__file__).resolve().parents[2]
LEFT = Qt.MouseButton.LeftButton
PROBLEM = EnvironmentProblem("ffmpeg was not found", "It is not on the PATH", "Install it with apt install ffmpeg")


def while_open(act: Callable[[QDialog], object]) -> None:
    """Do something with the modal dialog that is about to open."""

    def now() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(10, now)
        else:
            act(dialog)

    QTimer.singleShot(0, now)


def press(text: str) -> Callable[[QDialog], None]:
    def act(dialog: QDialog) -> None:
        (button,) = [button for button in dialog.findChildren(QPushButton) if button.text() == text]
        QTest.mouseClick(button, LEFT)

    return act


def press_key(key: Qt.Key) -> Callable[[QDialog], None]:
    return lambda dialog: QTest.keyClick(dialog, key)


def texts(dialog: MessageDialog) -> list[str]:
    return [label.accessibleName() for label in (dialog.headline, *dialog.labels)]


def test_an_error_is_told_in_three_sentences(qtbot) -> None:
    dialog = error_dialog(None, PROBLEM, retry=True)
    qtbot.addWidget(dialog)
    assert texts(dialog) == [PROBLEM.what, PROBLEM.why, PROBLEM.fix]
    assert [button.text() for button in dialog.buttons] == ["Close", "Try again"]


@pytest.mark.parametrize(
    ("act", "again"),
    [(press("Try again"), True), (press("Close"), False), (press_key(Qt.Key.Key_Escape), False),
     (press_key(Qt.Key.Key_Return), True), (QDialog.close, False)],
)  # fmt: skip
def test_retry_or_not(qapp, act: Callable[[QDialog], None], again: bool) -> None:
    while_open(act)
    dialog = error_dialog(None, PROBLEM, retry=True)
    dialog.exec()
    assert (dialog.choice == 1) is again
    dialog.deleteLater()


def test_without_retry_there_is_only_close(qapp) -> None:
    while_open(press("Close"))
    show_error(None, UserError("Cannot read a.mp4"))


@pytest.mark.parametrize(
    ("act", "yes"),
    [(press("Delete 3 files"), True), (press("Keep them"), False), (press_key(Qt.Key.Key_Escape), False)],
)
def test_a_question(qapp, act: Callable[[QDialog], None], yes: bool) -> None:
    while_open(act)
    answer = ask(None, "Delete batch 4?", "Three files go to the trash.", "Delete 3 files", "Keep them")
    assert answer is yes


def test_long_paths_wrap_and_nothing_is_cut_off(qtbot) -> None:
    dialog = error_dialog(None, UserError("Cannot write " + "/folder" * 20 + "x" * 200, "because " * 40, "<b>fix</b>"))
    qtbot.addWidget(dialog)
    dialog.show()
    QApplication.processEvents()
    for label in (dialog.headline, *dialog.labels):
        assert label.height() >= label.heightForWidth(label.width())
        widest = max(label.fontMetrics().horizontalAdvance(part) for part in re.split("[ \u200b]", label.text()))
        assert widest <= label.width()
        assert label.textFormat() is Qt.TextFormat.PlainText


LOG = """2026-11-20 10:00:00.123 INFO    MainThread ui.app: started
2026-11-20 10:00:01.123 WARNING io-1 core.media: odd rate
2026-11-20 10:00:02.123 ERROR   ffmpeg-1 core.ops.cut: no space
Traceback (most recent call last):
  File "x.py", line 3
2026-11-20 10:00:03.123 DEBUG   MainThread ui: detail
"""


def test_a_traceback_belongs_to_the_entry_above() -> None:
    found = entries(LOG)
    assert [level for level, _ in found] == [1, 2, 3, 0]
    assert found[2][1].endswith('File "x.py", line 3')
    assert narrowed(found, 2, "") == [found[1][1], found[2][1]]
    assert narrowed(found, 0, "X.PY no") == [found[2][1]]
    assert entries("a line without a head") == [(1, "a line without a head")]


@pytest.fixture
def log_view(qtbot, tmp_path: Path) -> LogView:
    path = tmp_path / "8-cut.log"
    path.write_text(LOG, encoding="utf-8")
    view = LogView(path)
    qtbot.addWidget(view)
    view.show()
    return view


def test_the_log_narrows_copies_and_opens_its_folder(
    qtbot, log_view: LogView, file_manager: Opened, tmp_path: Path
) -> None:
    assert log_view.count.text() == "4 of 4 entries"
    qtbot.keyClicks(log_view.filter, "space")
    assert log_view.view.toPlainText().startswith("2026-11-20 10:00:02.123 ERROR")
    log_view.filter.clear()
    log_view.level.setCurrentText("Warnings")
    assert log_view.count.text() == "2 of 4 entries"
    qtbot.mouseClick(log_view.copy_button, LEFT)
    assert QApplication.clipboard().text() == log_view.view.toPlainText()
    qtbot.mouseClick(log_view.folder_button, LEFT)
    assert file_manager.paths == [tmp_path]
    qtbot.mouseClick(log_view.close_button, LEFT)
    assert not log_view.isVisible()


def test_the_log_follows_the_file_while_it_is_open(qtbot, log_view: LogView, tmp_path: Path) -> None:
    with (tmp_path / "8-cut.log").open("a", encoding="utf-8") as file:
        file.write("2026-11-20 10:00:09.000 INFO    MainThread ui: more\n")
    log_view._timer.timeout.emit()
    assert log_view.count.text() == "5 of 5 entries"
    assert log_view._timer.isActive()
    log_view.close()
    assert not log_view._timer.isActive()


def test_a_log_that_is_not_there_says_so(qtbot, tmp_path: Path) -> None:
    view = LogView(tmp_path / "none.log")
    qtbot.addWidget(view)
    assert "cannot be read" in view.view.toPlainText()


def test_of_a_huge_log_the_end_is_read(qtbot, tmp_path: Path) -> None:
    path = tmp_path / "8-cut.log"
    line = "2026-11-20 10:00:00.123 INFO    MainThread ui.app: line\n"
    path.write_text(line * 40_000 + line.replace("line", "the last"), encoding="utf-8")
    view = LogView(path)
    qtbot.addWidget(view)
    assert len(view.view.toPlainText()) <= 1 << 20
    assert view.view.toPlainText().endswith("the last")


def test_about_names_every_dependency_with_its_licence(qtbot) -> None:
    dialog = AboutDialog(None, [Component("FFmpeg", "5.1.9", "GPL-2.0-or-later", "cutting")])
    qtbot.addWidget(dialog)
    named = {part.name.lower(): part for part in dialog.parts}
    required = {
        line.split("==")[0].strip().lower()
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    }
    assert required <= set(named)
    assert [name for name in required if not (named[name].version and named[name].licence)] == []
    assert named["ffmpeg"].version == "5.1.9"
    assert dialog.table.rowCount() == len(dialog.parts)
    qtbot.mouseClick(dialog.copy_button, LEFT)
    assert "GPL-3.0-or-later" in QApplication.clipboard().text()
    assert "PyQt6" in QApplication.clipboard().text()
    dialog.show()
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert not dialog.isVisible()


def test_about_imports_none_of_the_heavy_libraries() -> None:
    code = "import sys; from ui.dialogs.versions import components; components(); "
    code += "print({'torch', 'sklearn', 'transformers', 'av', 'numpy', 'mpv'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_licences_are_found_in_old_and_new_places() -> None:
    def about(**fields: str) -> Message:
        message = Message()
        for name, value in fields.items():
            message[name.replace("_", "-")] = value
        return message

    assert versions.licence_of(about(License_Expression="MIT", License="no")) == "MIT"
    assert versions.licence_of(about(License="BSD-3-Clause")) == "BSD-3-Clause"
    long = about(License="Copyright " * 20, Classifier="License :: OSI Approved :: MIT License")
    assert versions.licence_of(long) == "MIT License"
    assert versions.licence_of(about()) == "see the package"
    assert versions.package("no-such-package").version == ""


@pytest.fixture
def shortcuts(qtbot, tmp_path: Path) -> Iterator[ShortcutsDialog]:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.settings = Settings(tmp_path / "settings.ini")
    window.table = ActionTable(window, window.settings)
    for spec in window.table.specs:
        window.table.connect(spec.id, lambda: None)
    dialog = ShortcutsDialog(window.table, window)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    yield dialog


def keys(dialog: ShortcutsDialog, action_id: str) -> tuple[str, ...]:
    return dialog.parent().table.keys(action_id)


def type_key(dialog: ShortcutsDialog, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    dialog.key_edit.setFocus()
    QTest.keyClick(dialog.key_edit, key, modifiers)


def test_all_keys_are_listed_and_found(qtbot, shortcuts: ShortcutsDialog) -> None:
    table = shortcuts.table
    assert table.rowCount() == len(shortcuts.parent().table.specs)
    qtbot.keyClicks(shortcuts.filter, "export")
    shown = [table.item(row, 0).text() for row in range(table.rowCount()) if not table.isRowHidden(row)]
    assert "Export" in shown
    assert all("export" in name.lower() for name in shown)
    assert len(shown) < table.rowCount()
    shortcuts.filter.clear()
    qtbot.keyClicks(shortcuts.filter, "F11")
    shown = [table.item(row, 0).text() for row in range(table.rowCount()) if not table.isRowHidden(row)]
    assert shown == ["Full screen"]


def test_a_key_is_replaced_added_taken_away_and_given_back(qtbot, shortcuts: ShortcutsDialog) -> None:
    shortcuts.select(Act.EXPORT)
    type_key(shortcuts, Qt.Key.Key_X)
    qtbot.mouseClick(shortcuts.replace_button, LEFT)
    assert keys(shortcuts, Act.EXPORT) == ("X",)
    type_key(shortcuts, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(shortcuts.add_button, LEFT)
    assert keys(shortcuts, Act.EXPORT) == ("X", "Ctrl+E")
    assert shortcuts.name.text() == "Export: X   Ctrl+E"
    qtbot.mouseClick(shortcuts.clear_button, LEFT)
    assert keys(shortcuts, Act.EXPORT) == ()
    assert not shortcuts.clear_button.isEnabled()
    qtbot.mouseClick(shortcuts.default_button, LEFT)
    assert keys(shortcuts, Act.EXPORT) == ("E",)
    assert not shortcuts.default_button.isEnabled()
    assert shortcuts.parent().settings.get(SHORTCUTS) == {}


def test_a_taken_key_is_refused_with_the_name_of_its_owner(qtbot, shortcuts: ShortcutsDialog) -> None:
    shortcuts.select(Act.EXPORT)
    type_key(shortcuts, Qt.Key.Key_G)
    assert shortcuts.problem.text() == "G already calls “Lock cursor”"
    assert not shortcuts.replace_button.isEnabled()
    assert not shortcuts.add_button.isEnabled()


def test_a_default_key_that_was_given_away_is_refused(qtbot, shortcuts: ShortcutsDialog) -> None:
    shortcuts.select(Act.EXPORT)
    qtbot.mouseClick(shortcuts.clear_button, LEFT)
    shortcuts.select(Act.LOCK)
    type_key(shortcuts, Qt.Key.Key_E)
    qtbot.mouseClick(shortcuts.replace_button, LEFT)
    shortcuts.select(Act.EXPORT)
    qtbot.mouseClick(shortcuts.default_button, LEFT)
    assert keys(shortcuts, Act.EXPORT) == ()
    assert "Lock cursor" in shortcuts.problem.text()
    qtbot.mouseClick(shortcuts.reset_button, LEFT)
    assert keys(shortcuts, Act.EXPORT) == ("E",)
    assert keys(shortcuts, Act.LOCK) == ("G",)
    qtbot.mouseClick(shortcuts.close_button, LEFT)
    assert not shortcuts.isVisible()


@pytest.fixture
def backups(tmp_path: Path) -> list[Path]:
    made = []
    for age, name in enumerate(("new.db", "old.db")):
        path = tmp_path / name
        path.write_bytes(b"x" * 1000)
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
        made.append(path)
    return made


@pytest.mark.parametrize(
    ("act", "action"),
    [
        (press("Try again"), DatabaseAction.RETRY),
        (press("Open read-only"), DatabaseAction.READ_ONLY),
        (press("Quit"), DatabaseAction.QUIT),
        (press_key(Qt.Key.Key_Escape), DatabaseAction.QUIT),
        (QDialog.close, DatabaseAction.QUIT),
    ],
)
def test_ways_on_when_the_history_cannot_be_opened(
    qapp, act: Callable[[QDialog], None], action: DatabaseAction
) -> None:
    while_open(act)
    assert ask_database_problem(None, PROBLEM) == DatabaseChoice(action)


def test_a_backup_is_chosen(qapp, backups: list[Path]) -> None:
    def choose(dialog: DatabaseDialog) -> None:
        assert dialog.backups.count() == 2
        dialog.backups.setCurrentRow(1)
        QTest.mouseClick(dialog.restore_button, LEFT)

    while_open(choose)
    assert ask_database_problem(None, PROBLEM, backups) == DatabaseChoice(DatabaseAction.RESTORE, backups[1])


def test_another_file_is_chosen_or_not(qtbot, backups: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = DatabaseDialog(None, PROBLEM, [])
    qtbot.addWidget(dialog)
    dialog.show()
    # The system's file dialog cannot be pressed from here; what it returns can.
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("", ""))
    qtbot.mouseClick(dialog.other_button, LEFT)
    assert dialog.isVisible()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(backups[0]), ""))
    qtbot.mouseClick(dialog.other_button, LEFT)
    assert dialog.answer == DatabaseChoice(DatabaseAction.OTHER_FILE, backups[0])


def test_without_backups_none_are_offered_and_newer_data_is_not_read(qtbot, tmp_path: Path) -> None:
    dialog = DatabaseDialog(None, NewerDataError("A newer 8-cut wrote this"), [])
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.backups.isVisible()
    assert not dialog.restore_button.isVisible()
    assert not dialog.read_only_button.isVisible()
    gone = DatabaseDialog(None, PROBLEM, [tmp_path / "gone.db"])
    qtbot.addWidget(gone)
    assert "gone.db" in gone.backups.item(0).text()


def test_the_crash_dialog_opens_the_log_folder(qtbot, file_manager: Opened, tmp_path: Path) -> None:
    dialog = CrashDialog("ValueError: oops", "report", tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.folder_button, LEFT)
    assert file_manager.paths == [tmp_path]
    assert dialog.close_button.isDefault()
