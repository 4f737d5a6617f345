"""What the timeline shows, as one immutable value, and what lies under a time, found by bisection."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.domain.clip import Batch
from core.domain.timespan import Span
from ui.timeline.scene_regions import SceneRegion, SceneRegions

if TYPE_CHECKING:
    import numpy as np

MIN_REGION_S = 0.5


class Edge(Enum):
    """Which end of a region."""

    START = "start"
    END = "end"


@dataclass(frozen=True)
class SceneMarker:
    """An exported batch. `label` is short enough for a flag; `folder_index` picks the colour when it is not `own`."""

    id: object
    start_s: float
    span: Span
    label: str
    tooltip: str = ""
    folder_index: int = 0
    own: bool = True


@dataclass(frozen=True)
class SceneKeyframe:
    """A crop keyframe. `label` is its ratio; a `proposed` one is not kept yet."""

    time_s: float
    label: str
    tooltip: str = ""
    proposed: bool = False


@dataclass(frozen=True)
class TimelineScene:
    """Everything on the timeline but what moves by itself (playhead, hover). Times are seconds from the start.

    Build a new one for every change, with `dataclasses.replace` or `with_cursor`: tuples that stay the same object are
    recognised, and what was computed from them is kept.
    """

    duration_s: float = 0.0
    cursor_s: float = 0.0
    batch: Batch | None = None
    markers: tuple[SceneMarker, ...] = ()
    regions: Sequence[SceneRegion] = ()
    keyframes: tuple[SceneKeyframe, ...] = ()
    has_audio: bool = True
    frame_s: float | None = None
    highlighted_region: object = None
    coverage: tuple[Span, ...] = ()
    """What is cut already in any profile: disjoint, in order."""
    armed_marker: object = None
    """The id of the marker that the next export overwrites."""

    def with_cursor(self, cursor_s: float) -> TimelineScene:
        """The same scene with cursor and pending batch at `cursor_s`."""
        batch = replace(self.batch, cursor_s=cursor_s) if self.batch else None
        return replace(self, cursor_s=cursor_s, batch=batch).sharing(self)

    def sharing(self, other: TimelineScene) -> TimelineScene:
        """This scene, with the tables of `other` where both show the very same markers or regions."""
        for source, table in (("markers", "marker_table"), ("regions", "region_table")):
            if getattr(self, source) is getattr(other, source) and table in other.__dict__:
                self.__dict__.setdefault(table, other.__dict__[table])
        return self

    def same_static(self, other: TimelineScene) -> bool:
        """Whether both look alike but for what is painted on top: the cursor and the pending batch."""
        return all(
            _same(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)
            if field.name not in ("cursor_s", "batch")
        )

    @cached_property
    def marker_table(self) -> MarkerTable:
        return MarkerTable(self.markers)

    @cached_property
    def region_table(self) -> RegionTable:
        return RegionTable(self.regions)


def _same(one: Any, other: Any) -> bool:
    """Sequences by identity: comparing 20,000 regions one by one would cost a frame."""
    if isinstance(one, tuple | SceneRegions) and isinstance(other, tuple | SceneRegions):
        return one is other or not (len(one) or len(other))
    return one is other or one == other


class MarkerTable:
    """Markers in order of start, and the flags they make at a zoom."""

    def __init__(self, markers: Sequence[SceneMarker]) -> None:
        self.markers = tuple(sorted(markers, key=lambda marker: marker.start_s))
        self._starts = [marker.start_s for marker in self.markers]
        self._clusters: tuple[float, list[slice]] = (-1.0, [])

    @cached_property
    def longest_label(self) -> int:
        """Characters of the longest label, 0 without markers."""
        return max((len(marker.label) for marker in self.markers), default=0)

    @cached_property
    def spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Starts and ends of what the batches cover (float64[n]) and their folders (int[n], −1 for the own one)."""
        import numpy as np

        count = len(self.markers)
        return (
            np.fromiter((marker.span.start_s for marker in self.markers), np.float64, count),
            np.fromiter((marker.span.end_s for marker in self.markers), np.float64, count),
            np.fromiter((-1 if marker.own else marker.folder_index for marker in self.markers), np.intp, count),
        )

    def clusters(self, gap_s: float) -> list[slice]:
        """Neighbours nearer than `gap_s` to the first of their group, as slices of `markers`.

        Grouping starts at the first marker of the media, not at the first in view, so panning never regroups.
        """
        if self._clusters[0] != gap_s:
            found, first = [], 0
            while first < len(self._starts):
                behind = max(first + 1, bisect_left(self._starts, self._starts[first] + gap_s, first))
                found.append(slice(first, behind))
                first = behind
            self._clusters = (gap_s, found)
        return self._clusters[1]

    def clusters_between(self, gap_s: float, start_s: float, end_s: float) -> list[slice]:
        """Those groups whose first marker lies in `[start_s, end_s)`."""
        groups = self.clusters(gap_s)
        first = bisect_left(groups, start_s, key=lambda group: self._starts[group.start])
        behind = bisect_left(groups, end_s, first, key=lambda group: self._starts[group.start])
        return groups[first:behind]


