"""A coder's queue: where it goes on, and what a save does to it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.queue import CoderQueue, build_queue, progress
from core.domain.annotation import NA, Answer, Item, ItemKind, Project, Step, Task
from core.domain.coder_order import repeat_gap
from tests.core.annotation.labelled import MOOD, frame

PROJECT = Project(1, "uid", "kitchen", ItemKind.FRAME, (MOOD,), "salt")
ITEMS = tuple(frame(video, number) for video in range(6) for number in range(20))
HERE = frozenset(item.content_key for item in ITEMS)


def answer(number: int, step: Step, coder: str = "anna", task: str = "mood") -> Answer:
    return Answer(f"uid {number}", step.item.key, task, coder, NA, saved_at=f"{number:06d}", repeat=step.repeat)


def built(
    answers: tuple[Answer, ...] = (),
    *,
    coder: str = "anna",
    coders: tuple[str, ...] = ("anna",),
    project: Project = PROJECT,
    items: tuple[Item, ...] = ITEMS,
    first: tuple[str, ...] = (),
) -> CoderQueue:
    judged = [(each.item_key, each.repeat, each.task) for each in answers if each.coder == coder]
    answered_by: dict[str, set[str]] = {}
    for each in answers:
        answered_by.setdefault(each.item_key, set()).add(each.coder)
    return build_queue(project, coder, items, coders, judged, answered_by, first, HERE)


def test_walking_through_a_queue_shows_every_step_once_and_repeats_late() -> None:
    queue, walked = built(), []
    while (step := queue.next_open()) is not None:
        walked.append(step)
        queue.mark(step)
    assert sorted(walked, key=queue.position) == list(queue.steps)
    assert len(queue) == queue.done == len(ITEMS) + 6
    for step in walked:
        if step.repeat:
            between = walked.index(step) - walked.index(Step(step.item))
            assert between > repeat_gap(len(ITEMS))


def test_a_queue_built_anew_goes_on_where_the_marked_one_does() -> None:
    queue, answers = built(), []
    for number in range(60):
        step = queue.next_open()
        answers.append(answer(number, step))
        queue.mark(step)
        again = built(tuple(answers))
        assert (again.steps, again.answered, again.next_open()) == (queue.steps, queue.answered, queue.next_open())


def test_after_more_items_came_no_repeat_follows_close_on_its_first_showing() -> None:
    queue, answers = built(items=ITEMS[:60]), []
    for number in range(40):
        step = queue.next_open()
        answers.append(answer(number, step))
        queue.mark(step)
    grown = built(tuple(answers))
    walked = [Step(next(item for item in ITEMS if item.key == each.item_key), each.repeat) for each in answers]
    assert set(walked) <= grown.answered
    while (step := grown.next_open()) is not None:
        walked.append(step)
        grown.mark(step)
    for place, step in enumerate(walked):
        if step.repeat and not all(later.repeat for later in walked[place:]):
            assert place - walked.index(Step(step.item)) > repeat_gap(len(ITEMS) if place >= 40 else 60)


def test_an_item_is_answered_when_every_task_is() -> None:
    two = replace(PROJECT, tasks=(MOOD, replace(MOOD, name="voice")))
    step = built(project=two).steps[0]
    assert not built((answer(1, step),), project=two).is_answered(step)
    assert built((answer(1, step), answer(2, step, task="voice")), project=two).is_answered(step)
    assert not built((answer(1, step, coder="bo"),), coders=("anna", "bo")).is_answered(step)


def test_the_next_open_step_behind_a_step_and_round_to_the_start() -> None:
    queue = built(items=ITEMS[:4], project=replace(PROJECT, repeats=0.0))
    one, two, three, four = queue.steps
    queue.mark(two)
    assert (queue.next_open(), queue.next_open(one), queue.next_open(four)) == (one, three, one)
    queue.mark(two, answered=False)
    assert queue.next_open(one) == two
    for step in queue.steps:
        queue.mark(step)
    assert queue.next_open() is None
    assert queue.next_open(two) is None


def test_a_mark_of_another_queue_is_ignored() -> None:
    queue = built(items=ITEMS[:4])
    queue.mark(Step(ITEMS[-1]))
    assert queue.done == 0


def test_a_repeat_is_shown_at_last_where_nothing_else_is_left() -> None:
    queue = CoderQueue([Step(ITEMS[0]), Step(ITEMS[1]), Step(ITEMS[2]), Step(ITEMS[2], repeat=True)], [])
    for step in queue.steps[:3]:
        queue.mark(step)
    assert queue.next_open() == Step(ITEMS[2], repeat=True)


def test_a_rounds_queue_comes_first_also_after_half_the_work() -> None:
    queue = built()
    done = tuple(answer(number, step) for number, step in enumerate(queue.steps[:30]))
    wanted = tuple(step.item.key for step in queue.steps[60:80] if not step.repeat)
    later = built(done, first=wanted)
    assert {step.item.key for step in later.steps[: len(wanted)]} == set(wanted)
    assert later.next_open() == later.steps[0]
    assert later.done == 30


def test_a_project_without_items_has_an_empty_queue() -> None:
    queue = built(items=())
    assert (len(queue), queue.next_open(), queue.missing, queue.answered) == (0, None, 0, frozenset())


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_progress_of_everybody_is_that_of_their_queues(data: st.DataObject) -> None:
    share = st.sampled_from([0.0, 0.05, 0.15, 0.6, 1.0])
    tasks = (MOOD, Task("light", ("day", "night"))) if data.draw(st.booleans()) else (MOOD,)
    project = replace(PROJECT, overlap=data.draw(share), repeats=data.draw(share), tasks=tasks)
    items = [frame(video, number) for video in range(data.draw(st.integers(1, 5))) for number in range(10)]
    team, away = (data.draw(st.sets(st.sampled_from(names))) for names in (("anna", "bo", "cleo"), ("dan", "eve")))
    answers = tuple(
        answer(number, Step(items[at % len(items)], repeat), coder, task)
        for number, (at, repeat, coder, task) in enumerate(
            data.draw(
                st.lists(
                    st.tuples(
                        st.integers(0, 49),
                        st.booleans(),
                        st.sampled_from(sorted(team | away)),
                        st.sampled_from([each.name for each in tasks]),
                    ),
                    max_size=60,
                )
                if team | away
                else st.just([])
            )
        )
    )
    here = {item.content_key for item in items} - data.draw(st.sets(st.sampled_from([items[0].content_key, "b3-02"])))
    first = {item.key for item in items[:: data.draw(st.integers(1, 20))]}
    answered_by: dict[str, set[str]] = {}
    for each in answers:
        answered_by.setdefault(each.item_key, set()).add(each.coder)
    found = progress(project, items, team, away, answers, first, here)
    assert found.keys() == team | away
    for coder in team | away:
        judged = [(each.item_key, each.repeat, each.task) for each in answers if each.coder == coder]
        queue = build_queue(project, coder, items, team, judged, answered_by, first, here)
        assert found[coder] == (queue.done, len(queue))
