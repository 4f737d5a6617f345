"""Time per frame of the timeline with 20,000 regions and 2,000 markers: `python -m tests.benchmarks.timeline`.

A frame is one change of the view and the repaint that follows, on a real visible widget. The baseline paints the same
scene the plain way: every region and every marker, every time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable

import numpy as np
from PyQt6.QtCore import QEvent, QObject, QRectF
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QApplication, QWidget

from core.domain.clip import Batch
from core.domain.timespan import Span
from ui.theme import DARK, apply, current
from ui.timeline import RegionState, SceneMarker, SceneRegion, TimelineScene, TimelineWidget
from ui.timeline.axis import Axis
from ui.timeline.colours import Colours

HOURS = 10
DURATION_S = HOURS * 3600.0
SIZE = (1600, 160)


class NoisePeaks:
    """A peak pyramid of noise: the same work per column as one of a real file."""

    def __init__(self, duration_s: float, per_s: int = 100) -> None:
        self._per_s = per_s
        high = np.abs(np.random.default_rng(3).normal(0, 0.25, int(duration_s * per_s))).clip(0, 1).astype(np.float32)
        self._levels = [high]
        while len(self._levels[-1]) > 4096:
            last = self._levels[-1]
            self._levels.append(last[: len(last) // 4 * 4].reshape(-1, 4).max(axis=1))

    def peaks(self, start_s: float, end_s: float, columns: int) -> tuple[np.ndarray, np.ndarray]:
        per_column = (end_s - start_s) * self._per_s / columns
        level = min(len(self._levels) - 1, max(0, int(np.log(max(per_column, 1)) / np.log(4))))
        values = self._levels[level]
        edges = np.linspace(start_s, end_s, columns + 1) * self._per_s / 4**level
        first = edges[:-1].astype(np.intp).clip(0, len(values) - 2)
        behind = np.maximum(first + 1, edges[1:].astype(np.intp).clip(0, len(values) - 1))
        high = np.maximum.reduceat(values, np.column_stack([first, behind]).ravel())[::2]
        return -high, high


def build_scene(regions: int, markers: int) -> TimelineScene:
    random = np.random.default_rng(5)
    starts = np.sort(random.uniform(0, DURATION_S - 20, regions))
    lengths = random.uniform(0.5, 9.0, regions)
    states = random.choice([int(state) for state in RegionState], regions, p=[0.1, 0.1, 0.2, 0.6])
    scene_regions = tuple(
        SceneRegion(index, float(start), float(start + length), float(score), RegionState(int(state)))
        for index, (start, length, score, state) in enumerate(
            zip(starts, lengths, random.uniform(0, 1, regions), states, strict=True)
        )
    )
    scene_markers = tuple(
        SceneMarker(
            index, float(start), Span(float(start), float(start) + 14), str(index), "", index % 5, index % 3 > 0
        )
        for index, start in enumerate(np.sort(random.uniform(0, DURATION_S - 20, markers)))
    )
    return TimelineScene(DURATION_S, 9000.0, Batch(9000.0), scene_markers, scene_regions)


class PlainTimeline(QWidget):
    """The baseline: no cache, no culling, a rectangle per region and a flag per marker."""

    def __init__(self, scene: TimelineScene, peaks: NoisePeaks) -> None:
        super().__init__()
        self.scene, self.source, self.axis = scene, peaks, Axis.fitted(scene.duration_s, SIZE[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, axis, colours = QPainter(self), self.axis, Colours(current())
        painter.fillRect(self.rect(), colours["timeline_back"])
        low, high = self.source.peaks(axis.time(0), axis.time(self.width()), self.width())
        painter.setPen(colours["waveform"])
        for x in range(self.width()):
            painter.drawLine(x, round(70 - 40 * high[x]), x, round(70 - 40 * low[x]))
        for region in self.scene.regions:
            left, right = axis.x(region.start_s), axis.x(region.end_s)
            fill = colours["region", 0.25 + 0.7 * region.score]
            painter.fillRect(QRectF(left, 110, right - left, 16), fill)
        painter.setPen(colours["marker"])
        for marker in self.scene.markers:
            x = axis.x(marker.start_s)
            painter.drawLine(round(x), 24, round(x), 110)
            painter.drawText(round(x) + 2, 36, marker.label)
        painter.end()


class PaintCounter(QObject):
    """Counts the paint events of a widget, so that no frame counts that was never painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def measure(widget: QWidget, frames: Iterable[Callable[[], None]], app: QApplication) -> np.ndarray:
    """Milliseconds of each frame, from the change to the end of the repaint it asked for."""
    times = []
    app.processEvents()
    counter = PaintCounter()
    widget.installEventFilter(counter)
    for change in frames:
        before, begun = counter.count, time.perf_counter()
        change()
        app.processEvents()
        times.append((time.perf_counter() - begun) * 1000)
        if counter.count == before:
            raise RuntimeError("a frame was not painted")
    widget.removeEventFilter(counter)
    return np.array(times)


