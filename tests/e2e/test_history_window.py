"""Exported batches in the real window: overwritten, labelled, re-exported, deleted, and all of it undone by keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QMenu

from core.media import relocate
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.action_table import Act
from ui.dialogs.delete_clips import DeleteClipsDialog
from ui.dialogs.edit_label import EditLabelDialog
from ui.dialogs.messages import MessageDialog
from ui.dialogs.reexport import ReexportDialog
from ui.dialogs.trash import TrashDialog
from ui.timeline.scene import SceneRegion

Start = Callable[..., Driver]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def cut(start: Start, media: MediaShelf, tmp_path: Path) -> Driver:
    """The window with a video of which one batch of two clips is exported."""
    video = shutil.copy(media("h264_2997"), tmp_path / "dog.mp4")
    app = start(Path(video))
    app.until_open("dog.mp4")
    app.choose_folder(tmp_path / "dogs")
    app.window.deck.resize_px.setValue(120)
    app.window.deck.duration_s.setValue(2.0)
    app.window.deck.clips.setValue(2)
    app.window.deck.label.setText("bark")
    to_timeline(app)
    app.press(Qt.Key.Key_E)
    app.until_exported(1)
    return app


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.mp4"))}


def dataset(folder: Path) -> list[dict]:
    return json.loads((folder / "dataset.json").read_text())


def markers(app: Driver) -> list:
    return list(app.program.controllers.timeline.markers)


def opened(app: Driver, kind: type[QDialog]) -> QDialog:
    """The dialog of this kind, once it is open and on the screen."""

    def find() -> QDialog | None:
        return next((each for each in app.window.findChildren(kind) if each.isVisible()), None)

    app.until(lambda: find() is not None)
    return find()


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def to_timeline(app: Driver) -> None:
    """After a dialog, or from a field, the keys go to the timeline again."""
    app.window.activateWindow()
    app.window.timeline.setFocus()
    app.until(lambda: QApplication.focusWidget() is app.window.timeline)


def flag(app: Driver, number: int = 0) -> QPointF:
    """Where the flag of a marker is on the timeline."""
    timeline = app.window.timeline
    x = timeline.axis.x(markers(app)[number].batch.cursor_s) + 5
    return QPointF(x, timeline._lanes["markers"].top + 8)


def double_click(app: Driver, number: int = 0) -> None:
    QTest.mouseDClick(
        app.window.timeline, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, flag(app, number).toPoint()
    )


def undo(app: Driver) -> None:
    app.press(Qt.Key.Key_Z, CTRL)
    app.until_idle()


def redo(app: Driver) -> None:
    app.press(Qt.Key.Key_Z, CTRL | SHIFT)
    app.until_idle()


def test_an_export_comes_undone_and_back(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    assert len(before) == 2
    undo(cut)
    assert files(tmp_path / "dogs") == {}
    assert markers(cut) == []
    assert dataset(tmp_path / "dogs") == []
    redo(cut)
    assert files(tmp_path / "dogs") == before
    assert len(markers(cut)) == 1
    assert len(dataset(tmp_path / "dogs")) == 2


def test_double_click_arms_a_marker_and_e_makes_its_files_anew(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    deck, state = cut.window.deck, cut.state
    deck.clips.setValue(3)
    deck.label.setText("meow")
    deck.folder.setText(str(tmp_path / "cats"))
    cut.program.controllers.playback.move_cursor(3.0)
    double_click(cut)
    assert cut.window.timeline.scene.armed_marker == markers(cut)[0].batch_id
    assert (deck.label.text(), deck.folder.text(), state.batch.clips) == ("bark", str(tmp_path / "dogs"), 2)
    assert state.cursor_s == pytest.approx(0.0, abs=0.01)
    assert cut.program.settings.get(keys.LABEL) == "meow", "what is shown for one export is not remembered"
    to_timeline(cut)
    cut.press(Qt.Key.Key_Right, SHIFT)
    cut.until(lambda: not cut.player.seeking)
    cut.press(Qt.Key.Key_E)
    cut.until_idle()

    after = files(tmp_path / "dogs")
    assert list(after) == list(before)
    assert after != before
    (marker,) = markers(cut)
    assert marker.batch.cursor_s == pytest.approx(1.0, abs=0.04)
    assert cut.window.timeline.scene.armed_marker is None
    assert (deck.label.text(), deck.folder.text(), deck.clips.value()) == ("meow", str(tmp_path / "cats"), 3)
    undo(cut)
    assert files(tmp_path / "dogs") == before
    assert markers(cut)[0].batch.cursor_s == pytest.approx(0.0, abs=0.01)
    redo(cut)
    assert files(tmp_path / "dogs") == after


def test_esc_lets_an_armed_marker_be(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    cut.window.deck.label.setText("meow")
    to_timeline(cut)
    cut.press(Qt.Key.Key_E, SHIFT)
    assert cut.window.timeline.scene.armed_marker is not None
    assert cut.window.deck.export.text() == "Overwrite 1  E"
    assert not cut.window.deck.clips.isEnabled()
    assert not cut.window.deck.names.isVisible(), "it would name a new batch"
    cut.press(Qt.Key.Key_Escape)
    assert cut.window.timeline.scene.armed_marker is None
    assert cut.window.deck.label.text() == "meow"
    assert cut.window.deck.clips.isEnabled()
    assert files(tmp_path / "dogs") == before


def test_a_source_that_vanishes_during_an_overwrite_leaves_the_old_files(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    double_click(cut)
    to_timeline(cut)
    plan = cut.program.controllers.export._start

    def vanish(job: object) -> None:
        (tmp_path / "dog.mp4").unlink(missing_ok=True)
        plan(job)

    cut.program.controllers.export._start = vanish
    cut.press(Qt.Key.Key_E)
    cut.until(lambda: any("dog.mp4 is not there" in message for message in cut.messages()))
    cut.until_idle()
    assert files(tmp_path / "dogs") == before
    assert len(markers(cut)) == 1
    assert [path.name for path in (tmp_path / "dogs" / "vid_001").iterdir()] == list(before)


def test_delete_shows_what_goes_and_comes_undone(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    cut.press(Qt.Key.Key_Delete, CTRL)
    dialog = opened(cut, DeleteClipsDialog)
    assert dialog.clips.count() == 2
    assert "2 files" in dialog.summary.text()
    dialog.clips.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert "1 file " in dialog.summary.text()
    click(dialog.delete_button)
    cut.until_idle()
    assert list(files(tmp_path / "dogs")) == ["clip_001_m1_0.mp4"], "what is unchecked stays"
    assert [entry["path"] for entry in dataset(tmp_path / "dogs")] == ["vid_001/clip_001_m1_0.mp4"]
    to_timeline(cut)
    undo(cut)
    assert files(tmp_path / "dogs") == before
    redo(cut)
    assert list(files(tmp_path / "dogs")) == ["clip_001_m1_0.mp4"]


def test_cancel_deletes_nothing(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    cut.press(Qt.Key.Key_Delete, CTRL)
    click(opened(cut, DeleteClipsDialog).cancel_button)
    cut.until_idle()
    assert files(tmp_path / "dogs") == before


def test_files_that_another_profile_uses_stay(cut: Driver, tmp_path: Path) -> None:
    shared = markers(cut)[0].paths[0]
    cut.program.db.add(str(tmp_path / "dog.mp4"), 0.0, shared, profile="second")
    cut.press(Qt.Key.Key_Delete, CTRL)
    dialog = opened(cut, DeleteClipsDialog)
    assert "second" in dialog.summary.text()
    click(dialog.delete_button)
    cut.until_idle()
    assert [Path(shared).name] == list(files(tmp_path / "dogs"))
    assert markers(cut) == []


def test_a_trash_on_another_disk_is_filled_in_the_background(
    cut: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_, real = cut.paths.trash, relocate._disk
    monkeypatch.setattr(relocate, "_disk", lambda path: -1 if bin_ in (path, *path.parents) else real(path))
    before = files(tmp_path / "dogs")
    cut.press(Qt.Key.Key_Delete, CTRL)
    click(opened(cut, DeleteClipsDialog).delete_button)
    cut.until(lambda: markers(cut) == [])
    cut.until_idle()
    assert any(job.title == "Move 2 clips" for job in cut.program.runner.jobs)
    assert files(tmp_path / "dogs") == {}
    to_timeline(cut)
    cut.press(Qt.Key.Key_Z, CTRL)
    cut.press(Qt.Key.Key_Z, CTRL | SHIFT)
    cut.press(Qt.Key.Key_Z, CTRL)
    cut.until_idle()
    assert files(tmp_path / "dogs") == before


def test_a_folder_that_may_not_be_changed_loses_nothing(
    cut: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(tmp_path / "dogs")

    def refuse(made: Path, final: Path, **how: bool) -> None:
        raise PermissionError(13, "Permission denied", str(made))

    monkeypatch.setattr(relocate, "place", refuse)
    cut.press(Qt.Key.Key_Delete, CTRL)
    click(opened(cut, DeleteClipsDialog).delete_button)
    problem = opened(cut, MessageDialog)
    assert "cannot be moved" in problem.headline.accessibleName()
    problem.close()
    cut.until_idle()
    assert files(tmp_path / "dogs") == before
    assert len(markers(cut)) == 1
    assert cut.program.undo.undoText().startswith("Export"), "what did not happen is not offered to undo"


def test_labels_are_edited_afterwards(cut: Driver, tmp_path: Path) -> None:
    cut.program.settings.set(keys.RECENT_LABELS, ["howl", "growl"])
    cut.press(Qt.Key.Key_F3)
    dialog = opened(cut, EditLabelDialog)
    assert dialog.label == "bark"
    assert [dialog.label_box.itemText(row) for row in range(3)] == ["howl", "growl", "bark"]
    QTest.keyClicks(dialog.label_box.lineEdit(), "woof")
    dialog.category_box.setCurrentText("Animal")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    cut.until_idle()
    assert {(entry["label"], entry["category"]) for entry in dataset(tmp_path / "dogs")} == {("woof", "Animal")}
    assert cut.program.settings.get(keys.RECENT_LABELS)[0] == "woof"
    to_timeline(cut)
    undo(cut)
    assert {(entry["label"], entry["category"]) for entry in dataset(tmp_path / "dogs")} == {("bark", "")}
    redo(cut)
    assert markers(cut)[0].settings.label == "woof"


def test_a_batch_is_kept_from_training_and_back(cut: Driver) -> None:
    db, action = cut.program.db, cut.window.actions_table[Act.TRAINING]
    assert action.isChecked()
    cut.press(Qt.Key.Key_T, CTRL | Qt.KeyboardModifier.AltModifier)
    cut.until_idle()
    assert db.get_training_stats() == {}
    assert not action.isChecked()
    assert "not for training" in markers(cut)[0].tooltip
    undo(cut)
    assert db.get_training_stats() == {"dogs": {"clips": 2, "videos": 1}}


def test_all_batches_are_made_anew_with_other_settings_and_one_undo(cut: Driver, tmp_path: Path) -> None:
    cut.program.controllers.playback.move_cursor(8.0)
    cut.press(Qt.Key.Key_E)
    cut.until_exported(2)
    before = files(tmp_path / "dogs")
    cut.press(Qt.Key.Key_E, CTRL | SHIFT)
    dialog = opened(cut, ReexportDialog)
    dialog.crf.setValue(40)
    cut.until(lambda: "2 batches · 4 clips" in dialog.totals.text())
    cut.until_idle()
    assert "about" in dialog.totals.text()
    click(dialog.export_button)
    cut.until(lambda: any("Re-export 2 batches: done." in message for message in cut.messages()))
    cut.until_idle()
    after = files(tmp_path / "dogs")
    assert list(after) == list(before)
    assert all(len(after[name]) < len(before[name]) for name in before)
    assert all(marker.settings.crf == 40 for marker in markers(cut))
    to_timeline(cut)
    undo(cut)
    assert files(tmp_path / "dogs") == before
    redo(cut)
    assert files(tmp_path / "dogs") == after


def test_the_context_menu_offers_what_can_be_done_with_the_marker(cut: Driver, tmp_path: Path) -> None:
    timeline = cut.window.timeline
    position = flag(cut).toPoint()
    marker = markers(cut)[0]
    timeline.context_requested.emit(0.0, marker.batch_id, timeline.mapToGlobal(position))
    menu = cut.program.history.menu.menu
    cut.until(menu.isVisible)
    texts = [action.text().split("\t")[0].replace("&", "") for action in menu.actions() if action.text()]
    assert texts[:6] == [
        "Go to batch 1",
        "Overwrite batch",
        "Edit label…",
        "Reveal clips",
        "Use for training",
        "Delete clips…",
    ]
    assert texts[-1] == "Re-export all batches…"
    choose(menu, "Overwrite batch")
    cut.until(lambda: timeline.scene.armed_marker == marker.batch_id)


def choose(menu: QMenu, text: str) -> None:
    action = next(each for each in menu.actions() if each.text().replace("&", "").startswith(text))
    QTest.mouseClick(
        menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, menu.actionGeometry(action).center()
    )


def test_a_right_click_opens_the_menu_and_the_place_is_offered_without_a_marker(cut: Driver) -> None:
    timeline = cut.window.timeline
    point = QPoint(timeline.width() - 40, timeline.height() // 2)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, timeline.mapToGlobal(point))
    QApplication.sendEvent(timeline, event)
    menu = cut.program.history.menu.menu
    cut.until(menu.isVisible)
    assert menu.actions()[0].text().startswith("Cursor to")
    choose(menu, "Cursor to")
    cut.until(lambda: cut.state.cursor_s > 5)


def test_the_exports_of_a_region_are_deleted_together(cut: Driver, tmp_path: Path) -> None:
    timeline = cut.window.timeline
    region = SceneRegion("r", 0.0, 6.0, 0.9)
    timeline.set_scene(replace(timeline.scene, regions=(region,)))
    timeline.context_requested.emit(3.5, None, timeline.mapToGlobal(QPoint(80, 60)))
    menu = cut.program.history.menu.menu
    cut.until(menu.isVisible)
    choose(menu, "Delete the region's exports")
    dialog = opened(cut, DeleteClipsDialog)
    assert dialog.clips.count() == 2
    click(dialog.delete_button)
    cut.until(lambda: markers(cut) == [])
    cut.until_idle()
    assert files(tmp_path / "dogs") == {}


def test_the_menu_key_is_about_the_marker_at_the_cursor(cut: Driver) -> None:
    timeline = cut.window.timeline
    cut.program.controllers.timeline.go_to(markers(cut)[0])
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(timeline, event)
    menu = cut.program.history.menu.menu
    cut.until(menu.isVisible)
    assert menu.actions()[0].text() == "Go to batch 1"
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    cut.until(lambda: cut.program.history.menu.menu is None)


def test_coverage_is_shown_for_all_profiles(cut: Driver, tmp_path: Path) -> None:
    spans = cut.window.timeline.scene.coverage
    assert sum(span.length_s for span in spans) == pytest.approx(4.0, abs=0.1)
    shown = [label.text() for label in cut.window.statusBar().findChildren(type(cut.program.history._coverage))]
    assert any("cut in all profiles" in text for text in shown)
    cut.program.db.profiles.ensure("second")
    cut.window.profile_chosen.emit("second")
    cut.until_idle()
    cut.program.controllers.media.add([str(tmp_path / "dog.mp4")])
    cut.until_open("dog.mp4")
    cut.until_idle()
    assert cut.program.bridge.session.profile == "second"
    assert cut.window.timeline.scene.coverage == spans
    assert markers(cut) == []


def test_overlap_is_asked_about_once_and_for_good_on_demand(cut: Driver, tmp_path: Path) -> None:
    cut.program.settings.set(keys.OVERLAP_PERCENT, 50)
    banner = cut.window.banner
    cut.press(Qt.Key.Key_E)
    cut.until(banner.isVisible)
    assert banner.text.startswith("100 % of this batch")
    click(banner.buttons[1])
    cut.until_idle()
    assert len(files(tmp_path / "dogs")) == 2, "the person would rather not"
    to_timeline(cut)
    cut.press(Qt.Key.Key_E)
    cut.until(banner.isVisible)
    click(banner.buttons[2])
    cut.until_exported(2)
    to_timeline(cut)
    cut.press(Qt.Key.Key_E)
    cut.until_exported(3)
    assert not banner.isVisible()


def test_a_folder_that_does_not_fit_is_asked_about_once_per_list(
    start: Start, media: MediaShelf, tmp_path: Path
) -> None:
    video = tmp_path / "cats" / "tom.mp4"
    video.parent.mkdir()
    shutil.copy(media("h264_2997"), video)
    app = start(video)
    app.program.settings.set(keys.FOLDER_CHECK, True)
    app.until_open("tom.mp4")
    app.choose_folder(tmp_path / "dogs")
    app.window.deck.clips.setValue(1)
    app.window.deck.duration_s.setValue(2.0)
    to_timeline(app)
    app.press(Qt.Key.Key_E)
    app.until(app.window.banner.isVisible)
    assert "“cats”" in app.window.banner.text
    click(app.window.banner.buttons[0])
    app.until_exported(1)
    app.program.controllers.playback.move_cursor(8.0)
    to_timeline(app)
    app.press(Qt.Key.Key_E)
    app.until_exported(2)
    assert not app.window.banner.isVisible()


def test_the_trash_gives_back_and_is_emptied_after_a_question(cut: Driver, tmp_path: Path) -> None:
    before = files(tmp_path / "dogs")
    cut.press(Qt.Key.Key_Delete, CTRL)
    click(opened(cut, DeleteClipsDialog).delete_button)
    cut.until_idle()
    cut.window.actions_table[Act.TRASH].trigger()
    dialog = opened(cut, TrashDialog)
    cut.until(lambda: dialog.table.rowCount() == 2)
    assert not dialog.old_button.isEnabled()
    dialog.table.selectRow(0)
    click(dialog.restore_button)
    cut.until(lambda: dialog.table.rowCount() == 1)
    cut.until_idle()
    assert len(files(tmp_path / "dogs")) == 1
    click(dialog.empty_button)
    question = opened(cut, MessageDialog)
    click(question.buttons[1])
    cut.until(lambda: dialog.table.rowCount() == 0)
    cut.until_idle()
    click(dialog.close_button)
    assert [path for path in cut.paths.trash.rglob("*") if path.is_file()] == []
    to_timeline(cut)
    undo(cut)
    undo(cut)
    cut.until(lambda: any("for good" in message for message in cut.messages()))
    assert set(files(tmp_path / "dogs")) < set(before)


def test_what_has_long_been_in_the_trash_is_offered_for_deletion_at_the_start(
    cut: Driver, start: Start, tmp_path: Path
) -> None:
    cut.press(Qt.Key.Key_Delete, CTRL)
    click(opened(cut, DeleteClipsDialog).delete_button)
    cut.until_idle()
    with cut.program.db.write() as connection:
        connection.execute("UPDATE trash_items SET created_at = '2020-01-01T00:00:00.000000+00:00'")
    cut.close()
    again = start()
    again.until(again.window.banner.isVisible)
    assert "more than 30 days ago" in again.window.banner.text
    click(again.window.banner.buttons[1])
    question = opened(again, MessageDialog)
    assert "2 files" in question.headline.accessibleName()
    assert len([path for path in again.paths.trash.rglob("*") if path.is_file()]) == 2, "not before the answer"
    click(question.buttons[1])
    again.until(lambda: any("freed" in message for message in again.messages()))
    assert [path for path in again.paths.trash.rglob("*") if path.is_file()] == []


def test_dataset_json_is_rebuilt_and_a_broken_one_kept_aside(cut: Driver, tmp_path: Path) -> None:
    (tmp_path / "dogs" / "dataset.json").write_text("not json at all")
    cut.window.actions_table[Act.REBUILD_DATASET].trigger()
    cut.until(lambda: any("up to date" in message for message in cut.messages()))
    assert len(dataset(tmp_path / "dogs")) == 2
    assert [path.read_text() for path in (tmp_path / "dogs").glob("*.broken-*")] == ["not json at all"]
    cut.choose_folder(tmp_path / "elsewhere")
    cut.window.actions_table[Act.REBUILD_DATASET].trigger()
    cut.until(lambda: any("not an export folder" in message for message in cut.messages()))
