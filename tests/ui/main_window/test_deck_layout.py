"""The fields of the deck at every width: none cut, none over another, nothing lost on the way."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.main_window.deck_layout import DeckLayout
from ui.main_window.export_deck import ExportDeck
from ui.theme import DARK, apply


@pytest.fixture
def deck(qtbot: QtBot, qapp) -> ExportDeck:
    apply(qapp, DARK)
    deck = ExportDeck()
    qtbot.addWidget(deck)
    deck.duration_s.setValue(30.0)
    deck.spread_s.setValue(30.0)
    deck.clips.setValue(99)
    deck.show_names("clip_001_m1_0.mp4 … clip_001_m1_2.mp4", "")
    deck.set_ready(True)
    deck.show()
    return deck


def place(deck: ExportDeck, field: QWidget) -> QRect:
    return QRect(field.mapTo(deck, field.rect().topLeft()), field.size())


@pytest.mark.parametrize("width", [1400, 1000, 940, 919, 800, 738, 666, 560, 440, 380])
def test_every_field_is_whole_and_apart_from_the_others(qtbot: QtBot, deck: ExportDeck, width: int) -> None:
    deck.resize(width, 400)
    deck.resize(width, max(100, deck.sizeHint().height()))
    qtbot.waitUntil(lambda: deck.width() == width)
    texts = (deck.label, deck.category, deck.name, deck.folder, deck.browse, deck.preset, deck.options, deck.export)
    numbers = (deck.duration_s, deck.clips, deck.spread_s, deck.resize_px)
    fields = [*texts, *numbers, deck.format, deck.audio]
    places = [place(deck, field) for field in fields]
    for number, one in enumerate(places):
        assert deck.rect().contains(one), fields[number].accessibleName()
        assert not any(one.intersects(other) for other in places[:number]), fields[number].accessibleName()
    for field in numbers:
        text = field.findChild(QLineEdit)
        assert text.fontMetrics().horizontalAdvance(text.text()) + 4 <= text.width(), f"{text.text()} is cut at {width}"


def test_there_are_fewer_rows_where_there_is_more_room(qtbot: QtBot, deck: ExportDeck) -> None:
    heights = []
    for width in (1400, 900, 640, 400):
        deck.resize(width, 400)
        qtbot.waitUntil(lambda width=width: deck.width() == width)
        heights.append(deck.sizeHint().height())
    assert heights == sorted(heights)
    assert len(set(heights)) == 4
    deck.resize(1400, 400)
    assert deck.sizeHint().height() == heights[0]
    kinds = (QLineEdit, QComboBox, QAbstractSpinBox)
    inside = [each for each in deck.findChild(DeckLayout).findChildren(QWidget) if isinstance(each, kinds)]
    assert len({each.accessibleName() for each in inside if each.accessibleName()}) == 11
