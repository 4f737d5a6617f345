"""From the vectors of a recording to what the heads see: each vector, and how it differs from what surrounds it.

The difference takes away what a recording sounds like anyway (its hum, its rain), so a head trained on some videos
works in others. Wide vectors are first reduced to their principal components.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.learning.examples import EmbeddedLike

_CELL_S = 60.0
_WIDEST = 2_048
_COMPONENTS = 128
_SAMPLE = 1_000
_BLOCK = 1_024


@dataclass(frozen=True)
class Features:
    """The same transform in training and in scanning.

    Args:
        mean: float32[D], taken off before reducing; empty where nothing is reduced.
        basis: float32[D, K], columns scaled to spread one over the sample; (0, 0) where nothing is reduced.
        cell_s: seconds over which the surroundings are averaged.
    """

    mean: np.ndarray
    basis: np.ndarray
    cell_s: float = _CELL_S

    def blocks(self, recording: EmbeddedLike, grains: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """float32[n, 2K] of a recording in order, in blocks: memory does not grow with its length.

        The vectors are read and made float32 once, since that takes longer than almost all else that is done here.

        Args:
            grains: rising indices of those that are asked for, None for all; their numbers are the same to the bit.
        """
        vectors = recording.vectors
        grains = np.arange(len(vectors)) if grains is None else grains
        edges = self._edges(recording)
        middles = (edges[:-1] + edges[1:] - 1) / 2
        cells = max(1, _BLOCK // max(1, int(edges[1])))
        surroundings: list[np.ndarray] = []
        waiting: list[tuple[np.ndarray, np.ndarray]] = []
        for cell in range(0, len(middles), cells):
            bounds = edges[cell : cell + cells + 1] - edges[cell]
            values = finite(vectors[edges[cell] :][: bounds[-1]])
            surroundings.append(
                self._reduce(np.stack([values[low:high].mean(axis=0) for low, high in pairwise(bounds)]))
            )
            at = grains[slice(*np.searchsorted(grains, edges[cell] + bounds[[0, -1]]))]
            # A product of matrices depends on their shapes in its last bits, so it is always that of a whole block.
            own = self._reduce(values)[at - edges[cell]] if len(at) else surroundings[0][:0]
            waiting.append((own, at))
            # What lies behind the middle of its cell also looks at the next one.
            last = cell + cells >= len(middles)
            while len(waiting) > (not last):
                own, at = waiting.pop(0)
                around = _between(at, middles[: cell + cells], np.concatenate(surroundings))
                yield np.concatenate([own, own - around], axis=1)

    def rows(self, recording: EmbeddedLike, chosen: np.ndarray) -> np.ndarray:
        """float32[len(chosen), 2K] of some grains, by index: to the bit the same numbers as in `blocks`."""
        grains, places = np.unique(chosen, return_inverse=True)
        return np.concatenate(list(self.blocks(recording, grains)))[places]

    def all(self, recording: EmbeddedLike) -> np.ndarray:
        """float32[N, 2K]."""
        return np.concatenate(list(self.blocks(recording)))

    @classmethod
    def fit(cls, recordings: Sequence[EmbeddedLike], rng: np.random.Generator) -> Features:
        """Principal components of a sample where vectors are wide, else none."""
        if recordings[0].vectors.shape[1] <= _WIDEST:
            return cls(np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
        each = max(1, _SAMPLE // len(recordings))
        sample = np.concatenate(
            [
                finite(one.vectors[np.sort(rng.choice(len(one.vectors), min(each, len(one.vectors)), replace=False))])
                for one in recordings
            ]
        )
        mean = sample.mean(axis=0)
        sample -= mean
        # Fewer rows than columns: the small side of the decomposition is the cheap one.
        power, sides = np.linalg.eigh((sample @ sample.T).astype(np.float64))
        count = int(min(_COMPONENTS, np.sum(power > 1e-6 * power[-1])))
        power, sides = power[::-1][:count], sides[:, ::-1][:, :count]
        spread = np.sqrt(power / len(sample))
        # A component that hardly varies is not blown up to the size of the first.
        scale = np.sqrt(power) * (spread + 0.05 * spread[0])
        return cls(mean, (sample.T @ (sides / scale).astype(np.float32)).astype(np.float32))

    def _reduce(self, vectors: np.ndarray) -> np.ndarray:
        return (vectors - self.mean) @ self.basis if self.mean.size else vectors

    def _edges(self, recording: EmbeddedLike) -> np.ndarray:
        """The first grain of every cell, and the number of grains at the end."""
        count = len(recording.vectors)
        hop_s = float(recording.starts_s[1] - recording.starts_s[0]) if count > 1 else 1.0
        return np.linspace(0, count, max(1, round(count * hop_s / self.cell_s)) + 1).astype(int)


def finite(vectors: np.ndarray) -> np.ndarray:
    """As float32, with 0 for what is not a number."""
    values = np.asarray(vectors, np.float32)
    # One pass where all is well: a sum is a number only where all its parts are.
    if np.isfinite(values.sum()):
        return values
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def usable(vectors: np.ndarray) -> np.ndarray:
    """bool[N], which vectors are all numbers."""
    found = np.ones(len(vectors), bool)
    for start in range(0, len(vectors), _BLOCK):
        part = vectors[start : start + _BLOCK]
        if part.dtype == np.float16:
            # All bits of the exponent set: several times quicker to see than to ask for each number.
            suspect = np.flatnonzero((part.view(np.uint16) & 0x7FFF).max(axis=1) >= 0x7C00)
        else:
            # A sum may overflow where every number is fine: those few are looked at closely.
            suspect = np.flatnonzero(~np.isfinite(part.sum(axis=1)))
        for row in suspect:
            found[start + row] = bool(np.isfinite(part[row]).all())
    return found


def _between(at: np.ndarray, middles: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` at the grains `at`, interpolated between the middles of the cells; beyond the outer ones they stay."""
    place = np.interp(at, middles, np.arange(len(middles)))
    low = np.floor(place).astype(int)
    share = (place - low).astype(np.float32)[:, None]
    return values[low] * (1 - share) + values[np.minimum(low + 1, len(middles) - 1)] * share
