"""A round about windows holds a block of their vectors, never those of the whole library."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from core.storage.vector_cache import VectorCache
from tests.core.annotation.window_world import PER_RECORDING, fill_cache, run_round

WIDTH = 768
# Mean and maximum of the grains of a window, and how both differ from the surroundings.
NUMBERS = 4 * WIDTH


def peak_bytes(folder: Path, recordings: int, cache: VectorCache) -> int:
    """How much was held at the worst moment of a round; what is mapped from disk does not count."""
    tracemalloc.start()
    try:
        result = run_round(folder, recordings, cache)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(result.entries) == 50
    assert result.metrics["tasks"]["target sound"]["test"]["accuracy"] > 0.9
    return peak


def test_memory_does_not_grow_with_the_vectors_of_the_library(tmp_path: Path) -> None:
    cache = fill_cache(tmp_path, 20, WIDTH)
    run_round(tmp_path, 10, cache)  # what is imported and kept for good counts for neither
    few, many = (peak_bytes(tmp_path, recordings, cache) for recordings in (11, 20))
    per_window = (many - few) / (9 * PER_RECORDING)
    assert per_window < NUMBERS, "not even a quarter of one copy of its vector, at 4 bytes a number"
