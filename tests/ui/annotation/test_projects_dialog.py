"""Projects are made, filled, exported and merged in the dialog, with a real history."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QUndoStack
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.domain.annotation import ItemKind, Project, Step
from core.domain.scan import ScanMade, WindowScores
from core.ops import label, label_items
from ui import settings as keys
from ui.annotation.items_form import MediaChoice
from ui.annotation.projects_dialog import ProjectsDialog
from ui.commands.command import Command, Operation
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import JobRunner, Lane
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.settings import Settings


@pytest.fixture
def undo(services: Services) -> QUndoStack:
    return services.undo


@pytest.fixture
def dialog(qapp: QApplication, services: Services) -> Iterator[ProjectsDialog]:
    def listed() -> MediaChoice:
        return MediaChoice(tuple(services.db.lists.entries("default")), ())

    def push(text: str, forward: Operation, backward: Operation) -> None:
        services.undo.push(Command(text, forward, backward, services.session.publish, pytest.fail))

    made = ProjectsDialog(services, listed, push)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def judge(db: ProcessedDB, project: Project, coder: str, count: int, answer: Callable[[Step], dict[str, str]]) -> None:
    for step in label.queue(db, project, coder).steps[:count]:
        label.save(db, project, coder, step, answer(step), seconds=3.0)


def test_a_newcomer_is_told_what_to_do_and_makes_a_project_with_items(
    dialog: ProjectsDialog, db: ProcessedDB, videos: list[int], settings: Settings
) -> None:
    assert dialog.empty.isVisible()
    assert "open list" in dialog.empty.text.text()
    dialog.empty.buttons[0].click()
    assert dialog.form_page.isVisible()
    assert not dialog.form_page.yes_button.isEnabled()
    assert dialog.form_page.problem.text() == "Give the project a name."
    QTest.keyClicks(dialog.form.name, "Street interviews")
    dialog.form_page.yes_button.click()
    project = db.annotation.get("Street interviews")
    assert [task.name for task in project.tasks] == ["perspective", "distance"]
    assert (project.screener, project.overlap, project.repeats) == ("no human visible", 0.15, 0.05)
    assert dialog.items_page.isVisible(), "the next step is to add items"
    dialog.items.per_video.setValue(4)
    dialog.items_page.yes_button.click()
    assert len(db.annotation.items(project.id)) == 8
    assert dialog.page.isVisible()
    assert dialog.page.progress.text() == "0 of 8 items of 2 videos are labelled."
    assert settings.get(keys.LABEL_PROJECT) == "Street interviews"
    asked: list[Project] = []
    dialog.label_requested.connect(asked.append)
    dialog.page.buttons["label"].click()
    assert asked == [], "nobody labels without a name"
    assert "Say who you are" in dialog.status.text()
    QTest.keyClicks(dialog.coder.box, " Anna  Berg ")
    dialog.page.buttons["label"].click()
    assert [each.name for each in asked] == ["Street interviews"]
    assert settings.get(keys.LABEL_CODER) == "Anna Berg"


def test_own_questions_are_checked_while_they_are_typed(dialog: ProjectsDialog, db: ProcessedDB) -> None:
    dialog.ask_for_new()
    form = dialog.form
    form.name.setText("Dogs")
    form.kind.setCurrentIndex(3)
    line = form.tasks._rows[0]
    line.name.setText("bark")
    line.classes.setText("yes")
    assert "two to nine different classes" in dialog.form_page.problem.text()
    assert not dialog.form_page.yes_button.isEnabled()
    line.classes.setText("yes, no, no")
    assert form.complaint
    line.classes.setText("yes, no ,far away")
    form.tasks.add.click()
    second = form.tasks._rows[1]
    second.name.setText("bark")
    second.classes.setText("a, b")
    assert form.complaint == "Two questions have the same name."
    second.remove.click()
    dialog.form_page.yes_button.click()
    project = db.annotation.get("Dogs")
    assert project.kind is ItemKind.WINDOW
    assert [(task.name, task.classes) for task in project.tasks] == [("bark", ("yes", "no", "far away"))]
    assert dialog.items_page.problem.text() == "The open list is empty: drop videos on the main window first."
    dialog.items_page.no_button.click()
    assert "No items yet" in dialog.page.progress.text()
    assert not dialog.page.buttons["label"].isEnabled()


def test_windows_come_from_a_grid_or_from_what_a_scan_found(
    dialog: ProjectsDialog, db: ProcessedDB, videos: list[int]
) -> None:
    db.save_scan_results(db.media.get(videos[0]).path, "default", "YAMNET_bark", [(0.2, 1.0, 0.9), (1.5, 2.5, 0.4)])
    project, _ = label.create_project(db, "Barks", ItemKind.WINDOW, (label.Task("bark", ("yes", "no")),))
    dialog.reload("Barks")
    dialog.ask_for_items()
    dialog.items.source.setCurrentIndex(1)
    assert dialog.items.source.currentText() == "Regions that YAMNET_bark found"
    assert not dialog.items.window_s.isVisible()
    dialog.items_page.yes_button.click()
    assert {(item.start_s, item.end_s) for item in db.annotation.items(project.id)} == {(0.2, 1.0), (1.5, 2.5)}
    dialog.ask_for_items()
    dialog.items.source.setCurrentIndex(0)
    dialog.items.window_s.setValue(1.0)
    dialog.items.hop_s.setValue(1.0)
    dialog.items_page.yes_button.click()
    assert len(db.annotation.items(project.id)) == 2 + 3 + 2


def test_what_a_classifier_is_unsure_of_is_asked(dialog: ProjectsDialog, db: ProcessedDB, videos: list[int]) -> None:
    scores = WindowScores(np.array([0.1, 0.45, 0.95], np.float32), 1.0, 1.0, 3.0)
    made = ScanMade(scores, "bark", "v1", 0.5, 4.0)
    db.scans.save_scan(db.profiles.ensure("default"), videos[0], "bark", [], made)
    project, _ = label.create_project(db, "Barks", ItemKind.WINDOW, (label.Task("bark", ("yes", "no")),))
    dialog.reload("Barks")
    dialog.ask_for_items()
    dialog.items.source.setCurrentIndex(dialog.items.source.findText("Windows that bark scored in a range"))
    dialog.items.lowest.setValue(0.8)
    assert not dialog.items_page.yes_button.isEnabled()
    assert dialog.items_page.problem.text() == "The lowest score comes first."
    dialog.items.lowest.setValue(0.4)
    dialog.items_page.yes_button.click()
    assert [(item.start_s, item.end_s) for item in db.annotation.items(project.id)] == [(1.0, 2.0)]
    assert dialog.status.text() == "1 item was added."


def test_coders_show_with_what_they_did(dialog: ProjectsDialog, db: ProcessedDB, frames: Project) -> None:
    for coder, count in (("Anna", 8), ("Ben", 2)):
        judge(db, frames, coder, count, lambda step: {"perspective": "1st person", "distance": "Social"})
    dialog.reload("People")
    table = dialog.page.coders
    rows = [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount())]
    assert rows == [["Anna", "8", "8", "3.0 s"], ["Ben", "2", "8", "3.0 s"]]
    assert dialog.page.progress.text() == "8 of 8 items of 2 videos are labelled."
    assert all(dialog.page.buttons[name].isEnabled() for name in ("agreement", "rounds", "doubts"))


def test_labels_go_to_another_machine_and_are_not_doubled(
    dialog: ProjectsDialog, db: ProcessedDB, frames: Project, tmp_path: Path, bridge: SessionBridge
) -> None:
    judge(db, frames, "Anna", 3, lambda step: {"perspective": "1st person", "distance": "Social"})
    dialog.reload("People")
    file = tmp_path / "labels.json"
    dialog.transfer.export_to(frames, file)
    assert file.is_file()
    assert "labels.json" in dialog.status.text()
    dialog.transfer.import_from(file)
    assert dialog.status.text() == "Everything in the file was in People already."
    assert len(db.annotation.answers(frames.id)) == 6
    file.write_text("no labels at all", encoding="utf-8")
    dialog.transfer.import_from(file)
    complaint = dialog.findChild(MessageDialog)
    assert "labels.json" in complaint.headline.text().replace("\u200b", "")
    complaint.accept()


def test_assisting_is_a_switch_of_the_project(dialog: ProjectsDialog, db: ProcessedDB, frames: Project) -> None:
    dialog.reload("People")
    assert not dialog.page.assisted.isChecked()
    dialog.page.assisted.click()
    assert db.annotation.get("People").assisted
    assert dialog.page.assisted.isChecked()


def test_a_project_is_deleted_and_brought_back(
    dialog: ProjectsDialog, db: ProcessedDB, frames: Project, sounds: Project, bridge: SessionBridge
) -> None:
    dialog.delete_requested.connect(lambda project: bridge.session.publish(label.delete_project(db, project)))
    dialog.restore_requested.connect(lambda project: bridge.session.publish(label.restore_project(db, project.name)[1]))
    dialog.reload("People")
    assert not dialog.bring_back.isVisible()
    dialog.page.buttons["delete"].click()
    assert (dialog.list.count(), dialog.chosen.project.name) == (1, "Barks")
    assert dialog.status.text() == "People is deleted with all its labels, and can be brought back."
    dialog.page.buttons["delete"].click()
    assert dialog.empty.isVisible()
    assert [entry.text() for entry in dialog.bring_back.menu().actions()] == ["Barks", "People"]
    dialog.bring_back.menu().actions()[1].trigger()
    assert (dialog.list.count(), dialog.chosen.project) == (1, frames)
    assert [entry.text() for entry in dialog.bring_back.menu().actions()] == ["Barks"]


def test_a_project_is_renamed_and_that_is_undone(
    dialog: ProjectsDialog, db: ProcessedDB, frames: Project, undo: QUndoStack
) -> None:
    dialog.reload("People")
    dialog.menu.rename(frames, "Persons")
    assert dialog.page.title.text() == "Persons"
    undo.undo()
    assert db.annotation.get("People") == frames


def test_who_left_gets_no_more_items_and_may_come_back(
    dialog: ProjectsDialog, db: ProcessedDB, videos: list[int], undo: QUndoStack
) -> None:
    project, _ = label.create_project(db, "Split", ItemKind.FRAME, (label.Task("t", ("a", "b")),), overlap=0.0)
    label_items.add_frames(db, project, videos, per_video=10)
    for coder in ("Anna", "Ben"):
        db.annotation.add_coder(project.id, coder)
    before = len(label.queue(db, project, "Ben"))
    dialog.reload("Split")
    dialog.menu.set_away(project, "Anna", True)
    assert len(label.queue(db, project, "Ben")) > before
    undo.undo()
    assert len(label.queue(db, project, "Ben")) == before


def test_projects_are_read_once_for_many_changes(qtbot: QtBot, services: Services, frames: Project) -> None:
    runner, gate = JobRunner(), threading.Event()
    dialog = ProjectsDialog(replace(services, runner=runner), lambda: MediaChoice((), ()), lambda *_: None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.chosen is not None)
    runner.submit(Lane.DB, "Something long", lambda _: gate.wait(60))
    for _ in range(5):
        services.session.publish(label.LABELS)
    waiting = [job for job in runner.active if job.title == "Read projects"]
    gate.set()
    qtbot.waitUntil(lambda: not runner.active)
    assert len([job for job in waiting if not job.stale]) == 1
    assert dialog.chosen.project == frames
    assert runner.shutdown()
