"""Clips as a script would enter them."""

from __future__ import annotations

from pathlib import Path

from core.db import ProcessedDB


def cut(db: ProcessedDB, video: Path, times_s: list[float], folder: str, **which: object) -> None:
    """Clips of a video in a class, as a script would enter them."""
    video.touch()
    for time in times_s:
        path = f"/out/{folder}/vid_001/clip_001_m{round(time)}_0.mp4"
        db.add(str(video), time, path, clip_count=1, clip_duration=3.0, source_path=str(video), **which)
