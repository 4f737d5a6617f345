"""Presets, quality, encoders, rates and names in the real window, from the first click to the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton

from core.domain.preset import PRESETS
from core.media.probe import probe
from tests.core.media.test_encoder_fallback import DIES
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.dialogs.prompt import Prompt
from ui.main_window.export_options import ExportOptions

Start = Callable[..., Driver]


def opened(start: Start, media: MediaShelf, folder: Path) -> Driver:
    driver = start(media.copy("gop250_25", folder / "sea.mp4"))
    driver.until_open("sea.mp4")
    driver.choose_folder(folder / "clips")
    driver.window.deck.clips.setValue(1)
    return driver


def pick(box, text: str) -> None:
    """Choose an entry as a click on it does."""
    row = box.findText(text)
    assert row >= 0, f"{text} is not offered"
    box.setCurrentIndex(row)
    box.textActivated.emit(text)
    box.activated.emit(row)


def options(driver: Driver) -> ExportOptions:
    QTest.mouseClick(driver.window.deck.options, Qt.MouseButton.LeftButton)
    dialog = driver.program.export_options.dialog
    driver.until(dialog.isVisible)
    return dialog


def press_button(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "clips" / "vid_001").iterdir())


def test_a_preset_from_choice_to_file(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    deck = driver.window.deck
    offered = [deck.preset.itemText(row) for row in range(deck.preset.count())]
    assert offered == ["None", *(preset.name for preset in PRESETS)]
    pick(deck.preset, "Wan")
    assert (deck.duration_s.value(), deck.resize_px.value(), deck.values.settings.fps) == (5.06, 480, "16")
    assert "4n+1 frames" in deck.preset.toolTip()
    deck.clips.setValue(1)
    driver.press(Qt.Key.Key_E)
    driver.until_exported(1)
    video = probe(tmp_path / "clips" / "vid_001" / "clip_001_m1_0.mp4").video
    assert (video.frame_count, video.fps) == (81, 16)

    deck.duration_s.setValue(6.0)
    assert "Wan wants 4n+1 frames, not 96: 93" in deck.problem.text()
    assert not deck.export.isEnabled() and deck.preset.currentText() == "Wan (changed)"
    pick(deck.preset, "None")
    assert deck.export.isEnabled() and not deck.problem.isVisible()
    assert deck.values.settings.fps == "16", "dropping the rules changes nothing else"
    pick(deck.preset, "Foley 8 s")
    assert (deck.duration_s.value(), deck.clips.value(), deck.values.settings.fps) == (8.0, 3, "")


def test_everything_is_remembered(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    dialog = options(driver)
    dialog.crf.setValue(30)
    pick(dialog.effort, "ultrafast")
    pick(dialog.fps, "23.976")
    pick(dialog.side_step, "16")
    dialog.webp_lossless.setChecked(True)
    dialog.webp_quality.setValue(33)
    dialog.template.setText("{media}_{batch}_{index}")
    assert not dialog.webp_quality.isEnabled()
    press_button(dialog.close_button)
    assert not dialog.isVisible()
    values = driver.window.deck.values
    settings = values.settings
    assert (settings.crf, settings.preset, settings.fps, settings.side_step) == (30, "ultrafast", "24000/1001", 16)
    assert (settings.webp_lossless, settings.webp_quality, settings.template) == (True, 33, "{media}_{batch}_{index}")
    driver.press(Qt.Key.Key_E)
    driver.until_exported(1)
    assert made(tmp_path) == ["sea_1_0.mp4"]
    assert driver.program.controllers.timeline.markers[0].settings.crf == 30
    driver.close()
    again = start()
    assert again.window.deck.values == values


def test_names_are_shown_and_refused_before_exporting(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    deck = driver.window.deck
    driver.until(lambda: deck.names.text() == "clip_001_m1_0.mp4")
    dialog = options(driver)
    dialog.template.setText("{label}-{media}")
    driver.until(lambda: dialog.preview.text() == "sea.mp4")
    deck.label.setText("waves")
    driver.until(lambda: deck.names.text() == "waves-sea.mp4")
    driver.program.controllers.export.export()
    driver.until_exported(1)
    driver.until(lambda: "There is a clip called waves-sea already" in deck.problem.text())
    assert not deck.export.isEnabled() and dialog.name_problem.isVisible()
    dialog.template.setText("{batch}{nope}")
    driver.until(lambda: dialog.name_problem.text() == "{nope} is no token")
    deck.clips.setValue(2)
    dialog.template.setText("{batch}")
    driver.until(lambda: "add {index}" in deck.problem.text())
    dialog.template.clear()
    driver.until(lambda: deck.export.isEnabled() and deck.names.text().startswith("clip_001_m2_0.mp4"))


def test_a_token_is_inserted_from_the_menu(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    dialog = options(opened(start, media, tmp_path))
    action = next(action for action in dialog.insert.menu().actions() if action.text().startswith("{date}"))
    action.trigger()
    assert dialog.template.text() == "{name}_{number}_{origin}{batch}_{index}{date}"


def test_own_presets_are_saved_offered_and_deleted(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    deck, dialog = driver.window.deck, options(driver)
    dialog.crf.setValue(25)
    deck.duration_s.setValue(3.0)
    press_button(dialog.save)
    prompt = dialog.findChild(Prompt)
    prompt.line.setText("LTX")
    assert not prompt.yes_button.isEnabled() and "8-cut has this name" in prompt.problem.text()
    prompt.line.setText("Tiny sounds")
    press_button(prompt.yes_button)
    driver.until(lambda: deck.preset.currentText() == "Tiny sounds")
    assert "3 s × 1" in dialog.meaning.text() and dialog.delete.isEnabled()
    pick(deck.preset, "LTX")
    assert not dialog.delete.isEnabled()
    pick(dialog.preset, "Tiny sounds")
    assert (deck.duration_s.value(), deck.values.settings.crf, deck.values.settings.training) == (3.0, 25, "")
    press_button(dialog.delete)
    assert deck.preset.findText("Tiny sounds") < 0
    assert driver.program.settings.get(keys.OWN_PRESETS) == []
    assert deck.duration_s.value() == 3.0


def test_only_encoders_that_work_are_offered(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    dialog = options(driver)
    driver.until(dialog.probe.isEnabled)
    for row in range(dialog.encoder.count()):
        item = dialog.encoder.model().item(row)
        assert item.isEnabled() or "Not usable here: " in item.toolTip()
    assert dialog.encoder.model().item(0).isEnabled()
    refused = [row for row in range(dialog.encoder.count()) if not dialog.encoder.model().item(row).isEnabled()]
    assert dialog.encoders.text().count("\n") == len(refused) - 1
    press_button(dialog.probe)
    assert not dialog.probe.isEnabled() and dialog.probe.text() == "Checking…"
    driver.until(dialog.probe.isEnabled)


def test_a_rate_that_is_none_is_said_and_not_taken(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    dialog = options(driver)
    dialog.fps.setEditText("fast")
    assert "a number" in dialog.rate_problem.text() and dialog.rate_problem.isVisible()
    assert driver.window.deck.values.settings.fps == ""
    dialog.fps.setEditText("12.5")
    assert driver.window.deck.values.settings.fps == "25/2" and not dialog.rate_problem.isVisible()


def test_an_encoder_that_dies_half_way_is_replaced_and_said_so(
    start: Start, media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/bash\n{DIES}")
    program.chmod(0o755)
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(program))
    driver = opened(start, media, tmp_path)
    # It was chosen while it worked.
    options(driver).edited.emit(replace(driver.window.deck.values.settings, encoder="h264_nvenc"))
    driver.program.controllers.export.export()
    driver.until_exported(1)
    assert any("NVIDIA NVENC failed" in message for message in driver.messages())
    assert made(tmp_path) == ["clip_001_m1_0.mp4"]


def test_a_sequence_from_the_window(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    driver = opened(start, media, tmp_path)
    pick(driver.window.deck.format, "WEBP")
    driver.window.deck.duration_s.setValue(2.0)
    driver.press(Qt.Key.Key_E)
    driver.until_exported(1)
    assert made(tmp_path) == ["clip_001_m1_0", "clip_001_m1_0.wav"]
    assert any("1 clip" in message for message in driver.messages())
