"""The loop: cut examples, train, scan everything, decide, mark what is wrong, train again, export the hits, restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt

from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import BEEPS_S, recording
from ui.action_table import Act
from ui.main_window.scan_results.region_table import RegionAct
from ui.training.train_dialog import TrainDialog

Start = Callable[..., Driver]
# Torch and scikit-learn are imported by the first training, on a machine that may be busy.
TRAINING_MS = 180_000


def cut_by_hand(app: Driver, name: str) -> None:
    """Open a file and press E where each sound starts."""
    media = next(each for each in app.program.db.lists.entries("default") if each.name == name)
    app.program.controllers.media.open(media)
    app.until_open(name)
    app.window.deck.duration_s.setValue(3.0)
    app.window.deck.clips.setValue(1)
    app.window.deck.format.setCurrentText("WAV")
    for number, time in enumerate(BEEPS_S):
        app.program.controllers.playback.move_cursor(time - 0.5)
        app.press(Qt.Key.Key_E)
        app.until_exported(number + 1)


def train(app: Driver) -> TrainDialog:
    """Train on the class “beep” in the dialog, and close it by its button."""
    app.window.actions_table[Act.TRAIN].trigger()
    dialog = app.window.findChild(TrainDialog)
    app.until_idle()
    dialog.form.check(["beep"])
    dialog.form.head.setCurrentIndex(dialog.form.head.findData("logistic"))
    app.until(lambda: dialog.statistics.text() == "8 clips from 2 videos")
    dialog.train.click()
    assert dialog.progress.isVisible()
    app.until(lambda: dialog.use.isVisible() or bool(app.failed_jobs()), TRAINING_MS)
    assert not app.failed_jobs()
    app.until_idle()
    dialog.use.click()
    return dialog


def test_train_scan_review_mark_train_again_export_and_restart(start: Start, tmp_path: Path) -> None:
    sounds = [recording(tmp_path, number) for number in (1, 2, 3)]
    app = start(*sounds)
    app.until(lambda: app.window.media_model.rowCount() == 3)
    app.until_open(sounds[0].name)
    app.choose_folder(tmp_path / "beep")
    for sound in sounds[:2]:
        cut_by_hand(app, sound.name)

    dialog = train(app)
    assert dialog.report.curve.lines, "the curve is there"
    assert dialog.report.history.rowCount() == 1
    app.window.actions_table[Act.SCAN_ALL].trigger()
    app.until(lambda: not app.program.runner.active, TRAINING_MS)
    assert not app.failed_jobs()
    panel = app.program.scanning.panel
    app.until(lambda: panel.model.rowCount() > 0)
    assert panel.current_model_name() == "LOGMEL"
    found = panel.model.rows
    for beep in BEEPS_S:
        assert any(row.start_s - 1.5 <= beep + 0.75 <= row.end_s + 1.5 for row in found), f"the sound at {beep} s"

    media = app.state.media
    last = found[-1]
    panel.table.acted.emit(RegionAct.NEGATIVE, [last])
    app.until_idle()
    assert panel.scan.negative == {last.id}
    assert [mark["source_model"] for mark in app.program.db.get_hard_negatives("default")] == ["LOGMEL"]

    train(app)
    assert dialog.report.history.rowCount() == 2
    app.window.actions_table[Act.SCAN_FILE].trigger()
    elsewhere = next(each for each in app.program.db.lists.entries("default") if each != media)
    app.program.controllers.media.open(elsewhere)
    app.program.bridge.session.switch_profile("other")
    app.until(lambda: not app.program.runner.active, TRAINING_MS)
    versions = app.program.db.get_scan_versions
    assert len(versions(elsewhere.path, "default", "LOGMEL")) == 1
    assert versions(media.path, "other", "LOGMEL") == versions(elsewhere.path, "other", "LOGMEL") == []
    app.program.bridge.session.switch_profile("default")
    app.program.controllers.media.open(media)
    app.until_open(media.name)
    app.until(lambda: panel.versions.count() == 2)
    assert last.id not in {row.id for row in panel.model.rows}, "another version has rows of its own"

    app.choose_folder(tmp_path / "hits")
    wanted = [row for row in panel.model.rows if row.id not in panel.scan.negative]
    panel.tuning.export.click()
    app.until_idle()
    app.until(lambda: len(panel.scan.exported) == len(wanted))
    assert len(list((tmp_path / "hits").rglob("*.wav"))) >= len(wanted)
    assert all("_a" in path.name for path in (tmp_path / "hits").rglob("*.wav")), "marked as exports of a scan"
    assert panel.tuning.export.text() == "Nothing to export"
    shown = panel.scan

    other = recording(tmp_path / "more", 4)
    app.program.scanning.jobs.scan_folder(str(other.parent))
    app.until(lambda: not app.program.runner.active, TRAINING_MS)
    listed = app.program.db.lists.entries("default")
    assert [each.name for each in listed] == [sound.name for sound in (*sounds, other)]
    hits = app.program.db.get_scan_results(listed[3].path, "default")["LOGMEL"]
    assert hits
    before = len(list((tmp_path / "hits").rglob("*.wav")))
    app.program.scanning.jobs.scan_and_export()
    app.until(lambda: not app.program.runner.active, TRAINING_MS)
    assert not app.failed_jobs()
    exported = {marker.scan_export for marker in app.program.db.clips.markers(listed[3].id, "default")}
    assert exported == {True}
    assert len(list((tmp_path / "hits").rglob("*.wav"))) > before
    assert panel.scan.regions == shown.regions
    markers = app.program.db.clips.markers(media.id, "default")
    assert sum(marker.scan_export for marker in markers) == len(wanted), "what was cut before is not cut again"
    app.close()

    again = start()
    again.until_open(media.name)
    again.until_idle()
    panel = again.program.scanning.panel
    assert (panel.scan.timestamp, panel.scan.regions) == (shown.timestamp, shown.regions)
    assert panel.scan.exported == shown.exported
    assert again.program.scanning.jobs.chosen == "default_LOGMEL"
