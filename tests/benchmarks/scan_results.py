"""How fast the scan results answer: `python -m tests.benchmarks.scan_results`, on the display at hand.

20,000 regions in five versions: reading, showing, sorting, one step of the threshold slider, one decision, and from the
key to the next region playing.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.db import ProcessedDB
from core.domain.scan import NewRegion, RegionRule, ScanMade, WindowScores
from core.ops import regions
from core.ops import scan as scan_ops
from core.scan.regions import find_regions
from tests.screenshots import program, wait_until
from tests.sound_files import noise, write_wav
from ui import theme
from ui.action_table import Act
from ui.app import make_application
from ui.main_window.scan_results.region_model import Order
from ui.main_window.scan_results.region_scene import scene_regions
from ui.main_window.scan_results.region_table import RegionAct

REGIONS, VERSIONS = 20_000, 5
RULE = RegionRule(0.5, 0.5)


def windows(seed: int) -> WindowScores:
    """Scores of a very long recording with a hit every three seconds."""
    scores = np.full(REGIONS * 6, 0.05, np.float32)
    scores[::6] = np.random.default_rng(seed).uniform(0.4, 1.0, REGIONS)
    return WindowScores(scores, 0.5, 2.0, REGIONS * 3.0)


def timed(name: str, work: Callable[[], object], repeats: int = 5) -> None:
    """Print the median and the longest time of some work."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    print(f"{name:<48} {statistics.median(times):8.1f} ms   longest {max(times):8.1f} ms")


def fill(db: ProcessedDB, media_id: int, profile_id: int) -> None:
    """Five versions of one scan."""
    for seed in range(VERSIONS):
        made = ScanMade(windows(seed), "default_LOGMEL", str(seed), RULE.threshold, RULE.fuse_s)
        found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in find_regions(made.windows, RULE)]
        db.scans.save_scan(profile_id, media_id, "LOGMEL", found, made)


def measure_keys(app) -> None:
    """From a key to the next region playing, over 20 regions."""
    panel, player = app.scanning.panel, app.player
    app.window.actions_table[Act.REVIEW].trigger()
    times = []
    for _ in range(20):
        row = panel.table.current_row
        began = time.perf_counter()
        app.scanning.results.act(RegionAct.ACCEPT, [row])
        wanted = panel.table.current_row
        while not (wanted.start_s - 0.2 <= player.position_s <= wanted.end_s + 0.2 and not player.seeking):
            app_events()
        times.append((time.perf_counter() - began) * 1000)
        wait_until(lambda: not app.runner.active)
    print(f"{'key to the next region playing':<48} {statistics.median(times):8.1f} ms   longest {max(times):8.1f} ms")


def app_events() -> None:
    """Let the program run for a moment."""
    from PyQt6.QtCore import QCoreApplication, QEventLoop

    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)


def main() -> None:
    application = make_application(sys.argv[:1])
    theme.apply(application, theme.DARK)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, program(Path(name) / "data") as app:
        sound = write_wav(Path(name) / "long.wav", noise(600))
        app.controllers.media.add([str(sound)])
        wait_until(lambda: app.state.info is not None and not app.runner.active)
        media, profile_id = app.state.media, app.db.profiles.ensure("default")
        fill(app.db, media.id, profile_id)
        panel, results = app.scanning.panel, app.scanning.results
        timed("read all of it (database lane)", lambda: regions.view(app.db, media, "default", {}))
        app.window.actions_table[Act.RIGHT_PANEL].trigger()
        results.reload()
        wait_until(lambda: panel.model.rowCount() > REGIONS // 2 and not app.runner.active)
        scan = panel.scan
        print(f"{panel.model.rowCount()} regions shown")
        timed("show it in table and timeline (GUI thread)", lambda: results._show(results._read))
        timed("sort by score", lambda: (panel.model.sort_by(Order.SCORE), panel.model.sort_by(Order.TIME)))
        timed("regions at another threshold (worker)", lambda: regions.preview(scan, RegionRule(0.7, 0.5)))
        preview = regions.preview(scan, RegionRule(0.7, 0.5))
        scene = scene_regions(preview, scan.negative, scan.exported)
        timed(
            "show a step of the slider (GUI thread)",
            lambda: (panel.show_preview(preview, 0.7), results._show_scene(scene)),
        )
        timed("repaint table and timeline", lambda: (panel.table.viewport().repaint(), app.window.timeline.repaint()))
        rule = [RegionRule(0.7, 0.5), RULE]
        timed(
            "store a threshold (database lane)",
            lambda: scan_ops.set_rule(app.db, media, "default", "LOGMEL", scan.timestamp, rule.pop()),
            2,
        )
        results._show(results._read)
        panel.table.go_to(panel.model.rows[0].id)
        timed("one decision (GUI thread)", lambda: results.act(RegionAct.DISABLE, [panel.model.rows[3]]))
        wait_until(lambda: not app.runner.active)
        panel.table.go_to(panel.model.rows[0].id)
        measure_keys(app)


if __name__ == "__main__":
    main()
