"""Recordings with a sound in known places, and scans of them as the engine would have left them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import NewRegion, RegionRule, ScanMade, WindowScores
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
