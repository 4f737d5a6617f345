"""Speech in the real window: found once, seen on the waveform, and regions chosen by it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QComboBox, QLabel, QPushButton

from core.errors import EnvironmentProblem
from core.ops import speech
from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import BEEPS_S, LENGTH_S, recording, save_scan, show_scan
from tests.sound_files import noise, with_speech, write_wav
from ui import settings as keys
from ui.action_table import Act
from ui.dialogs.messages import MessageDialog

Start = Callable[..., Driver]


def choose(app: Driver, row: int) -> None:
    field = app.program.scanning.panel.findChild(QComboBox, keys.SPEECH_FILTER.name)
    field.setCurrentIndex(row)
    field.activated.emit(row)
    app.until_idle()


def shown(app: Driver) -> list[int]:
    """Where the regions begin that the table shows; the timeline has the same."""
    starts = [round(row.start_s) for row in app.program.scanning.panel.model.rows]
    assert [round(region.start_s) for region in app.window.timeline.scene.regions] == starts
    return starts


def test_speech_is_shown_and_regions_are_chosen_by_it(start: Start, tmp_path: Path) -> None:
    said = [BEEPS_S[1] + shift for shift in (-1.5, 0.0, 1.5)]
    talk = write_wav(tmp_path / "talk.wav", with_speech(noise(LENGTH_S, level=0.003), said))
    app = start(talk)
    app.until_open(talk.name)
    save_scan(app.program.db, app.state.media)
    show_scan(app, app.state.media)
    every = shown(app)
    assert len(every) == 4

    app.window.actions_table[Act.SPEECH].trigger()
    app.until_idle()
    layer = app.window.speech
    assert layer.shown and layer.text == ""
    assert [round(start_s) for start_s in layer._starts] == [round(said[0])]
    assert shown(app) == every, "seeing speech filters nothing"

    choose(app, 1)
    assert shown(app) == [every[1]]
    panel = app.program.scanning.panel
    assert panel.left_out.text() == "3 regions left out by the speech filter"
    assert "Export 1 " in panel.tuning.export.text()
    choose(app, 2)
    assert shown(app) == [every[0], *every[2:]]
    choose(app, 0)
    assert shown(app) == every
    assert not panel.left_out.isVisible()


def test_another_file_has_its_own_speech_and_the_filter_stays(start: Start, tmp_path: Path) -> None:
    quiet = recording(tmp_path, 1)
    app = start(quiet)
    app.until_open(quiet.name)
    save_scan(app.program.db, app.state.media)
    show_scan(app, app.state.media)
    choose(app, 1)
    panel = app.program.scanning.panel
    assert panel.model.rowCount() == 0
    assert not app.window.timeline.scene.regions
    app.window.actions_table[Act.SPEECH].trigger()
    app.until_idle()
    assert app.window.speech.text == "Nobody speaks here"
    talk = write_wav(tmp_path / "talk.wav", with_speech(noise(20.0, level=0.003), [5.0]))
    app.program.controllers.media.add([str(talk)])
    app.until_open(talk.name)
    app.until_idle()
    assert [round(start_s) for start_s in app.window.speech._starts] == [5]
    assert app.window.speech.text == ""


def test_until_speech_is_known_no_region_passes(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    find = speech.track

    def slow(*arguments: object) -> object:
        assert go_on.wait(60)
        return find(*arguments)

    monkeypatch.setattr(speech, "track", slow)
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    save_scan(app.program.db, app.state.media)
    show_scan(app, app.state.media)
    field = app.program.scanning.panel.findChild(QComboBox, keys.SPEECH_FILTER.name)
    field.setCurrentIndex(2)
    field.activated.emit(2)
    panel = app.program.scanning.panel
    app.until(lambda: panel.model.rowCount() == 0)
    assert panel.tuning.export.text() == "Nothing to export"
    assert any(label.text() == "Looking for speech…" for label in panel.findChildren(QLabel) if label.isVisible())
    go_on.set()
    app.until(lambda: panel.model.rowCount() == 4)
    app.until_idle()


def test_a_search_that_fails_says_so_and_can_be_tried_again(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = speech.track

    def fail(*_: object) -> object:
        raise EnvironmentProblem("Speech cannot be found: the package silero-vad is missing", "", "Run ./setup_env.sh")

    monkeypatch.setattr(speech, "track", fail)
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    save_scan(app.program.db, app.state.media)
    show_scan(app, app.state.media)
    choose(app, 2)
    (dialog,) = app.window.findChildren(MessageDialog)
    assert "silero-vad is missing" in dialog.headline.text()
    dialog.accept()
    assert shown(app) == []
    # Every other file has the same problem, and it is not said again for each.
    other = recording(tmp_path, 2)
    app.program.controllers.media.add([str(other)])
    app.until_open(other.name)
    app.until_idle()
    assert app.window.speech.text.startswith("Speech cannot be found")
    assert not [each for each in app.window.findChildren(MessageDialog) if each.isVisible()]
    app.program.controllers.media.open(app.program.db.lists.entries("default")[0])
    app.until_open(sound.name)
    app.until_idle()
    (way_out,) = [
        button
        for button in app.program.scanning.panel.findChildren(QPushButton)
        if button.text() == "Show all regions" and button.isVisible()
    ]
    monkeypatch.setattr(speech, "track", find)
    way_out.click()
    app.until_idle()
    assert len(shown(app)) == 4
    assert app.program.scanning.panel.findChild(QComboBox, keys.SPEECH_FILTER.name).currentText() == "All regions"
    choose(app, 2)
    assert len(shown(app)) == 4
