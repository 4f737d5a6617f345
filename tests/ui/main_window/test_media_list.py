from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core.domain.media import Media
from ui.main_window.media_list import MediaListPanel
from ui.main_window.media_list_model import Marks, MediaListModel, Role

MEDIA = [Media(number, f"b3-{number}", f"/videos/{name}") for number, name in enumerate(("b.mp4", "a b.mkv", "c.wav"))]


@pytest.fixture
def model() -> MediaListModel:
    model = MediaListModel()
    model.show(MEDIA)
    return model


@pytest.fixture
def panel(qtbot: QtBot, model: MediaListModel) -> MediaListPanel:
    panel = MediaListPanel(model)
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_the_model_keeps_the_promises_of_qt(model: MediaListModel) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_marks(Marks({1: 3}))
    model.show_missing(frozenset({2}))
    model.mark_current(1)
    model.show(MEDIA[1:])
    assert model.rowCount() == 2


def test_rows_know_their_clips_and_whether_their_file_is_there(model: MediaListModel) -> None:
    model.show_marks(Marks({0: 3}))
    model.show_missing(frozenset({2}))
    assert [model.index(row).data(Role.CLIP_COUNT) for row in range(3)] == [3, 0, 0]
    assert [model.index(row).data(Role.MISSING) for row in range(3)] == [False, False, True]
    assert "file missing" in model.index(2).data(Qt.ItemDataRole.ToolTipRole)


def test_the_filter_takes_words_in_any_order(panel: MediaListPanel) -> None:
    panel._search.setText("B a")
    assert panel._filter.rowCount() == 1
    assert panel._filter.index(0, 0).data() == "a b.mkv"
    panel._search.setText("nowhere")
    assert panel._nothing_found.isVisible()
    panel._search.clear()
    assert panel._view.isVisible()


def test_an_empty_list_says_what_fills_it(qtbot: QtBot, panel: MediaListPanel, model: MediaListModel) -> None:
    model.show([])
    assert panel._empty.isVisible()
    with qtbot.waitSignal(panel.add_requested):
        qtbot.mouseClick(panel._empty.buttons[0], Qt.MouseButton.LeftButton)


def test_enter_opens_the_selected_row(qtbot: QtBot, panel: MediaListPanel) -> None:
    panel.reveal(1)
    with qtbot.waitSignal(panel.open_requested) as asked:
        qtbot.keyClick(panel._view, Qt.Key.Key_Return)
    assert asked.args == [MEDIA[1]]


def test_a_right_click_asks_for_the_menu_of_that_row(qtbot: QtBot, panel: MediaListPanel) -> None:
    place = panel._view.visualRect(panel._filter.index(2, 0)).center()
    with qtbot.waitSignal(panel.context_requested) as asked:
        panel._view.customContextMenuRequested.emit(QPoint(place))
    assert asked.args[0] == MEDIA[2]


def test_the_next_file_skips_those_that_are_missing_and_stops_at_the_end(
    panel: MediaListPanel, model: MediaListModel
) -> None:
    model.show_missing(frozenset({1}))
    assert panel.neighbour(0, 1) == MEDIA[2]
    assert panel.neighbour(2, 1) is None
    assert panel.neighbour(2, -1) == MEDIA[0]
    assert panel.neighbour(None, 1) == MEDIA[0]


def test_the_current_row_moves_with_what_is_open(model: MediaListModel) -> None:
    model.mark_current(0)
    model.mark_current(2)
    assert [model.index(row).data(Role.CURRENT) for row in range(3)] == [False, False, True]
