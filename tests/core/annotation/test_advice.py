"""Advice rests on paired intervals over videos, on stability and on gaps, and says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.annotation.advice import advise, paired_change
from core.annotation.metrics import evaluate

CLASSES = ("a", "b")
ITEMS = [f"v{video}#{frame}" for video in range(20) for frame in range(20)]
TRUTH = {key: CLASSES[int(np.random.default_rng(1).integers(2, size=400)[place])] for place, key in enumerate(ITEMS)}


def task(wrong: int, seed: int = 0, train: float = 0.9, validation: float = 0.88, fixed_wrong: int = 0) -> dict:
    """A task whose model errs on `wrong` test items, and differs on `fixed_wrong` of 100 items without labels."""
    flipped = set(np.random.default_rng(seed).permutation(ITEMS)[:wrong])
    said = {key: other(TRUTH[key]) if key in flipped else TRUTH[key] for key in ITEMS}
    probabilities = np.array([[said[key] == name for name in CLASSES] for key in ITEMS], float)
    return {
        "classes": list(CLASSES),
        "accuracy": {"train": train, "validation": validation, "test": 1 - wrong / 400},
        "predictions": {key: [TRUTH[key], said[key]] for key in ITEMS},
        "fixed": {f"f#{n}": "a" if (n < 50) != (n < fixed_wrong) else "b" for n in range(100)},
        "test": evaluate([TRUTH[key] for key in ITEMS], probabilities, [key[:3] for key in ITEMS], CLASSES),
    }


def other(name: str) -> str:
    return "b" if name == "a" else "a"


def rounds(*tasks: dict, labels: tuple[int, ...] = (100, 150, 200, 250)) -> list[dict[str, Any]]:
    return [
        {
            "round": number,
            "kind": "frame",
            "options": {"frozen": False},
            "sizes": {"train": count, "validation": 40},
            "tasks": {"t": one},
        }
        for number, (one, count) in enumerate(zip(tasks, labels, strict=False))
    ]


def kinds(*tasks: dict) -> list[str]:
    return [one.kind for one in advise(rounds(*tasks))]


def test_nothing_changes_any_more() -> None:
    found = advise(rounds(task(40), task(40), task(40)))
    assert [one.kind for one in found] == ["diminishing returns", "labels per point"]
    evidence = found[0].evidence
    assert evidence["rounds"] == [0, 1, 2]
    assert evidence["change"]["interval"] == [0.0, 0.0]
    assert evidence["change"]["videos"] == 20
    assert evidence["stability"] == [1.0, 1.0]


def test_two_rounds_are_too_few_to_stop() -> None:
    assert kinds(task(40), task(40)) == []


def test_a_wide_interval_is_no_reason_to_stop() -> None:
    """The same number of errors, but on other items: the change may be above one point."""
    assert "diminishing returns" not in kinds(task(40, 1), task(40, 2), task(40, 3))


def test_a_gain_is_no_reason_to_stop() -> None:
    assert "diminishing returns" not in kinds(task(80), task(60), task(40))


def test_predictions_that_still_move_are_no_reason_to_stop() -> None:
    assert "diminishing returns" not in kinds(task(40), task(40, fixed_wrong=9), task(40))


def test_too_little_to_tell_is_said() -> None:
    bare = task(40) | {"fixed": {}}
    assert kinds(bare, bare, bare)[0] == "too little to tell"


def test_overfitting_is_a_gap_of_more_than_fifteen_points() -> None:
    assert kinds(task(40, train=0.95, validation=0.80)) == []
    found = advise(rounds(task(40, train=0.96, validation=0.80)))
    assert [one.kind for one in found] == ["overfitting"]
    assert found[0].evidence["gap"] == pytest.approx(0.16)
    assert kinds(task(40) | {"accuracy": {"train": 0.9, "validation": None, "test": None}}) == []
    few = rounds(task(40, train=1.0, validation=0.25))
    few[0]["sizes"]["validation"] = 4
    assert advise(few) == ()


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("frame", {"frozen": False}, "Label items of more videos, or learn only the last layer"),
        (
            "frame",
            {"frozen": True},
            "Label items of more videos: of the network only the last layer is learned already",
        ),
        ("window", {"head": "blend"}, "Label items of more videos, or choose logistic regression as head"),
        ("window", {"head": "logistic"}, "Label items of more videos: the head is the simplest already"),
    ],
)
def test_what_is_advised_against_overfitting_can_still_be_done(kind: str, options: dict, told: str) -> None:
    only = [{**rounds(task(40, train=0.95, validation=0.75))[0], "kind": kind, "options": options}]
    (found,) = advise(only)
    assert found.sentence.endswith(told)


def test_labels_per_point_follow_the_curve() -> None:
    found = [one for one in advise(rounds(task(120), task(100), task(80), task(65))) if one.kind == "labels per point"]
    more = found[0].evidence["labels_per_point"]
    slope = found[0].evidence["slope"]
    assert 250 * np.expm1(0.01 / slope) <= more <= 250 * np.expm1(0.01 / slope) + 1
    assert found[0].evidence["labels"] == [100, 150, 200, 250]
    assert "guess" not in found[0].sentence
    falling = [one for one in advise(rounds(task(60), task(80), task(90))) if one.kind == "labels per point"]
    assert falling[0].evidence["labels_per_point"] is None


def test_the_change_is_that_of_the_items_both_judged() -> None:
    before, after = task(80), task(40)
    after["predictions"].pop(ITEMS[0])
    after["predictions"]["new#1"] = ["a", "b"]
    found = paired_change(before, after)
    assert found["items"] == 399
    assert found["interval"][0] < found["change"] < found["interval"][1]
    assert found["change"] > 0.05
    only = {ITEMS[0]: ["a", "a"]}
    assert paired_change(before | {"predictions": only}, after | {"predictions": only}) is None


def test_no_rounds_no_advice() -> None:
    assert advise([]) == ()
