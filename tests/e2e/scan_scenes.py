"""Recordings with a sound in known places, and scans of them as the engine would have left them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import NewRegion, RegionRule, ScanMade, WindowScores
from core.media.process import run
from core.media.tools import find_tool
from core.scan.regions import find_regions
from tests.e2e.driver import Driver
from tests.sound_files import noise, with_beeps, write_wav

BEEPS_S = (7.0, 25.0, 43.0, 61.0)
LENGTH_S = 75.0


def recording(folder: Path, number: int, shift_s: float = 0.0) -> Path:
    """A quiet recording with four beeps in it."""
    sound = with_beeps(noise(LENGTH_S, seed=number), [time + shift_s for time in BEEPS_S])
    return write_wav(folder / f"take {number}.wav", sound)


def save_scan(
    db: ProcessedDB, media: Media, profile: str = "default", label: str = "LOGMEL", peak: float = 0.95
) -> str:
    """A scan that found the beeps, each a little weaker than the one before; returns its stamp."""
    scores = np.full(round(LENGTH_S / 0.5) - 3, 0.05, np.float32)
    for number, time in enumerate(BEEPS_S):
        scores[round(time / 0.5) : round(time / 0.5) + 3] = peak - 0.1 * number
    windows = WindowScores(scores, 0.5, 2.0, LENGTH_S)
    rule = RegionRule(0.5)
    found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in find_regions(windows, rule)]
    made = ScanMade(windows, f"{profile}_{label}", "20260101_000000_000000", rule.threshold)
    return db.scans.save_scan(db.profiles.ensure(profile), media.id, label, found, made)


def show_scan(app: Driver, media: Media) -> None:
    """Let the window look at the scans of a media again, with the results on screen."""
    app.program.bridge.session.publish(Changes.of(Kind.SCANS, media.id))
    if not app.window.right_pane.isVisible():
        app.window.actions_table["right_panel"].trigger()
    app.until_idle()


def save_many(db: ProcessedDB, media: Media, count: int, every_s: float = 2.0, profile: str = "default") -> str:
    """A scan with a region of about a second every so often; returns its stamp."""
    scores = np.full(round(count * every_s / 0.25), 0.05, np.float32)
    scores[:: round(every_s / 0.25)] = np.linspace(0.95, 0.55, count)
    windows = WindowScores(scores, 0.25, 1.0, count * every_s)
    rule = RegionRule(0.5, fuse_s=0.0, min_length_s=1.0)
    found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in find_regions(windows, rule)]
    made = ScanMade(windows, f"{profile}_LOGMEL", "20260101_000000_000000", rule.threshold, rule.fuse_s)
    return db.scans.save_scan(db.profiles.ensure(profile), media.id, "LOGMEL", found, made)


def long_video(path: Path, seconds: float, size: str = "160x120", fps: int = 10, gop: int = 50) -> Path:
    """A plain video with a moving picture and a tone."""
    picture = f"testsrc2=s={size}:r={fps}:d={seconds}"
    done = run(
        [
            *(str(find_tool("ffmpeg")), "-v", "error", "-y", "-f", "lavfi", "-i", picture),
            *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=16000:duration={seconds}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", str(gop), "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "48k", "-shortest", str(path)),
        ]
    )
    assert not done.returncode, done.stderr
    return path
