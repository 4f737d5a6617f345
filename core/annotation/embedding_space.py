"""Where items lie among each other: a common space for embeddings of any model, typicality, and seeds far apart.

Statistics are taken from the items that are given and nothing else: whoever calls leaves the test set out.
"""

from __future__ import annotations

import numpy as np

from core.annotation.rows import Rows

_WIDTH = 64
_SAMPLE = 1_000
_NEIGHBOURS = 20
_BLOCK = 1_024
_LLOYD_STEPS = 15


def common_space(embeddings: np.ndarray | Rows, learned: int | None = None) -> np.ndarray:
    """float32[N, K] of length one each: columns of equal spread, then the leading principal components.

    Args:
        embeddings: float[N, D], read in blocks; what is not a number counts as 0.
        learned: statistics are those of so many rows from the first on; the rest is only placed among them.
    """
    rows = Rows.of(embeddings)
    count = len(rows) if learned is None else learned
    if not len(rows):
        return np.zeros((0, rows.width), np.float32)
    mean = np.sum([block.sum(axis=0, dtype=np.float64) for block in rows.blocks(count)], axis=0) / count
    mean = mean.astype(np.float32)
    squares = np.sum([np.square(block - mean).sum(axis=0, dtype=np.float64) for block in rows.blocks(count)], axis=0)
    spread = np.sqrt(squares / count).astype(np.float32)
    # A column that hardly varies is not blown up to the size of the others.
    scale = np.maximum(spread, 0.1 * spread.mean() + 1e-9)
    axes, width = None, rows.width
    if min(count, rows.width) > _WIDTH:
        sample = (rows.read(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(int)) - mean) / scale
        # The small side of the decomposition is the cheap one.
        _, sides = np.linalg.eigh((sample @ sample.T).astype(np.float64))
        axes = sample.T @ sides[:, -_WIDTH:].astype(np.float32)
        axes, width = axes / np.maximum(np.linalg.norm(axes, axis=0), 1e-9), _WIDTH
    found = np.empty((len(rows), width), np.float32)
    done = 0
    for block in rows.blocks():
        placed = (block - mean) / scale
        placed = placed if axes is None else placed @ axes
        found[done : done + len(block)] = placed / np.maximum(np.linalg.norm(placed, axis=1, keepdims=True), 1e-9)
        done += len(block)
    return found


def squared_distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """float32[N, K]: of every row to every centre, never below 0."""
    found = (rows**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2.0 * rows @ centres.T
    return np.maximum(found, 0.0)


def nearest(rows: np.ndarray, others: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(int[N, k] places, float[N, k] distances) of the `count` nearest of `others`, in no order, for every row."""
    count = min(count, len(others))
    places, distances = [], []
    for start in range(0, len(rows), _BLOCK):
        squared = squared_distances(rows[start : start + _BLOCK], others)
        place = np.argpartition(squared, count - 1, axis=1)[:, :count]
        places.append(place)
        distances.append(np.sqrt(np.take_along_axis(squared, place, axis=1)))
    return np.concatenate(places), np.concatenate(distances)


def typicality(rows: np.ndarray) -> np.ndarray:
    """float[N]: one over the mean distance to the 20 nearest others; high where items are dense.

    As in Hacohen, Dekel, Weinshall: Active learning on a budget (TypiClust), 2022.
    """
    if len(rows) < 2:
        return np.ones(len(rows))
    count = min(_NEIGHBOURS, len(rows) - 1)
    _, distances = nearest(rows, rows, count + 1)
    # The item itself is among its neighbours, at distance 0.
    return 1.0 / (distances.sum(axis=1) / count + 1e-6)


def draw_far(free: np.ndarray, reached: np.ndarray, rng: np.random.Generator) -> tuple[int, float] | None:
    """One draw of k-means++ (Arthur, Vassilvitskii 2007): (place, its probability), or None where nothing is left.

    Args:
        free: bool[N], what may be drawn.
        reached: float[N], squared distance to the nearest centre so far.
    """
    chance = np.where(free, reached, 0.0).astype(np.float64)
    total = chance.sum()
    if total <= 0.0:
        left = np.flatnonzero(free)
        return (int(rng.choice(left)), 1.0 / len(left)) if len(left) else None
    place = int(rng.choice(len(chance), p=chance / total))
    return place, float(chance[place] / total)


def clusters(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """int[N]: k-means, seeded far apart; fewer clusters where rows are equal."""
    count = min(count, len(rows))
    centres = rows[[int(rng.integers(len(rows)))]]
    reached = squared_distances(rows, centres)[:, 0]
    while len(centres) < count and reached.max() > 1e-9:
        place = int(rng.choice(len(rows), p=reached.astype(np.float64) / reached.sum(dtype=np.float64)))
        centres = np.concatenate([centres, rows[[place]]])
        reached = np.minimum(reached, squared_distances(rows, rows[[place]])[:, 0])
    member = np.zeros(len(rows), int)
    for _ in range(_LLOYD_STEPS):
        before, member = member, _closest(rows, centres)
        if np.array_equal(before, member):
            break
        sums = np.zeros_like(centres)
        np.add.at(sums, member, rows)
        sizes = np.bincount(member, minlength=len(centres))
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
    return member


def _closest(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """int[N]: the nearest centre of every row."""
    blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
    return np.concatenate([squared_distances(block, centres).argmin(axis=1) for block in blocks])
