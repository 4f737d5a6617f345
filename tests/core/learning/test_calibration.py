"""The rules of calibration, and that it keeps the order and tells the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.learning.calibration import calibrate


def drawn(positives: int, negatives: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.repeat((True, False), (positives, negatives))
    return 4.0 * (rng.normal(size=len(truth)) + 1.5 * truth), truth


@pytest.mark.parametrize(
    ("positives", "negatives", "kind"),
    [
        (5, 900, "none"),
        (900, 5, "none"),
        (6, 900, "sigmoid"),
        (299, 900, "sigmoid"),
        (300, 900, "isotonic"),
        (900, 300, "isotonic"),
        (0, 50, "none"),
    ],
)
def test_the_smaller_class_decides(positives: int, negatives: int, kind: str) -> None:
    assert calibrate(*drawn(positives, negatives)).kind == kind


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([(2, 40), (30, 80), (320, 320)]), st.floats(0.0, 5.0))
def test_order_is_kept_and_no_two_scores_become_one(seed: int, sizes: tuple[int, int], confusion: float) -> None:
    logits, truth = drawn(*sizes, seed)
    truth = truth ^ (np.random.default_rng(seed).random(len(truth)) < confusion / 10)
    grid = np.linspace(logits.min(), logits.max(), 200)
    found = calibrate(logits, truth).apply(grid)
    assert np.all(np.diff(found) > 0)
    assert found.min() >= 0.0
    assert found.max() <= 1.0


@pytest.mark.parametrize("sizes", [(60, 600), (2_000, 20_000)])
def test_probabilities_are_frequencies(sizes: tuple[int, int]) -> None:
    found = calibrate(*drawn(*sizes, 1))
    logits, truth = drawn(4_000, 40_000, 2)
    probability = found.apply(logits)
    for low in np.arange(0.0, 1.0, 0.2):
        own = (probability >= low) & (probability < low + 0.2)
        assert probability[own].mean() == pytest.approx(truth[own].mean(), abs=0.12)
    assert probability.mean() == pytest.approx(truth.mean(), abs=0.01)


def test_weights_stand_for_samples_left_out() -> None:
    logits, truth = drawn(100, 10_000)
    some = np.concatenate([np.arange(100), np.arange(100, 10_100, 10)])
    thinned = calibrate(logits[some], truth[some], np.where(truth[some], 1.0, 10.0))
    grid = np.linspace(-5, 12, 30)
    assert thinned.apply(grid) == pytest.approx(calibrate(logits, truth).apply(grid), abs=0.05)


def test_scores_that_say_the_opposite_do_not_turn_the_detector_round() -> None:
    logits, truth = drawn(50, 500)
    assert np.all(np.diff(calibrate(-logits, truth).apply(np.linspace(-5, 5, 9))) >= 0)


def test_separable_scores_do_not_run_away() -> None:
    found = calibrate(np.concatenate([np.full(10, 5.0), np.full(90, -5.0)]), np.repeat((True, False), (10, 90)))
    assert np.isfinite(found.slope)
    assert found.apply(np.array([5.0]))[0] == pytest.approx(11 / 12, abs=0.06)