def report(name: str, times: np.ndarray) -> None:
    middle, late = np.percentile(times, [50, 95])
    print(f"{name:44s} {middle:9.3f} {late:9.3f} {times.max():9.3f}   {len(times):5d}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=20_000)
    parser.add_argument("--markers", type=int, default=2_000)
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    apply(app, DARK)
    scene, peaks = build_scene(options.regions, options.markers), NoisePeaks(DURATION_S)
    widget = TimelineWidget()
    widget.resize(*SIZE)
    widget.set_scene(scene)
    widget.set_waveform(peaks)
    widget.show()
    app.processEvents()
    frames = options.frames
    size = f"{SIZE[0]}×{SIZE[1]} at {widget.devicePixelRatioF()}×"
    print(f"{options.regions} regions, {options.markers} markers, {HOURS} h, {size}")
    print(f"{'milliseconds a frame':44s} {'median':>9s} {'p95':>9s} {'max':>9s}   frames")
    for span_s in (18_000, 3600, 600, 60):
        widget.zoom_to(9000, 9000 + span_s)
        report(f"pan, {span_s} s in view", measure(widget, pans(widget, frames), app))
    widget.zoom_reset()
    report("zoom in and out, whole to 1 s", measure(widget, zooms(widget, frames), app))
    widget.zoom_to(9000, 9600)
    report("full repaint, 600 s in view", measure(widget, [widget.invalidate] * (frames // 4), app))
    ticks = [lambda at=9000 + step / 25: widget.set_playhead(at) for step in range(frames)]
    report("playhead tick", measure(widget, ticks, app))
    drags = [lambda at=9001 + step / 2: widget.set_cursor(at) for step in range(frames)]
    report("cursor drag", measure(widget, drags, app))
    widget.hide()
    plain_report(app, scene, peaks, max(5, frames // 30))
    return 0


def pans(widget: TimelineWidget, frames: int) -> list[Callable[[], None]]:
    """A drag of 23 pixels a frame, there and back every 30 frames."""
    return [lambda by=-23 if step // 30 % 2 == 0 else 23: widget.pan(by) for step in range(frames)]


def zooms(widget: TimelineWidget, frames: int) -> list[Callable[[], None]]:
    """Half of the frames closer, half of them back, as Ctrl+wheel does."""
    factor = DURATION_S ** (2 / frames)
    return [
        lambda by=factor if step < frames // 2 else 1 / factor: widget.zoom_about(by, 600.0) for step in range(frames)
    ]


def plain_report(app: QApplication, scene: TimelineScene, peaks: NoisePeaks, frames: int) -> None:
    plain = PlainTimeline(scene, peaks)
    plain.resize(*SIZE)
    plain.show()
    app.processEvents()

    def zoomed(factor: float) -> None:
        plain.axis = plain.axis.zoomed_by(factor, 600.0)
        plain.repaint()

    report("baseline: plain full repaint, zooming", measure(plain, [lambda: zoomed(1.2)] * frames, app))


if __name__ == "__main__":
    raise SystemExit(main())
