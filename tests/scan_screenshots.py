"""The pictures of finding a sound, for `tests.screenshots`: results, review, training, hard negatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.changes import Changes, Kind
from core.domain.media import Media
from core.domain.scan import NewRegion, RegionRule, ScanMade, WindowScores
from core.scan.regions import find_regions
from ui.action_table import Act
from ui.app import Program
from ui.main_window.scan_results.region_table import RegionAct

HITS_S = (3.5, 8.5, 14.0, 21.5, 27.0, 31.5, 38.0, 44.5, 52.0)
THRESHOLD = 0.62


@dataclass(frozen=True)
class Version:
    """A stored version of a classifier, as the history of the Train dialog shows it."""

    stamp: str
    current: bool
    report: dict[str, Any]
    pinned: bool = False
    meta: dict[str, Any] = field(default_factory=lambda: {"data": {"clips": 42}})


def save_scans(app: Program, media: Media) -> None:
    """Two versions by one classifier and one by another."""
    rng = np.random.default_rng(3)
    profile_id = app.db.profiles.ensure("default")
    for label, peak in (("YAMNET_hammer", 0.8), ("YAMNET_hammer", 0.96), ("LOGMEL", 0.7)):
        scores = np.clip(rng.normal(0.12, 0.05, 117), 0.0, 1.0).astype(np.float32)
        for number, time in enumerate(HITS_S):
            first = round(time / 0.5)
            scores[first : first + 2 + number % 3] = max(0.35, peak - 0.05 * (number * 5 % 9))
        windows = WindowScores(scores, 0.5, 2.0, 60.0)
        found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in find_regions(windows, RegionRule(THRESHOLD, 1.5))]
        made = ScanMade(windows, f"default_{label}", "20260419_120000_000000", THRESHOLD, 1.5)
        app.db.scans.save_scan(profile_id, media.id, label, found, made)


def decide(app: Program) -> None:
    """One region of each state, and a trimmed one."""
    results, rows = app.scanning.results, app.scanning.panel.model.rows
    results.act(RegionAct.ACCEPT, [rows[0]])
    results.act(RegionAct.DISABLE, [rows[2]])
    results.act(RegionAct.NEGATIVE, [rows[3]])
    app.window.timeline.region_resized.emit(rows[4].id, rows[4].start_s, rows[4].end_s - 0.6)


def show_results(app: Program) -> None:
    """The panel with scans of the open media."""
    media = app.state.media
    save_scans(app, media)
    app.bridge.session.publish(Changes.of(Kind.SCANS, media.id))
    if not app.window.actions_table[Act.RIGHT_PANEL].isChecked():
        app.window.actions_table[Act.RIGHT_PANEL].trigger()


def enter_clips(app: Program, media: list[Media], folder: Path) -> None:
    """Two classes of clips, as if they had been cut."""
    for one in media:
        for name, times in (("Hammer on steel", HITS_S[::2]), ("Other tools", HITS_S[1:4:2])):
            for time in times:
                path = folder / name / f"vid_{one.id:03d}" / f"clip_{one.id:03d}_m{round(time)}_0.mp4"
                app.db.add(one.path, time, str(path), clip_count=1, clip_duration=4.0, source_path=one.path)


def report(quality: float) -> dict[str, Any]:
    """Figures of a classifier that is about this good, 0–1."""
    recall = np.linspace(0.995, 0.05, 40)
    precision = 1.0 - 3.0 * (1.0 - quality) * recall ** (4 + 10 * quality)
    thresholds = np.linspace(0.05, 0.97, 40)
    best = int(np.argmax(2 * precision * recall / (precision + recall)))
    sure = int(np.argmax(precision >= 0.95))
    scores = np.linspace(0.05, 0.95, 10)
    return {
        "average_precision": float(quality + 0.03),
        "f1": float(2 * precision[best] * recall[best] / (precision[best] + recall[best])),
        "precision": float(precision[best]),
        "recall": float(recall[best]),
        "threshold": float(thresholds[best]),
        "false_per_hour": 2.4 * (1.2 - quality),
        "grouping": "video",
        "target": {
            "wanted": 0.95,
            "reached": True,
            "threshold": float(thresholds[sure]),
            "precision": float(precision[sure]),
            "recall": float(recall[sure]),
            "low": 0.87,
            "high": 0.98,
        },
        "curve": np.stack([thresholds, precision, recall], axis=1).tolist(),
        "reliability": [[float(x), float(x + 0.06 * np.sin(7 * x)), 30] for x in scores],
        "calibration_error": 0.04,
        "ablation": {"with": {"average_precision": quality}, "without": {"average_precision": quality - 0.06}},
    }


VIDEOS = (
    {"name": "Harbour at dawn, take 2.mp4", "clips": 12, "found": 11, "false": 1, "duration_s": 3723.0},
    {"name": "Workshop – angle grinder.mkv", "clips": 9, "found": 9, "false": 0, "duration_s": 1210.0},
    {"name": "street_004.mp4", "clips": 4, "found": 2, "false": 3, "duration_s": 640.0},
)
VERSIONS = (
    Version("20260421_091500_000000", True, report(0.9)),
    Version("20260420_180200_000000", False, report(0.82), pinned=True),
    Version("20260419_143000_000000", False, report(0.66)),
)
