"""Videos to try 8-cut with, made on this machine: barks, bells and sirens over all kinds of noise."""

from __future__ import annotations

from pathlib import Path

from core.job import JobContext
from core.paths import DataPaths

LENGTH_S = 120.0


def make(paths: DataPaths, ctx: JobContext, length_s: float = LENGTH_S) -> list[str]:
    """The paths of the videos, made at the first call and found there at later ones.

    Raises:
        EnvironmentProblem: ffmpeg is missing or fails.
    """
    from core.demo.videos import make_videos

    folder = paths.root / "demo" / "videos"
    done = folder / "complete"
    if not done.exists():
        make_videos(folder, length_s, ctx)
        done.touch()
    return [str(path) for path in sorted(Path(folder).glob("*.mp4"))]
