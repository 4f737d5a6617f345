"""How fast the scan results answer: `python -m tests.benchmarks.scan_results`, on the display at hand.

20,000 regions in five versions: reading, showing, sorting, storing a threshold, one decision, and a threshold that is
dragged for some seconds.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject
from PyQt6.QtWidgets import QWidget

from core.db import ProcessedDB
from core.domain.scan import NewRegion, RegionRule, ScanMade, WindowScores
from core.ops import regions
from core.ops.regions import ModelScan, Preview
from core.ops.scan_rule import set_rule
from core.scan.regions import find_regions
from tests.screenshot_stage import program, wait_until
from tests.sound_files import noise, write_wav
from ui import theme
from ui.action_table import Act
from ui.app import Program, make_application
from ui.main_window.scan_results.panel import ScanResultsPanel
from ui.main_window.scan_results.region_model import Order
from ui.main_window.scan_results.region_scene import scene_regions
from ui.main_window.scan_results.region_table import RegionAct
from ui.timeline.scene_regions import SceneRegions

REGIONS, VERSIONS = 20_000, 5
RULE = RegionRule(0.5, 0.5)
DRAG_S = 5.0


def windows(seed: int) -> WindowScores:
    """Scores of a very long recording with a hit every three seconds."""
    scores = np.full(REGIONS * 6, 0.05, np.float32)
    scores[::6] = np.random.default_rng(seed).uniform(0.4, 1.0, REGIONS)
    return WindowScores(scores, 0.5, 2.0, REGIONS * 3.0)


def preview_of(scan: ModelScan, rule: RegionRule) -> tuple[Preview, SceneRegions]:
    """What a worker makes for one step of the slider."""
    found = regions.preview(scan, rule)
    return found, scene_regions(found.rows, found.negative, found.exported)


def resort(panel: ScanResultsPanel) -> None:
    """Another order and back."""
    panel.model.sort_by(Order.SCORE)
    panel.model.sort_by(Order.TIME)


def timed(name: str, work: Callable[[], object], repeats: int = 5) -> None:
    """Print how long some work takes."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    tell(name, times)


def fill(db: ProcessedDB, media_id: int, profile_id: int) -> None:
    """Five versions of one scan."""
    for seed in range(VERSIONS):
        made = ScanMade(windows(seed), "default_LOGMEL", str(seed), RULE.threshold, RULE.fuse_s)
        found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in find_regions(made.windows, RULE)]
        db.scans.save_scan(profile_id, media_id, "LOGMEL", found, made)


class Counter(QObject):
    """Counts the paint events of a widget, so that no frame counts that was never painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def measure_drag(app: Program, pace: str, frame_s: float) -> None:
    """Moves the slider for some seconds, by the clock as a mouse does; 0: again as soon as the last step is painted."""
    panel, timeline = app.scanning.panel, app.window.timeline
    slider, previews = panel.tuning.threshold, []
    follow = app.scanning.results.tuning.previewed.connect(lambda _: previews.append(time.perf_counter()))
    painted = {"slider": Counter(slider), "table": Counter(panel.table.viewport()), "timeline": Counter(timeline)}
    steps, taken = [*range(50, 80), *range(80, 50, -1)], []
    slider.setSliderDown(True)
    began, busy_s = time.perf_counter(), time.thread_time()
    while (step := time.perf_counter()) < began + DRAG_S:
        seen, before = painted["timeline"].count, slider.value()
        slider.setValue(steps[len(taken) % len(steps)])
        while not frame_s and slider.value() != before and seen == painted["timeline"].count:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        taken.append((time.perf_counter() - step) * 1000)
        while (left_s := began + len(taken) * frame_s - time.perf_counter()) > 0:
            app_events()
            time.sleep(min(left_s, 0.001))
    took_s, busy_s = time.perf_counter() - began, time.thread_time() - busy_s
    slider.setSliderDown(False)
    panel.tuning.settle()
    app.scanning.results.tuning.previewed.disconnect(follow)
    shown = ", ".join(f"{name} {counter.count / took_s:.1f}" for name, counter in painted.items())
    print(f"{f'threshold dragged {pace}: regions follow':<48} {len(previews) / took_s:8.1f} /s")
    print(f"{'  paintings':<48} {shown} /s")
    print(f"{'  the GUI thread is busy':<48} {100 * busy_s / took_s:8.0f} %")
    if not frame_s:
        tell("  from the step to its regions painted", taken)
    wait_until(lambda: not app.runner.active)


def tell(name: str, times_ms: list[float]) -> None:
    """Median, 95th percentile and longest."""
    middle, late = np.percentile(times_ms, [50, 95])
    print(f"{name:<48} {middle:8.1f} ms   p95 {late:8.1f} ms   longest {max(times_ms):8.1f} ms")


def app_events() -> None:
    """Let the program run for a moment."""
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
        timed("sort by score, and by time again (GUI thread)", lambda: resort(panel))
        timed("regions at another threshold (worker)", lambda: preview_of(panel.scan, RegionRule(0.7, 0.5)))
        found, scene = preview_of(panel.scan, RegionRule(0.7, 0.5))
        timed(
            "show a step of the slider (GUI thread)",
            lambda: (panel.show_preview(found, 0.7), results._show_scene(scene)),
        )
        timed("repaint the table", lambda: (panel.table.viewport().update(), app_events()))
        timed("repaint the timeline", lambda: (app.window.timeline.invalidate(), app_events()))
        rules = itertools.cycle((0.7, 0.5, 0.65, 0.55))
        timed(
            "store a threshold (database lane)",
            lambda: set_rule(
                app.db, media, "default", "LOGMEL", scan.timestamp, RegionRule(next(rules), 0.5), frozenset()
            ),
            8,
        )
        results._show(results._read)
        panel.table.go_to(panel.model.rows[0].id)
        timed("one decision (GUI thread)", lambda: results.act(RegionAct.DISABLE, [panel.model.rows[3]]))
        wait_until(lambda: not app.runner.active)
        measure_drag(app, "at 60 steps/s", 1 / 60)
        measure_drag(app, "as fast as it can", 0.0)


if __name__ == "__main__":
    main()
