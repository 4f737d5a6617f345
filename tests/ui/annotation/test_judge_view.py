"""The list of items that are decided one by one: adjudication and doubtful labels share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.domain.annotation import Project
from core.ops.item_view import media_of
from core.paths import DataPaths
from ui.annotation.judge_view import JudgeView, Question
from ui.jobs.runner import ImmediateRunner


@pytest.fixture
def view(
    qtbot: QtBot, qapp: QApplication, db: ProcessedDB, paths: DataPaths, runner: ImmediateRunner, frames: Project
) -> Iterator[JudgeView]:
    made = JudgeView(runner, paths, frames)
    made.show_task("distance")
    items = db.annotation.items(frames.id)
    questions = [Question(item, f"item {place}", keep="Social") for place, item in enumerate(items[:3])]
    questions[1] = Question(items[1], "of the test set", keep="Social", locked=True)
    made.show_questions(questions, media_of(db, items))
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()
    made.close()
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_digit_answers_and_k_keeps(view: JudgeView) -> None:
    said: list[tuple[str, str]] = []
    view.decided.connect(lambda question, answer: said.append((question.text, answer)))
    QTest.keyClick(view, Qt.Key.Key_3)
    QTest.keyClick(view.list, Qt.Key.Key_K)
    assert said == [("item 0", "Public"), ("item 0", "Social")]
    assert not view.stage.picture.image.isNull()


def test_what_is_locked_is_only_looked_at(view: JudgeView) -> None:
    said: list[str] = []
    view.decided.connect(lambda _question, answer: said.append(answer))
    view.list.setCurrentRow(1)
    for key in (Qt.Key.Key_1, Qt.Key.Key_0, Qt.Key.Key_K):
        QTest.keyClick(view, key)
    assert said == []
    assert view.text.text() == "of the test set"


def test_it_goes_on_to_what_is_still_open(view: JudgeView) -> None:
    view.go_on()
    assert view.list.currentRow() == 1
    view.list.setCurrentRow(2)
    view.go_on()
    assert view.list.currentRow() == 0
