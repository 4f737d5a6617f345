"""How long training takes from cached embeddings: `python -m tests.benchmarks.training [--videos 10] [--clips 10]`.

100 clips of 10 ten-minute videos, vectors of 5,120 numbers as half precision in memory-mapped files, as the cache keeps
them. Timed is everything: choosing examples, cross-validation with all figures, the final fit, saving the model. Beside
it, scoring two hours with the result and reading it back.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.domain.scan import WindowScores
from core.domain.timespan import Span
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.model_store import ModelStore
from core.learning.training import train
from core.scan.regions import find_regions

AIM_S = 20.0


@dataclass(frozen=True)
class Cached:
    """Embeddings as a cache hands them out."""

    starts_s: np.ndarray
    vectors: np.ndarray
    span_s: float
    duration_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=10)
    parser.add_argument("--clips", type=int, default=10, help="per video")
    parser.add_argument("--dim", type=int, default=5_120)
    parser.add_argument("--grain", type=float, default=2.0, help="seconds; 8 is the geometry of whole windows")
    parser.add_argument("--heads", nargs="+", default=["auto", "logistic", "trees"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        examples = [_video(Path(folder), number, options) for number in range(options.videos)]
        two_hours = _recording(Path(folder), "long", 7_200.0, options, np.random.default_rng(99), ())
        clips = sum(len(example.positives) for example in examples)
        print(f"{clips} clips of {options.videos} videos, {options.dim} numbers, {options.grain:g} s grains")
        store = ModelStore(Path(folder) / "models")
        for head in options.heads:
            began, cpu = time.perf_counter(), time.process_time()
            trained = train(examples, TrainOptions(head=head))
            store.save(trained, "benchmark", "MODEL", head)
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
            size = store.path("benchmark", "MODEL", head).stat().st_size
            print(
                f"{head:10} {took:6.1f} s (aim {AIM_S:.0f} s), {cpu:.1f} s of processor; chosen "
                f"{trained.report['head']}, AP {trained.report['average_precision']:.2f}, {size / 1e6:.1f} MB"
            )
        began, cpu = time.perf_counter(), time.process_time()
        loaded = store.load(store.path("benchmark", "MODEL", options.heads[0]))
        assert loaded is not None
        hop_s = float(two_hours.starts_s[1])
        scores = WindowScores(loaded.score(two_hours), hop_s, options.grain, two_hours.duration_s)
        found = find_regions(scores)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"two hours of cache to {len(found)} regions: {took:.2f} s, {cpu:.2f} s of processor")


def _video(folder: Path, number: int, options: argparse.Namespace) -> MediaExamples:
    rng = np.random.default_rng(number)
    begins = np.linspace(20.0, 560.0, options.clips)
    events = [float(begin + rng.uniform(0, 6)) for begin in begins]
    recording = _recording(folder, f"video-{number}", 600.0, options, rng, events)
    return MediaExamples(f"video-{number}", recording, tuple(Span(begin, begin + 8.0) for begin in begins.tolist()))


def _recording(
    folder: Path,
    name: str,
    duration_s: float,
    options: argparse.Namespace,
    rng: np.random.Generator,
    events: tuple[float, ...] | list[float],
) -> Cached:
    """Vectors with a few strong directions, as networks make them, and the sound at the events."""
    hop_s = 1.0 if options.grain >= 8 else 0.5
    count = int((duration_s - options.grain) / hop_s) + 1
    starts = np.arange(count) * hop_s
    world = np.random.default_rng(1)
    mixing = world.normal(size=(60, options.dim)).astype(np.float32) * np.geomspace(1.0, 0.1, 60)[:, None]
    latent = rng.normal(size=(count, 60)).astype(np.float32) + rng.normal(size=60).astype(np.float32)
    sound = world.normal(size=60).astype(np.float32)
    for event in events:
        latent[np.abs(starts - event) < 1.0] += 0.7 * sound
    vectors = np.memmap(folder / f"{name}.f2", np.float16, "w+", shape=(count, options.dim))
    vectors[:] = latent @ mixing + 0.3 * rng.standard_normal((count, options.dim), dtype=np.float32)
    vectors.flush()
    return Cached(starts, vectors, options.grain, duration_s)


if __name__ == "__main__":
    main()
