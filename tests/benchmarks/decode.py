"""Decoding to 16 kHz mono against a pipe from ffmpeg, and how much memory a 10-hour recording takes.

    python -m tests.benchmarks.decode [--minutes 30] [--hours 10] [--runs 5]

Aim: within 1.3× of `ffmpeg -f f32le -` read in the same process; peak memory of the 10-hour file under 600 MB, both for
decoding alone and for embedding it into the cache.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.media.audio_reader import read_blocks
from core.media.tools import find_tool

_RATE_HZ = 16_000
_MEMORY = """
import resource, sys, time
from pathlib import Path
from core.media.audio_reader import read_blocks
started = time.monotonic()
if sys.argv[2] == "embed":
    from core.media.claim import claim
    from core.scan.embedding import Embedder, EmbeddingKey
    from core.storage.vector_cache import VectorCache
    with Embedder(VectorCache(Path(sys.argv[3]), claim), "cpu") as embedder:
        count = len(embedder.embed(sys.argv[1], "key", EmbeddingKey.of("LOGMEL")).starts_s)
else:
    count = sum(len(block) for block in read_blocks(sys.argv[1], 16_000))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
print(count, peak, time.monotonic() - started)
"""


def make(path: Path, source: str, seconds: float, *coding: str) -> Path:
    """A file of made-up sound, encoded by ffmpeg."""
    subprocess.run(
        [find_tool("ffmpeg"), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", str(seconds), *coding, path],
        check=True,
    )
    return path


def through_pipe(path: Path) -> int:
    """Decode with ffmpeg; how many samples came."""
    command = [find_tool("ffmpeg"), "-v", "error", "-i", path, "-ac", "1", "-ar", str(_RATE_HZ), "-f", "f32le", "-"]
    size = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while block := process.stdout.read(4 * 10 * _RATE_HZ):
            size += len(block)
    return size // 4


def in_process(path: Path) -> int:
    """Decode with the program's own reader; how many samples came."""
    return sum(len(block) for block in read_blocks(path, _RATE_HZ))


def timed(work: object, path: Path) -> tuple[float, int]:
    """Seconds and samples."""
    started = time.perf_counter()
    samples = work(path)
    return time.perf_counter() - started, samples


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{options.minutes:g} min, stereo, 48 kHz; median of {options.runs} alternating runs")
        for codec, suffix in (("aac", "m4a"), ("flac", "flac"), ("libopus", "opus")):
            source = "anoisesrc=color=pink:sample_rate=48000:amplitude=0.3"
            path = make(folder / f"a.{suffix}", source, 60 * options.minutes, "-ac", "2", "-c:a", codec)
            timed(in_process, path)  # the first one loads libraries
            runs = [(timed(through_pipe, path), timed(in_process, path)) for _ in range(options.runs)]
            pipe, own = (statistics.median(run[side][0] for run in runs) for side in (0, 1))
            (_, there), (_, here) = runs[0]
            ratio = f"{own / pipe:.2f}×   ({here - there:+d} samples)"
            print(f"  {codec:<8} pipe {pipe:6.2f} s   in process {own:6.2f} s   {ratio}")
        long = make(folder / "long.flac", "sine=frequency=300:sample_rate=16000", 3600 * options.hours, "-c:a", "flac")
        print(f"{options.hours:g} hours")
        for what in ("decode", "embed"):
            done = subprocess.run(
                [sys.executable, "-c", _MEMORY, str(long), what, str(folder / "cache")],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            count, peak, seconds = done.stdout.split()
            unit = "samples" if what == "decode" else "vectors"
            print(f"  {what:<8} peak {float(peak):.0f} MB   {float(seconds):.0f} s   {count} {unit}")


if __name__ == "__main__":
    main()
