"""What a round measured about the model of one task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from blake3 import blake3

from core.annotation.metrics import evaluate
from core.annotation.window_models import in_columns
from core.annotation.workshop import Judgement, Lesson, group_of
from core.domain.split import Split

FIXED = 300
"""How many items without labels are watched from round to round."""


def task_figures(
    lesson: Lesson,
    keys: Sequence[str],
    said: Judgement,
    facts: Mapping[str, Any],
    state: Mapping[str, Any],
    split: Split,
    seed: int,
) -> dict[str, Any]:
    """The entry of a task in metrics.json; see `core.annotation.rounds`.

    Args:
        keys: of all judged items, in the order of the rows of `said`.
    """
    classes = lesson.task.classes
    place = {key: number for number, key in enumerate(keys)}
    own = state["labels"][lesson.task.name]
    test = {key: label for key, label in own.items() if group_of(key) in split.test and key in place}
    guess = np.asarray(said.classes, object)[said.probabilities.argmax(axis=1)]
    counts = Counter(own.values())
    figures = None
    if test:
        rows = in_columns(said.probabilities[[place[key] for key in test]], said.classes, classes)
        figures = evaluate(list(test.values()), rows, [group_of(key) for key in test], classes, seed)
    seen = facts.get("train_accuracy")
    return {
        "classes": list(classes),
        "labels": {name: counts[name] for name in classes},
        "missing": [name for name in classes if name not in lesson.train.values()],
        "start": facts["start"],
        "epochs": facts["epochs"],
        "best_loss": facts["best_loss"],
        "accuracy": {
            "train": _accuracy(lesson.train, place, guess) if seen is None else seen,
            "validation": _accuracy(lesson.validation, place, guess),
            "test": figures["accuracy"] if figures else None,
        },
        "test": figures,
        "predictions": {key: [label, str(guess[place[key]])] for key, label in test.items()},
        "fixed": {key: str(guess[place[key]]) for key in fixed_set(keys, state["answered"], split)},
    }


def fixed_set(keys: Sequence[str], answered: Sequence[str], split: Split) -> list[str]:
    """Items of test videos without a label: nobody is ever asked about them, so they stay the same set.

    Only predictions on them are compared between rounds. Of many a part that follows from their keys alone.
    """
    done = set(answered)
    unseen = [key for key in keys if group_of(key) in split.test and key not in done]
    return sorted(sorted(unseen, key=lambda key: blake3(key.encode()).hexdigest())[:FIXED])


def _accuracy(labels: Mapping[str, str], place: Mapping[str, int], guess: np.ndarray) -> float | None:
    return float(np.mean([guess[place[key]] == label for key, label in labels.items()])) if labels else None
