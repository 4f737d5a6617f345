"""The local features of a stream of audio: computed once, looked up by number, forgotten when no window needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.base import Grid

_SEGMENT = 128_000  # samples


class FrontEnd(Protocol):
    """The two halves of a model that a stream of audio runs through."""

    grid: Grid

    @property
    def device(self) -> str: ...

    def front_end(self, audio: Tensor) -> Tensor: ...

    def run(self, features: Tensor) -> Tensor: ...


class RawFrontEnd:
    """A model whose features are computed per piece, from raw audio: where pieces do not start on its feature grid."""

    def __init__(self, model: FrontEnd) -> None:
        self._model = model
        grid = model.grid
        self.grid = replace(
            grid,
            feature_hop=1,
            feature_span=1,
            frame_hop=grid.frame_hop * grid.feature_hop,
            frame_span=grid.samples_for(grid.frame_span),
        )

    @property
    def device(self) -> str:
        return self._model.device

    def front_end(self, audio: Tensor) -> Tensor:
        """The audio itself."""
        return audio

    def run(self, features: Tensor) -> Tensor:
        """Both halves of the model."""
        return self._model.run(self._model.front_end(features))


class FeatureStream:
    """Features by absolute number, from blocks of audio that are read when they are needed.

    They are computed in segments of eight seconds that begin at the same samples however the audio comes in blocks and
    wherever a run is resumed: a matrix product of another height rounds its last bits differently.

    Args:
        blocks: float32 arrays, 16 kHz mono. Not a number becomes silence, infinity full scale.
        start: samples that nobody will ask for; they are counted but not computed.
    """

    def __init__(self, front: FrontEnd, blocks: Iterable[np.ndarray], start: int = 0) -> None:
        self.grid = front.grid
        self._front = front
        self._blocks: Iterator[np.ndarray] = iter(blocks)
        self._segment = max(1, _SEGMENT // self.grid.feature_hop)  # features
        # Number of the first feature that is kept.
        self._base = start // self.grid.feature_hop // self._segment * self._segment
        self._features: Tensor | None = None
        self._pending: list[np.ndarray] = []
        self._pending_from = 0  # sample at which the pending audio starts
        self._drop_before = self._base * self.grid.feature_hop
        self._seen = 0
        self._ended = False

    @property
    def samples(self) -> int:
        """How long the recording turned out to be; reads it to its end."""
        while not self._ended:
            self._read()
        return self._seen

    @property
    def total(self) -> int:
        """How many features the recording has, filled up to the shortest length the model takes."""
        return self.grid.features_in(max(self.samples, self.grid.minimum_samples))

    def reaches(self, samples: int) -> bool:
        """True where the recording has at least so many samples; reads no further than it must."""
        while self._seen < samples and not self._ended:
            self._read()
        return self._seen >= samples

    def stack(self, ranges: Sequence[tuple[int, int]]) -> Tensor:
        """Features of equally long ranges (first feature, length): float32[B, F, …] on the model's device."""
        import torch

        self._compute(max(start + length for start, length in ranges))
        rows = [self._features[start - self._base : start - self._base + length] for start, length in ranges]
        return torch.stack(rows)

    def forget(self, before: int) -> None:
        """Let go of the features before this number."""
        if self._features is not None and before > self._base:
            cut = min(before, self._known) - self._base
            self._features = self._features[cut:].clone()
            self._base += cut

    @property
    def _known(self) -> int:
        return self._base + (0 if self._features is None else len(self._features))

    def _read(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self._ended = True
            self._fill_up()
            return
        block = np.nan_to_num(np.asarray(block, dtype=np.float32).ravel(), nan=0.0, posinf=1.0, neginf=-1.0)
        self._seen += len(block)
        self._append(block)

    def _append(self, block: np.ndarray) -> None:
        if not self._pending:
            end = self._pending_from + len(block)
            skipped = min(len(block), max(0, self._drop_before - self._pending_from))
            block, self._pending_from = block[skipped:], end - (len(block) - skipped)
        if len(block):
            self._pending.append(block)

    def _fill_up(self) -> None:
        missing = self.grid.minimum_samples - self._seen
        if self._seen and missing > 0:
            self._append(np.zeros(missing, np.float32))

    def _compute(self, until: int) -> None:
        """Features up to this number, and on to the end of its segment; what overlaps the next one stays pending."""
        import torch

        known = self._known
        parts = [] if self._features is None else [self._features]
        while known < until:
            self.reaches(known * self.grid.feature_hop + self.grid.samples_for(self._segment))
            audio = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
            count = min(self._segment, self.grid.features_in(len(audio)))
            if not count:
                raise ValueError(f"feature {until} lies beyond the end of the recording")
            with torch.inference_mode():
                samples = torch.from_numpy(audio[: self.grid.samples_for(count)]).to(self._front.device)
                parts.append(self._front.front_end(samples[None])[0])
            used = count * self.grid.feature_hop
            self._pending = [audio[used:]]
            self._pending_from += used
            known += count
        self._features = parts[0] if len(parts) == 1 else torch.cat(parts)
