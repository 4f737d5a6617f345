"""The embeddings on disk: where they lie, how full it is, how to empty it, and an embedder that uses them."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

from core.errors import UserError
from core.media.cache_file import written_beside
from core.media.claim import claim
from core.paths import DataPaths
from core.storage.vector_cache import DEFAULT_LIMIT_BYTES, CacheStats, VectorCache

if TYPE_CHECKING:
    from core.scan.embedding import Embedder


log = logging.getLogger(__name__)
LEAST_LIMIT_BYTES = 1_000_000
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", re.IGNORECASE)


def vector_cache(paths: DataPaths) -> VectorCache:
    """The cache of a data folder, with the limit that was set for it."""
    return VectorCache(paths.cache / "embeddings", claim, limit(paths))


def limit(paths: DataPaths) -> int:
    """How many bytes the cache may take: what was set, else the default."""
    try:
        stored = json.loads(paths.cache_limit.read_bytes())["bytes"]
        if type(stored) is int and stored >= LEAST_LIMIT_BYTES:
            return stored
    except FileNotFoundError:
        return DEFAULT_LIMIT_BYTES
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.info("The limit of the cache cannot be read, the default holds: %s", error)
    return DEFAULT_LIMIT_BYTES


def set_limit(paths: DataPaths, limit_bytes: int) -> int:
    """Set the limit for good; what was used longest ago goes at once where there is more. Returns the bytes freed.

    Raises:
        UserError: the limit makes no sense.
        EnvironmentProblem: it cannot be written down.
    """
    if limit_bytes < LEAST_LIMIT_BYTES:
        raise UserError(f"The cache cannot be limited to {limit_bytes} bytes", "", "Choose at least 1 MB, such as 50G")
    with written_beside(paths.cache_limit, "limit of the cache") as file:
        file.write(json.dumps({"bytes": limit_bytes}).encode())
    return vector_cache(paths).shrink(limit_bytes)


def parse_size(text: str) -> int:
    """Bytes of "50G", "1.5 TB", "800M".

    Raises:
        UserError: it is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UserError(f"{text!r} is not a size", "", "Write it like 50G, 800M or 1.5T")
    return round(float(found[1]) * _UNITS[found[2].lower()])


def open_embedder(paths: DataPaths, device: str = "auto") -> Embedder:
    """An embedder with the cache and the weights of a data folder; close it after use."""
    from core.models.weights import WeightStore
    from core.scan.embedding import Embedder

    return Embedder(vector_cache(paths), device, WeightStore.at(paths))


def status(paths: DataPaths) -> CacheStats:
    """How full the cache is."""
    return vector_cache(paths).stats()


def clear(paths: DataPaths, model: str | None = None) -> int:
    """Empty the cache, of one embedding model where one is named; returns the bytes freed.

    Everything in it can be computed again. What is being written stays.
    """
    return vector_cache(paths).clear(model)
