"""Figures that equal scikit-learn's, and intervals that draw videos."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

from core.annotation.metrics import bootstrap_scores, evaluate

CLASSES = ("near", "middle", "far")


def one_hot(labels: list[str]) -> np.ndarray:
    return np.eye(len(CLASSES), dtype=np.float32)[[CLASSES.index(label) for label in labels]]


ROWS = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES), st.sampled_from("vwxyz")), min_size=1)


@settings(max_examples=30)
@given(ROWS)
def test_every_figure_equals_scikit_learns(rows: list[tuple[str, str, str]]) -> None:
    truth, guessed, groups = (list(column) for column in zip(*rows, strict=True))
    found = evaluate(truth, one_hot(guessed), groups, CLASSES, bootstraps=20)
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, guessed))
    assert found["macro_f1"] == pytest.approx(f1_score(truth, guessed, average="macro", zero_division=0))
    assert found["confusion"] == confusion_matrix(truth, guessed, labels=CLASSES).tolist()
    expected = precision_recall_fscore_support(truth, guessed, labels=CLASSES, zero_division=0)
    for at, name in enumerate(CLASSES):
        for column, key in enumerate(("precision", "recall", "f1", "support")):
            assert found["per_class"][name][key] == pytest.approx(expected[column][at])
    assert found["items"] == len(rows)
    assert found["videos"] == len(set(groups))
    json.dumps(found, allow_nan=False)


def test_log_loss_and_prediction_come_from_the_probabilities() -> None:
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(3), 40).astype(np.float32)
    truth = [CLASSES[at] for at in rng.integers(3, size=40)]
    found = evaluate(truth, probabilities, ["v"] * 20 + ["w"] * 20, CLASSES)
    order = sorted(CLASSES)
    columns = [CLASSES.index(name) for name in order]
    assert found["log_loss"] == pytest.approx(log_loss(truth, probabilities[:, columns], labels=order), abs=1e-5)


def test_intervals_equal_a_plain_bootstrap_over_videos() -> None:
    rng = np.random.default_rng(8)
    groups = [f"v{at}" for at in rng.integers(6, size=90)]
    truth = [CLASSES[at] for at in rng.integers(3, size=90)]
    guessed = [one if rng.random() < 0.7 else "far" for one in truth]
    found = evaluate(truth, one_hot(guessed), groups, CLASSES, seed=5, bootstraps=200)
    names = sorted(set(groups))
    counts = np.random.default_rng(5).multinomial(6, [1 / 6] * 6, size=200)
    scores = []
    for row in counts:
        chosen = [at for name, times in zip(names, row, strict=True) for at in np.flatnonzero(np.array(groups) == name)
                  for _ in range(times)]  # fmt: skip
        scores.append(f1_score([truth[at] for at in chosen], [guessed[at] for at in chosen], average="macro",
                               zero_division=0))  # fmt: skip
    assert found["intervals"]["macro_f1"] == pytest.approx(np.percentile(scores, (2.5, 97.5)).tolist())
    low, high = found["intervals"]["per_class"]["near"]["recall"]
    assert low <= found["per_class"]["near"]["recall"] <= high


def test_intervals_over_videos_are_wider_than_over_frames() -> None:
    """Ten frames of a video are right or wrong together: ten times the frames tell nothing more."""
    right = [number % 3 > 0 for number in range(12)]
    truth = ["near"] * 120
    guessed = ["near" if right[at // 10] else "far" for at in range(120)]
    by_video = evaluate(truth, one_hot(guessed), [str(at // 10) for at in range(120)], CLASSES)["intervals"]["accuracy"]
    by_frame = evaluate(truth, one_hot(guessed), [str(at) for at in range(120)], CLASSES)["intervals"]["accuracy"]
    assert by_video[1] - by_video[0] > 2 * (by_frame[1] - by_frame[0])


def test_one_video_has_no_intervals() -> None:
    found = evaluate(["near", "far"], one_hot(["near", "near"]), ["v", "v"], CLASSES)
    assert found["intervals"]["accuracy"] is None
    assert found["intervals"]["per_class"]["far"]["f1"] is None


def test_the_same_draws_pair_two_models() -> None:
    truth, groups = ["near", "far", "middle"] * 20, [f"v{at // 6}" for at in range(60)]
    worse = [label if at % 4 else "near" for at, label in enumerate(truth)]
    best = bootstrap_scores(truth, truth, groups, CLASSES, seed=2)["accuracy"]
    assert np.array_equal(best, np.ones(1000))
    first, second = (bootstrap_scores(truth, worse, groups, CLASSES, seed=2)["macro_f1"] for _ in range(2))
    assert np.array_equal(first, second)
    assert ((best - first) > 0).all()


@pytest.mark.parametrize("truth", [[], ["nearer"]])
def test_nothing_and_unknown_classes_are_bugs(truth: list[str]) -> None:
    with pytest.raises(ValueError, match=r"nothing to evaluate|not in list"):
        evaluate(truth, np.zeros((len(truth), 3)), ["v"] * len(truth), CLASSES)
