"""Labels that are likely wrong: a list of what to look at again. Nothing is deleted, nothing is changed.

Two witnesses, neither of which has seen the item's video: heads that were fitted on the other videos, judged the way of
confident learning (Northcutt, Jiang, Chuang 2021: a class counts where its probability is above the mean that items of
that class get), and the labels of the nearest items of other videos. Items of the test set are judged by what the rest
taught and teach nothing themselves; they are marked, since whoever changes them changes the yardstick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.annotation.adopted_round import is_adopted
from core.annotation.consensus import decide
from core.annotation.embedding_space import common_space, nearest
from core.annotation.round_folder import read_step, round_arrays, round_rows
from core.annotation.window_models import fit
from core.annotation.workshop import group_of
from core.domain.annotation import Answer, Item, Project
from core.domain.split import Split
from core.errors import UserError
from core.job import JobContext, PartOfJob

_NEIGHBOURS = 10
# Looked at, since the nearest are often of the item's own video.
_CANDIDATES = 60
_FEWEST = 10


@dataclass(frozen=True)
class LabelDoubt:
    """A label to look at again.

    Args:
        label: what it has.
        suggested: what it may be.
        confidence: 0–1, the mean of both witnesses; above one half.
        test: whether it belongs to the test set, whose labels are the yardstick of all rounds.
    """

    item: Item
    task: str
    label: str
    suggested: str
    confidence: float
    test: bool = False


def find_doubts(
    project: Project,
    folder: Path,
    items: Iterable[Item],
    answers: Iterable[Answer],
    gold: Mapping[tuple[str, str], str],
    ctx: JobContext,
) -> tuple[LabelDoubt, ...]:
    """Doubts about the labels of now, strongest first. What was decided by hand is believed.

    Args:
        folder: of the newest round, which has the embeddings; items that came later are left out.

    Raises:
        UserError: the files of the round are gone, or on another machine.
        Cancelled: through `ctx`.
    """
    if is_adopted(folder):
        raise UserError(
            f"What {folder.name} thought of each item is on the machine that ran it",
            "Only its split and figures came here",
            "Look for likely errors there, or run the next round here",
        )
    arrays = round_arrays(folder, "judged")
    split = Split.from_json(read_step(folder, "split"))
    vectors = round_rows(folder, "judged")
    known = {item.key: item for item in items}
    labels = decide(answers, gold).labels
    labelled = set().union(*labels.values())
    rows = {str(key): vectors[row].astype(np.float32) for row, key in enumerate(arrays["keys"]) if str(key) in labelled}
    found = []
    for number, task in enumerate(project.tasks):
        part = PartOfJob(ctx, number, len(project.tasks), task.name)
        own = {key: label for key, label in labels.get(task.name, {}).items() if key in rows and key in known}
        for key, suggested, confidence in _doubts(own, rows, split, part):
            if (key, task.name) not in gold:
                test = group_of(key) in split.test
                found.append(LabelDoubt(known[key], task.name, own[key], suggested, confidence, test))
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.item.key, one.task)))


def _doubts(
    labels: Mapping[str, str], rows: Mapping[str, np.ndarray], split: Split, ctx: JobContext
) -> list[tuple[str, str, float]]:
    """(key, suggested, confidence) of one task."""
    taught = sorted(key for key in labels if group_of(key) not in split.test)
    test = sorted(key for key in labels if group_of(key) in split.test)
    groups = [group_of(key) for key in taught]
    split.admit("selection", groups)
    given = [labels[key] for key in taught]
    if len(taught) < _FEWEST or len(set(given)) < 2 or len(set(groups)) < 2:
        return []
    ctx.progress(0, 1, "Judging labels")
    fitted = fit(np.stack([rows[key] for key in taught]), given, groups, check=ctx.check)
    classes = fitted.model.classes
    probabilities = fitted.out_of_fold
    limits = np.array([probabilities[np.asarray(given) == name, place].mean() for place, name in enumerate(classes)])
    if test:
        seen = fitted.model.probabilities(np.stack([rows[key] for key in test]))
        probabilities = np.concatenate([probabilities, seen])
    keys = [*taught, *test]
    votes = _votes(np.stack([rows[key] for key in keys]), [group_of(key) for key in keys], given, classes)
    ctx.check()
    found = []
    for place, key in enumerate(keys):
        if labels[key] not in classes:
            continue
        own = classes.index(labels[key])
        likely = np.where(probabilities[place] >= limits, probabilities[place], -1.0)
        other = int(likely.argmax())
        if other == own or likely[other] < 0.0:
            continue
        confidence = (_share(probabilities[place], other, own) + _share(votes[place], other, own)) / 2
        if confidence > 0.5:
            found.append((key, classes[other], confidence))
    return found


def _votes(rows: np.ndarray, groups: Sequence[str], given: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """float[N, C]: how many of the ten nearest items of other videos have each label; only the first items vote."""
    space = common_space(rows, len(given))
    names = np.asarray(groups, object)
    label = np.array([classes.index(name) for name in given])
    places, distances = nearest(space, space[: len(given)], _CANDIDATES)
    found = np.zeros((len(rows), len(classes)))
    for row in range(len(rows)):
        order = places[row][np.argsort(distances[row], kind="stable")]
        others = order[names[order] != names[row]][:_NEIGHBOURS]
        found[row] = np.bincount(label[others], minlength=len(classes))
    return found


def _share(weights: np.ndarray, one: int, other: int) -> float:
    """How much of two weights is the first; a half where both are nothing."""
    total = float(weights[one] + weights[other])
    return float(weights[one]) / total if total > 0 else 0.5
