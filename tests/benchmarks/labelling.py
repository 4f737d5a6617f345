"""From the key press to the next item on screen: `python -m tests.benchmarks.labelling [--quick]`.

Real videos, a real history, real threads, a window on the display at hand. Every item is answered by keys, at a pace
nobody keeps up for long, as soon as the next one is ready. The first line is the same without any prefetch.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtTest import QTest

from core.db import ProcessedDB
from core.domain.annotation import DISTANCE, NO_HUMAN, PERSPECTIVE, ItemKind, Project
from core.media.process import run
from core.media.tools import find_tool
from core.ops import label, label_items
from core.ops.media import add_files
from core.paths import DataPaths, data_paths
from core.session import Session
from ui import settings as keys
from ui import theme
from ui.annotation import labelling_window
from ui.annotation.labelling_session import LabellingSession
from ui.annotation.labelling_window import LabellingWindow
from ui.app import make_application
from ui.jobs.runner import JobRunner
from ui.session_bridge import SessionBridge
from ui.settings import Settings

PER_VIDEO = 40
PACE_MS = 60
LONGEST_S = 20.0


def make_videos(folder: Path, count: int) -> list[Path]:
    """720p, two seconds each, all different."""
    made = []
    for number in range(count):
        target = folder / f"video{number}.mp4"
        source = f"testsrc2=s=1280x720:r=25:d=2,hue=h={number * 13}"
        encode = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
        done = run([str(find_tool("ffmpeg")), "-v", "error", "-y", "-f", "lavfi", "-i", source, *encode, str(target)])
        if done.returncode:
            raise SystemExit(done.stderr)
        made.append(target)
    return made


def wait(milliseconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(max(0, round(milliseconds)), loop.quit)
    loop.exec()


def measure(db: ProcessedDB, paths: DataPaths, project: Project, coder: str, items: int, ahead: int) -> list[float]:
    """Milliseconds of each step, with so many items made ready ahead of time."""
    runner, bridge = JobRunner(), SessionBridge(Session())
    settings = Settings(paths.root / f"{coder}.ini")
    settings.set(keys.LABEL_AUTO_NEXT, True)
    labelling_window.AHEAD, labelling_window.BEHIND = ahead, min(ahead, 2)
    session = LabellingSession(db, bridge, runner, project, coder)
    window = LabellingWindow(session, runner, paths, settings)
    window.show()
    window.activateWindow()
    shown: list[float] = []
    window.stage.shown.connect(lambda: shown.append(time.perf_counter()))
    until(lambda: bool(shown))
    took = []
    while len(took) < items and session.step is not None:
        until(partial(following_is_ready, window, ahead))
        QTest.keyClick(window, Qt.Key.Key_1)
        shown.clear()
        started = time.perf_counter()
        QTest.keyClick(window, Qt.Key.Key_2)
        until(lambda: bool(shown) or session.step is None)
        if shown:
            took.append((shown[0] - started) * 1000)
            wait(PACE_MS - (time.perf_counter() - started) * 1000)
    window.close()
    runner.shutdown()
    return took


def following_is_ready(window: LabellingWindow, ahead: int) -> bool:
    following = window.session.coming(1, 0)[1:]
    return not ahead or not following or window.prefetch.get(following[0]) is not None


def until(condition) -> None:
    ends = time.perf_counter() + LONGEST_S
    while not condition():
        if time.perf_counter() > ends:
            raise SystemExit("the next item was not shown")
        wait(0)


def report(what: str, times_ms: list[float]) -> float:
    median = statistics.median(times_ms)
    high = sorted(times_ms)[int(len(times_ms) * 0.95)]
    print(f"{what:<34}{len(times_ms):6} items   median {median:7.1f} ms   p95 {high:7.1f} ms")
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 items instead of 1,000")
    items = 100 if parser.parse_args().quick else 1000
    app = make_application(sys.argv[:1])
    theme.apply(app, theme.DARK)
    with tempfile.TemporaryDirectory() as name:
        folder, paths = Path(name), data_paths(Path(name) / "data").prepare()
        with ProcessedDB(paths.database) as db:
            ids = [each.id for each in add_files(db, "default", make_videos(folder, items // PER_VIDEO + 2)).media]
            project, _ = label.create_project(
                db, "Bench", ItemKind.FRAME, (PERSPECTIVE, DISTANCE), screener=NO_HUMAN, overlap=1.0, repeats=0.0
            )
            label_items.add_frames(db, project, ids, PER_VIDEO)
            cold = report("without prefetch, nothing decoded", measure(db, paths, project, "Cold", 25, 0))
            warm = report("with prefetch", measure(db, paths, project, "Warm", items, 6))
            print(f"{cold / warm:.1f} times shorter; {len(db.annotation.answers(project.id)):,} answers are stored")


if __name__ == "__main__":
    main()
