"""What the rounds so far say about going on: is more labelling worth it, does a model overfit. With the evidence.

Of the figures of a single round nothing follows: two equally good models differ by several points on a small test set.
So a change is judged by the paired bootstrap over whole videos, and stopping asks for three things at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from core.annotation.metrics import bootstrap_scores
from core.annotation.workshop import group_of
from core.domain.annotation import ItemKind

ROUNDS = 3
"""How many rounds must agree that nothing changes."""
LEAST_GAIN = 0.01
"""One point of macro F1."""
STABLE_KAPPA = 0.95
OVERFIT_GAP = 0.15
_FEWEST_FIXED = 20
_FEWEST_VALIDATION = 20


@dataclass(frozen=True)
class Advice:
    """One thing to know.

    Args:
        kind: "diminishing returns", "overfitting", "labels per point" or "too little to tell".
        sentence: for a person.
        evidence: the numbers it rests on, JSON-able.
    """

    kind: str
    sentence: str
    evidence: dict[str, Any] = field(default_factory=dict)


def advise(rounds: Sequence[Mapping[str, Any]]) -> tuple[Advice, ...]:
    """What to make of the metrics (see `core.annotation.rounds`) of all rounds in order."""
    if not rounds:
        return ()
    found: list[Advice] = []
    for name in rounds[-1]["tasks"]:
        with_task = [one for one in rounds if name in one["tasks"]]
        for part in (_diminishing(name, with_task), _overfitting(name, with_task), _per_point(name, with_task)):
            if part is not None:
                found.append(part)
    return tuple(found)


def _diminishing(name: str, rounds: Sequence[Mapping[str, Any]]) -> Advice | None:
    """As Bloodgood, Vijay-Shanker (2009) stop: where predictions on a fixed set without labels have become stable;
    here only together with a change of the score that is shown to be small.
    """
    if len(rounds) < ROUNDS:
        return None
    last = [one["tasks"][name] for one in rounds[-ROUNDS:]]
    change = paired_change(last[0], last[-1])
    kappas = [_stability(before, after) for before, after in pairwise(last)]
    if change is None or any(kappa is None for kappa in kappas):
        return Advice(
            "too little to tell",
            f"{name}: whether more labels still help cannot be told. It takes labelled items of two videos of the test "
            f"set and {_FEWEST_FIXED} unlabelled ones",
            {"task": name, "change": change, "stability": kappas},
        )
    low, high = change["interval"]
    evidence = {"task": name, "rounds": [one["round"] for one in rounds[-ROUNDS:]], "change": change,
                "stability": kappas}  # fmt: skip
    if not low <= 0.0 <= high or high >= LEAST_GAIN or min(kappas) < STABLE_KAPPA:
        return None
    return Advice(
        "diminishing returns",
        f"{name}: over {ROUNDS} rounds the macro F1 changed by {_points(change['change'])} points "
        f"(95 %: {_points(low)} to {_points(high)}), and predictions on {len(last[-1]['fixed'])} items that nobody "
        f"labelled stayed the same (kappa {min(kappas):.2f}). More labels of this kind will hardly help",
        evidence,
    )


def paired_change(before: Mapping[str, Any], after: Mapping[str, Any], seed: int = 42) -> dict[str, Any] | None:
    """Macro F1 after minus before on the items that both judged: {change, interval, items, videos}.

    The interval is a paired bootstrap over videos. None where fewer than two videos are left to draw from.

    Args:
        before, after: the same task in two rounds.
    """
    shared = sorted(before["predictions"].keys() & after["predictions"].keys())
    groups = [group_of(key) for key in shared]
    if len(set(groups)) < 2:
        return None
    truth = [after["predictions"][key][0] for key in shared]
    scores, points = [], []
    for one in (before, after):
        guess = [one["predictions"][key][1] for key in shared]
        scores.append(bootstrap_scores(truth, guess, groups, after["classes"], seed)["macro_f1"])
        points.append(_macro_f1(truth, guess, after["classes"]))
    low, high = np.percentile(scores[1] - scores[0], (2.5, 97.5))
    return {
        "change": points[1] - points[0],
        "interval": [float(low), float(high)],
        "items": len(shared),
        "videos": len(set(groups)),
    }


def _macro_f1(truth: Sequence[str], guess: Sequence[str], classes: Sequence[str]) -> float:
    """The mean over the classes that are true or guessed somewhere, as in `core.annotation.metrics`."""
    found = []
    for name in classes:
        right = sum(one == other == name for one, other in zip(truth, guess, strict=True))
        total = sum(one == name for one in truth) + sum(one == name for one in guess)
        if total:
            found.append(2 * right / total)
    return float(np.mean(found))


def _stability(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    """Cohen's kappa of two models on the fixed set; None where it is too small."""
    shared = sorted(before["fixed"].keys() & after["fixed"].keys())
    if len(shared) < _FEWEST_FIXED:
        return None
    one, other = [[part["fixed"][key] for key in shared] for part in (before, after)]
    same = float(np.mean([a == b for a, b in zip(one, other, strict=True)]))
    chance = sum(one.count(name) * other.count(name) for name in set(one)) / len(shared) ** 2
    # Two models that say one and the same class everywhere agree, though chance would too.
    return 1.0 if chance >= 1.0 else (same - chance) / (1.0 - chance)


