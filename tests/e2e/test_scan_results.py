"""Scan results in the real window: every edit is undone in order, and nothing is written to the wrong media."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from core.db import ProcessedDB
from core.domain.scan import RegionRow
from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import recording, save_scan, show_scan
from ui.action_table import Act
from ui.main_window.scan_results.region_table import RegionAct

Start = Callable[..., Driver]


def stored(app: Driver, media_id: int, profile: str = "default", stamp: str | None = None) -> list[RegionRow]:
    db = app.program.db
    rows = db.scans.rows(db.profiles.id_of(profile), media_id, "LOGMEL", stamp)
    return [row for row in rows if not row.hidden]


def facts(app: Driver, media_id: int, **which: str) -> list[tuple]:
    rows = stored(app, media_id, **which)
    marks = {
        mark["start_time"] for mark in app.program.db.get_hard_negatives("default") if mark["media_id"] == media_id
    }
    return [(row.start_s, row.end_s, row.disabled, row.accepted, row.start_s in marks) for row in rows]


def act(app: Driver, what: RegionAct, *ids: int) -> None:
    table = app.program.scanning.panel.table
    rows = [row for row in app.program.scanning.panel.model.rows if row.id in ids]
    table.acted.emit(what, rows)
    app.until_idle()


def trigger(app: Driver, what: Act, times: int = 1) -> None:
    for _ in range(times):
        app.window.actions_table[what].trigger()
        app.until_idle()


def shift_drag(app: Driver, from_s: float, to_s: float) -> None:
    timeline = app.window.timeline
    y = timeline.height() // 2
    start, end = (QPoint(round(timeline.axis.x(seconds)), y) for seconds in (from_s, to_s))
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, shift, start)
    QTest.mouseMove(timeline, (start + end) / 2)
    QTest.mouseMove(timeline, end)
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, shift, end)
    app.until_idle()


def test_every_edit_is_undone_and_redone_in_order_and_survives_a_restart(start: Start, tmp_path: Path) -> None:
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    media = app.state.media
    save_scan(app.program.db, media)
    show_scan(app, media)
    panel = app.program.scanning.panel
    assert panel.tabs.tabText(0) == "LOGMEL (4)"
    assert len(app.window.timeline.scene.regions) == 4
    untouched = facts(app, media.id)
    history = [untouched]
    first, _, third, fourth = (row.id for row in stored(app, media.id))

    panel.table.setFocus()
    panel.table.go_to(first)
    for key in (Qt.Key.Key_A, Qt.Key.Key_Delete):
        QTest.keyClick(panel.table, key)
        app.until_idle()
        history.append(facts(app, media.id))
    assert [(row[2], row[3]) for row in history[-1]] == [(False, True), (True, False), (False, False), (False, False)]
    shift_drag(app, stored(app, media.id)[2].end_s, stored(app, media.id)[2].end_s + 3.0)
    history.append(facts(app, media.id))
    assert stored(app, media.id)[2].trimmed
    assert app.window.timeline.scene.regions[2].orig_end_s == untouched[2][1], "a ghost where it was found"
    app.player.seek(stored(app, media.id)[2].start_s + 1.0)
    app.until(lambda: not app.player.seeking)
    act(app, RegionAct.SPLIT, third)
    history.append(facts(app, media.id))
    assert len(history[-1]) == 5
    act(app, RegionAct.MERGE, *(row.id for row in stored(app, media.id)[2:4]))
    history.append(facts(app, media.id))
    assert len(history[-1]) == 4
    act(app, RegionAct.NEGATIVE, fourth)
    history.append(facts(app, media.id))
    assert [row[4] for row in history[-1]] == [False, False, False, True]
    panel.tuning.threshold.setValue(80)
    app.until(lambda: len(facts(app, media.id)) < 4)
    app.until_idle()
    history.append(facts(app, media.id))

    for wanted in history[-2::-1]:
        trigger(app, Act.UNDO)
        assert facts(app, media.id) == wanted
    assert not app.window.actions_table[Act.UNDO].isEnabled()
    for wanted in history[1:]:
        trigger(app, Act.REDO)
        assert facts(app, media.id) == wanted
    assert not app.failed_jobs()
    app.close()

    again = start()
    again.until_open(sound.name)
    again.until_idle()
    assert facts(again, media.id) == history[-1]
    assert again.program.scanning.panel.isVisible()
    assert again.program.scanning.panel.model.rowCount() == len(history[-1])


def test_an_edit_is_undone_in_its_own_file_whatever_is_open(start: Start, tmp_path: Path) -> None:
    sounds = [recording(tmp_path, number) for number in (1, 2)]
    app = start(*sounds)
    app.until_open(sounds[0].name)
    app.until_idle()
    db: ProcessedDB = app.program.db
    one, two = db.lists.entries("default")
    for media in (one, two):
        save_scan(db, media)
    show_scan(app, one)
    before = facts(app, one.id), facts(app, two.id)
    act(app, RegionAct.REJECT, *(row.id for row in stored(app, one.id)))
    act(app, RegionAct.NEGATIVE, stored(app, one.id)[0].id)
    edited = facts(app, one.id)
    app.program.controllers.media.open(two)
    app.until_open(two.name)
    app.until_idle()
    act(app, RegionAct.ACCEPT, stored(app, two.id)[1].id)
    trigger(app, Act.UNDO)
    assert (facts(app, one.id), facts(app, two.id)) == (edited, before[1])
    trigger(app, Act.UNDO, 2)
    assert (facts(app, one.id), facts(app, two.id)) == before
    trigger(app, Act.REDO, 2)
    assert (facts(app, one.id), facts(app, two.id)) == (edited, before[1])


def test_a_file_switched_in_the_middle_of_an_edit_keeps_the_other_file_clean(start: Start, tmp_path: Path) -> None:
    sounds = [recording(tmp_path, number) for number in (1, 2)]
    app = start(*sounds)
    app.until_open(sounds[0].name)
    app.until_idle()
    one, two = app.program.db.lists.entries("default")
    for media in (one, two):
        save_scan(app.program.db, media)
    show_scan(app, one)
    panel = app.program.scanning.panel
    rows = panel.model.rows
    untouched = facts(app, two.id)
    panel.tuning.threshold.setValue(85)
    app.program.controllers.media.open(two)
    assert panel.model.rowCount() == 0, "nothing of the first file can be edited any more"
    panel.table.acted.emit(RegionAct.REJECT, list(rows))
    app.window.timeline.region_resized.emit(rows[0].id, 1.0, 2.0)
    panel.tuning.settled.emit(0.9, 4.0)
    app.until_open(two.name)
    app.until_idle()
    assert facts(app, two.id) == untouched
    above = [row.hit.score >= 0.85 for row in rows]
    assert len(facts(app, one.id)) == sum(above) < len(rows), "the slider was moved on the first file"
    assert not any(row[2] for row in facts(app, one.id))


def test_versions_tabs_and_profiles_are_edited_each_on_its_own(start: Start, tmp_path: Path) -> None:
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    media, db = app.state.media, app.program.db
    older = save_scan(db, media)
    newer = save_scan(db, media, peak=0.9)
    save_scan(db, media, label="YAMNET")
    save_scan(db, media, profile="other")
    show_scan(app, media)
    panel = app.program.scanning.panel
    assert [panel.tabs.tabText(place) for place in range(2)] == ["LOGMEL (4)", "YAMNET (4)"]
    act(app, RegionAct.REJECT, panel.model.rows[0].id)
    panel.version_chosen.emit("LOGMEL", older)
    app.until_idle()
    assert panel.tabs.tabText(0) == "LOGMEL (4) [v1]"
    assert not app.window.actions_table[Act.UNDO].isEnabled(), "choosing a version clears the history of this panel"
    act(app, RegionAct.ACCEPT, panel.model.rows[3].id)
    assert [row.disabled for row in stored(app, media.id, stamp=newer)] == [True, False, False, False]
    assert [row.accepted for row in stored(app, media.id, stamp=older)] == [False, False, False, True]
    panel.tabs.setCurrentIndex(1)
    act(app, RegionAct.REJECT, panel.model.rows[1].id)
    app.program.bridge.session.switch_profile("other")
    app.until_idle()
    assert panel.model.rowCount() == 4
    act(app, RegionAct.REJECT, panel.model.rows[2].id)
    assert [row.disabled for row in stored(app, media.id, profile="other")] == [False, False, True, False]
    trigger(app, Act.UNDO, 2)
    app.program.bridge.session.switch_profile("default")
    app.until_idle()
    assert not any(row.disabled for row in stored(app, media.id, profile="other"))
    yamnet = db.scans.rows(db.profiles.id_of("default"), media.id, "YAMNET")
    assert not any(row.disabled for row in yamnet)
    assert [row.accepted for row in stored(app, media.id, stamp=older)] == [False, False, False, True]


def test_reviewing_takes_one_key_for_each_region(start: Start, tmp_path: Path) -> None:
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    media = app.state.media
    save_scan(app.program.db, media)
    show_scan(app, media)
    trigger(app, Act.REVIEW)
    scanning = app.program.scanning
    assert scanning.panel.table.current_row == scanning.panel.model.rows[0]
    assert app.window.timeline.scene.batch is None, "nothing of an export is in the way"
    for key in (Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_N, Qt.Key.Key_A):
        wanted = scanning.panel.table.current_row
        app.until(lambda row=wanted: row.start_s - 0.1 <= app.player.position_s <= row.end_s + 0.1)
        assert not app.player.paused
        QTest.keyClick(scanning.panel.table, key)
    app.until_idle()
    assert [row[2:] for row in facts(app, media.id)] == [
        (False, True, False),
        (True, False, False),
        (False, False, True),
        (False, True, False),
    ]
    trigger(app, Act.REVIEW)
    assert app.player.paused
    assert app.window.timeline.scene.batch is not None


def test_without_a_classifier_the_way_to_one_is_told(start: Start, tmp_path: Path) -> None:
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    for what in (Act.SCAN_FILE, Act.SCAN_ALL):
        app.window.notices.dismiss()
        trigger(app, what)
        assert any("train one from clips you cut" in message for message in app.messages())
    app.window.notices.dismiss()
    trigger(app, Act.NEXT_REGION)
    assert any("Scan it first" in message for message in app.messages())


def test_a_damaged_classifier_is_a_sentence(start: Start, tmp_path: Path) -> None:
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    app.paths.models.mkdir(exist_ok=True)
    (app.paths.models / "default_LOGMEL.safetensors").write_bytes(b"not a model at all")
    trigger(app, Act.SCAN_FILE)
    assert len(app.failed_jobs()) == 1
    assert "default_LOGMEL" in app.failed_jobs()[0]
    assert app.messages()
    assert app.program.db.get_scan_results(str(sound), "default") == {}


def test_sorted_by_score_the_review_goes_from_the_strongest_on(start: Start, tmp_path: Path) -> None:
    sound = recording(tmp_path, 1)
    app = start(sound)
    app.until_open(sound.name)
    media = app.state.media
    save_scan(app.program.db, media)
    show_scan(app, media)
    panel = app.program.scanning.panel
    panel.order.setCurrentIndex(2)
    panel.order.activated.emit(2)
    assert [row.hit.score for row in panel.model.rows] == sorted(row.hit.score for row in panel.model.rows)
    trigger(app, Act.NEXT_REGION)
    first = panel.table.current_row
    trigger(app, Act.NEXT_REGION)
    assert panel.table.current_row == panel.model.rows[panel.model.rows.index(first) + 1]
    assert app.window.timeline.scene.highlighted_region == panel.table.current_row.id
