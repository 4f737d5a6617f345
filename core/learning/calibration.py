"""From logits to probabilities, learned on scores of recordings that the scoring model had not seen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.learning.scorers import sigmoid

FEWEST = 6
ISOTONIC_FROM = 300


@dataclass(frozen=True)
class Calibration:
    """A map that only rises.

    Args:
        kind: "none", "sigmoid" or "isotonic".
        slope, offset: of "sigmoid": sigmoid(slope · logit + offset).
        logits, probabilities: float64[K], of "isotonic": points of a line that rises everywhere, so that no two scores
            become one and their order stays.
    """

    kind: str = "none"
    slope: float = 1.0
    offset: float = 0.0
    logits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    probabilities: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def apply(self, logits: np.ndarray) -> np.ndarray:
        """float64[N] → float64[N], 0–1."""
        if self.kind == "isotonic":
            return np.interp(logits, self.logits, self.probabilities)
        return sigmoid(self.slope * logits + self.offset)


def calibrate(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray | None = None) -> Calibration:
    """Learn the map: none below 6 samples of the smaller class, a sigmoid below 300, isotonic from there on.

    Args:
        logits: float64[N], out of fold.
        truth: bool[N].
        weights: float64[N], how many moments of a recording each sample stands for.
    """
    smaller = min(int(truth.sum()), int((~truth).sum()))
    weights = np.ones(len(logits)) if weights is None else weights
    if smaller < FEWEST:
        return Calibration()
    return _sigmoid(logits, truth, weights) if smaller < ISOTONIC_FROM else _isotonic(logits, truth, weights)


def _sigmoid(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Calibration:
    """Platt's scaling by Newton's method, with his targets a little inside of 0 and 1."""
    positive, negative = weights[truth].sum(), weights[~truth].sum()
    target = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))
    spread = float(np.sqrt(np.average((logits - np.average(logits, weights=weights)) ** 2, weights=weights))) + 1e-9
    x = np.stack([logits / spread, np.ones(len(logits))], axis=1)
    theta = np.array([1.0, np.log((positive + 1) / (negative + 1))])
    ridge = np.diag([1e-3, 1e-6])
    loss = _loss(x, target, weights, theta)
    for _ in range(60):
        p = sigmoid(x @ theta)
        gradient = x.T @ (weights * (p - target)) + ridge @ theta
        curvature = (x * (weights * p * (1 - p))[:, None]).T @ x + ridge
        step = np.linalg.solve(curvature, gradient)
        while (new_loss := _loss(x, target, weights, theta - step)) > loss + 1e-12 and np.abs(step).max() > 1e-9:
            step = step / 2
        theta, loss = theta - step, new_loss
        if np.abs(step).max() < 1e-8:
            break
    # A map that falls would turn the detector round: better no slope to speak of.
    return Calibration("sigmoid", max(float(theta[0]) / spread, 1e-3), float(theta[1]))


def _loss(x: np.ndarray, target: np.ndarray, weights: np.ndarray, theta: np.ndarray) -> float:
    z = x @ theta
    return float((weights * (np.logaddexp(0.0, z) - target * z)).sum()) + 5e-4 * theta[0] ** 2


def _isotonic(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Calibration:
    """Steps by pooling adjacent violators; the line goes through the middles of the steps."""
    order = np.argsort(logits, kind="stable")
    blocks: list[list[float]] = []  # weight, weighted truth, weighted logit
    for place in order:
        weight = float(weights[place])
        blocks.append([weight, weight * float(truth[place]), weight * float(logits[place])])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][0] >= blocks[-1][1] * blocks[-2][0]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    at = np.array([block[2] / block[0] for block in blocks])
    value = np.array([(block[1] + 0.5) / (block[0] + 1.0) for block in blocks])
    value = np.maximum.accumulate(value)
    # The ends: beyond the outer steps the line goes on to almost 0 and almost 1, so that order is kept there too.
    low, high = float(logits.min()), float(logits.max())
    room = max(1.0, high - low)
    at = np.concatenate([[low - room], at, [high + room]])
    value = np.concatenate([[min(1e-6, value[0] / 2)], value, [1 - min(1e-6, (1 - value[-1]) / 2)]])
    value = value + np.linspace(0.0, 1e-9, len(value))
    return Calibration("isotonic", 1.0, 0.0, at, np.clip(value, 0.0, 1.0))
