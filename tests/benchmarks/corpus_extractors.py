"""Extractors: videos a second for each, one decode for all against one for each, and memory over many videos.

    python -m tests.benchmarks.corpus_extractors [--quick] [--device cpu]

Aims: one shared decode at least twice as fast as one decode per extractor; memory flat over 1,000 videos, and the same
for a video of a minute and one of an hour. Weights are looked for where the program looks for them; an extractor whose
weights are missing runs with random ones where it can (the speed is the same) and is left out where it cannot. As in a
worker of a run, each library gets one thread.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from core.corpus.extractor import EXTRACTORS, Settings, extractor
from core.corpus.extractors.objects import Objects
from core.corpus.features import Failure, Features
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.media.tools import find_tool

_PICTURES = ("testsrc2", "mandelbrot", "testsrc", "life=mold=10:ratio=0.3:death_color=#C83232:life_color=#00ff00")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_QUICK = ("cuts", "density", "gaze")
# The peak that getrusage tells is at least that of the parent, on Linux.
_MEMORY = """
import pathlib, re, resource, sys
from core.corpus.features import Failure, Features
names, files, count = sys.argv[1].split(","), sys.argv[2].split("|"), int(sys.argv[3])
with Features(names) as features:
    for number in range(count):
        rows = features.extract(files[number % len(files)], "key")
        assert not any(isinstance(row, Failure) for row in rows.values()), rows
        if number + 1 in (count // 10, count // 2, count):
            status = pathlib.Path("/proc/self/status")
            if status.exists():
                peak = int(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1]) >> 10
            else:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
            print(peak, end=" ", flush=True)
"""


def make(path: Path, picture: str, size: str, seconds: float, rate: int = 25) -> Path:
    """A video of moving pictures with a tone, noisy as a camera's, encoded by ffmpeg."""
    joint = ":" if "=" in picture else "="
    source = f"{picture}{joint}s={size}:r={rate},noise=alls=6:allf=t"
    subprocess.run(
        [find_tool("ffmpeg"), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i", "sine=f=300",
         "-t", str(seconds), "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", path],
        check=True,
    )  # fmt: skip
    return path


def runnable(device: str) -> tuple[list[str], list[str]]:
    """Names of the extractors that can run here, and why the others cannot."""
    names, missing = [], []
    for name in EXTRACTORS:
        try:
            extractor(name, Settings(device=device)).check(JobContext())
        except EnvironmentProblem as problem:
            if name != "objects":
                missing.append(f"{name}: {problem.why[:110]}")
                continue
            _give_random_weights()
            missing.append("objects: random weights instead of trained ones")
        names.append(name)
    return names, missing


def seconds_for(names: Sequence[str], videos: Sequence[Path], device: str, apart: bool = False) -> tuple[float, float]:
    """Wall and processor seconds of these extractors over the videos, each with a decode of its own when `apart`."""
    sets = [Features([name], Settings(device=device)) for name in names] if apart else [
        Features(names, Settings(device=device))
    ]  # fmt: skip
    for features in sets:  # the first video loads libraries and networks
        _extract(features, videos[0])
    wall, processor = time.perf_counter(), time.process_time()
    for video in videos:
        for features in sets:
            _extract(features, video)
    spent = time.perf_counter() - wall, time.process_time() - processor
    for features in sets:
        features.close()
    return spent


def report(quick: bool = False, device: str = "cpu") -> None:
    """Print the tables."""
    for variable in _THREADS:  # before any of the libraries is loaded
        os.environ.setdefault(variable, "1")
    names, missing = runnable(device)
    for line in missing:
        print(f"  without {line}" if "random" not in line else f"  {line}")
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        sizes = [("640x360", 4)] if quick else [("1280x720", 10), ("1920x1080", 10)]
        for size, seconds in sizes:
            pictures = _PICTURES[: 2 if quick else 3]
            videos = [make(folder / f"{n}.mp4", picture, size, seconds) for n, picture in enumerate(pictures)]
            print(f"{len(videos)} videos of {seconds} s, {size}, 25 fps, with noise; one worker")
            for name in names:
                wall, processor = seconds_for([name], videos, device)
                rate, core_rate = len(videos) / wall, len(videos) / processor
                print(
                    f"  {name:<11} {rate:6.2f} videos/s {seconds * rate:6.1f}× real time   "
                    f"{core_rate:6.2f} videos/s {seconds * core_rate:6.1f}× real time on a whole core"
                )
            _sharing(names, videos, device)
        _memory(folder, quick)


def _sharing(names: Sequence[str], videos: Sequence[Path], device: str) -> None:
    """Everything, without text (which takes longest to read, not to decode), and those that are quick to look."""
    sets = [names, [name for name in names if name != "text"], [name for name in names if name in _QUICK]]
    for chosen in sets:
        apart, together = (seconds_for(chosen, videos, device, each) for each in (True, False))
        print(
            f"  {', '.join(chosen)}: {apart[0]:.1f} s apart, {together[0]:.1f} s from one decode: "
            f"{apart[0] / together[0]:.2f}× in time, {apart[1] / together[1]:.2f}× in work"
        )


def _memory(folder: Path, quick: bool) -> None:
    """Peak memory in processes of their own; gaze and objects need weights there, so without them."""
    names = "cuts,density,text,embeddings"
    tiny = [make(folder / f"tiny{n}.mp4", picture, "160x120", 1) for n, picture in enumerate(_PICTURES)]
    count = 40 if quick else 1000
    print(f"{names}: peak memory in MB after a tenth, half and all of {count} videos: {_peaks(names, tiny, count)}")
    lengths = (10, 60) if quick else (60, 3600)
    for length in lengths:
        path = make(folder / f"long{length}.mp4", "testsrc2", "320x180", length, 10)
        print(f"  cuts, density of {length} s: {_peaks('cuts,density', [path], 1).split()[-1]} MB")
        path.unlink()
    large = make(folder / "large.mp4", "testsrc2", "7680x4320", 1, 5 if quick else 25)
    print(f"  cuts, density of 1 s of 7680×4320: {_peaks('cuts,density', [large], 1).split()[-1]} MB")


def _peaks(names: str, videos: Sequence[Path], count: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, names, "|".join(map(str, videos)), str(count)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def _extract(features: Features, video: Path) -> None:
    for name, row in features.extract(video, "key").items():
        if isinstance(row, Failure):
            raise SystemExit(f"{name} failed: {row.reason}\n{row.details}")


def _give_random_weights() -> None:
    from core.models.detector import PersonDetector, build_network

    network = PersonDetector(build_network(), "cpu")
    Objects._labels = lambda self, pictures: [[it.label for it in found] for found in network.things(pictures)]


def main() -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    report(options.quick, options.device)


if __name__ == "__main__":
    main()
