"""Overlapping clips against one plain ffmpeg run per clip: `python -m tests.benchmarks.export [--clips 6 --spread 3]`.

Both make H.264 (CRF 18, preset medium) with lossless sound of the same source, with the same number of frames per clip,
one after the other on the same machine; ours includes planning, the audit, the history and the manifest. The picture is
moving patterns with noise; `--noise 0` makes it easy to encode, then reading and checking weigh more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportJob, ExportSettings
from core.job import JobContext
from core.media.identity import content_key
from core.ops import cut

CURSOR_S = 5.0
FPS = 25


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of all processors together."""

    wall_s: float
    cpu_s: float


def measured(work: Callable[[], None]) -> Cost:
    """What `work` costs, the programs it starts included."""
    before, started = os.times(), time.perf_counter()
    work()
    wall_s = time.perf_counter() - started
    after = os.times()
    return Cost(wall_s, sum(after[:4]) - sum(before[:4]))


def make_source(folder: Path, seconds: float, height: int, noise: int) -> Path:
    path = folder / "source.mp4"
    size = f"{height * 16 // 9 // 2 * 2}x{height}"
    picture = f"testsrc2=s={size}:r={FPS}:d={seconds:g},noise=alls={noise}:allf=t"
    sound = f"anoisesrc=r=48000:a=0.1:d={seconds:g}"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "250", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:a", "aac", "-ac", "2", str(path)], check=True)
    return path


def plain_runs(source: Path, folder: Path, batch: Batch, settings: ExportSettings) -> None:
    folder.mkdir()
    for number, start_s in enumerate(batch.starts_s):
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", f"{start_s:.3f}", "-i", str(source)]
        command += ["-c:v", "libx264", "-preset", settings.preset, "-crf", str(settings.crf), "-pix_fmt", "yuv420p"]
        command += ["-fps_mode", "cfr", "-r", str(FPS), "-frames:v", str(round(batch.duration_s * FPS))]
        command += ["-c:a", "alac", "-t", str(batch.duration_s), str(folder / f"{number}.mp4")]
        subprocess.run(command, check=True)


def batch_run(db: ProcessedDB, source: Path, batch: Batch, settings: ExportSettings) -> ExportJob:
    media = db.media.register(content_key(source), str(source))
    job = cut.plan(db, CutRequest(media, batch, settings))
    summary, _ = cut.run(db, job.id, JobContext())
    if summary.failed:
        raise RuntimeError(f"clips failed: {summary.failed}")
    return db.jobs.get(job.id)


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*.mp4")) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=6)
    parser.add_argument("--spread", type=float, default=3.0)
    parser.add_argument("--duration", type=float, default=8.0)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--noise", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    batch = Batch(CURSOR_S, options.clips, options.spread, options.duration)
    with tempfile.TemporaryDirectory(prefix="8cut-benchmark-") as scratch:
        folder = Path(scratch)
        source = make_source(folder, batch.span.end_s + 2, options.height, options.noise)
        print(f"{batch.clips} clips of {batch.duration_s:g} s, spread {batch.spread_s:g} s, {options.height} lines")
        for number in range(options.rounds):
            settings = ExportSettings(str(folder / f"ours{number}"))
            plain_folder = folder / f"plain{number}"
            plain = measured(lambda to=plain_folder, by=settings: plain_runs(source, to, batch, by))
            db = ProcessedDB(folder / f"history{number}.db")
            ours = measured(lambda db=db, by=settings: batch_run(db, source, batch, by))
            db.close()
            report("plain runs", plain, plain, size_mb(plain_folder))
            report("one batch", ours, plain, size_mb(Path(settings.folder)))


def report(name: str, cost: Cost, baseline: Cost, megabytes: float) -> None:
    wall, cpu = cost.wall_s / baseline.wall_s, cost.cpu_s / baseline.cpu_s
    print(
        f"{name:>10}: {cost.wall_s:6.1f} s wall ({wall:.2f}), {cost.cpu_s:6.1f} s CPU ({cpu:.2f}), {megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main()
