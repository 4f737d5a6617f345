"""A real round from the dialog: its figures, its queue, and the labels that look wrong afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QUndoStack
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import TARGET_SOUND, ItemKind
from core.errors import Cancelled
from core.ops import label, run_round
from core.ops.label_predictions import predictions
from core.paths import DataPaths
from tests.core.ops.round_world import RoundWorld, StoppingAt, round_world
from ui.annotation.doubts_dialog import DoubtsDialog
from ui.annotation.rounds_dialog import RoundsDialog
from ui.commands.history import EditHistory
from ui.dialogs.messages import MessageDialog
from ui.player.fake_player import FakePlayer
from ui.player.player import Player
from ui.services import Services

Show = Callable[[QWidget], QWidget]


def fake(parent: QWidget, _picture: bool) -> tuple[Player, None]:
    return FakePlayer(parent), None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RoundWorld]:
    with round_world(tmp_path) as made:
        yield made


@pytest.fixture
def db(world: RoundWorld) -> ProcessedDB:
    return world.db


@pytest.fixture
def paths(world: RoundWorld) -> DataPaths:
    return world.paths


@pytest.fixture
def show(qtbot: QtBot, qapp: QApplication) -> Iterator[Show]:
    shown: list[QWidget] = []

    def open_it(dialog: QWidget) -> QWidget:
        shown.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield open_it
    for dialog in shown:
        dialog.reject()
        dialog.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def rounds_dialog(services: Services, world: RoundWorld) -> RoundsDialog:
    dialog = RoundsDialog(services, world.project)
    dialog.form.top_k.setValue(6)
    dialog.form.head.setCurrentIndex(dialog.form.head.findData("logistic"))
    return dialog


def test_a_round_is_run_seen_labelled_and_its_doubts_are_checked(
    world: RoundWorld, show: Show, services: Services, qapp: QApplication
) -> None:
    dialog = show(rounds_dialog(services, world))
    assert dialog.run.text() == "Choose what to label first"
    dialog.run.click()
    assert dialog.status.text() == "6 items come first in the labelling window."
    assert dialog.label.text() == "Label the queue now (6)"
    world.answer_some()
    wrong = next(item for item in world.items("r0") if world.truth[item.key] == "yes")
    world.answer([wrong], said="no")
    services.session.publish(Changes.of(Kind.LABELS))
    assert dialog.run.isEnabled()
    changes: list[Changes] = []
    services.bridge.changed.connect(changes.append)
    dialog.run.click()
    assert changes, "surfaces are told"
    rounds = world.db.annotation.rounds(world.project.id)
    metrics = rounds[0].metrics
    assert dialog.run.text() == "Run round 1"
    assert "asks for" in dialog.status.text()
    chosen = len(world.db.annotation.queue(world.project.id))
    assert dialog.label.text() == f"Label the queue now ({chosen})"
    lines = dialog.dashboard.curve.lines
    test = metrics["tasks"]["target sound"]["test"]
    assert [line.points[0] for line in lines if line.dots] == [(metrics["sizes"]["labelled"], test["macro_f1"])]
    table = dialog.dashboard.balance
    balance = {table.item(row, 1).text(): int(table.item(row, 2).text()) for row in range(table.rowCount())}
    assert balance == metrics["tasks"]["target sound"]["labels"]
    assert dialog.dashboard.coders.item(0, 3).text() == "1.5 s"
    assert f"{metrics['sizes']['pool']:,} could still be asked for" in dialog.dashboard.pool.text()
    asked: list[object] = []
    dialog.label_requested.connect(asked.append)
    dialog.label.click()
    assert asked == [world.project]
    queued = {entry.item_key for entry in world.db.annotation.queue(world.project.id)}
    steps = [step for step in label.queue(world.db, world.project, "ada").steps if not step.repeat]
    wanted = [step for step in steps if step.item.key in queued]
    assert wanted == steps[: len(wanted)], "the queue comes first"

    thought = predictions(world.db, world.project)
    assert set(thought) == {item.key for item in world.items()}
    assert all(sum(said["target sound"].values()) == pytest.approx(1.0, abs=1e-3) for said in thought.values())
    guesses = {key: max(said["target sound"], key=said["target sound"].get) for key, said in thought.items()}
    assert sum(guess == world.truth[key] for key, guess in guesses.items()) > len(guesses) / 2

    history = EditHistory(QUndoStack(qapp))
    doubts = show(DoubtsDialog(services, history, world.project, "Chief", maker=fake))
    found = {question.item.key: question for question in doubts.judge._questions}
    assert wrong.key in found, "a wrong label is among them"
    row = list(found).index(wrong.key)
    doubts.judge.list.setCurrentRow(row)
    if found[wrong.key].locked:
        QTest.keyClick(doubts.judge, Qt.Key.Key_1)
        assert world.db.annotation.gold(world.project.id) == {}, "the test set is not changed by accident"
        doubts.tests.setChecked(True)
        doubts.judge.list.setCurrentRow(row)
    QTest.keyClick(doubts.judge, Qt.Key.Key_1)
    assert world.db.annotation.gold(world.project.id) == {(wrong.key, TARGET_SOUND.name): "yes"}
    assert "✓" in doubts.judge.list.item(row).text()
    doubts.undo.click()
    assert world.db.annotation.gold(world.project.id) == {}
    doubts.judge.list.setCurrentRow(row)
    doubts.keep.click()
    assert world.db.annotation.gold(world.project.id) == {(wrong.key, TARGET_SOUND.name): "no"}


def test_what_stops_a_round_is_said(world: RoundWorld, show: Show, services: Services) -> None:
    dialog = show(rounds_dialog(services, world))
    world.answer(world.items("r0")[:3], said="no")
    dialog.reload()
    dialog.run.click()
    complaint = dialog.findChild(MessageDialog)
    assert complaint is not None
    assert complaint.labels[-1].text(), "and what to do"
    complaint.accept()
    assert dialog.run.isVisible()
    assert world.db.annotation.rounds(world.project.id) == ()
    again = RoundsDialog(services, world.project)
    assert (again.form.top_k.value(), again.form.head.currentData()) == (6, "logistic"), "what was chosen stays"
    again.form.choose({"top_k": "many", "head": "none of these", "strategy": None})
    assert again.form.options.head == "logistic"
    again.deleteLater()


def test_a_stopped_round_says_what_going_on_means_and_can_be_begun_anew(
    world: RoundWorld, show: Show, services: Services
) -> None:
    world.answer_some()
    dialog = show(rounds_dialog(services, world))
    assert not dialog.form.anew.isVisible()
    with pytest.raises(Cancelled):
        run_round.run(world.db, "kitchen", 0, dialog.form.options, StoppingAt("Judging"), world.paths)
    dialog.reload()
    assert "was stopped and keeps the labels" in dialog.form.about.text()
    assert dialog.form.anew.isVisible()
    world.answer(world.items("r1")[-2:])
    services.session.publish(Changes.of(Kind.LABELS))
    assert "What came since is for the next round. Items labelled 2." in dialog.form.about.text()
    dialog.run.click()
    assert "What came since is for the next round. Items labelled 2." in dialog.status.text()
    assert not dialog.form.anew.isVisible()
    assert world.db.annotation.rounds(world.project.id)[0].metrics["sizes"]["labelled"] == 36
    with pytest.raises(Cancelled):
        run_round.run(world.db, "kitchen", 1, dialog.form.options, StoppingAt("Judging"), world.paths)
    world.answer(world.items("r2")[-1:])
    dialog.reload()
    dialog.form.anew.click()
    dialog.run.click()
    assert "Round 1 was begun anew from the labels of now." in dialog.status.text()
    assert world.db.annotation.rounds(world.project.id)[1].metrics["sizes"]["labelled"] == 39


def test_doubts_need_a_round_first(world: RoundWorld, show: Show, services: Services, qapp: QApplication) -> None:
    history = EditHistory(QUndoStack(qapp))
    dialog = show(DoubtsDialog(services, history, world.project, "", maker=fake))
    assert dialog.problem.isVisible()
    assert "Run round 0 first" in dialog.problem.text.text()
    assert world.project.kind is ItemKind.WINDOW
