"""What a pressed button may turn into, as generators: pointers go in, previews come out, the intent is returned.

Pure: no widget, no Qt. A gesture is made at the press and primed with `next`; every later pointer is sent into it. What
it yields is shown at once and may be taken back; what it returns (`StopIteration.value`) is meant. Esc sends a `CANCEL`
pointer, and the returned intent then restores what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

from ui.timeline.scene import MIN_REGION_S, Edge, SceneRegion

DRAG_THRESHOLD_PX = 4.0


class Kind(Enum):
    """What the pointer did."""

    PRESS = "press"
    MOVE = "move"
    RELEASE = "release"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Pointer:
    """A pointer event: the pixel, and the time under it, inside the media."""

    kind: Kind
    x_px: float
    time_s: float


@dataclass(frozen=True)
class CursorAt:
    """The cursor, and the picture with it, go to `time_s`."""

    time_s: float


@dataclass(frozen=True)
class ScrubAt:
    """Only the picture goes to `time_s`: the cursor is locked."""

    time_s: float


@dataclass(frozen=True)
class PannedBy:
    """The content is `dx_px` to the right of where it was at the press."""

    dx_px: float


@dataclass(frozen=True)
class LockToggled:
    """The middle button was clicked."""


@dataclass(frozen=True)
class RegionResized:
    """A region has these ends now."""

    region_id: object
    start_s: float
    end_s: float


Step = CursorAt | ScrubAt | PannedBy | RegionResized
Intent = Step | LockToggled | None
Gesture = Generator[Step | None, Pointer, Intent]


def move_cursor(press: Pointer, *, original_s: float, locked: bool, snap_s: float | None = None) -> Gesture:
    """Click or drag: the cursor (the picture alone when `locked`) follows the pointer.

    `original_s` is where it was and goes back to on Esc. A press on a marker's flag passes its time as `snap_s`: a
    click lands exactly there, a drag leaves it.
    """
    make = ScrubAt if locked else CursorAt
    time_s = press.time_s if snap_s is None else snap_s
    dragging = snap_s is None
    while True:
        pointer = yield make(time_s)
        if pointer.kind is Kind.CANCEL:
            return make(original_s)
        dragging = dragging or _dragged(press, pointer)
        if dragging:
            time_s = pointer.time_s
        if pointer.kind is Kind.RELEASE:
            return make(time_s)


def pan_or_lock(press: Pointer) -> Gesture:
    """Middle button: a drag pans, a click toggles Lock."""
    step: Step | None = None
    while True:
        pointer = yield step
        if pointer.kind is Kind.CANCEL:
            return PannedBy(0.0)
        if step is None and not _dragged(press, pointer):
            if pointer.kind is Kind.RELEASE:
                return LockToggled()
            continue
        step = PannedBy(pointer.x_px - press.x_px)
        if pointer.kind is Kind.RELEASE:
            return step


def resize_region(press: Pointer, region: SceneRegion, edge: Edge, duration_s: float) -> Gesture:
    """Shift+drag of one end of a region: never shorter than `MIN_REGION_S`, never outside the media.

    The end keeps its distance to the pointer, so grabbing it beside its line does not move it.
    """
    held_s = (region.start_s if edge is Edge.START else region.end_s) - press.time_s
    step: RegionResized | None = None
    while True:
        pointer = yield step
        if pointer.kind is Kind.CANCEL:
            return None
        if step is None and pointer.x_px == press.x_px:
            if pointer.kind is Kind.RELEASE:
                return None
            continue
        step = resized(region, edge, pointer.time_s + held_s, duration_s)
        if pointer.kind is Kind.RELEASE:
            return step if (step.start_s, step.end_s) != (region.start_s, region.end_s) else None


def resized(region: SceneRegion, edge: Edge, time_s: float, duration_s: float) -> RegionResized:
    """`region` with one end as near to `time_s` as its shortest length and the media allow."""
    shortest_s = min(MIN_REGION_S, duration_s)
    if edge is Edge.START:
        start_s = max(0.0, min(time_s, region.end_s - shortest_s))
        return RegionResized(region.id, start_s, max(region.end_s, start_s + shortest_s))
    end_s = min(duration_s, max(time_s, region.start_s + shortest_s))
    return RegionResized(region.id, min(region.start_s, end_s - shortest_s), end_s)


def ignore() -> Gesture:
    """A press that means nothing until it is released."""
    while True:
        pointer = yield None
        if pointer.kind in (Kind.RELEASE, Kind.CANCEL):
            return None


def _dragged(press: Pointer, pointer: Pointer) -> bool:
    return abs(pointer.x_px - press.x_px) >= DRAG_THRESHOLD_PX


class Running:
    """A gesture under way: hands its previews to `show` and its intent to `mean`."""

    def __init__(self, gesture: Gesture, show: Callable[[Step], None], mean: Callable[[Intent], None]) -> None:
        self._gesture, self._show, self._mean = gesture, show, mean
        self.done = False
        self._preview(next(gesture))

    def send(self, pointer: Pointer) -> None:
        """Pass a pointer on; `done` tells whether it was the last one."""
        if self.done:
            return
        try:
            step = self._gesture.send(pointer)
        except StopIteration as finished:
            self.done = True
            self._mean(finished.value)
        else:
            self._preview(step)

    def _preview(self, step: Step | None) -> None:
        if step is not None:
            self._show(step)
