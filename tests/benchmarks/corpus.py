"""Corpus runs: one worker against two, this machine against Ray, memory, and runs that are killed.

    python -m tests.benchmarks.corpus [--quick] [--only workers,ray,memory,story,extractors]

Aims: two workers at least 1.8 times as fast as one on two idle cores; memory flat over 1,000 videos; a run of 300
videos killed ten times at random moments has exactly the rows of an undisturbed one. `extractors` is
`tests.benchmarks.corpus_extractors`: videos a second for each, one decode for all against one for each.

Rates leave out the start: they are measured from the first result to the last.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.corpus.place import Place
from core.corpus.results import Results
from core.job import JobContext
from core.ops.corpus import RunRequest, extract
from core.paths import data_paths
from tests.benchmarks import corpus_extractors

ROOT = Path(__file__).resolve().parents[2]
FEATURES = ("cuts", "density")
KILLS = 10


@dataclass(frozen=True)
class Timed:
    """A run: seconds until the first result, and videos a second from there on."""

    start_s: float
    rate: float


def make_corpus(folder: Path, count: int, size: str, seconds: float) -> Path:
    """So many videos of different content, of which every 50th is broken."""
    folder.mkdir(parents=True)
    pictures = ("testsrc2", "testsrc", "mandelbrot")
    films = [corpus_extractors.make(folder.parent / f"{picture}.mp4", picture, size, seconds) for picture in pictures]
    for number in range(count):
        path = folder / f"{number:04d}.mp4"
        shutil.copy(films[number % len(films)], path)
        with path.open("r+b") as file:
            if number % 50 == 49:
                file.truncate(1000)
            else:  # bytes behind the last box change who the file is, and nothing of the film
                file.seek(0, os.SEEK_END)
                file.write(number.to_bytes(4, "big"))
    return folder


def timed(source: Path, out: Path, engine: str, workers: int) -> Timed:
    """A run in this process, with workers of its own."""
    times: list[float] = []
    started = time.perf_counter()
    request = RunRequest(str(source), str(out), engine, workers=workers, min_free_bytes=0)
    extract(data_paths(), request, FEATURES, "cpu", JobContext(), None, lambda _: times.append(time.perf_counter()))
    warm = len(times) // 10
    rate = (len(times) - 1 - warm) / (times[-1] - times[warm]) / len(FEATURES)
    return Timed(times[0] - started, rate)


def report_workers(folder: Path, quick: bool) -> Timed:
    """One against two: on a core of its own each, and one that has the machine for itself, whose threads use it all."""
    source = make_corpus(folder / "workers", 20 if quick else 120, "640x360", 2 if quick else 4)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    alone = timed(source, folder / "out-alone", "local", 1)
    os.sched_setaffinity(0, cores[:2])
    one, two = (timed(source, folder / f"out{workers}", "local", workers) for workers in (1, 2))
    os.sched_setaffinity(0, cores)
    print(f"{', '.join(FEATURES)} of 640×360 videos of {2 if quick else 4} s")
    for name, run in (("1 worker, 1 core", alone), ("1 worker, 2 cores", one), ("2 workers, 2 cores", two)):
        print(f"  local, {name:18}: first result after {run.start_s:5.1f} s, then {run.rate:6.2f} videos/s")
    print(
        f"  two workers against one: {two.rate / alone.rate:.2f}× with a core each, {two.rate / one.rate:.2f}× in all"
    )
    return two


def report_ray(folder: Path, quick: bool, local: Timed) -> None:
    """What Ray costs where one machine would do."""
    run = timed(folder / "workers", folder / "out-ray", "ray", 2)
    print(f"  Ray, 2 processors:  first result after {run.start_s:5.1f} s, then {run.rate:6.2f} videos/s")
    print(f"  Ray against local: {run.rate / local.rate:.2f}×, {run.start_s - local.start_s:+.1f} s to start")


def report_memory(folder: Path, quick: bool) -> None:
    """Of the process that gives the tasks; that of a worker is in corpus_extractors."""
    count = 100 if quick else 1000
    source = make_corpus(folder / "memory", count, "64x48", 0.4)
    peaks: list[int] = []

    def look(_: object) -> None:
        status = Path("/proc/self/status").read_text()
        peaks.append(int(status.split("VmRSS:")[1].split()[0]) // 1024)

    request = RunRequest(str(source), str(folder / "out-memory"), workers=2, min_free_bytes=0)
    report = extract(data_paths(), request, FEATURES, "cpu", JobContext(), None, look)
    at = [peaks[len(peaks) // 10], peaks[len(peaks) // 2], peaks[-1]]
    rate = report.summary.done.total() / len(FEATURES) / report.summary.seconds
    print(f"memory of the run over {count} videos, MB after a tenth, half and all: {at}; {rate:.1f} tiny videos/s")


def report_story(folder: Path, quick: bool) -> None:
    """Killed ten times with everything it had started, against undisturbed."""
    count = 60 if quick else 300
    source = make_corpus(folder / "story", count, "160x120", 1)
    dice, outs = random.Random(int(time.time())), [folder / "killed", folder / "undisturbed"]
    kills = 0
    for _ in range(KILLS):
        program = _start(source, outs[0])
        for _ in range(dice.randrange(2 * count // KILLS)):
            if not program.stdout.readline():
                break
        kills += program.poll() is None
        os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
    for out in outs:
        program = _start(source, out)
        program.communicate()
    digests = [_digest(out) for out in outs]
    rows = len(list(Results(Place.of(outs[0])).all()))
    same = "equal to" if digests[0] == digests[1] else "NOT EQUAL to"
    print(f"{count} videos, killed {kills} times: {rows} rows of {count * len(FEATURES)}, {same} an undisturbed run's")


def _start(source: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "main.py", "corpus", "extract", "--videos", source, "--out", out, "--json"]
    command += ["--features", ",".join(FEATURES), "--min-free", "1M"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def _digest(out: Path) -> str:
    """Of all results, names and bytes."""
    digest = hashlib.sha256()
    for path in sorted((out / "results").rglob("*.json")):
        digest.update(str(path.relative_to(out)).encode() + path.read_bytes())
    return digest.hexdigest()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="minutes instead of an hour")
    parser.add_argument("--only", default="workers,ray,memory,story,extractors", help="parts, with commas between")
    options = parser.parse_args(arguments)
    parts = options.only.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0]}))
        if "workers" in parts or "ray" in parts:
            local = report_workers(folder, options.quick)
            if "ray" in parts:
                report_ray(folder, options.quick, local)
        if "memory" in parts:
            report_memory(folder, options.quick)
        if "story" in parts:
            report_story(folder, options.quick)
    if "extractors" in parts:
        corpus_extractors.report(options.quick)


if __name__ == "__main__":
    main()
