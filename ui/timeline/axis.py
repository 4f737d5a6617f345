"""Seconds to pixels and back. Pure: no Qt, no drawing.

An axis shows the media from `start_s` on, at `seconds_per_px`. Both ends of the widget keep a small inset, so that what
stands at the very start or end of the media (a cursor, a handle) is seen whole; times in the inset of a zoomed axis are
just more of the media.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

INSET_PX = 12.0
# The closest look: half a millisecond a pixel, so a frame of 25 fps is 80 px wide.
CLOSEST_S_PER_PX = 1 / 2000

_STEPS_S = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400),
)
# How a step may be divided into minor ticks, finest first.
_DIVISIONS = {15: (15, 3), 30: (6, 3), 60: (12, 6, 4), 120: (12, 4, 2), 900: (15, 3), 1800: (6, 3), 3600: (12, 6, 4)}
_DIVISIONS |= {7200: (8, 4, 2), 10800: (6, 3), 21600: (12, 6), 43200: (12, 6), 86400: (24, 12, 4)}
_DIVISIONS_BY_DIGIT = {1: (10, 5, 2), 2: (10, 4, 2), 5: (10, 5), 3: (6, 3), 6: (12, 6)}
_MINOR_GAP_PX = 6.0
_LABEL_GAP_PX = 18.0
_FRAME_GAP_PX = 6.0


@dataclass(frozen=True)
class Axis:
    """What part of a media of `duration_s` seconds a widget of `width_px` pixels shows."""

    duration_s: float
    width_px: float
    start_s: float = 0.0
    seconds_per_px: float = 1.0

    @classmethod
    def fitted(cls, duration_s: float, width_px: float) -> Axis:
        """The whole media from inset to inset."""
        return cls(duration_s, width_px, 0.0, _fit(duration_s, width_px))

    @property
    def usable_px(self) -> float:
        """The width between the insets, at least one pixel."""
        return _usable(self.width_px)

    @property
    def visible_s(self) -> float:
        """Seconds between the insets."""
        return self.usable_px * self.seconds_per_px

    @property
    def end_s(self) -> float:
        """The time at the right inset."""
        return self.start_s + self.visible_s

    @property
    def zoomed(self) -> bool:
        """Whether less than the whole media is shown."""
        return self.seconds_per_px < _fit(self.duration_s, self.width_px) * (1 - 1e-9)

    def x(self, time_s: float) -> float:
        """The pixel of a time; outside the widget for a time that is not shown."""
        return INSET_PX + (time_s - self.start_s) / self.seconds_per_px

    def time(self, x_px: float) -> float:
        """The time at a pixel, before the start and behind the end of the media too."""
        return self.start_s + (x_px - INSET_PX) * self.seconds_per_px

    def media_time(self, x_px: float) -> float:
        """The time at a pixel, kept inside the media."""
        return min(self.duration_s, max(0.0, self.time(x_px)))

    def zoomed_by(self, factor: float, about_x_px: float) -> Axis:
        """Closer by `factor` (> 1) or farther (< 1); the time at `about_x_px` stays where it is if the ends allow."""
        scale = self._bounded(self.seconds_per_px / factor)
        about_s = self.time(about_x_px)
        return replace(self, seconds_per_px=scale, start_s=about_s - (about_x_px - INSET_PX) * scale)._clamped()

    def zoomed_to(self, start_s: float, end_s: float) -> Axis:
        """Show `[start_s, end_s]` from inset to inset, as far as the closest look and the media's ends allow."""
        low, high = min(start_s, end_s), max(start_s, end_s)
        scale = self._bounded((high - low) / self.usable_px)
        middle = (low + high) / 2
        return replace(self, seconds_per_px=scale, start_s=middle - self.usable_px * scale / 2)._clamped()

    def panned(self, dx_px: float) -> Axis:
        """Moved so that the content goes `dx_px` to the right (an earlier part comes into view)."""
        return replace(self, start_s=self.start_s - dx_px * self.seconds_per_px)._clamped()

    def starting_at(self, start_s: float) -> Axis:
        """The same zoom from `start_s` on."""
        return replace(self, start_s=start_s)._clamped()

    def revealing(self, time_s: float, at: float | None = None) -> Axis:
        """Panned so that `time_s` is in view; `at` (0–1) says where when it was not, else the nearer edge is taken."""
        if self.start_s <= time_s <= self.end_s:
            return self
        if at is None:
            at = 0.0 if time_s < self.start_s else 1.0
        return self.starting_at(time_s - at * self.visible_s)

    def resized(self, width_px: float) -> Axis:
        """The same start and zoom on another width; a fitted axis stays fitted."""
        if not self.zoomed:
            return Axis.fitted(self.duration_s, width_px)
        scale = min(self.seconds_per_px, _fit(self.duration_s, width_px))
        return replace(self, width_px=width_px, seconds_per_px=scale)._clamped()

    def shift_px(self, other: Axis) -> float | None:
        """How far the content moved to the right from `other` to here, or None when more than a pan lies between."""
        same = (self.seconds_per_px, self.width_px, self.duration_s)
        if same != (other.seconds_per_px, other.width_px, other.duration_s):
            return None
        return (other.start_s - self.start_s) / self.seconds_per_px

    def _bounded(self, seconds_per_px: float) -> float:
        fit = _fit(self.duration_s, self.width_px)
        return min(fit, max(min(CLOSEST_S_PER_PX, fit), seconds_per_px))

    def _clamped(self) -> Axis:
        return replace(self, start_s=min(max(0.0, self.duration_s - self.visible_s), max(0.0, self.start_s)))


