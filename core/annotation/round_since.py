"""A round that goes on: what changed in its project since it was begun, and what that means for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.annotation.consensus import decide
from core.annotation.round_folder import METRICS, RoundFolder
from core.annotation.round_start import Turn, answered_items


def going_on(turn: Turn, folder: RoundFolder) -> tuple[str, ...]:
    """What to tell about the round's going on, in sentences without a full stop; nothing where it is a new one.

    What was done for other tasks than the project has now is thrown away.
    """
    if folder.cleared:
        return (f"Round {turn.number} was begun anew from the labels of now",)
    state = folder.known("labels")
    if state is None:
        return ()
    if not _same_tasks(turn, state):
        folder.clear()
        return (f"Round {turn.number} was begun anew: the project had other tasks when it was begun",)
    return changes_since(turn, state, (folder.path / METRICS).is_file())


def changes_since(turn: Turn, state: Mapping[str, Any], finished: bool) -> tuple[str, ...]:
    """That a round goes on, or stays as it was finished, and what it therefore does not know.

    Args:
        state: its labels, as `core.annotation.round_start.labels_now` gave them.
    """
    now = {item.key for item in turn.items}
    then, answered = set(state["items"]), set(state["answered"])
    labels = decide(turn.answers, turn.gold).labels
    differing = {
        key
        for task in turn.project.tasks
        for key in answered & now
        if labels.get(task.name, {}).get(key) != state["labels"][task.name].get(key)
    }
    counts = {
        "labelled": len((answered_items(turn) & then) - answered),
        "labelled differently": len(differing),
        "added": len(now - then),
    }
    news = ", ".join(f"{what} {count:,}" for what, count in counts.items() if count)
    found = [
        f"Round {turn.number} was finished before and stays as it was"
        if finished
        else f"Round {turn.number} was stopped and keeps the labels that it began with"
    ]
    if news:
        found.append(f"What came since is for the next round. Items {news}")
    if gone := len(then - now):
        found.append(f"It does without items that were taken out of the project since: {gone:,}")
    return tuple(found)


def without_gone(state: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """The labels that a round began with, of the items that the project still has."""
    return {
        **state,
        "items": [key for key in state["items"] if key in keys],
        "answered": [key for key in state["answered"] if key in keys],
        "labels": {
            task: {key: label for key, label in own.items() if key in keys} for task, own in state["labels"].items()
        },
    }


def _same_tasks(turn: Turn, state: Mapping[str, Any]) -> bool:
    tasks = {task.name: set(task.classes) for task in turn.project.tasks}
    labels = state["labels"]
    return tasks.keys() == labels.keys() and all(set(labels[name].values()) <= own for name, own in tasks.items())
