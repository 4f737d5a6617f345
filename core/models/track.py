"""The frames of a recording, put together from overlapping pieces, and what is pooled from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.models.base import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.base import EmbeddingModel, Grid
    from core.models.pieces import Piece


@dataclass(frozen=True)
class Output:
    """One series of embeddings to take from a recording.

    Args:
        span_s: how much audio each of them stands for.
        hop_s: distance of their starts.
        grain: False: the embedding of a window, dimension `spec.dim`. True: mean and maximum of the frames inside,
            dimension `spec.grain_dim`.
    """

    span_s: float = 8.0
    hop_s: float = 1.0
    grain: bool = False

    @property
    def span(self) -> int:
        """Samples."""
        return round(self.span_s * SAMPLE_RATE_HZ)

    @property
    def hop(self) -> int:
        """Samples."""
        return round(self.hop_s * SAMPLE_RATE_HZ)

    def count(self, samples: int) -> int:
        """How many of them a recording of so many samples has: one where it is shorter than a span, none if empty."""
        return min(1, samples) if samples < self.span else 1 + (samples - self.span) // self.hop

    def dim(self, model: EmbeddingModel) -> int:
        """Numbers in each of them."""
        return model.spec.grain_dim if self.grain else model.spec.dim


class Track:
    """Collects frames in order of time and gives out the embeddings that are complete.

    Args:
        output: which embeddings.
        first: how many of them are there already.
    """

    def __init__(self, output: Output, first: int = 0) -> None:
        self.output = output
        self.next = first
        self._centres = np.zeros(0)
        self._frames: Tensor | None = None

    def add(self, piece: Piece, grid: Grid, frames: Tensor) -> None:
        """Append the frames (n, D) of a piece whose middles are its own to keep."""
        import torch

        centres = grid.centre(piece.start, 0) + np.arange(len(frames)) * grid.frame_hop * grid.feature_hop
        low, high = np.searchsorted(centres, (piece.keep_from, piece.keep_until))
        self._centres = np.concatenate([self._centres, centres[low:high]])
        kept = frames[low:high]
        self._frames = kept.clone() if self._frames is None else torch.cat([self._frames, kept])

    def take(self, model: EmbeddingModel, until: float, samples: int | None) -> np.ndarray:
        """The embeddings that end before `until` samples, or all that a recording of `samples` has: float32[N, D]."""
        import torch

        output, values = self.output, []
        while self._complete(until, samples):
            start = self.next * output.hop
            low, high = np.searchsorted(self._centres, (start, start + output.span))
            # A grain shorter than the distance of two frames takes the one nearest to it.
            low = min(low, len(self._centres) - 1)
            frames = self._frames[None, low : max(high, low + 1)]
            values.append(model.summarise_grain(frames) if output.grain else model.summarise(frames))
            self.next += 1
        self._forget(self.next * output.hop)
        return torch.cat(values).float().cpu().numpy() if values else np.zeros((0, output.dim(model)), np.float32)

    def _complete(self, until: float, samples: int | None) -> bool:
        if samples is not None:
            return self.next < self.output.count(samples)
        return self.next * self.output.hop + self.output.span <= until

    def _forget(self, before: int) -> None:
        low = min(int(np.searchsorted(self._centres, before)), max(0, len(self._centres) - 1))
        if low:
            self._centres, self._frames = self._centres[low:], self._frames[low:].clone()
