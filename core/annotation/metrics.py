"""How good a model is on videos it never saw, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BOOTSTRAPS = 1000
_LOW, _HIGH = 2.5, 97.5


def evaluate(
    truth: Sequence[str],
    probabilities: np.ndarray,
    groups: Sequence[str],
    classes: Sequence[str],
    seed: int = 42,
    bootstraps: int = BOOTSTRAPS,
) -> dict[str, Any]:
    """JSON-able figures of N items.

    Args:
        truth: the class of each.
        probabilities: float[N, C]; the largest is the prediction.
        groups: the video of each. Videos, not items, are drawn for the intervals: frames of a video resemble each
            other, so that intervals over items would be far too narrow.
        classes: C names, the order of the columns.

    Returns:
        `items`, `videos`, `classes`, `accuracy`, `macro_f1`, `log_loss`, `confusion` (rows are true, columns
        predicted), `per_class` {class: {precision, recall, f1, support}}, and `intervals` {accuracy, macro_f1,
        per_class: {class: {precision, recall, f1}}} with [low, high] of 95 %, or None where fewer than two videos
        leave nothing to draw. The macro F1 is the mean over the classes that are true or predicted somewhere, and
        figures without a denominator are 0; both as in scikit-learn.

    Raises:
        ValueError: there are no items, or a true class is none of `classes`.
    """
    known = list(classes)
    true = np.array([known.index(label) for label in truth], dtype=np.intp)
    if not len(true):
        raise ValueError("nothing to evaluate")
    tables = _tables(true, probabilities.argmax(axis=1), groups, len(known))
    whole = _scores(tables.sum(axis=0))
    likely = np.clip(probabilities[np.arange(len(true)), true].astype(np.float64), 1e-12, 1.0)
    drawn = _drawn(tables, seed, bootstraps) if len(tables) > 1 else None
    figures = ("precision", "recall", "f1")
    return {
        "items": len(true),
        "videos": len(tables),
        "classes": known,
        "accuracy": float(whole["accuracy"]),
        "macro_f1": float(whole["macro_f1"]),
        "log_loss": float(-np.log(likely).mean()),
        "confusion": tables.sum(axis=0).tolist(),
        "per_class": {
            name: {**{key: float(whole[key][at]) for key in figures}, "support": int((true == at).sum())}
            for at, name in enumerate(known)
        },
        "intervals": {
            "accuracy": _interval(drawn, "accuracy"),
            "macro_f1": _interval(drawn, "macro_f1"),
            "per_class": {name: {key: _interval(drawn, key, at) for key in figures} for at, name in enumerate(known)},
        },
    }


def bootstrap_scores(
    truth: Sequence[str],
    predicted: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[str],
    seed: int = 42,
    bootstraps: int = BOOTSTRAPS,
) -> dict[str, np.ndarray]:
    """`accuracy` and `macro_f1`, float64[B], of B draws of videos with replacement.

    The same videos and seed give the same draws, whatever was predicted: subtract the scores of two models on one test
    set for the paired bootstrap of their difference.
    """
    known = list(classes)
    true, guessed = (np.array([known.index(label) for label in labels], dtype=np.intp) for labels in (truth, predicted))
    drawn = _drawn(_tables(true, guessed, groups, len(known)), seed, bootstraps)
    return {name: drawn[name] for name in ("accuracy", "macro_f1")}


def _tables(true: np.ndarray, guessed: np.ndarray, groups: Sequence[str], classes: int) -> np.ndarray:
    """int64[V, C, C]: a confusion table for each video, in the order of their names."""
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    tables = np.zeros((len(names), classes, classes), dtype=np.int64)
    np.add.at(tables, (place, true, guessed), 1)
    return tables


def _drawn(tables: np.ndarray, seed: int, bootstraps: int) -> dict[str, np.ndarray]:
    """Scores of `bootstraps` draws of as many videos as there are, with replacement."""
    videos, classes, _ = tables.shape
    counts = np.random.default_rng(seed).multinomial(videos, np.full(videos, 1 / videos), size=bootstraps)
    return _scores((counts @ tables.reshape(videos, -1)).reshape(bootstraps, classes, classes))


def _scores(tables: np.ndarray) -> dict[str, np.ndarray]:
    """Figures of confusion tables [..., C, C]: accuracy and macro F1 [...], precision, recall and F1 [..., C]."""
    right = np.diagonal(tables, axis1=-2, axis2=-1).astype(np.float64)
    true, guessed = tables.sum(axis=-1), tables.sum(axis=-2)
    f1 = _ratio(2 * right, true + guessed)
    seen = (true + guessed > 0).sum(axis=-1)
    return {
        "accuracy": _ratio(right.sum(axis=-1), tables.sum(axis=(-2, -1))),
        "macro_f1": _ratio(f1.sum(axis=-1), seen),
        "precision": _ratio(right, guessed),
        "recall": _ratio(right, true),
        "f1": f1,
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(np.shape(part), dtype=np.float64), where=np.asarray(whole) > 0)


def _interval(drawn: dict[str, np.ndarray] | None, name: str, column: int | None = None) -> list[float] | None:
    if drawn is None:
        return None
    values = drawn[name] if column is None else drawn[name][:, column]
    return [float(edge) for edge in np.percentile(values, (_LOW, _HIGH))]
