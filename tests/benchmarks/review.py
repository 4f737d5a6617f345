"""From a key to the next region playing: `python -m tests.benchmarks.review [--quick]`, on the display at hand.

200 regions are reviewed with one key each, in a sound file and in videos whose key frames are near to and far from each
other. Of a frame that follows a far key frame most of the time is decoding, whatever the program does; the plain seek
of the player is the baseline.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QCoreApplication, QEventLoop, Qt
from PyQt6.QtTest import QTest

from tests.e2e.scan_scenes import long_video, save_many
from tests.screenshot_stage import program, wait_until
from tests.sound_files import noise, write_wav
from ui import theme
from ui.action_table import Act
from ui.app import Program, make_application

EVERY_S = 3.0
KEYS = (Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_N)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 regions instead of 200")
    count = 40 if parser.parse_args().quick else 200
    application = make_application(sys.argv[:1])
    theme.apply(application, theme.DARK)
    print(f"{'milliseconds':44s} {'median':>9s} {'p95':>9s} {'max':>9s}   keys")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder, seconds = Path(name), count * EVERY_S
        media = {
            "sound": write_wav(folder / "sound.wav", noise(seconds)),
            "1280×720, a key frame each 2 s": long_video(folder / "near.mp4", seconds, "1280x720", 25, 50),
            "1280×720, a key frame each 10 s": long_video(folder / "far.mp4", seconds, "1280x720", 25, 250),
        }
        for number, (what, path) in enumerate(media.items()):
            with program(folder / f"data {number}") as app:
                review(app, path, what, count)
    return 0


def review(app: Program, path: Path, what: str, count: int) -> None:
    """Judge all regions of one file and say how long each took."""
    app.controllers.media.add([str(path)])
    wait_until(lambda: app.state.info is not None and app.player.is_open and not app.runner.active)
    save_many(app.db, app.state.media, count, EVERY_S)
    app.window.actions_table[Act.RIGHT_PANEL].trigger()
    app.scanning.results.reload()
    panel, player = app.scanning.panel, app.player
    wait_until(lambda: panel.model.rowCount() == count and not app.runner.active)
    app.window.actions_table[Act.REVIEW].trigger()
    times = []
    for number in range(count - 1):
        until_playing(app)
        began = time.perf_counter()
        QTest.keyClick(panel.table, KEYS[number % len(KEYS)])
        until_playing(app)
        times.append((time.perf_counter() - began) * 1000)
    report(f"{what}: key to the next region", times)
    app.window.actions_table[Act.REVIEW].trigger()
    wait_until(lambda: not app.runner.active)
    seeks = []
    for row in panel.model.rows[: count - 1]:
        began = time.perf_counter()
        player.seek(row.start_s)
        while player.seeking:
            events()
        seeks.append((time.perf_counter() - began) * 1000)
    report("  baseline: a plain exact seek there", seeks)


def until_playing(app: Program) -> None:
    """Until the region that is the current one is heard and seen."""
    row, player = app.scanning.panel.table.current_row, app.player
    while player.paused or player.seeking or not row.start_s - 0.15 <= player.position_s <= row.end_s + 0.15:
        events()


def events() -> None:
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)


def report(name: str, times_ms: list[float]) -> None:
    middle, late = np.percentile(times_ms, [50, 95])
    print(f"{name:44s} {middle:9.1f} {late:9.1f} {max(times_ms):9.1f}   {len(times_ms):4d}")


if __name__ == "__main__":
    raise SystemExit(main())
