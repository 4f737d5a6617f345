"""What a painter gets to know: the axis, the lanes, colours and fonts, what moves by itself, and the part to paint."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from PyQt6.QtCore import QRect, QRectF
from PyQt6.QtGui import QColor, QPainter

from ui.timeline.axis import Axis
from ui.timeline.colours import Colours, Type
from ui.timeline.gestures import RegionResized
from ui.timeline.scene import TimelineScene

BODY = "body"
MIN_BODY_PX = 24
# Halves go up, always: `round` sends them to even numbers, and a pan by one pixel would move things by two or none.
ROUND_UP = 0.5 + 1e-6


class Lane(NamedTuple):
    """A horizontal strip of the timeline, in logical pixels."""

    top: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Live:
    """What moves without the scene: playback, pointer, a gesture's preview, background work."""

    playhead_s: float | None = None
    hover_x: float | None = None
    locked: bool = False
    reading: float | None = None
    reading_text: str = ""
    resizing: RegionResized | None = None


@dataclass(frozen=True)
class View:
    """One paint. `left_px` and `right_px` bound the part to paint and lie on device pixels."""

    axis: Axis
    width_px: int
    height_px: int
    dpr: float
    lanes: Mapping[str, Lane]
    colours: Colours
    type: Type
    live: Live = field(default_factory=Live)
    left_px: float = 0.0
    right_px: float = 0.0

    @property
    def body(self) -> Lane:
        return self.lanes[BODY]

    @property
    def columns(self) -> int:
        """Device pixels from left to right."""
        return round((self.right_px - self.left_px) * self.dpr)

    @property
    def start_s(self) -> float:
        """The time at the left of the part to paint."""
        return self.axis.time(self.left_px)

    @property
    def end_s(self) -> float:
        """The time at the right of the part to paint."""
        return self.axis.time(self.right_px)

    def snap(self, x_px: float) -> float:
        """The nearest device pixel, so that lines are sharp and stay so while panning."""
        return math.floor(x_px * self.dpr + ROUND_UP) / self.dpr

    def vertical(self, painter: QPainter, x_px: float, lane: Lane, colour: QColor, width_px: float = 1.0) -> None:
        """A sharp vertical line through a lane, `width_px` wide, its left side on the pixel of `x_px`."""
        width = max(1, round(width_px * self.dpr)) / self.dpr
        painter.fillRect(QRectF(self.snap(x_px), lane.top, width, lane.height), colour)


class Layer(Protocol):
    """A painter of one thing. Static layers go into the cached picture; they need nothing but these."""

    lane: str
    at_top: bool

    def wanted_px(self, scene: TimelineScene) -> int:
        """The height of the lane this layer brings along, 0 when it paints over the body or another's lane."""
        ...

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        """Paint what lies between `view.left_px` and `view.right_px`; the painter is clipped to that."""
        ...


class Overlay(Protocol):
    """A painter of something that moves; it is painted over the cached picture, only where it is or was."""

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        """The pixels it touches; empty when there is nothing to see."""
        ...

    def state(self, view: View, scene: TimelineScene) -> object:
        """A value that differs whenever it looks different."""
        ...

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        """Paint it whole."""
        ...


def lay_out(height_px: int, layers: Sequence[Layer], scene: TimelineScene) -> dict[str, Lane]:
    """A lane for each layer that wants one, from the top down or the bottom up in order; the body gets the rest."""
    top, bottom = 0, height_px
    lanes: dict[str, Lane] = {}
    for layer in layers:
        wanted = min(layer.wanted_px(scene), max(0, bottom - top - MIN_BODY_PX))
        if not wanted and layer.lane in lanes:
            continue
        if layer.lane == BODY:
            continue
        if layer.at_top:
            lanes[layer.lane] = Lane(top, top + wanted)
            top += wanted
        else:
            lanes[layer.lane] = Lane(bottom - wanted, bottom)
            bottom -= wanted
    lanes[BODY] = Lane(top, max(top, bottom))
    return lanes
