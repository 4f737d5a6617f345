"""From cached embeddings to regions: two hours of the largest model, scored again.

    python -m tests.benchmarks.rescan [--hours 2] [--model HUBERT_XLARGE_ML] [--runs 5]

Aim: under one second for two hours of HUBERT_XLARGE_ML, windows of 8 s every second (5,120 numbers each), and what
moving a slider takes: milliseconds. The vectors are random; only the time counts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.domain.scan import RegionRule, WindowScores
from core.domain.timespan import Span
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.trained import Trained
from core.learning.training import train
from core.media.claim import claim
from core.models.registry import model_spec
from core.scan.embedding import Embedded, Embedder, EmbeddingKey
from core.scan.engine import score_file
from core.scan.regions import find_regions
from core.storage.vector_cache import VectorCache

_PART = 512


def vectors(count: int, dim: int, rng: np.random.Generator) -> np.ndarray:
    """float16 that drift like those of a recording, with a bump every 97."""
    base = rng.standard_normal(dim, dtype=np.float32)
    values = 0.3 * rng.standard_normal((count, dim), dtype=np.float32) + base
    values[::97, : dim // 16] += 1.5
    return values.astype(np.float16)


def classifier(key: EmbeddingKey, dim: int, head: str, rng: np.random.Generator) -> Trained:
    """Trained on three short made-up recordings."""
    examples = []
    for number in range(3):
        found = vectors(300, dim, rng)
        starts = np.arange(len(found)) * key.hop_s
        embedded = Embedded(starts, found, key.grain_s, float(starts[-1] + key.grain_s))
        marks = tuple(Span(starts[place], starts[place] + 8.0) for place in (97, 194))
        examples.append(MediaExamples(str(number), embedded, marks))
    return train(examples, TrainOptions(head=head, embedding=key.meta))


def timed(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """First and median seconds."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds[0], statistics.median(seconds)


def measure(key: EmbeddingKey, hours: float, runs: int, heads: list[str], folder: Path) -> None:
    """Print the times of one kind of embeddings."""
    rng = np.random.default_rng(0)
    dim = key.output.dim(_Shape(key))
    count = int(3600 * hours / key.hop_s)
    cache = VectorCache(folder, claim)
    with cache.writing(key.cache_key("bench")) as writer:
        for first in range(0, count, _PART):
            writer.append(vectors(min(_PART, count - first), dim, rng))
        writer.finish({"duration_s": 3600 * hours})
    print(f"{key.model}, {key.grain_s:g} s every {key.hop_s:g} s: {count} × {dim}, {2 * count * dim / 1e6:.0f} MB")
    for head in heads:
        trained = classifier(key, dim, head, rng)
        rule = RegionRule(trained.threshold)

        def rescan(trained: Trained = trained, rule: RegionRule = rule) -> list:
            fresh = Embedder(VectorCache(folder, claim), "cpu")
            return find_regions(score_file(fresh, "no file", "bench", trained), rule)

        first, usual = timed(rescan, runs)
        print(f"  {head:<10} cache to regions: first {first:.2f} s, median {usual:.2f} s ({len(rescan())} regions)")


class _Shape:
    """As much of a model as tells the length of its vectors."""

    def __init__(self, key: EmbeddingKey) -> None:
        self.spec = model_spec(key.model)


def slider(count: int, runs: int) -> None:
    """Print what one step of a slider takes."""
    rng = np.random.default_rng(0)
    windows = WindowScores(rng.random(count) ** 6, 0.5, 2.0, count * 0.5 + 1.5)
    _, usual = timed(lambda: find_regions(windows, RegionRule(0.5)), 5 * runs)
    print(f"slider: {count} scores to regions in {1000 * usual:.1f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--model", default="HUBERT_XLARGE_ML")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--heads", nargs="+", default=["logistic", "trees"])
    options = parser.parse_args()
    for grain_s in (8.0, 2.0):
        with tempfile.TemporaryDirectory() as name:
            key = EmbeddingKey.of(options.model, grain_s=grain_s)
            measure(key, options.hours, options.runs, options.heads, Path(name))
    for count in (5_000, 14_400):
        slider(count, options.runs)


if __name__ == "__main__":
    main()
