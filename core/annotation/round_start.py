"""What a round starts from: the labels of the moment, the split, and what there is to learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.annotation.adopted_round import is_adopted
from core.annotation.consensus import decide
from core.annotation.round_folder import RoundFolder, checkpoint_in, read_step
from core.annotation.split import extend_split, make_split
from core.annotation.workshop import Lesson, group_of
from core.domain.annotation import Answer, Item, Project, Task
from core.domain.split import Split
from core.errors import UserError


@dataclass(frozen=True)
class Turn:
    """What a round starts from.

    Args:
        number: of the round, from 0.
        gold: {(item key, task): label}.
        names: content key -> file name.
        folder: of the round.
        before: folders of the earlier rounds, by number.
        past: their metrics.
        frozen: the split of this very round where it was finished before: its test set never changes.
    """

    project: Project
    number: int
    items: tuple[Item, ...]
    answers: tuple[Answer, ...]
    gold: Mapping[tuple[str, str], str]
    names: Mapping[str, str]
    folder: Path
    before: tuple[Path, ...] = ()
    past: tuple[dict[str, Any], ...] = ()
    frozen: Split | None = None


def labels_now(turn: Turn) -> dict[str, Any]:
    """What is known at the start; coders go on labelling, and a resumed round must not mix two states."""
    if not turn.items:
        raise UserError(f"{turn.project.name} has no items", "", "Add frames or windows of some media first")
    found = decide(turn.answers, turn.gold)
    keys = {item.key for item in turn.items}
    answered = answered_items(turn)
    if not any(found.labels.values()):
        raise UserError(
            f"{turn.project.name} has no labels to learn from",
            "Nobody answered anything but NA yet" if answered else "Nobody answered anything yet",
            "Label a few dozen items in the labelling window, of several videos, then run the round",
        )
    per_coder: dict[str, set[str]] = {}
    for answer in turn.answers:
        if not answer.withdrawn:
            per_coder.setdefault(answer.coder, set()).add(answer.item_key)
    return {
        "items": sorted(keys),
        "labels": {task.name: _kept(found.labels.get(task.name, {}), keys) for task in turn.project.tasks},
        "answered": sorted(answered),
        "not_applicable": sum(map(len, found.not_applicable.values())),
        "ties": {task: sorted(keys) for task, keys in found.ties.items()},
        "coders": {coder: len(own) for coder, own in sorted(per_coder.items())},
    }


def answered_items(turn: Turn) -> set[str]:
    """The items that somebody has judged or decided."""
    judged = {answer.item_key for answer in turn.answers if not answer.withdrawn} | {key for key, _ in turn.gold}
    return judged & {item.key for item in turn.items}


def _kept(labels: Mapping[str, str], keys: set[str]) -> dict[str, str]:
    return {key: label for key, label in sorted(labels.items()) if key in keys}


def split_now(turn: Turn, state: Mapping[str, Any], seed: int) -> Split:
    """Round 0 freezes it; whatever comes later takes it over and finds a place for videos that are new."""
    joined: dict[str, dict[str, list[str]]] = {}
    for task in turn.project.tasks:
        for key, label in state["labels"][task.name].items():
            joined.setdefault(group_of(key), {}).setdefault(key, []).append(label)
    by_group = {group: ["|".join(labels) for labels in own.values()] for group, own in joined.items()}
    if turn.before:
        return extend_split(Split.from_json(read_step(turn.before[-1], "split")), by_group)
    return extend_split(turn.frozen, by_group) if turn.frozen else make_split(by_group, seed=seed)


def lessons_now(
    turn: Turn, state: Mapping[str, Any], split: Split, readable: set[str], folder: RoundFolder
) -> tuple[list[Lesson], list[str]]:
    """A lesson for every task that has two classes to tell apart, and a sentence for every other one."""
    lessons, problems = [], []
    for task in turn.project.tasks:
        own = {key: label for key, label in state["labels"][task.name].items() if key in readable}
        train = {key: label for key, label in own.items() if group_of(key) in split.train}
        validation = {key: label for key, label in own.items() if group_of(key) in split.validation}
        if len(set(train.values())) < 2:
            problems.append(_nothing_to_tell_apart(task, train))
            continue
        start = checkpoint_in(turn.before[-1], task.name) if turn.before else None
        if start is not None and task.name not in turn.past[-1]["tasks"]:
            start = None
            problems.append(f"{task.name} starts anew: round {turn.number - 1} could not learn it yet")
        elif start is not None and not start.is_file() and is_adopted(turn.before[-1]):
            start = None
            problems.append(f"{task.name} starts anew: its model of round {turn.number - 1} is on another machine")
        elif start is not None and not start.is_file():
            raise UserError(
                f"The model of {task.name} that round {turn.number} goes on from is gone",
                f"It was {start}",
                f"Bring the file back, or run round {turn.number - 1} again",
            )
        lessons.append(Lesson(task, train, validation, split, start, folder.checkpoint(task.name)))
    if not lessons:
        raise UserError("There is nothing to learn yet", "; ".join(problems), "Label items of other videos and classes")
    return lessons, problems


def _nothing_to_tell_apart(task: Task, train: Mapping[str, str]) -> str:
    if not train:
        return f"{task.name} is left out: no training video has a label"
    return f"{task.name} is left out: all {len(train)} labels of training videos say {next(iter(train.values()))!r}"
