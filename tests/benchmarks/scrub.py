"""How many pictures a two-second drag shows, and how long the exact frame takes at its end.

`python -m tests.benchmarks.scrub` makes a 720p file with a keyframe every 250 frames and drags over it in four ways on
the same player, in turn and several times: as 8-cut does; by keyframes only, one seek in flight; by an exact seek for
every move; and by assigning `time_pos` for every move. The frame on screen is read from the pixels of the widget.
Needs a display (Xvfb will do).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEventLoop
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from core.media.pts import FrameTimes, frame_times
from tests.media_factory import build, read_counter
from ui.player.mpv_player import MpvPlayer
from ui.player.video_surface import VideoSurface

DRAG_S = 2.0
MOVE_EVERY_S = 1 / 60
NEAR_S = 1e-3


@dataclass
class Result:
    """Of all rounds of one way of dragging."""

    drawn: list[int] = field(default_factory=list)
    distinct: list[int] = field(default_factory=list)
    far_s: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)


class Bench:
    """One open file on one surface."""

    def __init__(self, app: QApplication, path: Path) -> None:
        self.app = app
        self.player = MpvPlayer()
        self.surface = VideoSurface(self.player)
        self.surface.resize(480, 270)  # reading the pixels back must cost little
        self.surface.show()
        self.core = self.player._core
        self.drawn = 0
        self.seen: set[int] = set()
        self.looking = False
        self.shown_s = 0.0
        self.player.frame_shown.connect(self._count)
        self.times: FrameTimes = frame_times(path)
        self.player.open(str(path))
        self.until(lambda: self.player.is_open)
        self.player.set_frame_times(self.times)

    def until(self, condition: Callable[[], bool], limit_s: float = 30.0) -> None:
        end = time.perf_counter() + limit_s
        while not condition():
            if time.perf_counter() > end:
                raise TimeoutError("the player did not get there")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 1)

    def drag(self, start_s: float, end_s: float, move: Callable[[float, bool], None], result: Result) -> None:
        """Move the pointer evenly for DRAG_S seconds, let go, and wait for the exact frame there."""
        self.player.seek(start_s)
        self.until(lambda: not self.player.seeking)
        self.drawn, self.seen, far = 0, set(), []
        begin = time.perf_counter()
        moves = round(DRAG_S / MOVE_EVERY_S)
        for number in range(moves):
            self.until(lambda number=number: time.perf_counter() - begin >= number * MOVE_EVERY_S)
            wanted_s = start_s + (end_s - start_s) * number / moves
            move(wanted_s, False)
            far.append(abs(wanted_s - self.shown_s))
        self.until(lambda: time.perf_counter() - begin >= DRAG_S)
        result.drawn.append(self.drawn)
        result.distinct.append(len(self.seen))
        result.far_s.append(statistics.median(far))
        target_s = self.times.at(end_s)
        released = time.perf_counter()
        move(target_s, True)
        self.until(lambda: abs(self.shown_s - target_s) < NEAR_S)
        result.final_ms.append((time.perf_counter() - released) * 1000)
        self.settle()

    def settle(self) -> None:
        """Until mpv has worked off what a naive way left in its queue."""
        self.until(lambda: not self.player.seeking and self.core.seeking is False)

    def _count(self) -> None:
        if self.looking or not self.player.is_open:
            return
        self.looking = True  # looking draws once more
        image = self.surface.grabFramebuffer().convertToFormat(QImage.Format.Format_Grayscale8)
        self.looking = False
        data = image.constBits()
        data.setsize(image.sizeInBytes())
        grey = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())[:, : image.width()]
        number = read_counter(grey[:, image.width() // 4 : image.width() // 2])
        self.drawn += 1
        self.seen.add(number)
        self.shown_s = float(self.times.times[number])

    # -- the ways -----------------------------------------------------------------------------------------------------

    def ours(self, time_s: float, final: bool) -> None:
        self.player.scrub(time_s, final)

    def keyframes(self, time_s: float, final: bool) -> None:
        self.player.seek(time_s, exact=final)

    def every_exact(self, time_s: float, _final: bool) -> None:
        self.core.command("seek", time_s, "absolute+exact")

    def assigned(self, time_s: float, _final: bool) -> None:
        self.core.time_pos = time_s


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = build("gop250_25", Path(folder), width=1280, height=720, seconds=60)
        bench = Bench(app, path)
        length_s = bench.times.last_s
        drags = {
            "slow: 2 s of video": (length_s * 0.2, length_s * 0.2 + 2.0),
            "10 s of video": (length_s * 0.2, length_s * 0.2 + 10.0),
            "fast: the whole file": (0.0, length_s),
            "backwards: 10 s": (length_s * 0.6, length_s * 0.6 - 10.0),
        }
        for name, (start_s, end_s) in drags.items():
            show(name, run(bench, start_s, end_s, options.rounds))
        bench.player.shutdown()


def run(bench: Bench, start_s: float, end_s: float, rounds: int) -> dict[str, Result]:
    """Every way once per round, so that a busy moment of the machine hits all of them."""
    ways = {
        "8-cut": bench.ours,
        "keyframes only": bench.keyframes,
        "exact seek per move": bench.every_exact,
        "time_pos assigned": bench.assigned,
    }
    results = {name: Result() for name in ways}
    for _ in range(rounds):
        for name, move in ways.items():
            bench.drag(start_s, end_s, move, results[name])
    return results


def show(title: str, results: dict[str, Result]) -> None:
    table = Table(title=f"A drag of {DRAG_S:g} s over {title} (medians)")
    for heading in ("", "drawn", "different", "× 8-cut", "shown is off by", "exact frame after release"):
        table.add_column(heading, justify="left" if not heading else "right")
    ours = statistics.median(results["8-cut"].distinct)
    for name, result in results.items():
        distinct = statistics.median(result.distinct)
        table.add_row(
            name,
            f"{statistics.median(result.drawn):g}",
            f"{distinct:g}",
            f"{distinct / ours:.2f}" if ours else "–",
            f"{statistics.median(result.far_s) * 1000:.0f} ms",
            f"{statistics.median(result.final_ms):.0f} ms",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
