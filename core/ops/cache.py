"""The embeddings on disk: where they lie, how full it is, how to empty it, and an embedder that uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.media.claim import claim
from core.paths import DataPaths
from core.storage.vector_cache import DEFAULT_LIMIT_BYTES, CacheStats, VectorCache

if TYPE_CHECKING:
    from core.scan.embedding import Embedder


def vector_cache(paths: DataPaths, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> VectorCache:
    """The cache of a data folder."""
    return VectorCache(paths.cache / "embeddings", claim, limit_bytes)


def open_embedder(paths: DataPaths, device: str = "auto", limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Embedder:
    """An embedder with the cache and the weights of a data folder; close it after use."""
    from core.models.weights import WeightStore
    from core.scan.embedding import Embedder

    return Embedder(vector_cache(paths, limit_bytes), device, WeightStore.at(paths))


def status(paths: DataPaths) -> CacheStats:
    """How full the cache is."""
    return vector_cache(paths).stats()


def clear(paths: DataPaths, model: str | None = None) -> int:
    """Empty the cache, of one embedding model where one is named; returns the bytes freed.

    Everything in it can be computed again. What is being written stays.
    """
    return vector_cache(paths).clear(model)
