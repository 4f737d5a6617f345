"""The panel on its own: tabs, versions, keys, sorting, times edited in place, sliders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QItemSelectionModel, QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.domain.scan import Hit, RegionRow, ScanMade, WindowScores
from core.domain.timespan import Span
from core.errors import UserError
from core.ops.regions import Against, ModelScan, Version
from ui.main_window.scan_results.panel import ScanResultsPanel, version_text
from ui.main_window.scan_results.region_model import Column, Order, Shown
from ui.main_window.scan_results.region_table import RegionAct

STAMPS = ("20260419_143000_000000", "20260418_090000_000000", "oldest")


def row(number: int, start: float, score: float = 0.5, **decided: bool) -> RegionRow:
    return RegionRow(number, Hit(start, start + 5.0, score), start, start + 5.0, **decided)


ROWS = (row(1, 10.0, 0.6), row(2, 30.0, 0.95), row(3, 50.0, 0.71, disabled=True))


def scan(label: str = "LOGMEL", stamp: str = STAMPS[0], rows=ROWS, stamps=STAMPS, scores: bool = True) -> ModelScan:
    versions = tuple(Version(each, len(rows), 0.95) for each in stamps)
    windows = WindowScores(np.zeros(10, np.float32), 0.5, 2.0, 6.0)
    made = ScanMade(windows, label, "1", 0.62, 4.0) if scores else None
    return ModelScan(label, versions, stamp, tuple(rows), frozenset(), frozenset(), tuple(rows), made)


@pytest.fixture
def panel(qtbot: QtBot) -> ScanResultsPanel:
    panel = ScanResultsPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_a_tab_says_how_many_and_whether_it_is_an_older_version(panel: ScanResultsPanel) -> None:
    panel.show_scans([scan(), scan("YAMNET", STAMPS[2], ROWS[:1])])
    assert [panel.tabs.tabText(place) for place in range(panel.tabs.count())] == ["LOGMEL (3)", "YAMNET (1) [v1]"]
    assert panel.current_model_name() == "LOGMEL"
    panel.tabs.setCurrentIndex(1)
    assert panel.current_model_name() == "YAMNET"
    assert panel.model.rowCount() == 1


def test_of_a_long_name_the_number_stays_in_sight(panel: ScanResultsPanel) -> None:
    name = "HUBERT_LARGE_ML_a_classifier_with_a_long_name"
    panel.show_scans([scan(name)])
    assert panel.tabs.tabText(0).startswith("HUBERT") and panel.tabs.tabText(0).endswith("(3)")
    assert len(panel.tabs.tabText(0)) < 30
    assert name in panel.tabs.tabToolTip(0) and panel.current_model_name() == name


def test_the_current_row_is_seen_as_soon_as_the_table_has_the_focus(panel: ScanResultsPanel) -> None:
    panel.show_scans([scan()])
    panel.activateWindow()
    panel.table.setFocus()
    assert panel.table.selectionModel().hasSelection() == panel.table.currentIndex().isValid()


def test_the_same_tab_stays_open_when_the_scans_are_read_again(panel: ScanResultsPanel) -> None:
    panel.show_scans([scan(), scan("YAMNET")], wanted="YAMNET")
    panel.show_scans([scan("BEATS"), scan(), scan("YAMNET")])
    assert panel.current_model_name() == "YAMNET"
    panel.show_scans([scan("BEATS")])
    assert panel.current_model_name() == "BEATS"


def test_versions_show_when_there_are_several(qtbot: QtBot, panel: ScanResultsPanel) -> None:
    panel.show_scans([scan(stamps=STAMPS[:1])])
    assert not panel.versions.isVisible()
    panel.show_scans([scan()])
    assert panel.versions.isVisible()
    assert panel.versions.itemText(0) == "2026-04-19 14:30 (3 regions, best: 0.95)"
    assert panel.versions.itemText(2) == "oldest (3 regions, best: 0.95)"
    with qtbot.waitSignal(panel.version_chosen) as chosen:
        panel.versions.activated.emit(1)
    assert chosen.args == ["LOGMEL", STAMPS[1]]


def test_a_version_is_set_beside_the_one_before(panel: ScanResultsPanel) -> None:
    panel.show_scans([replace(scan(), against=Against(STAMPS[1], frozenset({1}), (Span(1.0, 2.0),), 0))])
    assert panel.against.text() == "Against 2026-04-18 09:00: 1 new, 1 gone"
    assert [panel.model.state_of(each) for each in ROWS] == [Shown.NEW, Shown.OPEN, Shown.DISABLED]
    panel.show_scans([scan()])
    assert not panel.against.isVisible()


def test_one_region_is_not_regions() -> None:
    assert version_text(Version(STAMPS[0], 1, 0.5)) == "2026-04-19 14:30 (1 region, best: 0.50)"


def test_each_state_of_the_panel_says_what_to_do_next(panel: ScanResultsPanel) -> None:
    assert panel._pages.currentWidget().title.text() == "No file is open"
    panel.show_scans([])
    assert [button.text() for button in panel._pages.currentWidget().buttons] == ["Train…"], (
        "there is nothing to scan with"
    )
    panel.set_classifier("default_LOGMEL")
    assert [button.text() for button in panel._pages.currentWidget().buttons] == ["Scan this file", "Train…"]
    assert "default_LOGMEL" in panel._pages.currentWidget().text.text()
    panel.show_error(UserError("The scans cannot be read", "The disk is gone", "Plug it in"))
    assert panel._pages.currentWidget().title.text() == "The scans cannot be read"
    assert panel._pages.currentWidget().text.text() == "The disk is gone. Plug it in."
    panel.show_scans([scan(rows=())])
    assert "Lower the threshold" in panel._table_pages.currentWidget().text.text()
    panel.show_loading()
    assert panel.scan is None
    assert panel.model.rowCount() == 0, "nothing of the file before may be edited"


@pytest.mark.parametrize(
    ("key", "act"),
    [
        (Qt.Key.Key_A, RegionAct.ACCEPT),
        (Qt.Key.Key_X, RegionAct.REJECT),
        (Qt.Key.Key_N, RegionAct.NEGATIVE),
        (Qt.Key.Key_Delete, RegionAct.DISABLE),
        (Qt.Key.Key_Backspace, RegionAct.DISABLE),
        (Qt.Key.Key_Space, RegionAct.PLAY),
    ],
)
def test_one_key_decides_about_what_is_selected(
    qtbot: QtBot, panel: ScanResultsPanel, key: Qt.Key, act: RegionAct
) -> None:
    panel.show_scans([scan()])
    panel.table.go_to(2)
    with qtbot.waitSignal(panel.table.acted) as acted:
        QTest.keyClick(panel.table, key)
    assert acted.args == [act, [ROWS[1]]]


def test_click_seeks_to_the_start_and_on_the_end_three_seconds_before_it(qtbot: QtBot, panel: ScanResultsPanel) -> None:
    panel.show_scans([scan()])
    for column, wanted in ((Column.START, 30.0), (Column.END, 32.0), (Column.SCORE, 30.0)):
        place = panel.table.visualRect(panel.model.index(1, column)).center()
        with qtbot.waitSignal(panel.table.seek_requested) as sought:
            QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
        assert sought.args == [wanted]


def test_sorting_keeps_the_selection_and_puts_the_least_certain_first(panel: ScanResultsPanel) -> None:
    panel.show_scans([scan()])
    panel.table.go_to(3)
    panel.model.sort_by(Order.SCORE, descending=True)
    assert [each.id for each in panel.model.rows] == [2, 3, 1]
    assert panel.table.current_row.id == 3
    panel.model.sort_by(Order.UNCERTAINTY)
    assert [each.id for each in panel.model.rows] == [1, 3, 2]
    panel.table.sortByColumn(Column.START, Qt.SortOrder.DescendingOrder)
    assert [each.id for each in panel.model.rows] == [3, 2, 1]


def test_rows_that_are_read_again_keep_selection_and_decisions_show(panel: ScanResultsPanel) -> None:
    panel.show_scans([scan()])
    panel.table.go_to(2)
    panel.show_scans([scan(rows=(ROWS[0], row(2, 30.0, 0.95, accepted=True), ROWS[2]))])
    assert panel.table.current_row.id == 2
    assert panel.model.state_of(panel.table.current_row) is Shown.ACCEPTED
    panel.show_scans([scan(rows=(ROWS[0], row(9, 31.0)))])
    assert panel.table.current_row.id == 9, "where it was, when it is gone"


def edit(panel: ScanResultsPanel, place: int, column: Column, text: str) -> None:
    index = panel.model.index(place, column)
    panel.table.setCurrentIndex(index)
    panel.table.edit(index)
    field = panel.table.findChild(QLineEdit)
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_typed_time_is_asked_for(qtbot: QtBot, panel: ScanResultsPanel) -> None:
    panel.show_scans([scan()])
    with qtbot.waitSignal(panel.model.times_edited) as asked:
        edit(panel, 0, Column.END, "0:12.5")
    assert asked.args == [ROWS[0], 10.0, 12.5]


@pytest.mark.parametrize("text", ["nonsense", "", "00:10.00"])
def test_what_is_no_time_or_the_same_one_changes_nothing(qtbot: QtBot, panel: ScanResultsPanel, text: str) -> None:
    panel.show_scans([scan()])
    with qtbot.assertNotEmitted(panel.model.times_edited):
        edit(panel, 0, Column.START, text)


def test_sliders_tell_at_once_and_settle_once(qtbot: QtBot, panel: ScanResultsPanel) -> None:
    panel.show_scans([scan()])
    settled: list[tuple[float, float]] = []
    panel.tuning.settled.connect(lambda *rule: settled.append(rule))
    with qtbot.waitSignal(panel.tuning.moved) as moved:
        panel.tuning.threshold.setValue(70)
    assert moved.args == [0.7, 4.0]
    panel.tuning.threshold.setValue(80)
    panel.show_scans([scan()])
    assert panel.tuning.rule == (0.8, 4.0), "what is being moved is not taken out of the hand"
    qtbot.waitUntil(lambda: bool(settled))
    assert settled == [(0.8, 4.0)]


def test_without_scores_the_sliders_rest_and_say_why(panel: ScanResultsPanel) -> None:
    panel.show_scans([scan(scores=False)])
    assert not panel.tuning.threshold.isEnabled()
    assert "scan again" in panel.tuning.note.text()
    assert panel.tuning.note.isVisible()


def test_twenty_thousand_regions_are_shown_and_sorted(panel: ScanResultsPanel) -> None:
    rows = tuple(row(number + 1, number * 6.0, (number * 7919 % 1000) / 1000) for number in range(20_000))
    panel.show_scans([scan(rows=rows)])
    panel.model.sort_by(Order.SCORE)
    scores = [each.hit.score for each in panel.model.rows]
    assert scores == sorted(scores)
    panel.table.go_to(20_000)
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    panel.table.selectionModel().select(panel.model.index(0, 0), flags)
    assert len(panel.table.selected_rows) == 2
