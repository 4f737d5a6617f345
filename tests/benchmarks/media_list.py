"""How smooth the list is with many files: `python -m tests.benchmarks.media_list [--files 10000]`.

Opens the real window on a folder of small files and prints, for each thing a person does with a long list, the longest
time the GUI thread was away from its event loop, how much of such a time it worked itself (on a machine that is busy
with other things the rest is waiting for a processor), and how long the whole took. Wants a display.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QEventLoop, QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest

from core.changes import Changes, Kind
from core.domain.clip import Batch
from core.domain.export import Audit, CutRequest, ExportSettings
from core.paths import data_paths
from ui import theme
from ui.app import Program, make_application
from ui.main_window.open_history import open_history
from ui.settings import Settings

LIMIT_MS = 50.0
SETTLE_S = 0.4


class Heart:
    """Beats whenever the event loop is free; the longest time between two beats is the longest pause."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self.reset()

    def reset(self) -> None:
        self._last_s, self._last_cpu_s = time.perf_counter(), time.thread_time()
        self.longest_s = self.longest_cpu_s = 0.0

    def _beat(self) -> None:
        now_s, cpu_s = time.perf_counter(), time.thread_time()
        self.longest_s = max(self.longest_s, now_s - self._last_s)
        self.longest_cpu_s = max(self.longest_cpu_s, cpu_s - self._last_cpu_s)
        self._last_s, self._last_cpu_s = now_s, cpu_s


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


@contextmanager
def measured(heart: Heart, what: str, worst: list[float]) -> Iterator[None]:
    wait(SETTLE_S)
    heart.reset()
    started_s = time.perf_counter()
    yield
    took_s = time.perf_counter() - started_s
    wait(SETTLE_S)
    pause_ms, cpu_ms = heart.longest_s * 1000, heart.longest_cpu_s * 1000
    worst.append(cpu_ms)
    over = "  over the limit" if cpu_ms > LIMIT_MS else ""
    print(f"{what:42} pause {pause_ms:6.1f} ms, of own work {cpu_ms:5.1f} ms   took {took_s:6.2f} s{over}", flush=True)


def make_files(folder: Path, count: int) -> Path:
    for number in range(count):
        place = folder / f"reel {number // 500:02d}"
        if number % 500 == 0:
            place.mkdir(parents=True)
        (place / f"take {number:05d} camera {'ABC'[number % 3]}.mp4").write_bytes(f"film {number}".encode() * 20)
    return folder


def make_clips(program: Program, every: int) -> None:
    """Give one media in `every` a batch, without cutting anything."""
    with program.db.write():
        for media in program.window.media_model.media[::every]:
            job = program.db.jobs.create(
                CutRequest(media, Batch(0.0, clips=1), ExportSettings("/clips/Impacts")), lambda *_: False
            )
            program.db.jobs.clip_done(job.id, 0, Audit(200, 200, 8.0, 8.0))


def scroll(program: Program, steps: int) -> None:
    view = program.window.media_panel._view.viewport()
    middle = QPointF(view.rect().center())
    for _ in range(steps):
        event = QWheelEvent(
            middle,
            QPointF(view.mapToGlobal(view.rect().center())),
            QPoint(),
            QPoint(0, -240),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QCoreApplication.postEvent(view, event)
        wait(0.005)


def walk(program: Program, heart: Heart, folder: Path, count: int) -> list[float]:
    """Everything a person does with a long list."""
    window, worst = program.window, []
    model, panel = window.media_model, window.media_panel
    wait_until(lambda: model.list_id is not None)
    with measured(heart, "nothing, for two seconds", []):
        wait(2.0)
    with measured(heart, f"add a folder of {count:,} files", worst):
        program.controllers.media.add([str(folder)], open_first=False)
        wait_until(lambda: model.rowCount() == count and not program.runner.active)
    with measured(heart, "scroll through 400 steps of the wheel", worst):
        scroll(program, 400)
    for text in ("7", "camera b", "reel", "0123"):
        with measured(heart, f"type the filter “{text}”", worst):
            panel.focus_filter()
            QTest.keyClicks(panel._search, text)
        with measured(heart, "clear the filter", worst):
            panel._search.clear()
    make_clips(program, 3)
    with measured(heart, "mark: clips of every third file", worst):
        program.bridge.session.publish(Changes.of(Kind.CLIPS))
        wait_until(lambda: not program.runner.active)
    for hidden in (True, False):
        with measured(heart, f"hide exported {'on' if hidden else 'off'}", worst):
            panel.set_hide_exported(hidden)
    with measured(heart, "select all, hide half of them", worst):
        program.library.rows.set_hidden(model.media[::2], True)
        wait_until(lambda: not program.runner.active)
    with measured(heart, "undo", worst):
        program.undo.undo()
        wait_until(lambda: not program.runner.active)
    with measured(heart, "drag 200 rows from the end to the top", worst):
        keys = [("media", each.id) for each in model.media[-200:]]
        panel.rows_dropped.emit(model.list_id, keys, 0)
        wait_until(lambda: not program.runner.active and model.row_of_key(keys[0]) == 0)
    with measured(heart, "remove 500 rows and undo", worst):
        panel.select([("media", each.id) for each in model.media[1000:1500]])
        program.library.rows.remove()
        wait_until(lambda: model.rowCount() == count - 500)
        program.undo.undo()
        wait_until(lambda: model.rowCount() == count)
    with measured(heart, "add the same folder again", worst):
        program.controllers.media.add([str(folder)], open_first=False)
        wait_until(lambda: not program.runner.active)
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    options = parser.parse_args()
    app = make_application(sys.argv[:1])
    theme.apply(app, theme.DARK)
    with tempfile.TemporaryDirectory() as name:
        folder = make_files(Path(name, "films"), options.files)
        paths = data_paths(Path(name, "data")).prepare()
        program = Program(open_history(paths), paths, Settings(paths.settings))
        program.window.show()
        program.start([])
        worst = walk(program, Heart(), folder, options.files)
        program.window.close()
        program.shut_down()
    print(f"longest own work of all: {max(worst):.1f} ms, limit {LIMIT_MS:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
