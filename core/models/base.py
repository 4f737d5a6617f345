"""What an embedding model is: the row that describes it, the grid its numbers lie on, the face every family shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from core.job import JobContext
    from core.models.weights import WeightStore

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class WeightFile:
    """One file of trained weights.

    Args:
        name: the file's name in the weights folder.
        url: where it is downloaded from.
        size: about how many bytes it has; only shown.
        sha256: its hash, or "" where its publisher names none; then the first copy seen is pinned (`WeightStore`).
    """

    name: str
    url: str
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class ModelSpec:
    """One row of the table of models. Everything in it that changes a number is part of the cache key.

    Args:
        name: as a person chooses it, "HUBERT_BASE_ML".
        family: which architecture, "torchaudio".
        dim: numbers in the embedding of a window.
        factory: "module:Class" of the family.
        backbone: the name whose weights it runs on; a model and its `_ML` variant share one.
        layers: 0-based transformer layers that are concatenated, or None for the family's single output.
        revision: changes whenever the numbers of this model change.
        licence: of the weights, in short.
        source: who made it, for the person who chooses it.
    """

    name: str
    family: str
    dim: int
    factory: str
    backbone: str
    layers: tuple[int, ...] | None
    revision: str
    licence: str
    source: str
    weights: WeightFile | None = None

    @property
    def local(self) -> bool:
        """True where an embedding never depends on audio outside its own patches: exact and shared are the same."""
        return self.family in ("logmel", "yamnet")

    @property
    def grain_dim(self) -> int:
        """Numbers in a short-grain embedding: mean and max, except LOGMEL, whose statistics hold both already."""
        return self.dim if self.family == "logmel" else 2 * self.dim


@dataclass(frozen=True)
class Grid:
    """Where features and frames lie in time.

    Features are local: feature i is computed from samples [i·feature_hop, i·feature_hop + feature_span) alone, so a
    file's features are computed once. Frames are what the network makes of a piece of features: frame j of a piece
    covers its features [j·frame_hop, j·frame_hop + frame_span).

    Args:
        chunk_frames: length of a chunk in the shared encoding, in frames.
        margin_frames: frames at each end of a chunk that are left to its neighbour.
    """

    feature_hop: int
    feature_span: int
    frame_hop: int = 1
    frame_span: int = 1
    chunk_frames: int = 0
    margin_frames: int = 0

    def features_in(self, samples: int) -> int:
        """How many whole features lie in so many samples."""
        return max(0, (samples - self.feature_span) // self.feature_hop + 1)

    def samples_for(self, features: int) -> int:
        """How many samples so many features need."""
        return (features - 1) * self.feature_hop + self.feature_span

    @property
    def chunk_features(self) -> int:
        """Features of one chunk of the shared encoding."""
        return (self.chunk_frames - 1) * self.frame_hop + self.frame_span

    @property
    def minimum_samples(self) -> int:
        """Shorter audio is filled up with silence: one frame, and never less than half a second."""
        return max(SAMPLE_RATE_HZ // 2, self.samples_for(self.frame_span))

    def centre(self, feature: int, frame: int) -> float:
        """The middle, in samples, of a frame of the piece that starts at `feature`."""
        first = feature + frame * self.frame_hop
        return (first + (self.frame_span - 1) / 2) * self.feature_hop + self.feature_span / 2


class EmbeddingModel(Protocol):
    """The face of every family. 16 kHz mono float32 in, float32 out; tensors stay on the model's device.

    `front_end`, `run`, `summarise` and `summarise_grain` are the parts of `embed`, which the encoder uses to compute
    each of them once. B counts pieces, T samples, F features, n frames; D is `spec.dim`.
    """

    spec: ModelSpec
    grid: Grid

    @property
    def device(self) -> str:
        """Where it runs: "cpu", "cuda" or "mps"."""

    def load(self, device: str = "auto", store: WeightStore | None = None, ctx: JobContext | None = None) -> None:
        """Fetch, verify and place the weights.

        Raises:
            EnvironmentProblem: the weights are missing and cannot be fetched, or are not what they should be.
        """

    def embed(self, audio: np.ndarray) -> np.ndarray:
        """float32[B, T] → float32[B, D]; every row on its own."""

    def front_end(self, audio: Tensor) -> Tensor:
        """float32[B, T] → float32[B, F, …]; each feature from its own samples alone."""

    def run(self, features: Tensor) -> Tensor:
        """float32[B, F, …] → frames float32[B, n, D']; each row on its own."""

    def summarise(self, frames: Tensor) -> Tensor:
        """float32[B, n, D'] → float32[B, D]: the embedding of a window."""

    def summarise_grain(self, frames: Tensor) -> Tensor:
        """float32[B, n, D'] → float32[B, spec.grain_dim]: the embedding of a short grain."""

    def close(self) -> None:
        """Let go of the weights; `load` brings them back."""
