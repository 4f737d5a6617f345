"""Labelling in the history: projects and their items, saving, undo and redo across restarts, decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import DISTANCE, NA, PERSPECTIVE, TARGET_SOUND, ItemKind, Project, QueueEntry, Round, Step
from core.errors import UserError
from core.ops import label
from tests.core.annotation.labelled import MOOD, frame, project, say


def labels(db: ProcessedDB, made: Project, coder: str = "anna") -> dict[tuple[str, str], str]:
    return {(each.item_key, each.task): each.label for each in db.annotation.answers(made.id, coder=coder)}


# -- projects and items ------------------------------------------------------------------------------------------------


def test_a_project_is_stored_whole(db: ProcessedDB) -> None:
    made, changes = label.create_project(
        db,
        " kitchen ",
        ItemKind.WINDOW,
        [TARGET_SOUND, MOOD],
        screener="nothing heard",
        overlap=0.3,
        repeats=0.1,
        show_picture=True,
        assisted=True,
    )
    assert changes.touches(Kind.LABELS)
    assert db.annotation.get("kitchen") == made
    assert db.annotation.projects() == (made,)
    assert made.salt, "an order of its own"
    assert db.annotation.by_uid(made.uid) == made


def test_projects_that_cannot_be(db: ProcessedDB) -> None:
    project(db)
    wrong = [
        ({"name": "kitchen"}, "already"),
        ({"name": "  "}, "needs a name"),
        ({"tasks": []}, "at least one task"),
        ({"tasks": [MOOD, MOOD]}, "its own name"),
        ({"overlap": 1.5}, "no share"),
        ({"repeats": float("nan")}, "no share"),
    ]
    for change, sentence in wrong:
        wish = {"name": "garden", "tasks": [MOOD], **change}
        with pytest.raises(UserError, match=sentence):
            label.create_project(db, wish.pop("name"), ItemKind.FRAME, wish.pop("tasks"), **wish)
    assert len(db.annotation.projects()) == 1


def test_an_unknown_project_is_answered_with_the_ones_there_are(db: ProcessedDB) -> None:
    with pytest.raises(UserError, match="There is none yet"):
        db.annotation.get("kitchen")
    project(db)
    with pytest.raises(UserError, match="There are: kitchen"):
        db.annotation.get("garden")


def test_what_may_change_of_a_project_does(db: ProcessedDB) -> None:
    made = project(db)
    changed, _ = label.change_project(db, replace(made, name="garden", overlap=0.5, assisted=True, screener=""))
    assert db.annotation.get("garden") == changed
    project(db)
    with pytest.raises(UserError, match="already"):
        label.change_project(db, replace(changed, name="kitchen"))


# -- saving ------------------------------------------------------------------------------------------------------------


def test_an_answer_is_stored_with_everything_about_it(db: ProcessedDB) -> None:
    made = project(db)
    step = Step(frame(0, 3), repeat=True)
    said = {"perspective": "2nd person", "distance": NA}
    label.save(
        db,
        made,
        "  Anna  Maria ",
        step,
        said,
        note="blurred",
        difficult=True,
        seconds=2.5,
        shown_at="2026-11-20T10:00:00.000000+00:00",
        assisted=True,
        round=3,
    )
    one, two = sorted(db.annotation.answers(made.id), key=lambda answer: answer.task)
    assert (one.task, one.label, two.task, two.label) == ("distance", NA, "perspective", "2nd person")
    for answer in (one, two):
        assert (answer.coder, answer.item_key, answer.repeat) == ("Anna Maria", step.item.key, True)
        assert (answer.note, answer.difficult, answer.seconds, answer.assisted) == ("blurred", True, 2.5, True)
        assert (answer.round, answer.shown_at) == (3, "2026-11-20T10:00:00.000000+00:00")
        assert answer.saved_at == one.saved_at > answer.shown_at
    assert one.uid != two.uid
    assert db.annotation.coders(made.id) == ("Anna Maria",)


def test_a_name_typed_in_two_ways_is_one_coder(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "Zoë", frame(0, 0), "happy")
    say(db, made, "Zoe\u0308", frame(0, 1), "happy")
    assert db.annotation.coders(made.id) == ("Zoë",)


def test_a_later_answer_keeps_the_earlier_one_in_the_log(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    for answer in ("happy", "sad", "sad"):
        say(db, made, "anna", frame(0, 0), answer)
    assert [each.label for each in db.annotation.answers(made.id)] == ["sad"]
    log = db.annotation.answers(made.id, current=False)
    assert [each.label for each in log] == ["happy", "sad", "sad"]
    assert log[0].saved_at < log[1].saved_at < log[2].saved_at


def test_an_answer_in_one_task_leaves_the_other_tasks_answer(db: ProcessedDB) -> None:
    made, step = project(db), Step(frame(0, 0))
    label.save(db, made, "anna", step, {"perspective": "1st person", "distance": "Social"})
    label.save(db, made, "anna", step, {"perspective": "3rd person"})
    assert labels(db, made) == {(step.item.key, "perspective"): "3rd person", (step.item.key, "distance"): "Social"}


def test_a_repeat_and_its_first_showing_are_answered_apart(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    say(db, made, "anna", frame(0, 0), "sad", repeat=True)
    assert {(each.label, each.repeat) for each in db.annotation.answers(made.id)} == {("happy", False), ("sad", True)}


@pytest.mark.parametrize(
    ("coder", "key", "said", "sentence"),
    [
        ("anna", (0, 0), {}, "Nothing was answered"),
        ("anna", (0, 0), {"smell": "good"}, "no task smell"),
        ("anna", (0, 0), {"perspective": "1st person", "distance": "far"}, "far is no answer of distance"),
        (" ", (0, 0), {"perspective": NA}, "needs a name"),
        ("anna", (77, 0), {"perspective": NA}, "not part of the project"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_leaves_nothing(
    db: ProcessedDB, coder: str, key: tuple[int, int], said: dict[str, str], sentence: str
) -> None:
    made = project(db)
    with pytest.raises(UserError, match=sentence):
        label.save(db, made, coder, Step(frame(*key)), said)
    assert db.annotation.answers(made.id, current=False) == ()
    assert db.annotation.coders(made.id) == ()


@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(db: ProcessedDB, seconds: float) -> None:
    with pytest.raises(ValueError, match="nobody looks"):
        label.save(db, project(db), "anna", Step(frame(0, 0)), {"perspective": NA}, seconds=seconds)


def test_the_queue_goes_on_where_the_coder_stopped_after_a_restart(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        made = project(db, tasks=(MOOD,), repeats=0.2)
        before = label.queue(db, made, "anna")
        for _ in range(20):
            step = before.next_open()
            label.save(db, made, "anna", step, {"mood": "sad"})
            before.mark(step)
    with ProcessedDB(tmp_path / "history.db") as db:
        after = label.queue(db, db.annotation.get("kitchen"), "anna")
    assert (after.steps, after.answered, after.next_open()) == (before.steps, before.answered, before.next_open())
    assert after.done == 20


def test_who_joins_shares_the_items_before_the_first_answer(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,), overlap=0.0, repeats=0.0)
    everything = {step.item for step in label.queue(db, made, "anna").steps}
    assert label.join(db, made, "anna").touches(Kind.LABELS)
    assert label.join(db, made, "bo").touches(Kind.LABELS)
    assert not label.join(db, made, " bo "), "bo is here already"
    annas, bos = ({step.item for step in label.queue(db, made, name).steps} for name in ("anna", "bo"))
    assert annas
    assert bos
    assert not annas & bos
    assert annas | bos == everything


def test_the_newest_rounds_queue_comes_first(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    for number, videos in ((0, (0,)), (1, (3, 4))):
        entries = [QueueEntry(frame(video, 5).key, 1.0, "uncertain", 0.5) for video in videos]
        db.annotation.set_queue(made.id, number, entries)
    assert {step.item for step in label.queue(db, made, "anna").steps[:2]} == {frame(3, 5), frame(4, 5)}
    assert [entry.item_key for entry in db.annotation.queue(made.id)] == [frame(3, 5).key, frame(4, 5).key]
    with pytest.raises(UserError, match="not part of the project"):
        db.annotation.set_queue(made.id, 1, [QueueEntry("b3-99#1", 1.0, "random", 1.0)])
    assert len(db.annotation.queue(made.id)) == 2
    db.annotation.set_queue(made.id, 1, [])
    assert db.annotation.queue(made.id) == ()


def test_rounds_are_kept(db: ProcessedDB) -> None:
    made = project(db)
    db.annotation.set_round(made.id, Round(0, "/rounds/0"))
    done = Round(0, "/rounds/0", "2026-11-20T10:00:00+00:00", {"mood": {"accuracy": 0.5, "über": [1, None]}})
    db.annotation.set_round(made.id, done)
    db.annotation.set_round(made.id, Round(1, "/rounds/1"))
    assert db.annotation.rounds(made.id) == (done, Round(1, "/rounds/1"))
    with pytest.raises(ValueError, match="JSON"):
        db.annotation.set_round(made.id, Round(2, "", metrics={"loss": float("nan")}))


def test_who_left_gets_nothing_more_and_keeps_the_answers(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,), overlap=0.0)
    say(db, made, "anna", label.queue(db, made, "anna").next_open().item, "happy")
    say(db, made, "bo", label.queue(db, made, "bo").next_open().item, "happy")
    shared = len(label.queue(db, made, "anna"))
    assert shared < 40
    label.set_away(db, made, "bo", True)
    assert sum(not step.repeat for step in label.queue(db, made, "anna").steps) == 49, "all but what bo answered"
    label.set_away(db, made, "bo", False)
    assert len(label.queue(db, made, "anna")) == shared
    with pytest.raises(UserError, match="Nobody called cleo"):
        label.set_away(db, made, "cleo", True)


# -- undo --------------------------------------------------------------------------------------------------------------


def test_undo_and_redo_walk_back_and_forth(db: ProcessedDB) -> None:
    made, steps = project(db), [Step(frame(0, number)) for number in range(3)]
    for step in steps:
        label.save(db, made, "anna", step, {"perspective": "1st person", "distance": "Public"})
    whole = labels(db, made)
    assert [label.undo(db, made, "anna")[0] for _ in range(4)] == [*reversed(steps), None]
    assert labels(db, made) == {}
    assert [label.redo(db, made, "anna")[0] for _ in range(4)] == [*steps, None]
    assert labels(db, made) == whole


def test_undo_brings_back_the_answer_before(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    say(db, made, "anna", frame(0, 0), "sad")
    assert label.undo(db, made, "anna")[0] == Step(frame(0, 0))
    assert labels(db, made) == {(frame(0, 0).key, "mood"): "happy"}


def test_undo_is_of_the_own_answers_only(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    say(db, made, "bo", frame(0, 1), "happy")
    assert label.undo(db, made, "anna")[0] == Step(frame(0, 0))
    assert label.undo(db, made, "anna") == (None, Changes())
    assert len(labels(db, made, "bo")) == 1


def test_nothing_can_be_redone_after_another_save(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    for number in range(2):
        say(db, made, "anna", frame(0, number), "happy")
    label.undo(db, made, "anna")
    label.undo(db, made, "anna")
    say(db, made, "anna", frame(0, 2), "sad")
    assert label.redo(db, made, "anna")[0] is None
    label.undo(db, made, "anna")
    assert label.redo(db, made, "anna")[0] == Step(frame(0, 2)), "the newest, not what was given up before it"
    assert label.redo(db, made, "anna")[0] is None


def test_undo_works_when_the_clock_was_turned_back(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    [first] = db.annotation.answers(made.id)
    ahead = replace(first, uid="ahead", item_key=frame(0, 1).key, saved_at="2999-01-01T00:00:00.000000+00:00")
    db.annotation.merge_answers(made.id, [ahead])
    say(db, made, "anna", frame(0, 2), "sad")
    assert db.annotation.answers(made.id)[-1].saved_at == "2999-01-01T00:00:00.000001+00:00"
    assert [label.undo(db, made, "anna")[0].item.frame for _ in range(3)] == [2, 1, 0]
    assert [label.redo(db, made, "anna")[0].item.frame for _ in range(3)] == [0, 1, 2]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["save", "undo", "redo", "restart"]), st.integers(0, 2)), max_size=30))
def test_undo_is_that_of_a_plain_stack(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int]]
) -> None:
    """Against a model: a list of saves, and a list of those taken back, which a save empties."""
    path = tmp_path_factory.mktemp("undo") / "history.db"
    db = ProcessedDB(path)
    made, done, undone = project(db, videos=1, frames=3, tasks=(MOOD,)), [], []
    for place, (action, number) in enumerate(actions):
        if action == "save":
            done, undone = [*done, (number, ("happy", "sad", NA)[place % 3])], []
            say(db, made, "anna", frame(0, number), done[-1][1])
        elif action == "restart":
            db.close()
            db = ProcessedDB(path)
        elif action == "undo":
            expected = Step(frame(0, done[-1][0])) if done else None
            assert label.undo(db, made, "anna")[0] == expected
            undone += done[-1:]
            done = done[:-1]
        else:
            expected = Step(frame(0, undone[-1][0])) if undone else None
            assert label.redo(db, made, "anna")[0] == expected
            done += undone[-1:]
            undone = undone[:-1]
        assert labels(db, made) == {(frame(0, each).key, "mood"): said for each, said in done}
    db.close()


# -- decisions ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_gold_and_can_be_changed_and_taken_back(db: ProcessedDB) -> None:
    made, key = project(db), frame(0, 0).key
    assert db.annotation.gold(made.id) == {}
    label.adjudicate(db, made, key, "distance", "Public", "cleo")
    label.adjudicate(db, made, key, "perspective", NA, "cleo")
    label.adjudicate(db, made, key, "distance", "Social", "bo")
    assert db.annotation.gold(made.id) == {(key, "distance"): "Social", (key, "perspective"): NA}
    label.adjudicate(db, made, key, "distance", None, "bo")
    assert db.annotation.gold(made.id) == {(key, "perspective"): NA}
    assert [each.label for each in db.annotation.gold_log(made.id)] == ["Public", NA, "Social", ""]


def test_decisions_that_make_no_sense_are_refused(db: ProcessedDB) -> None:
    made = project(db, tasks=(PERSPECTIVE, DISTANCE))
    for key, task, said, coder in (
        ("b3-99#0", "distance", "Public", "bo"),
        (frame(0, 0).key, "smell", "Public", "bo"),
        (frame(0, 0).key, "distance", "happy", "bo"),
        (frame(0, 0).key, "distance", "", "bo"),
        (frame(0, 0).key, "distance", "Public", ""),
    ):
        with pytest.raises(UserError):
            label.adjudicate(db, made, key, task, said, coder)
    assert db.annotation.gold_log(made.id) == ()
