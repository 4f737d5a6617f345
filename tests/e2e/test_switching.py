"""Whatever is under way when the person turns to another file, tab, version or profile stays where it was begun.

Work is held on its lane until the switch is done: everything it does, it does while something else is on screen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.domain.media import Media
from tests.core.ops.scan_world import world
from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import BEEPS_S, recording, save_scan, show_scan
from ui.action_table import Act
from ui.jobs.runner import Lane
from ui.main_window.scan_results.region_table import RegionAct
from ui.training.train_dialog import TrainDialog
from ui.widgets.toast import ToastCard

SWITCHES = ("file", "tab", "version", "profile")
TRAINING_MS = 180_000
Everything = dict[tuple[str, ...], Any]


class Bench(Driver):
    """Two recordings, each scanned by two classifiers in two profiles, and a class to train on."""

    def __init__(self, qtbot: QtBot, app: QApplication, folder: Path) -> None:
        sounds = [recording(folder / "sounds", number) for number in (1, 2)]
        with world(folder) as made:
            for sound in sounds:
                made.mark(sound, [time - 1 for time in BEEPS_S])
        super().__init__(qtbot, app, folder / "data", [str(sound) for sound in sounds])
        self.until_open(sounds[0].name)
        self.until(lambda: len(self.program.db.lists.entries("default")) == 2)
        self.one, self.two = self.program.db.lists.entries("default")
        for media in (self.one, self.two):
            for profile in ("default", "other"):
                for label in ("LOGMEL", "LOGMEL", "YAMNET"):
                    save_scan(self.program.db, media, profile, label)

    @property
    def panel(self):
        return self.program.scanning.panel

    def prepare(self) -> None:
        """The first recording in its profile, on the newest version of the first tab, nothing to undo."""
        if self.program.bridge.session.profile != "default":
            self.window.profile_chosen.emit("default")
            self.until_idle()
        if self.state.media != self.one:
            self.program.controllers.media.open(self.one)
        self.until_open(self.one.name)
        self.program.scanning.history.clear()
        self.program.scanning.results.show_model("LOGMEL")
        show_scan(self, self.one)
        self.panel.tabs.setCurrentIndex(0)
        self.until(
            lambda: self.panel.scan is not None and self.panel.scan.is_newest and self.panel.model.rowCount() > 0
        )
        self.until_idle()

    def switch(self, to: str) -> None:
        if to == "file":
            self.program.controllers.media.open(self.two)
        elif to == "tab":
            self.panel.tabs.setCurrentIndex(1)
        elif to == "version":
            self.panel.versions.setCurrentIndex(1)
            self.panel.versions.activated.emit(1)
        else:
            self.window.profile_chosen.emit("other")

    def toast_button(self, text: str) -> QPushButton:
        """The button of a passing message."""
        cards = [card for card in self.window.findChildren(ToastCard) if card.isVisible() and card.action_button]
        return next(card.action_button for card in cards if card.action_button.text() == text)

    @contextmanager
    def held(self, lane: Lane) -> Iterator[None]:
        """While this is open nothing begins on the lane."""
        free = threading.Event()
        self.program.runner.submit(lane, "Hold", lambda _: free.wait(60), quiet=True)
        try:
            yield
        finally:
            free.set()
        self.until_idle()

    def everything(self) -> Everything:
        """What is stored about scans, by profile, media, classifier and version."""
        db, found = self.program.db, {}
        for profile in ("default", "other"):
            profile_id = db.profiles.id_of(profile)
            found["negatives", profile] = sorted(mark["id"] for mark in db.get_hard_negatives(profile))
            for media in (self.one, self.two):
                for label in db.scans.models(profile_id, media.id):
                    for version in db.scans.versions(profile_id, media.id, label):
                        found[profile, media.name, label, version["timestamp"]] = self.version(
                            profile_id, media, label, version["timestamp"]
                        )
        return found

    def version(self, profile_id: int, media: Media, label: str, stamp: str) -> tuple:
        made = self.program.db.scans.made(profile_id, media.id, label, stamp)
        rows = self.program.db.scans.rows(profile_id, media.id, label, stamp)
        shown = [(row.start_s, row.end_s, row.disabled, row.accepted) for row in rows if not row.hidden]
        return shown, round(made.threshold, 2), made.fuse_s

    @property
    def shown(self) -> tuple[str, str, str, str]:
        """The key of `everything` of what is on screen."""
        scan = self.panel.scan
        return self.program.bridge.session.profile, self.state.media.name, scan.label, scan.timestamp


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory):
    made = Bench(QtBot(request), qapp, tmp_path_factory.mktemp("bench"))
    yield made
    made.close()


def changed(before: Everything, after: Everything) -> set[tuple[str, ...]]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


@pytest.mark.parametrize("to", SWITCHES)
def test_a_training_makes_a_classifier_for_its_own_profile_and_touches_no_scan(bench: Bench, to: str) -> None:
    bench.prepare()
    before = bench.everything()
    models = {path.name: path.stat().st_mtime_ns for path in bench.paths.models.glob("*.safetensors")}
    bench.window.actions_table[Act.TRAIN].trigger()
    bench.until_idle()
    dialog = next(each for each in bench.window.findChildren(TrainDialog) if each.isVisible())
    dialog.form.check(["beep"])
    dialog.form.head.setCurrentIndex(dialog.form.head.findData("logistic"))
    bench.until(lambda: dialog.statistics.text() == "8 clips from 2 videos")
    with bench.held(Lane.ENGINE):
        dialog.train.click()
        dialog.hide()
        bench.switch(to)
    bench.until(lambda: not bench.program.runner.active, TRAINING_MS)
    assert not bench.failed_jobs()
    now = {path.name: path.stat().st_mtime_ns for path in bench.paths.models.glob("*.safetensors")}
    assert {name for name in now if now[name] != models.get(name)} == {"default_LOGMEL.safetensors"}
    assert changed(before, bench.everything()) == set()
    assert any("default_LOGMEL" in message for message in bench.messages())


@pytest.mark.parametrize("to", SWITCHES)
def test_a_scan_is_stored_for_what_it_was_started_with(bench: Bench, to: str) -> None:
    bench.prepare()
    # Newer than what the classifier found before: there is something to scan.
    save_scan(bench.program.db, bench.one, peak=0.9)
    bench.prepare()
    before = bench.everything()
    with bench.held(Lane.ENGINE):
        bench.window.actions_table[Act.SCAN_FILE].trigger()
        bench.switch(to)
    bench.until(lambda: not bench.program.runner.active, TRAINING_MS)
    assert not bench.failed_jobs()
    after = bench.everything()
    (new,) = after.keys() - before.keys()
    assert new[:3] == ("default", bench.one.name, "LOGMEL")
    # Only the oldest of five may have gone for it.
    assert all(key[:3] == new[:3] for key in changed(before, after))
    assert all(after.get(key, value) == value for key, value in before.items())


@pytest.mark.parametrize("to", SWITCHES)
@pytest.mark.parametrize("settled", [True, False])
def test_a_threshold_is_stored_for_the_scan_it_was_moved_on(bench: Bench, to: str, settled: bool) -> None:
    bench.prepare()
    before, place = bench.everything(), bench.shown
    goal = 0.8 if before[place][1] != 0.8 else 0.6
    with bench.held(Lane.DB):
        bench.panel.tuning.threshold.setValue(round(goal * 100))
        if settled:
            bench.panel.tuning.settle()
        bench.switch(to)
    after = bench.everything()
    assert changed(before, after) == {place}
    assert after[place][1] == goal


@pytest.mark.parametrize("to", SWITCHES)
def test_an_edge_that_is_dragged_meanwhile_changes_nothing_elsewhere(bench: Bench, to: str) -> None:
    bench.prepare()
    before, place = bench.everything(), bench.shown
    timeline, row = bench.window.timeline, bench.panel.model.rows[0]
    y = timeline.height() // 2
    start, end = (QPoint(round(timeline.axis.x(seconds)), y) for seconds in (row.end_s, row.end_s + 4.0))
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, start)
    QTest.mouseMove(timeline, (start + end) / 2)
    bench.switch(to)
    bench.until_idle()
    QTest.mouseMove(timeline, end)
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, end)
    bench.until_idle()
    assert changed(before, bench.everything()) <= {place}


@pytest.mark.parametrize("to", SWITCHES)
def test_decisions_about_rows_that_are_gone_from_the_screen_hit_nothing_else(bench: Bench, to: str) -> None:
    bench.prepare()
    before, place, rows = bench.everything(), bench.shown, list(bench.panel.model.rows)
    with bench.held(Lane.DB):
        bench.switch(to)
        for act in (RegionAct.REJECT, RegionAct.NEGATIVE, RegionAct.MERGE, RegionAct.TRIM_END):
            bench.panel.table.acted.emit(act, rows[:2])
    # Until another version is read the old one is still on screen, and what is done is done to it.
    on_screen = {place, ("negatives", "default")} if to == "version" else set()
    assert changed(before, bench.everything()) == on_screen


@pytest.mark.parametrize("to", SWITCHES)
def test_what_is_undone_meanwhile_is_undone_where_it_was_done(bench: Bench, to: str) -> None:
    bench.prepare()
    before, place = bench.everything(), bench.shown
    goal = 0.7 if before[place][1] != 0.7 else 0.5
    bench.panel.tuning.threshold.setValue(round(goal * 100))
    bench.panel.tuning.settle()
    bench.until_idle()
    bench.panel.table.acted.emit(RegionAct.ACCEPT, [bench.panel.model.rows[0]])
    bench.until_idle()
    edited = bench.everything()
    assert changed(before, edited) == {place}
    with bench.held(Lane.DB):
        for _ in range(2):
            bench.window.actions_table[Act.UNDO].trigger()
        bench.switch(to)
    assert changed(before, bench.everything()) == set()
    if to == "version":
        assert not bench.window.actions_table[Act.UNDO].isEnabled(), "its history is cleared"
        assert not bench.window.actions_table[Act.REDO].isEnabled()
        return
    for _ in range(2):
        bench.window.actions_table[Act.REDO].trigger()
    bench.until_idle()
    assert bench.everything() == edited


def test_undo_in_another_file_or_profile_says_so_and_leads_there(bench: Bench) -> None:
    bench.prepare()
    bench.panel.table.acted.emit(RegionAct.REJECT, [bench.panel.model.rows[0]])
    bench.until_idle()
    bench.switch("file")
    bench.until_open(bench.two.name)
    bench.until_idle()
    bench.window.notices.dismiss()
    bench.window.actions_table[Act.UNDO].trigger()
    (said,) = [message for message in bench.messages() if "Undone" in message]
    assert said == f"Undone in {bench.one.name}, which is not open: Disable a region."
    bench.toast_button("Open it").click()
    bench.until_open(bench.one.name)
    bench.until_idle()
    bench.window.notices.dismiss()
    bench.window.actions_table[Act.REDO].trigger()
    assert not bench.messages(), "what is on screen shows itself"
    bench.until_idle()
    bench.switch("profile")
    bench.until_idle()
    bench.window.notices.dismiss()
    bench.window.actions_table[Act.UNDO].trigger()
    assert any("profile default: Disable a region" in message for message in bench.messages())
    bench.toast_button("Switch to default").click()
    bench.until(lambda: bench.program.bridge.session.profile == "default")
    bench.until_idle()
