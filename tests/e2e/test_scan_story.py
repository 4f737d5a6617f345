"""Find the sound, from the first start to the second: demo videos, cut, train, scan, review, train again, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QItemSelectionModel, QPoint, Qt
from PyQt6.QtTest import QTest

from core.demo.videos import scene_of
from core.domain.scan import RegionRow, RegionRule
from core.ops import demo_videos, regions
from tests.e2e.driver import Driver
from ui.action_table import Act
from ui.main_window.scan_results.panel import ScanResultsPanel
from ui.training.negatives_dialog import HardNegativesDialog
from ui.training.train_dialog import TrainDialog

Start = Callable[..., Driver]
# Torch and scikit-learn are imported by the first training, on a machine that may be busy.
TRAINING_MS = 180_000
LENGTH_S = 65.0
CLASS = "bark"
LEARNED = 4


class Story:
    """One person at one window, and what is stored of the file that is looked at."""

    def __init__(self, app: Driver, out: Path) -> None:
        self.app, self.out, self.db = app, out, app.program.db

    @property
    def panel(self) -> ScanResultsPanel:
        return self.app.program.scanning.panel

    def trigger(self, act: Act, times: int = 1) -> None:
        for _ in range(times):
            self.app.window.actions_table[act].trigger()
            self.app.until_idle()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """In the table of regions."""
        QTest.keyClick(self.panel.table, key, modifiers)
        self.app.until_idle()

    def shortcut(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        """In the window, wherever the focus is."""
        self.app.window.activateWindow()
        self.app.until(self.app.window.isActiveWindow)
        QTest.keyClick(self.app.window.windowHandle(), key, modifiers)
        self.app.until_idle()

    def open(self, name: str) -> None:
        media = next(each for each in self.db.lists.entries("default") if each.name == name)
        self.app.program.controllers.media.open(media)
        self.app.until_open(name)
        self.app.until_idle()

    def cut(self) -> None:
        """Two barks of each video made for learning, by pressing E a moment before each."""
        deck = self.app.window.deck
        self.app.choose_folder(self.out / CLASS)
        names = [media.name for media in self.db.lists.entries("default") if media.name.startswith("learn")]
        for number, name in enumerate(sorted(names)):
            self.open(name)
            deck.duration_s.setValue(4.0)
            deck.clips.setValue(1)
            deck.format.setCurrentText("WAV")
            for count, event in enumerate(scene_of("learn", number, LENGTH_S).of_kind(CLASS)[:2]):
                start_s = min(max(0.0, event.middle_s - 2.0), LENGTH_S - 4.1)
                self.app.program.controllers.playback.move_cursor(start_s)
                self.app.press(Qt.Key.Key_E)
                self.app.until_exported(count + 1)
        assert len(list((self.out / CLASS).rglob("*.wav"))) == 2 * LEARNED

    def train(self, head: str = "logistic", hard: bool = True) -> TrainDialog:
        """Train in the dialog and close it by its button."""
        app = self.app
        self.trigger(Act.TRAIN)
        dialog = app.window.findChild(TrainDialog)
        dialog.form.check([CLASS])
        dialog.form.hard.setChecked(hard)
        dialog.form.head.setCurrentIndex(dialog.form.head.findData(head))
        app.until(lambda: dialog.statistics.text() == f"{2 * LEARNED} clips from {LEARNED} videos")
        dialog.train.click()
        assert dialog.progress.isVisible()
        app.until(lambda: dialog.use.isVisible() or bool(app.failed_jobs()), TRAINING_MS)
        assert not app.failed_jobs()
        app.until_idle()
        dialog.use.click()
        return dialog

    def scan_all(self) -> None:
        self.app.window.actions_table[Act.SCAN_ALL].trigger()
        self.app.until(lambda: not self.app.program.runner.active, TRAINING_MS)
        assert not self.app.failed_jobs()

    def set_threshold(self, percent: int) -> None:
        slider = self.panel.tuning.threshold
        slider.setSliderDown(True)
        slider.setValue(percent)
        slider.setSliderDown(False)
        slider.sliderReleased.emit()
        self.app.until_idle()

    def shift_drag(self, from_s: float, to_s: float) -> None:
        timeline = self.app.window.timeline
        y = timeline.height() // 2
        start, end = (QPoint(round(timeline.axis.x(seconds)), y) for seconds in (from_s, to_s))
        shift = Qt.KeyboardModifier.ShiftModifier
        QTest.mousePress(timeline, Qt.MouseButton.LeftButton, shift, start)
        QTest.mouseMove(timeline, (start + end) / 2)
        QTest.mouseMove(timeline, end)
        QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, shift, end)
        self.app.until_idle()

    def select(self, *places: int) -> None:
        table, flag = self.panel.table, QItemSelectionModel.SelectionFlag
        table.go_to(self.panel.model.row_at(places[0]).id)
        for place in places[1:]:
            table.selectionModel().select(self.panel.model.index(place, 0), flag.Select | flag.Rows)

    def longest(self) -> RegionRow:
        return max(self.panel.model.rows, key=lambda row: row.end_s - row.start_s)

    def facts(self) -> dict[str, Any]:
        """What is stored of the scan on screen."""
        scan, media = self.panel.scan, self.app.state.media
        profile_id = self.db.profiles.id_of("default")
        rows = self.db.scans.rows(profile_id, media.id, scan.label, scan.timestamp)
        made = self.db.scans.made(profile_id, media.id, scan.label, scan.timestamp)
        return {
            "rows": [(row.start_s, row.end_s, row.disabled, row.accepted) for row in rows if not row.hidden],
            "threshold": round(made.threshold, 2),
            "negatives": sorted(mark["id"] for mark in self.db.get_hard_negatives("default")),
        }


@pytest.fixture
def story(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setattr(demo_videos.make, "__defaults__", (LENGTH_S,))
    return Story(start(), tmp_path)


def test_find_the_sound_from_the_first_start_to_the_second(story: Story, start: Start, tmp_path: Path) -> None:
    app, panel, db = story.app, story.panel, story.db
    app.window.welcome.buttons[2].click()
    app.until(lambda: app.state.media is not None and app.window.media_model.rowCount() == 8)
    app.until_idle()
    story.cut()
    dialog = story.train()
    assert dialog.report.curve.lines, "the curve is there"
    assert dialog.report.history.rowCount() == 1
    story.scan_all()
    story.train("trees")
    assert dialog.report.history.rowCount() == 2
    story.scan_all()

    # Two versions of the scan: from one to the other and back.
    story.open(next(media.name for media in db.lists.entries("default") if media.name.startswith("review-1")))
    media = app.state.media
    app.until(lambda: panel.versions.count() == 2)
    newest = panel.scan.timestamp
    panel.versions.setCurrentIndex(1)
    panel.versions.activated.emit(1)
    app.until(lambda: panel.scan.timestamp != newest)
    assert panel.tabs.tabText(0).endswith("[v1]")
    panel.versions.setCurrentIndex(0)
    panel.versions.activated.emit(0)
    app.until(lambda: panel.scan.timestamp == newest)
    app.until_idle()

    # Every edit, one after the other.
    history = [story.facts()]

    def done(what: str) -> None:
        history.append(story.facts())
        assert history[-1] != history[-2], what

    lowest = next(percent for percent in range(60, 0, -5) if len(preview(panel, percent)) >= 5 or percent == 5)
    story.set_threshold(lowest)
    done("the threshold")
    assert panel.model.rowCount() >= 4
    panel.table.setFocus()
    story.select(0)
    story.press(Qt.Key.Key_Delete)
    done("disabled")
    row = panel.model.rows[-1]
    story.shift_drag(row.start_s, row.start_s - 1.5)
    done("trimmed")
    assert app.window.timeline.scene.regions[-1].orig_start_s is not None, "a ghost where it was found"
    row = story.longest()
    panel.table.go_to(row.id)
    app.player.seek((row.start_s + row.end_s) / 2)
    app.until(lambda: not app.player.seeking)
    story.press(Qt.Key.Key_B)
    done("split")
    place = panel.model.place_of(panel.table.current_row.id)
    story.select(place, place + 1)
    story.press(Qt.Key.Key_M)
    done("merged")
    story.select(1, 2)
    story.press(Qt.Key.Key_N)
    done("marked")
    marked = panel.scan.negative
    assert len(marked) == 2
    for wanted in history[-2::-1]:
        story.shortcut(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert story.facts() == wanted
    for wanted in history[1:]:
        story.shortcut(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert story.facts() == wanted

    # The dialog of hard negatives: only what the filter shows can be deleted.
    db.add_hard_negatives(media.path, "default", [1.0], media.path, "YAMNET")
    story.trigger(Act.NEGATIVES)
    negatives = app.window.findChild(HardNegativesDialog)
    negatives.sources.setCurrentIndex(negatives.sources.findData("LOGMEL"))
    assert (negatives.filter.rowCount(), negatives.model.rowCount()) == (2, 3)
    negatives.table.selectAll()
    negatives.delete_selected.click()
    app.until_idle()
    assert [mark["source_model"] for mark in db.get_hard_negatives("default")] == ["YAMNET"]
    negatives.undo.click()
    app.until_idle()
    assert len(db.get_hard_negatives("default")) == 3
    negatives.dismiss.click()

    # Train without them, and see the versions side by side.
    story.train(hard=False)
    assert len(db.get_hard_negatives("default")) == 3, "left out is not lost"
    story.trigger(Act.TRAIN)
    assert dialog.report.history.rowCount() == 3
    dialog.report.history.selectRow(2)
    assert len(dialog.report.curve.lines) == 2, "two curves in one plot"
    dialog.reject()
    story.scan_all()
    app.until(lambda: panel.versions.count() == 3)
    assert panel.against.text().startswith("Against ")

    app.choose_folder(tmp_path / "hits")
    wanted = [row for row in panel.model.rows if not row.disabled and row.id not in panel.scan.negative]
    panel.tuning.export.click()
    app.until(lambda: not app.program.runner.active, TRAINING_MS)
    app.until(lambda: panel.tuning.export.text() == "Nothing to export")
    files = list((tmp_path / "hits").rglob("*.wav"))
    assert len(files) >= len(wanted) > 0
    assert all("_a" in path.name for path in files), "marked as exports of a scan"

    def cut_of_scans() -> dict[str, int]:
        markers = {each.name: db.clips.markers(each.id, "default") for each in db.lists.entries("default")}
        return {name: sum(marker.scan_export for marker in found) for name, found in markers.items()}

    # Everything else in one go; what was cut before is not cut again.
    before = cut_of_scans()
    app.program.scanning.jobs.scan_and_export()
    app.until(lambda: not app.program.runner.active, TRAINING_MS)
    assert not app.failed_jobs()
    hits = {each.name: db.get_scan_results(each.path, "default")["LOGMEL"] for each in db.lists.entries("default")}
    after = cut_of_scans()
    assert after[media.name] == before[media.name] > 0
    assert all(count > 0 for name, count in after.items() if any(not row[4] for row in hits[name]))
    assert sum(after.values()) > sum(before.values())
    shown, versions = panel.scan, [version.timestamp for version in panel.scan.versions]
    app.close()

    again = start()
    again.until_open(media.name)
    again.until_idle()
    panel = again.program.scanning.panel
    assert panel.isVisible()
    assert (panel.scan.timestamp, panel.scan.regions) == (shown.timestamp, shown.regions)
    assert (panel.scan.exported, panel.scan.negative) == (shown.exported, shown.negative)
    assert [version.timestamp for version in panel.scan.versions] == versions
    assert again.program.scanning.jobs.chosen == "default_LOGMEL"
    assert len(again.program.db.get_hard_negatives("default")) == 3
    profile_id = again.program.db.profiles.id_of("default")
    decided = again.program.db.scans.rows(profile_id, media.id, "LOGMEL", newest)
    assert [(row.start_s, row.end_s, row.disabled, row.accepted) for row in decided if not row.hidden] == history[-1][
        "rows"
    ], "the version that was edited is as it was left"


def preview(panel: ScanResultsPanel, percent: int) -> list[RegionRow]:
    """The regions there would be at this threshold."""
    return list(regions.preview(panel.scan, RegionRule(percent / 100)).rows)
