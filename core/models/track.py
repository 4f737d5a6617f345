"""The frames of a recording, put together from overlapping pieces, and what is pooled from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.base import EmbeddingModel, Grid
    from core.models.encode import Output
    from core.models.pieces import Piece


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
