"""The deck, the transport bar, the banner and the stage, each on its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from core.domain.clip import Batch
from core.domain.export import ExportSettings
from ui.action_table import Act
from ui.actions import ActionTable
from ui.main_window.banner import Banner
from ui.main_window.deck_settings import read_deck, write_deck
from ui.main_window.export_deck import DeckValues, ExportDeck
from ui.main_window.transport_bar import TransportBar
from ui.main_window.video_stage import VideoStage
from ui.player.player import AudioTrack
from ui.settings import Settings
from ui.widgets.empty_state import EmptyState

VALUES = DeckValues(
    ExportSettings("/out/Barks", "take", "dog, far away", "Animal", "MKV", 480, audio="aac"), 5, 2.5, 6.0
)


@pytest.fixture
def deck(qtbot: QtBot) -> ExportDeck:
    deck = ExportDeck()
    qtbot.addWidget(deck)
    deck.show()
    deck.set_ready(True)
    return deck


def test_the_deck_gives_back_what_it_was_shown(deck: ExportDeck) -> None:
    deck.show_values(VALUES)
    assert deck.values == VALUES


def test_the_deck_remembers_between_starts(deck: ExportDeck, tmp_path: Path) -> None:
    write_deck(Settings(tmp_path / "settings.ini"), VALUES)
    assert read_deck(Settings(tmp_path / "settings.ini")) == VALUES


def test_following_a_batch_is_no_edit(qtbot: QtBot, deck: ExportDeck) -> None:
    with qtbot.assertNotEmitted(deck.edited):
        deck.show_batch(Batch(0.0, 7, 1.5, 4.0))
    assert (deck.clips.value(), deck.spread_s.value(), deck.duration_s.value()) == (7, 1.5, 4.0)


@pytest.mark.parametrize("field", ["label", "name", "folder"])
def test_typing_into_a_field_is_an_edit(qtbot: QtBot, deck: ExportDeck, field: str) -> None:
    with qtbot.waitSignal(deck.edited):
        QTest.keyClicks(getattr(deck, field), "x")


def test_an_illegal_name_is_explained_and_cannot_be_exported(deck: ExportDeck) -> None:
    deck.show_values(VALUES)
    deck.name.setText("what?")
    assert not deck.export.isEnabled()
    assert "name cannot be used" in deck.problem.text()
    deck.name.setText("fine")
    assert deck.export.isEnabled()
    assert not deck.problem.isVisible()


def test_without_a_folder_or_a_media_there_is_nothing_to_export(deck: ExportDeck) -> None:
    deck.show_values(VALUES)
    deck.folder.clear()
    assert not deck.export.isEnabled()
    deck.folder.setText("/out")
    deck.set_ready(False)
    assert not deck.export.isEnabled()
    assert not deck.problem.isVisible(), "an empty window does not complain"


def test_the_export_button_asks_once(qtbot: QtBot, deck: ExportDeck) -> None:
    deck.show_values(VALUES)
    with qtbot.waitSignal(deck.export_requested):
        qtbot.mouseClick(deck.export, Qt.MouseButton.LeftButton)


def test_the_spread_of_a_single_clip_means_nothing(deck: ExportDeck) -> None:
    deck.clips.setValue(1)
    assert not deck.spread_s.isEnabled()
    deck.clips.setValue(2)
    assert deck.spread_s.isEnabled()


@pytest.fixture
def transport(qtbot: QtBot, tmp_path: Path) -> Iterator[TransportBar]:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = ActionTable(window, Settings(tmp_path / "settings.ini"))
    for act in (Act.PLAY, Act.FRAME_BACK, Act.FRAME_FORWARD, Act.LOCK, Act.MUTE):
        actions.connect(act, lambda: None)
    bar = TransportBar(actions)
    window.setCentralWidget(bar)
    window.show()
    yield bar


def test_the_readout_shows_time_frame_and_a_variable_rate(transport: TransportBar) -> None:
    transport.show_position(753.367, 22578, True)
    texts = [label.text() for label in transport.findChildren(QLabel)]
    assert "00:12:33.367" in texts
    assert "frame 22\u202f578" in texts
    assert "VFR" in texts
    transport.show_position(None, None, False)
    assert "--:--:--.---" in [label.text() for label in transport.findChildren(QLabel)]


def test_audio_tracks_are_offered_only_when_there_is_a_choice(qtbot: QtBot, transport: TransportBar) -> None:
    transport.show_tracks((AudioTrack(0, codec="aac"),), 0)
    assert not transport._tracks.isVisible()
    transport.show_tracks((AudioTrack(0, language="eng"), AudioTrack(1, title="Commentary")), 0)
    assert transport._tracks.isVisible()
    with qtbot.waitSignal(transport.track_chosen) as chosen:
        transport._tracks.activated.emit(1)
    assert chosen.args == [1]


def test_showing_a_volume_is_not_changing_it(qtbot: QtBot, transport: TransportBar) -> None:
    with qtbot.assertNotEmitted(transport.volume_changed):
        transport.show_volume(30)
    with qtbot.waitSignal(transport.volume_changed):
        transport._volume.setValue(40)


def test_the_banner_asks_and_goes(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert not banner.isVisible()
    answers: list[str] = []
    banner.ask("Resume?", ("Resume", lambda: answers.append("yes")), ("Discard", lambda: answers.append("no")))
    assert banner.isVisible()
    qtbot.mouseClick(banner.buttons[1], Qt.MouseButton.LeftButton)
    assert answers == ["no"]
    assert not banner.isVisible()
    banner.ask("Another?", ("Yes", lambda: answers.append("again")))
    assert len(banner.buttons) == 1
    qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    assert answers == ["no", "again"]


def test_the_stage_shows_one_thing_at_a_time(qtbot: QtBot) -> None:
    surface, welcome = QLabel("video"), EmptyState("Welcome")
    stage = VideoStage(surface, welcome)
    qtbot.addWidget(stage)
    stage.show()
    assert welcome.isVisible()
    stage.show_video()
    assert surface.isVisible()
    assert not welcome.isVisible()
    stage.show_problem("Cannot read it", ("It is empty", "Copy it again"))
    assert not surface.isVisible()
    stage.show_welcome()
    assert welcome.isVisible()