@dataclass(frozen=True)
class Ticks:
    """The ruler's ticks: labelled ones every `step_s`, unlabelled ones every `minor_s` (0: none)."""

    step_s: float
    minor_s: float
    frames: bool = False

    def between(self, start_s: float, end_s: float, *, minor: bool = False) -> list[float]:
        """Times of the (minor) ticks in `[start_s, end_s]`; minor ones leave the labelled ones out."""
        step = self.minor_s if minor else self.step_s
        if step <= 0 or end_s < start_s:
            return []
        indices = range(max(0, math.ceil(start_s / step - 1e-9)), math.floor(end_s / step + 1e-9) + 1)
        if not minor or self.frames:
            return [index * step for index in indices]
        each = round(self.step_s / step)
        return [index * step for index in indices if index % each]


def choose_ticks(
    seconds_per_px: float, label_width_px: Callable[[float], float], frame_s: float | None = None
) -> Ticks:
    """The finest round step whose labels keep their distance, and how to divide it.

    `label_width_px(step_s)` is the width of the widest label at that step. With `frame_s`, the length of a frame, the
    minor ticks are the frames as soon as they can be told apart.
    """
    step = _STEPS_S[-1]
    for step in _STEPS_S:
        if step / seconds_per_px >= label_width_px(step) + _LABEL_GAP_PX:
            break
    else:
        while step / seconds_per_px < label_width_px(step) + _LABEL_GAP_PX:
            step *= 2
    if frame_s and frame_s < step and frame_s / seconds_per_px >= _FRAME_GAP_PX:
        return Ticks(step, frame_s, frames=True)
    divisions = _DIVISIONS.get(step) or _DIVISIONS_BY_DIGIT.get(int(f"{step:e}"[0]), (2,))
    for parts in divisions:
        if step / parts / seconds_per_px >= _MINOR_GAP_PX:
            return Ticks(step, step / parts)
    return Ticks(step, 0.0)


def tick_label(time_s: float, step_s: float, duration_s: float) -> str:
    """`1:02:03` or `2:03`, with as many decimals as `step_s` needs; hours as soon as the media has any."""
    decimals = 0 if step_s >= 1 else min(3, max(1, math.ceil(-math.log10(step_s) - 1e-9)))
    total = round(time_s * 10**decimals)
    whole, fraction = divmod(total, 10**decimals)
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    clock = f"{hours}:{minutes:02d}:{seconds:02d}" if duration_s >= 3600 else f"{whole // 60}:{seconds:02d}"
    return f"{clock}.{fraction:0{decimals}d}" if decimals else clock


def _usable(width_px: float) -> float:
    return max(1.0, width_px - 2 * INSET_PX)


def _fit(duration_s: float, width_px: float) -> float:
    return max(duration_s, 1e-6) / _usable(width_px)
