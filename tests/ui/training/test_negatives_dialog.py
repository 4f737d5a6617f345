"""The dialog of hard negatives: what the filter shows is what it acts on."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QItemSelectionModel, Qt
from PyQt6.QtGui import QUndoStack
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from ui.commands.history import EditHistory
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import ImmediateRunner
from ui.session_bridge import SessionBridge
from ui.training.negatives_dialog import HardNegativesDialog
from ui.training.negatives_model import Column


@pytest.fixture
def dialog(qtbot: QtBot, db: ProcessedDB, bridge: SessionBridge, runner: ImmediateRunner) -> HardNegativesDialog:
    db.add_hard_negatives("b.mp4", "default", [70.0, 5.0], "/videos/b.mp4", "LOGMEL")
    db.add_hard_negatives("a.mp4", "default", [600.0], "/videos/a.mp4", "YAMNET")
    db.add_hard_negatives("a.mp4", "default", [8.0], "/videos/a.mp4")
    db.add_hard_negatives("a.mp4", "other", [1.0], "/videos/a.mp4", "LOGMEL")
    dialog = HardNegativesDialog(db, bridge, runner, EditHistory(QUndoStack(runner), runner))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def times(dialog: HardNegativesDialog) -> list[str]:
    return [dialog.filter.index(row, Column.TIME).data() for row in range(dialog.filter.rowCount())]


def left(db: ProcessedDB) -> list[float]:
    return sorted(mark["start_time"] for mark in db.get_hard_negatives("default"))


def select(dialog: HardNegativesDialog, *rows: int) -> None:
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in rows:
        dialog.table.selectionModel().select(dialog.filter.index(row, 0), flags)


def test_all_of_the_profile_come_first_with_their_number(dialog: HardNegativesDialog) -> None:
    assert [dialog.sources.itemText(row) for row in range(dialog.sources.count())] == [
        "(all)",
        "(by hand)",
        "LOGMEL",
        "YAMNET",
    ]
    assert dialog.count.text() == "4 hard negatives"
    assert dialog.table.isColumnHidden(Column.ID)
    dialog.table.sortByColumn(Column.TIME, Qt.SortOrder.AscendingOrder)
    assert times(dialog) == ["00:00:05.00", "00:00:08.00", "00:01:10.00", "00:10:00.00"], "as times, not as words"


def test_deleting_takes_the_visible_selected_rows_and_undo_brings_them_back(
    dialog: HardNegativesDialog, db: ProcessedDB
) -> None:
    dialog.table.sortByColumn(Column.TIME, Qt.SortOrder.AscendingOrder)
    select(dialog, 0, 1, 2, 3)
    dialog.sources.setCurrentText("LOGMEL")
    assert dialog.count.text() == "2 of 4 hard negatives, 2 selected"
    dialog.delete_selected.click()
    assert left(db) == [8.0, 600.0]
    assert dialog.count.text() == "0 of 2 hard negatives" or dialog.sources.currentText() == "(all)"
    dialog.undo.click()
    assert left(db) == [5.0, 8.0, 70.0, 600.0]
    assert not dialog.undo.isEnabled()


def test_clear_all_means_what_the_filter_shows_and_says_so(
    qtbot: QtBot, dialog: HardNegativesDialog, db: ProcessedDB
) -> None:
    dialog.sources.setCurrentText("YAMNET")
    dialog.clear_all.click()
    question = dialog.findChild(MessageDialog)
    assert "1 hard negative found by YAMNET" in question.headline.text()
    assert question.buttons[-1].text() == "Delete 1"
    question.buttons[0].click()
    assert left(db) == [5.0, 8.0, 70.0, 600.0]
    dialog.clear_all.click()
    next(each for each in dialog.findChildren(MessageDialog) if each.isVisible()).buttons[-1].click()
    assert left(db) == [5.0, 8.0, 70.0]
    assert len(db.get_hard_negatives("other")) == 1


def test_a_click_plays(qtbot: QtBot, dialog: HardNegativesDialog) -> None:
    dialog.table.sortByColumn(Column.TIME, Qt.SortOrder.AscendingOrder)
    place = dialog.table.visualRect(dialog.filter.index(2, Column.TIME)).center()
    with qtbot.waitSignal(dialog.play_requested) as asked:
        QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (asked.args[0]["start_time"], asked.args[0]["filename"]) == (70.0, "b.mp4")


def test_without_any_it_says_how_to_mark_one(dialog: HardNegativesDialog, db: ProcessedDB) -> None:
    db.delete_hard_negatives_by_ids([mark["id"] for mark in db.get_hard_negatives("default")])
    dialog.reload()
    assert dialog.empty.isVisible()
    assert "Press N" in dialog.empty.text.text()
    assert not dialog.clear_all.isEnabled()
