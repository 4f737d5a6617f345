"""Embeddings of whole recordings: from the cache, or computed, stored on the way, and resumed after an interruption.

Values always pass through float16, so that a recording has the same numbers whether or not they were cached.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from core.domain.vectors import CacheKey
from core.errors import UserError
from core.job import JobContext
from core.media.audio_reader import read_blocks
from core.models.base import SAMPLE_RATE_HZ
from core.models.device import threads_for
from core.models.encode import ENCODINGS, Output, encode
from core.models.registry import columns_in_ml, create_model, model_spec

if TYPE_CHECKING:
    from core.models.base import EmbeddingModel, ModelSpec
    from core.models.weights import WeightStore

PREPROCESSING = 1
"""Changes whenever the way from a file to samples, from those to pieces, or pooling, changes a number."""
WINDOW_S, WINDOW_HOP_S = 8.0, 1.0
DEFAULT_GRAIN_S, GRAIN_HOP_S = 2.0, 0.5


@dataclass(frozen=True)
class EmbeddingKey:
    """Which embeddings of a recording: everything that changes a number.

    Args:
        model: as in the table of models.
        encoding: "exact" or "shared".
        grain_s: how much sound a vector stands for.
        hop_s: distance of their starts.
        pooled: True: short grains, mean and maximum of the frames of 8 s windows. False: embeddings of whole windows.
    """

    model: str
    encoding: str = "exact"
    grain_s: float = DEFAULT_GRAIN_S
    hop_s: float = GRAIN_HOP_S
    pooled: bool = True

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS:
            raise UserError(f"There is no encoding {self.encoding!r}", "", "Choose exact or shared")
        if not (0.1 <= self.grain_s <= 60.0 and 0.05 <= self.hop_s <= 60.0):
            raise UserError(
                f"Windows of {self.grain_s} s every {self.hop_s} s make no sense", "", "Choose 8 s every 1 s"
            )

    @classmethod
    def of(cls, model: str, encoding: str = "exact", grain_s: float = DEFAULT_GRAIN_S) -> EmbeddingKey:
        """The key of a grain at its usual hop; 8 s means whole windows every second."""
        whole = grain_s == WINDOW_S
        return cls(model, encoding, grain_s, WINDOW_HOP_S if whole else GRAIN_HOP_S, not whole)

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any]) -> EmbeddingKey:
        """The key a trained model asks for.

        Raises:
            UserError: it was trained on numbers that this program does not compute.
        """
        try:
            lengths = float(meta["grain_s"]), float(meta["hop_s"])
            key = cls(str(meta["model"]), str(meta["encoding"]), *lengths, bool(meta["pooled"]))
            revision, preprocessing = meta["revision"], meta["preprocessing"]
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                "The classifier does not say what it was trained on", f"{error} is missing or wrong", "Train it again"
            ) from error
        if (revision, preprocessing) != (key.spec.revision, PREPROCESSING):
            raise UserError(
                f"The classifier was trained on another revision of {key.model}",
                f"It needs revision {revision}.{preprocessing}, this 8-cut has {key.spec.revision}.{PREPROCESSING}",
                "Train it again",
            )
        return key

    @property
    def meta(self) -> dict[str, Any]:
        """What a trained model stores, and `from_meta` reads."""
        return {
            "model": self.model,
            "encoding": self.encoding,
            "grain_s": self.grain_s,
            "hop_s": self.hop_s,
            "pooled": self.pooled,
            "revision": self.spec.revision,
            "preprocessing": PREPROCESSING,
        }

    @property
    def spec(self) -> ModelSpec:
        """The row of its model."""
        return model_spec(self.model)

    @property
    def output(self) -> Output:
        """What to ask the encoder for."""
        return Output(self.grain_s, self.hop_s, grain=self.pooled)

    def cache_key(self, content_key: str) -> CacheKey:
        """What it is cached under; models that know no context have one entry for both encodings."""
        encoding = "any" if self.spec.local else self.encoding
        parts = {
            "revision": self.spec.revision,
            "encoding": encoding,
            "window_s": WINDOW_S,
            "window_hop_s": WINDOW_HOP_S,
            "grain_s": self.grain_s,
            "hop_s": self.hop_s,
            "pooled": self.pooled,
            "preprocessing": PREPROCESSING,
        }
        return CacheKey(content_key, self.model, tuple(sorted(parts.items())))


@dataclass(frozen=True)
class Embedded:
    """The embeddings of one recording.

    Args:
        starts_s: float64[N], seconds, evenly spaced.
        vectors: float16[N, D]; may be mapped from disk, read-only.
        span_s: seconds each vector stands for.
        duration_s: of the recording.
    """

    starts_s: np.ndarray
    vectors: np.ndarray
    span_s: float
    duration_s: float


class Stored(Protocol):
    """A complete cache entry."""

    @property
    def vectors(self) -> np.ndarray: ...

    @property
    def notes(self) -> Mapping[str, float]: ...


class Writer(Protocol):
    """A cache entry on its way."""

    rows: int

    def append(self, values: np.ndarray) -> None: ...

    def finish(self, notes: Mapping[str, float]) -> None: ...


class Cache(Protocol):
    """Where embeddings are kept; `core.storage.vector_cache.VectorCache` keeps them on disk."""

    def find(self, key: CacheKey) -> Stored | None: ...

    def writing(self, key: CacheKey) -> AbstractContextManager[Writer]: ...


class Embedder:
    """Gives the embeddings of recordings; keeps the model it used last.

    Args:
        cache: asked first; None computes every time.
        device: "auto", "cpu", "cuda" or "mps".
        weights: where trained weights lie; None for the person's own folder.
        batch: pieces at once, as for `encode`; None for as many as fit.
        create: makes the model of a name.
    """

    def __init__(
        self,
        cache: Cache | None = None,
        device: str = "auto",
        weights: WeightStore | None = None,
        *,
        batch: int | None = None,
        create: Callable[[str], EmbeddingModel] = create_model,
    ) -> None:
        self._cache = cache
        self._device = device
        self._weights = weights
        self._batch = batch
        self._create = create
        self._model: EmbeddingModel | None = None

    def embed(
        self, path: str | os.PathLike[str], content_key: str, key: EmbeddingKey, ctx: JobContext | None = None
    ) -> Embedded:
        """All embeddings of a recording.

        Raises:
            UserError: the file cannot be read or has no sound.
            EnvironmentProblem: weights are missing, or the cache cannot be written to.
            Cancelled: through `ctx`; what was computed is kept for the next time.
        """
        ctx = ctx or JobContext()
        if self._cache is None:
            return self.embed_blocks(read_blocks(path, SAMPLE_RATE_HZ, ctx=ctx), key, ctx)
        found = self._stored(content_key, key)
        return found or self._computed(self._cache, path, content_key, key, ctx)

    def embed_blocks(self, blocks: Iterable[np.ndarray], key: EmbeddingKey, ctx: JobContext | None = None) -> Embedded:
        """Embeddings of 16 kHz mono sound at hand; never cached."""
        counted = _Counted(blocks)
        model = self._loaded(key.model, ctx or JobContext())
        parts = list(self._values(model, counted, key, 0, ctx))
        vectors = np.concatenate(parts) if parts else np.zeros((0, key.output.dim(model)), np.float16)
        return _embedded(vectors, key, counted.seconds)

    def cached(self, content_key: str, key: EmbeddingKey) -> bool:
        """Whether `embed` would not have to compute anything; reads the entry once to check it."""
        return self._cache is not None and self._stored(content_key, key) is not None

    def close(self) -> None:
        """Let go of the model."""
        if self._model is not None:
            self._model.close()
            self._model = None

    def __enter__(self) -> Embedder:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _stored(self, content_key: str, key: EmbeddingKey) -> Embedded | None:
        found = self._cache.find(key.cache_key(content_key))
        if found is not None:
            return _embedded(found.vectors, key, found.notes["duration_s"])
        place = columns_in_ml(key.model, key.output.grain)
        if place is None:
            return None
        wider, columns = place
        key_of_wider = replace(key, model=wider)
        found = self._cache.find(key_of_wider.cache_key(content_key))
        if found is None:
            return None
        vectors = np.concatenate([found.vectors[:, part] for part in columns], axis=1)
        return _embedded(vectors, key, found.notes["duration_s"])

    def _computed(
        self, cache: Cache, path: str | os.PathLike[str], content_key: str, key: EmbeddingKey, ctx: JobContext
    ) -> Embedded:
        model = self._loaded(key.model, ctx)
        counted = _Counted(read_blocks(path, SAMPLE_RATE_HZ, ctx=ctx))
        with cache.writing(key.cache_key(content_key)) as writer:
            for values in self._values(model, counted, key, writer.rows, ctx):
                writer.append(values)
            writer.finish({"duration_s": counted.seconds})
        found = self._stored(content_key, key)
        if found is None:
            raise UserError(
                "The embeddings were lost right after they were computed", "The disk does not keep what is written", ""
            )
        return found

    def _values(
        self, model: EmbeddingModel, blocks: Iterable[np.ndarray], key: EmbeddingKey, first: int, ctx: JobContext | None
    ) -> Iterator[np.ndarray]:
        window = Output(max(WINDOW_S, key.grain_s), WINDOW_HOP_S)
        if not key.output.grain:
            window = key.output
        found = encode(
            model, blocks, (key.output,), encoding=key.encoding, window=window, first=(first,), batch=self._batch,
            ctx=ctx,
        )  # fmt: skip
        with threads_for(model):
            for part in found:
                yield _rounded(part.values)

    def _loaded(self, name: str, ctx: JobContext) -> EmbeddingModel:
        if self._model is None or self._model.spec.name != name:
            self.close()
            model = self._create(name)
            model.load(self._device, self._weights, ctx)
            self._model = model
        return self._model


class _Counted:
    """Passes blocks on and counts their samples; whoever takes them all knows the length."""

    def __init__(self, blocks: Iterable[np.ndarray]) -> None:
        self._blocks = blocks
        self._samples = 0

    @property
    def seconds(self) -> float:
        return self._samples / SAMPLE_RATE_HZ

    def __iter__(self) -> Iterator[np.ndarray]:
        for block in self._blocks:
            self._samples += len(block)
            yield block


def _embedded(vectors: np.ndarray, key: EmbeddingKey, duration_s: float) -> Embedded:
    hop = key.output.hop / SAMPLE_RATE_HZ
    return Embedded(np.arange(len(vectors), dtype=np.float64) * hop, vectors, key.grain_s, duration_s)


def _rounded(values: np.ndarray) -> np.ndarray:
    """As float16; what it cannot hold becomes its largest number."""
    limit = float(np.finfo(np.float16).max)
    return np.clip(np.nan_to_num(values, nan=0.0, posinf=limit, neginf=-limit), -limit, limit).astype(np.float16)
