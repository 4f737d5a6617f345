"""The deck's panels as tabs or as columns, with all that is in them."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QLineEdit, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from ui.main_window.control_deck import ControlDeck


@pytest.fixture
def panels() -> list[QLineEdit]:
    return [QLineEdit("one"), QLineEdit("two"), QLineEdit("three")]


@pytest.fixture
def deck(qtbot: QtBot, panels: list[QLineEdit]) -> ControlDeck:
    deck = ControlDeck()
    qtbot.addWidget(deck)
    for panel in panels:
        deck.add_panel(panel, panel.text().title())
    deck.show()
    return deck


def shown(panels: list[QLineEdit]) -> list[str]:
    return [panel.text() for panel in panels if panel.isVisible()]


def test_tabs_show_one_panel_and_columns_all(deck: ControlDeck, panels: list[QLineEdit]) -> None:
    assert deck.titles == ("One", "Two", "Three")
    assert shown(panels) == ["one"]
    deck.set_columns(True)
    assert shown(panels) == ["one", "two", "three"]
    assert len({panel.mapTo(deck, panel.rect().topLeft()).x() for panel in panels}) == 3
    deck.set_columns(False)
    assert shown(panels) == ["one"]
    assert [panel.text() for panel in panels] == ["one", "two", "three"]


def test_the_chosen_tab_survives_the_columns(qtbot: QtBot, deck: ControlDeck, panels: list[QLineEdit]) -> None:
    with qtbot.waitSignal(deck.tab_changed) as changed:
        deck.findChild(QTabWidget).setCurrentIndex(2)
    assert changed.args == [2]
    with qtbot.assertNotEmitted(deck.tab_changed):
        deck.set_columns(True)
        deck.set_columns(False)
    assert shown(panels) == ["three"]
    deck.show_panel(panels[1])
    assert shown(panels) == ["two"]


def test_a_remembered_tab_waits_for_its_panel(qtbot: QtBot) -> None:
    deck = ControlDeck()
    qtbot.addWidget(deck)
    first, second = QWidget(), QWidget()
    deck.add_panel(first, "One")
    deck.set_tab(1)
    assert deck.tab == 1
    deck.add_panel(second, "Two")
    deck.show()
    assert second.isVisible()