def _overfitting(name: str, rounds: Sequence[Mapping[str, Any]]) -> Advice | None:
    accuracy = rounds[-1]["tasks"][name]["accuracy"]
    if accuracy["train"] is None or accuracy["validation"] is None:
        return None
    gap, items = accuracy["train"] - accuracy["validation"], rounds[-1]["sizes"]["validation"]
    if gap <= OVERFIT_GAP or items < _FEWEST_VALIDATION:
        return None
    return Advice(
        "overfitting",
        f"{name}: {100 * accuracy['train']:.0f} % of what it learned from is right, but of the validation videos "
        f"{100 * accuracy['validation']:.0f} %. Label items of more videos{_simpler(rounds[-1])}",
        {"task": name, "train": accuracy["train"], "validation": accuracy["validation"], "items": items, "gap": gap},
    )


def _simpler(metrics: Mapping[str, Any]) -> str:
    """What else helps, of what is not done already. Fewer epochs would not: the best one is kept."""
    options = metrics["options"]
    if metrics["kind"] == ItemKind.FRAME.value:
        frozen = ": of the network only the last layer is learned already"
        return frozen if options["frozen"] else ", or learn only the last layer"
    simplest = options["head"] == "logistic"
    return ": the head is the simplest already" if simplest else ", or choose logistic regression as head"


def _per_point(name: str, rounds: Sequence[Mapping[str, Any]]) -> Advice | None:
    """Least squares of the macro F1 on the logarithm of the number of labels, over all rounds."""
    points = [
        (one["sizes"]["train"], one["tasks"][name]["test"]["macro_f1"]) for one in rounds if one["tasks"][name]["test"]
    ]
    if len(points) < ROUNDS or len({labels for labels, _ in points}) < ROUNDS or min(points)[0] < 1:
        return None
    x, y = np.log([labels for labels, _ in points]), np.array([score for _, score in points])
    centred = x - x.mean()
    slope = float((centred @ (y - y.mean())) / (centred @ centred))
    rest = y - y.mean() - slope * centred
    error = math.sqrt(float(rest @ rest) / max(1, len(x) - 2) / float(centred @ centred))
    now = points[-1][0]
    evidence = {"task": name, "labels": [n for n, _ in points], "macro_f1": [s for _, s in points],
                "slope": slope, "slope_error": error}  # fmt: skip
    if slope <= 0.0 or (exponent := LEAST_GAIN / slope) > math.log(100.0):
        evidence["labels_per_point"] = None
        return Advice(
            "labels per point",
            f"{name}: over {len(points)} rounds the macro F1 did not rise with the number of labels",
            evidence,
        )
    more = max(1, math.ceil(now * math.expm1(exponent)))
    evidence["labels_per_point"] = more
    doubt = "" if slope > 2 * error else ", though the rounds scatter so much that this is a guess"
    return Advice(
        "labels per point",
        f"{name}: about {more} more labels for the next point of macro F1, by the rounds so far{doubt}",
        evidence,
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
