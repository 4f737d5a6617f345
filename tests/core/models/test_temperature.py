"""Temperature scaling: honest, careful with few items, and only on validation videos."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.split import LeakError, Split
from core.models.temperature import fit_temperature, softmax

SPLIT = Split(frozenset({"t"}), frozenset({"v"}), frozenset({"x"}))


def drawn(count: int, boast: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits `boast` times too sure of themselves, and truth drawn from the honest ones."""
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 2, (count, 3))
    truth = np.array([rng.choice(3, p=row / row.sum()) for row in softmax(honest).astype(np.float64)])
    return boast * honest, truth


@pytest.mark.parametrize("boast", [0.5, 1.0, 3.0])
def test_it_finds_how_much_the_model_boasts(boast: float) -> None:
    logits, truth = drawn(4000, boast)
    assert fit_temperature(logits, truth, ["v"] * 4000, SPLIT) == pytest.approx(boast, rel=0.1)


def test_few_items_bend_it_little_and_none_not_at_all() -> None:
    sure = np.eye(3) * 4.0
    assert 0.5 < fit_temperature(sure, np.arange(3), ["v"] * 3, SPLIT) < 1.0
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, int), [], SPLIT) == 1.0


@pytest.mark.parametrize("group", ["x", "t"])
def test_a_threshold_is_never_chosen_on_test_or_training_videos(group: str) -> None:
    with pytest.raises(LeakError, match="used for threshold"):
        fit_temperature(np.zeros((2, 3)), np.zeros(2, int), ["v", group], SPLIT)


def test_probabilities_of_extreme_logits_are_finite() -> None:
    found = softmax(np.array([[1e4, -1e4], [0, 0]]))
    assert found.tolist() == [[1.0, 0.0], [0.5, 0.5]]
    assert found.dtype == np.float32
