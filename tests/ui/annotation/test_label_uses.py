"""Labels go back to the work: regions are judged, windows become clips and hard negatives, and all of it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QUndoStack
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.domain.annotation import TARGET_SOUND, ItemKind, Project, Step, Task
from core.domain.scan import RegionRow
from core.ops import label, label_items
from core.paths import DataPaths
from ui.annotation.label_transfer import export_name
from ui.annotation.use_labels_dialog import UseLabelsDialog
from ui.commands.exchange import Mover
from ui.jobs.runner import ImmediateRunner, Lane
from ui.main_window.export_deck import ExportDeck
from ui.main_window.label_uses import LabelUses
from ui.main_window.notices import Notices
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.settings import Settings
from ui.widgets.toast import ToastCard


@dataclass
class Desk:
    uses: LabelUses
    undo: QUndoStack
    window: QWidget
    deck: ExportDeck

    def said(self, part: str) -> bool:
        return any(part in card.message.text() for card in self.window.findChildren(ToastCard))


@pytest.fixture
def desk(
    qtbot: QtBot,
    qapp: QApplication,
    db: ProcessedDB,
    paths: DataPaths,
    bridge: SessionBridge,
    runner: ImmediateRunner,
    settings: Settings,
    tmp_path: Path,
) -> Iterator[Desk]:
    window, undo = QWidget(), QUndoStack()
    window.resize(900, 500)
    stage = QWidget(window)
    stage.resize(900, 400)
    notices = Notices(window, stage)
    deck = ExportDeck(window)
    deck.folder.setText(str(tmp_path / "clips" / "Anything"))
    deck.name.setText("clip")
    deck.format.setCurrentText("WAV")
    mover = Mover(db, paths.trash, runner, bridge.session.publish, notices.complain, window)
    services = Services(db, paths, bridge, runner, settings, undo)
    uses = LabelUses(services, mover, deck, notices, window)
    window.show()
    qtbot.waitExposed(window)
    yield Desk(uses, undo, window, deck)
    window.close()
    window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def label_all(db: ProcessedDB, project: Project) -> None:
    """The first window of each recording is a “yes”, all others are a “no”."""
    for item in db.annotation.items(project.id):
        said = "yes" if item.start_s == 0.0 else "no"
        label.save(db, project, "Anna", Step(item), {"target sound": said})


def region(db: ProcessedDB, media_id: int) -> RegionRow:
    path = db.media.get(media_id).path
    db.save_scan_results(path, "default", "LOGMEL", [(0.4, 1.9, 0.8)])
    return db.scans.rows(db.profiles.id_of("default"), media_id, "LOGMEL")[0]


def test_regions_of_a_scan_are_judged_and_taken_back(
    desk: Desk, db: ProcessedDB, sounds: Project, videos: list[int]
) -> None:
    before = set(db.annotation.items(sounds.id))
    desk.uses.judge_regions(sounds, db.media.get(videos[0]), [region(db, videos[0])])
    new = set(db.annotation.items(sounds.id)) - before
    assert {(item.start_s, item.end_s) for item in new} == {(0.4, 1.9)}
    assert desk.said("1 region will be judged in Barks.")
    desk.undo.undo()
    assert set(db.annotation.items(sounds.id)) == before
    desk.undo.redo()
    assert set(db.annotation.items(sounds.id)) == before | new


def test_the_dialog_counts_labels_and_asks_for_each_use(desk: Desk, db: ProcessedDB, sounds: Project) -> None:
    dialog: UseLabelsDialog = desk.uses.show_dialog(sounds, desk.window)
    assert not dialog.clips.isEnabled()
    assert dialog.note.text() == "No window is yes yet."
    label_all(db, sounds)
    dialog = desk.uses.show_dialog(sounds, desk.window)
    assert [dialog.answer.itemText(place) for place in range(3)] == ["yes   (2)", "no   (3)", "unsure   (0)"]
    assert dialog.folder.text().endswith("/clips/yes")
    asked: list[tuple] = []
    dialog.training_requested.disconnect()
    dialog.training_requested.connect(lambda *what: asked.append(what))
    dialog.training.click()
    assert asked == [("target sound", "yes", ("no",))]
    dialog.answer.setCurrentIndex(2)
    assert not dialog.negatives.isEnabled()


def test_windows_become_hard_negatives_and_clips_and_both_are_undone(
    desk: Desk, db: ProcessedDB, runner: ImmediateRunner, videos: list[int]
) -> None:
    project, _ = label.create_project(db, "Long barks", ItemKind.WINDOW, (TARGET_SOUND,), overlap=1.0, repeats=0.0)
    label_items.add_windows(db, project, videos, 2.0, 1.0)
    label_all(db, project)
    dialog = desk.uses.show_dialog(project, desk.window)
    dialog.answer.setCurrentIndex(1)
    dialog.negatives.click()
    assert len(db.get_hard_negatives("default")) == 1
    assert any(job.lane is Lane.DB and "hard negatives" in job.title for job in runner.jobs), (
        "labels are weighed up there"
    )
    desk.undo.undo()
    assert db.get_hard_negatives("default") == []
    desk.undo.redo()
    assert len(db.get_hard_negatives("default")) == 1
    dialog.answer.setCurrentIndex(0)
    folder = Path(dialog.folder.text())
    dialog.clips.click()
    assert len(list(folder.rglob("*.wav"))) == 2
    assert desk.said("2 clips of yes were cut.")
    desk.undo.undo()
    assert list(folder.rglob("*.wav")) == []
    desk.undo.redo()
    assert len(list(folder.rglob("*.wav"))) == 2
    dialog.clips.click()
    assert desk.said("All windows of yes are clips already.")


def test_an_answer_with_a_slash_names_one_folder(desk: Desk) -> None:
    answers = Task("heard", ("yes/no", "../up"))
    project = Project(1, "u", "A/B: dogs", ItemKind.WINDOW, (answers,), "u")
    dialog = UseLabelsDialog(project, desk.window, "/videos")
    assert dialog.folder.text() == "/videos/yes_no"
    dialog.answer.setCurrentIndex(1)
    assert Path(dialog.folder.text()).parent == Path("/videos")
    assert export_name(project) == "A_B_ dogs labels.jsonl"
