"""Finished rounds in a label file: which videos may teach, validate and test, and what was measured. No models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.annotation.label_file_fields import moment, whole
from core.domain.annotation import Project
from core.domain.split import Split

_SETS = ("train", "validation", "test")
_INTERVAL = ([float], None)
_TEST = {
    "items": int,
    "macro_f1": float,
    "confusion": [[int]],
    "per_class": {str: {"f1": float, "support": int}},
    "intervals": {"macro_f1": _INTERVAL, "per_class": {str: {"f1": _INTERVAL}}},
}
_TASK = {
    "classes": [str],
    "labels": {str: int},
    "accuracy": {"train": (float, None), "validation": (float, None), "test": (float, None)},
    "test": (_TEST, None),
    "predictions": {str: [str]},
    "fixed": {str: str},
}
_AGREED = {"task": str, "shared": int, "figures": ({"alpha": {"value": (float, None)}}, None)}
# What is read of the metrics of earlier rounds, by later ones, their figure and the window; more may be there.
_METRICS = {
    "project": str,
    "kind": str,
    "round": int,
    "sizes": {**dict.fromkeys(("labelled", "pool", *_SETS), int), "videos": dict.fromkeys(_SETS, int)},
    "queue": {"chosen": int},
    "agreement": ({"tasks": [_AGREED]}, None),
    "advice": [{"kind": str, "sentence": str}],
    "tasks": {str: _TASK},
}


@dataclass(frozen=True)
class SharedRound:
    """A finished round as it travels.

    Args:
        finished_at: UTC, ISO 8601 with microseconds; tells one run of a round from another.
        metrics: see `core.annotation.rounds`.
        split: as the round used it.
    """

    number: int
    finished_at: str
    metrics: dict[str, Any]
    split: Split


def round_row(shared: SharedRound) -> dict[str, Any]:
    """The values of its line."""
    return {
        "number": shared.number,
        "finished_at": shared.finished_at,
        "split": shared.split.to_json(),
        "metrics": shared.metrics,
    }


def take_round(before: list[SharedRound], row: Mapping[str, Any], project: Project) -> None:
    """Add the round of a line to those of the lines before.

    Raises:
        KeyError: something is missing.
        ValueError: a round before it is missing, a video has two places or another one than in the round before, or
            the metrics are none of this project.
    """
    number, metrics = whole(row, "number"), row["metrics"]
    if number != len(before):
        raise ValueError(f"round {number} follows {len(before)} others")
    split = _split(row["split"])
    if before and (split.test != before[-1].split.test or moved(before[-1].split, split)):
        raise ValueError("a video has another place in the split than in the round before")
    if not _fits(metrics, _METRICS) or not _of(project, number, metrics):
        raise ValueError(f"the metrics are none of round {number}")
    before.append(SharedRound(number, moment(row, "finished_at"), metrics, split))


def moved(one: Split, other: Split) -> frozenset[str]:
    """The videos that have their place in both, and not the same one."""
    kept = (one.train & other.train) | (one.validation & other.validation) | (one.test & other.test)
    return (one.known & other.known) - kept


def _split(row: Any) -> Split:
    if not _fits(row, {"train": [str], "validation": [str], "test": [str], "seed": int}):
        raise ValueError("the split is none")
    if len(set().union(*(row[name] for name in _SETS))) < sum(len(set(row[name])) for name in _SETS):
        raise ValueError("a video is in two sets of the split")
    return Split.from_json(row)


def _of(project: Project, number: int, metrics: Mapping[str, Any]) -> bool:
    """Whether metrics of the right shape are of this round and these tasks."""
    classes = {task.name: list(task.classes) for task in project.tasks}
    return (metrics["kind"], metrics["round"]) == (project.kind.value, number) and all(
        _same_classes(task, classes.get(name, ())) for name, task in metrics["tasks"].items()
    )


def _same_classes(task: Mapping[str, Any], classes: Sequence[str]) -> bool:
    known, test = set(classes), task["test"]
    if task["classes"] != classes or task["labels"].keys() != known:
        return False
    if not all(len(pair) == 2 and known.issuperset(pair) for pair in task["predictions"].values()):
        return False
    if test is None:
        return True
    tables = (test["per_class"], test["intervals"]["per_class"])
    pairs = [test["intervals"]["macro_f1"], *(one["f1"] for one in tables[1].values())]
    square = {len(classes)} == {len(test["confusion"]), *map(len, test["confusion"])}
    named = all(table.keys() == known for table in tables)
    return square and named and all(pair is None or len(pair) == 2 for pair in pairs)


def _fits(value: Any, shape: Any) -> bool:
    """Whether a value from JSON has a shape: a type, a choice (tuple), a list of one, an object with these names, or,
    where the name is the type `str`, with any names.
    """
    if isinstance(shape, tuple):
        return any(_fits(value, one) for one in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(each, shape[0]) for each in value)
    if isinstance(shape, dict):
        wanted = dict.fromkeys(value, shape[str]) if str in shape and isinstance(value, dict) else shape
        return isinstance(value, dict) and all(name in value and _fits(value[name], wanted[name]) for name in wanted)
    if shape is None or isinstance(value, bool):
        return value is shape
    return isinstance(value, int | float) if shape is float else isinstance(value, shape)
