"""Which part of a marked clip holds the sound: multiple-instance learning, cross-fitted.

A clip's grains are scored by a discriminant that has not seen the clip's video, trained on what the other clips have in
common and far negatives do not. The best stretch of each clip becomes its positives, and the next round trains on those
alone. With a single video, each clip is left out on its own instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_COMPONENTS = 96
_SAMPLE = 1_200
_RIDGE = 10.0
# A stretch reaches this many seconds to each side of its best grain, and not below half of the clip's range of scores.
_REACH_S = (1.5, 1.5, 1.0)


@dataclass(frozen=True)
class Bag:
    """The grains of one clip as rows float32[n, W], in order of time, one hop apart."""

    group: str
    rows: np.ndarray


def locate(
    bags: Sequence[Bag], negatives: np.ndarray, negative_groups: np.ndarray, hop_s: float, rng: np.random.Generator
) -> list[np.ndarray]:
    """Per bag the rows that hold the sound, as indices into it.

    Args:
        negatives: float32[M, W], far from every marker.
        negative_groups: object[M], the group of each.
    """
    if not len(negatives) or len(bags) < 2:
        return [np.arange(len(bag.rows)) for bag in bags]
    centre, basis = _whitening(negatives, rng)
    rows = [(bag.rows - centre) @ basis for bag in bags]
    folds = _folds(bags)
    background = _Background((negatives - centre) @ basis, negative_groups)
    chosen = [np.arange(len(bag.rows)) for bag in bags]
    for reach_s in _REACH_S:
        means = np.stack([row[index].mean(axis=0) for row, index in zip(rows, chosen, strict=True)])
        found = []
        for number, (bag, row) in enumerate(zip(bags, rows, strict=True)):
            others = folds != folds[number]
            direction = background.discriminant(means[others].mean(axis=0), bag.group)
            found.append(_stretch(row @ direction, max(1, round(reach_s / hop_s))))
        chosen = found
    return chosen


def _folds(bags: Sequence[Bag]) -> np.ndarray:
    groups = list(dict.fromkeys(bag.group for bag in bags))
    if len(groups) == 1:
        return np.arange(len(bags))
    return np.asarray([groups.index(bag.group) for bag in bags])


def _whitening(negatives: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(centre, basis): leading components of the standardised negatives, partly evened out."""
    sample = negatives[rng.choice(len(negatives), min(_SAMPLE, len(negatives)), replace=False)]
    centre, spread = sample.mean(axis=0), sample.std(axis=0)
    scale = np.maximum(spread, 0.3 * spread.mean()) + 1e-6
    standard = (sample - centre) / scale
    deviation, basis = _components(standard)
    basis = basis / (deviation + 0.1 * deviation[0]).astype(np.float32)
    return centre, (basis / scale[:, None]).astype(np.float32)


def _components(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(spread along each leading component, strongest first; the components as orthonormal columns)."""
    count, width = rows.shape
    if width <= count:
        power, sides = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    else:
        power, sides = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    kept = int(np.clip(np.sum(power > 1e-6 * power[-1]), 1, _COMPONENTS))
    power, sides = np.maximum(power[::-1][:kept], 1e-12), sides[:, ::-1][:, :kept].astype(np.float32)
    basis = sides if width <= count else rows.T @ (sides / np.sqrt(power).astype(np.float32))
    return np.sqrt(power / count), basis


class _Background:
    """Mean and covariance of the negatives, of all groups but one."""

    def __init__(self, rows: np.ndarray, groups: np.ndarray) -> None:
        rows = rows.astype(np.float64)
        self._parts = {
            group: (len(own), own.sum(axis=0), own.T @ own)
            for group in dict.fromkeys(groups)
            for own in (rows[groups == group],)
        }
        self._known: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def discriminant(self, target: np.ndarray, left_out: str) -> np.ndarray:
        """The direction in which `target` stands out most from the negatives' spread."""
        if left_out not in self._known:
            parts = [part for group, part in self._parts.items() if group != left_out] or list(self._parts.values())
            count, total, squares = (sum(part[place] for part in parts) for place in range(3))
            mean = total / count
            covariance = squares / count - np.outer(mean, mean)
            ridge = _RIDGE * np.trace(covariance) / len(mean) + 1e-9
            self._known[left_out] = mean, covariance + ridge * np.eye(len(mean))
        mean, covariance = self._known[left_out]
        return np.linalg.solve(covariance, target - mean)


def _stretch(scores: np.ndarray, reach: int) -> np.ndarray:
    """The best grain and its neighbours, up to `reach` to each side, as long as they score more than half-way."""
    padded = np.pad(scores, 1, mode="edge")
    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    best = int(np.argmax(smooth))
    level = (smooth[best] + smooth.min()) / 2
    first = last = best
    while first > 0 and best - first < reach and smooth[first - 1] >= level:
        first -= 1
    while last < len(smooth) - 1 and last - best < reach and smooth[last + 1] >= level:
        last += 1
    return np.arange(first, last + 1)
