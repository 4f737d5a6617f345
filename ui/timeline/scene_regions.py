"""Scan regions on the timeline: one of them as a value, thousands of them as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class RegionState(IntEnum):
    """What became of a scan region; the larger one wins where several share a pixel."""

    DISABLED = 0
    NEGATIVE = 1
    EXPORTED = 2
    ENABLED = 3


@dataclass(frozen=True)
class SceneRegion:
    """A scan region. `score` is 0–1. `orig_*` are the ends before it was trimmed, None when it never was."""

    id: object
    start_s: float
    end_s: float
    score: float
    state: RegionState = RegionState.ENABLED
    orig_start_s: float | None = None
    orig_end_s: float | None = None


class SceneRegions(Sequence[SceneRegion]):
    """Many regions; a `SceneRegion` is made when one is asked for. Never changed once made.

    Args:
        ids: one for each.
        starts, ends, scores, orig_starts, orig_ends: float64[n]; NaN for an original end that is none.
        states: uint8[n] of `RegionState`.
    """

    def __init__(
        self,
        ids: Sequence[object],
        starts: np.ndarray,
        ends: np.ndarray,
        scores: np.ndarray,
        states: np.ndarray,
        orig_starts: np.ndarray,
        orig_ends: np.ndarray,
    ) -> None:
        self.ids = ids
        self.starts, self.ends, self.scores, self.states = starts, ends, scores, states
        self.orig_starts, self.orig_ends = orig_starts, orig_ends

    @classmethod
    def of(cls, regions: Sequence[SceneRegion]) -> SceneRegions:
        """These regions; the same object where they are that already."""
        if isinstance(regions, SceneRegions):
            return regions
        import numpy as np

        numbers = [
            (
                region.start_s,
                region.end_s,
                region.score,
                region.state,
                np.nan if region.orig_start_s is None else region.orig_start_s,
                np.nan if region.orig_end_s is None else region.orig_end_s,
            )
            for region in regions
        ]
        starts, ends, scores, states, lows, highs = np.array(numbers, np.float64).reshape(-1, 6).T
        return cls([region.id for region in regions], starts, ends, scores, states.astype(np.uint8), lows, highs)

    def in_order(self) -> SceneRegions:
        """Sorted by start; regions with the same one stay as they are."""
        if (self.starts[1:] >= self.starts[:-1]).all():
            return self
        return self._at(self.starts.argsort(kind="stable"))

    def __add__(self, other: SceneRegions) -> SceneRegions:
        import numpy as np

        pairs = zip(self._arrays, other._arrays, strict=True)
        return SceneRegions([*self.ids, *other.ids], *(np.concatenate(pair) for pair in pairs))

    def where(self, which: np.ndarray) -> SceneRegions:
        """Those for which bool[n] is True."""
        return self if which.all() else self._at(which.nonzero()[0])

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, place: int | slice) -> SceneRegion | SceneRegions:
        if isinstance(place, slice):
            return SceneRegions(self.ids[place], *(array[place] for array in self._arrays))
        low, high = float(self.orig_starts[place]), float(self.orig_ends[place])
        return SceneRegion(
            self.ids[place],
            float(self.starts[place]),
            float(self.ends[place]),
            float(self.scores[place]),
            RegionState(int(self.states[place])),
            None if low != low else low,
            None if high != high else high,
        )

    @property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.starts, self.ends, self.scores, self.states, self.orig_starts, self.orig_ends

    def _at(self, places: np.ndarray) -> SceneRegions:
        return SceneRegions([self.ids[place] for place in places.tolist()], *(array[places] for array in self._arrays))
