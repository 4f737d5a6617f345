"""From boxes around a subject to few, smooth crop keyframes. Pure: no pictures here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt
from statistics import median

from core.domain.clip import Batch
from core.domain.crop import Axis

# In fractions of the picture: a subject that sways less does not move the crop, and a path may be off by so much.
DEAD_ZONE = 0.04
TOLERANCE = 0.01
_SMOOTHED_OVER = 3
_ROUNDING = 1e-9

Path = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Box:
    """Where something was seen, in fractions of the displayed picture, and how sure the detector is (0–1)."""

    left: float
    top: float
    right: float
    bottom: float
    score: float = 1.0

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def size(self) -> float:
        """The side of a square of its area."""
        return sqrt(max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top))


@dataclass(frozen=True)
class Sighting:
    """All that was seen in one frame."""

    time_s: float
    boxes: tuple[Box, ...] = ()


def subject_path(sightings: Sequence[Sighting], axis: Axis) -> list[tuple[float, float]]:
    """Follow one subject: (seconds, centre along `axis`) of each frame where it was seen.

    It begins with the largest sure box; from then on the box that is near the last one counts more than a larger one.
    """
    path: list[tuple[float, float]] = []
    last: Box | None = None
    for sighting in sorted(sightings, key=lambda each: each.time_s):
        if not sighting.boxes:
            continue
        last = max(sighting.boxes, key=lambda box: box.score * box.size - _distance(box, last))
        across, down = last.center
        path.append((sighting.time_s, min(1.0, max(0.0, across if axis is Axis.ACROSS else down))))
    return path


def moving_keyframes(path: Path, max_speed: float) -> list[tuple[float, float]]:
    """Few points (seconds, centre) whose straight connections follow a subject, never faster than `max_speed`.

    Jumps of a single frame are passed over, swaying inside the dead zone is ignored.
    """
    steady = _limited(_dead_zone(_smoothed(path)), max_speed)
    if not steady:
        return []
    if all(abs(center - steady[0][1]) <= _ROUNDING for _, center in steady):
        return steady[:1]
    return _simplified(steady)


def standing_keyframes(path: Path, batch: Batch) -> list[tuple[float, float]]:
    """One point (seconds, centre) at the start of each clip in whose time the subject is elsewhere than before."""
    times = [time for time, _ in path]
    found: list[tuple[float, float]] = []
    for span in batch.spans:
        seen = path[bisect_left(times, span.start_s - _ROUNDING) : bisect_left(times, span.end_s)]
        if not seen:
            continue
        center = median(center for _, center in seen)
        if not found or abs(center - found[-1][1]) > DEAD_ZONE:
            found.append((span.start_s, center))
    return found


def _distance(box: Box, last: Box | None) -> float:
    if last is None:
        return 0.0
    return hypot(box.center[0] - last.center[0], box.center[1] - last.center[1])


def _smoothed(path: Path) -> list[tuple[float, float]]:
    """The median of each point and its neighbours."""
    half = _SMOOTHED_OVER // 2
    around = (path[max(0, number - half) : number + half + 1] for number in range(len(path)))
    return [
        (time, median(center for _, center in near)) if len(near) == _SMOOTHED_OVER else (time, center)
        for (time, center), near in zip(path, around, strict=True)
    ]


def _dead_zone(path: Path) -> list[tuple[float, float]]:
    """Stand still until the subject is further than the dead zone away, then stay that close to it."""
    held: list[tuple[float, float]] = []
    for time, center in path:
        before = held[-1][1] if held else center
        held.append((time, min(center + DEAD_ZONE, max(center - DEAD_ZONE, before))))
    return held


def _limited(path: Path, max_speed: float) -> list[tuple[float, float]]:
    limited = list(path[:1])
    for (before, _), (time, center) in pairwise(path):
        reach, last = max_speed * (time - before), limited[-1][1]
        limited.append((time, min(last + reach, max(last - reach, center))))
    return limited


def _simplified(path: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The fewest of the points (Douglas and Peucker) whose connections stay within the tolerance of all of them."""
    kept = {0, len(path) - 1}
    open_parts = [(0, len(path) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        (start, low), (end, high) = path[first], path[last]
        if last - first < 2:
            continue

        def off(number: int, start: float = start, low: float = low, end: float = end, high: float = high) -> float:
            time, center = path[number]
            return abs(center - (low + (high - low) * (time - start) / (end - start)))

        farthest = max(range(first + 1, last), key=off)
        if off(farthest) > TOLERANCE:
            kept.add(farthest)
            open_parts += [(first, farthest), (farthest, last)]
    return [path[number] for number in sorted(kept)]