class RegionTable:
    """Regions as arrays in order of start, so that what is in view is a slice found by bisection.

    `starts`, `ends`, `scores` are float64 and `states` uint8, all of shape [n]; `lows` and `highs` are the outer ends,
    the trimmed parts included.
    """

    def __init__(self, regions: Sequence[SceneRegion]) -> None:
        import numpy as np

        self.regions = SceneRegions.of(regions).in_order()
        self.starts, self.ends = self.regions.starts, self.regions.ends
        self.scores, self.states = self.regions.scores, self.regions.states
        self.lows = np.fmin(self.starts, self.regions.orig_starts)
        self.highs = np.fmax(self.ends, self.regions.orig_ends)
        self.trimmed = (self.lows < self.starts) | (self.highs > self.ends)
        # Bisection needs monotonic arrays: the farthest end so far, and the nearest low from here on.
        self._reach = np.maximum.accumulate(self.highs)
        self._from = np.minimum.accumulate(self.lows[::-1])[::-1]
        self._by_end = np.argsort(self.ends, kind="stable")
        self._sorted_ends = self.ends[self._by_end]

    def __len__(self) -> int:
        return len(self.regions)

    def between(self, start_s: float, end_s: float) -> slice:
        """The slice that holds every region touching `[start_s, end_s]` (and maybe some that do not)."""
        first = int(self._reach.searchsorted(start_s, "left"))
        behind = int(self._from.searchsorted(end_s, "right"))
        return slice(first, max(first, behind))

    def at(self, time_s: float) -> SceneRegion | None:
        """The shortest region that covers `time_s`, or None."""
        part = self.between(time_s, time_s)
        starts, ends = self.starts[part], self.ends[part]
        inside = ((starts <= time_s) & (time_s < ends)).nonzero()[0]
        if not len(inside):
            return None
        shortest = inside[(ends[inside] - starts[inside]).argmin()]
        return self.regions[part.start + int(shortest)]

    def edge_at(self, time_s: float, tolerance_s: float) -> tuple[SceneRegion, Edge] | None:
        """The region end nearest to `time_s` within `tolerance_s`.

        Where an end meets the start of the next region, the side that `time_s` is on decides.
        """
        candidates = []
        for values, order, edge in ((self.starts, None, Edge.START), (self._sorted_ends, self._by_end, Edge.END)):
            near = _nearest(values, time_s)
            if near is None:
                continue
            distance = abs(float(values[near]) - time_s)
            if distance <= tolerance_s:
                index = near if order is None else int(order[near])
                inside = self.starts[index] <= time_s <= self.ends[index]
                candidates.append((distance, not inside, index, edge))
        if not candidates:
            return None
        _, _, index, edge = min(candidates, key=lambda candidate: candidate[:3])
        return self.regions[index], edge


def _nearest(values: np.ndarray, value: float) -> int | None:
    """The index of the entry of the sorted `values` that is nearest to `value`."""
    if not len(values):
        return None
    behind = int(values.searchsorted(value))
    near = [index for index in (behind - 1, behind) if 0 <= index < len(values)]
    return min(near, key=lambda index: abs(float(values[index]) - value))
