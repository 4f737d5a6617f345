"""Honest probabilities from logits: one number that divides them all (Guo et al. 2017, temperature scaling)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.domain.split import Split

_WIDEST = 3.0
# Weight of the belief that the logits are right as they are, in items: few items cannot bend them far.
_PRIOR = 4.0


def fit_temperature(logits: np.ndarray, truth: np.ndarray, groups: Sequence[str], split: Split) -> float:
    """The temperature under which the validation items are most likely; 1 where there are none.

    Args:
        logits: float[N, C] of a model that did not see these items.
        truth: int[N], class numbers.
        groups: the video of each item.

    Raises:
        LeakError: an item is of a video that is not for validation.
    """
    from scipy.optimize import minimize_scalar

    split.admit("threshold", groups)
    if not len(truth):
        return 1.0

    def cost(log_temperature: float) -> float:
        likely = log_softmax(logits * np.exp(-log_temperature))[np.arange(len(truth)), truth]
        return float(-likely.sum() + 0.5 * _PRIOR * log_temperature**2)

    found = minimize_scalar(cost, bounds=(-_WIDEST, _WIDEST), method="bounded")
    return float(np.exp(found.x))


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """float[N, C] → float32[N, C]; rows sum to 1."""
    return np.exp(log_softmax(logits / temperature)).astype(np.float32)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """float[N, C] → float64[N, C], without overflow."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
