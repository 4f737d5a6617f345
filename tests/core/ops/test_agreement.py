"""The agreement report of a project: what it says, and what it says when there is nothing to say."""

from __future__ import annotations

import json

import pytest

from core.db import ProcessedDB
from core.domain.annotation import NA
from core.errors import Cancelled
from core.job import JobContext
from core.ops import label
from core.ops.agreement import report
from tests.core.annotation.labelled import MOOD, frame, project, say


def test_two_coders_and_their_disagreements(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    for video in range(5):
        for number in range(4):
            say(db, made, "anna", frame(video, number), "happy" if number % 2 else "sad")
            say(db, made, "bo", frame(video, number), "happy" if number % 2 or video == 0 else "sad")
    label.adjudicate(db, made, frame(0, 2).key, "mood", "sad", "cleo")
    [task] = report(db, made).tasks
    assert (task.statement, task.items, task.shared, task.videos) == ("", 20, 20, 5)
    [pair] = task.pairs
    assert (pair.first, pair.second, pair.shared) == ("anna", "bo", 20)
    assert pair.confusion == ((10, 0, 0), (2, 8, 0), (0, 0, 0))
    assert pair.figures.percent.value == pytest.approx(0.9)
    assert task.figures.percent.low < 0.9 < task.figures.percent.high
    assert [(each.item_key, each.labels, each.gold) for each in task.disagreements] == [
        (frame(0, 0).key, {"anna": "sad", "bo": "happy"}, ""),
        (frame(0, 2).key, {"anna": "sad", "bo": "happy"}, "sad"),
    ]
    assert task.answers["bo"] == {"happy": 12, "sad": 8, NA: 0}


def test_only_the_newest_answer_that_stands_counts(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    say(db, made, "bo", frame(0, 0), "sad")
    say(db, made, "bo", frame(0, 0), "happy")
    assert report(db, made).tasks[0].disagreements == ()
    label.undo(db, made, "bo")
    assert len(report(db, made).tasks[0].disagreements) == 1


def test_na_counts_as_a_class_or_as_no_answer(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    for number, (anna, bo) in enumerate([("happy", NA), ("sad", "sad"), (NA, NA), ("happy", "happy")]):
        say(db, made, "anna", frame(number, 0), anna)
        say(db, made, "bo", frame(number, 0), bo)
    with_na, without = report(db, made).tasks[0], report(db, made, with_na=False).tasks[0]
    assert (with_na.shared, with_na.figures.percent.value) == (4, 0.75)
    assert (without.shared, without.figures.percent.value) == (2, 1.0)
    assert without.disagreements == ()
    assert NA not in without.by_class


def test_a_coders_own_repeats(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    for video, again in enumerate(("happy", "happy", "sad", "happy")):
        say(db, made, "anna", frame(video, 0), "happy")
        say(db, made, "anna", frame(video, 0), again, repeat=True)
    [own] = report(db, made).tasks[0].repeats
    assert (own.coder, own.repeats, own.figures.percent.value) == ("anna", 4, 0.75)


def test_no_figures_is_said_in_a_sentence(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    assert report(db, made).tasks[0].statement == "Nobody has answered anything in mood yet."
    say(db, made, "anna", frame(0, 0), "happy")
    assert "Only anna has answered in mood" in report(db, made).tasks[0].statement
    say(db, made, "bo", frame(0, 1), NA)
    assert report(db, made).tasks[0].statement.startswith("No item of mood has answers of two coders yet")
    assert "Only anna has answered but NA" in report(db, made, with_na=False).tasks[0].statement


def test_the_report_is_json(db: ProcessedDB) -> None:
    made = project(db)
    say(db, made, "anna", frame(0, 0), "1st person")
    say(db, made, "bo", frame(0, 0), "1st person")
    data = json.loads(json.dumps(report(db, made).to_json(), allow_nan=False))
    assert [task["task"] for task in data["tasks"]] == ["perspective", "distance"]
    assert data["tasks"][0]["figures"]["kappa"] == {"value": None, "low": None, "high": None}


def test_a_report_can_be_cancelled(db: ProcessedDB) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        report(db, project(db), ctx)
