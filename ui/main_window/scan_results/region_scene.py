"""Regions for the timeline. Made on the worker that read them: thousands would cost the window a frame."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.domain.scan import RegionRow
from core.ops.regions import ModelScan
from ui.main_window.scan_results.region_model import Shown, state_of
from ui.timeline.scene import RegionState, SceneRegion

_STATES = {
    Shown.DISABLED: RegionState.DISABLED,
    Shown.NEGATIVE: RegionState.NEGATIVE,
    Shown.EXPORTED: RegionState.EXPORTED,
}


def scene_of(scan: ModelScan) -> tuple[SceneRegion, ...]:
    """A stored version on the timeline, with a shadow where the version before had a region that is gone."""
    lost = scan.against.lost if scan.against else ()
    gone = tuple(
        SceneRegion(("gone", number), span.start_s, span.start_s, 0.0, RegionState.DISABLED, span.start_s, span.end_s)
        for number, span in enumerate(lost)
    )
    return (*scene_regions(scan.regions, scan.negative, scan.exported), *gone)


def scene_regions(
    rows: Sequence[RegionRow], negative: Collection[int], exported: Collection[int]
) -> tuple[SceneRegion, ...]:
    """What the timeline shows of these rows; a trimmed one keeps a ghost of what was found."""
    return tuple(_scene_region(row, state_of(row, negative, exported)) for row in rows)


def _scene_region(row: RegionRow, shown: Shown) -> SceneRegion:
    trimmed = row.trimmed and not row.by_hand
    return SceneRegion(
        row.id,
        row.start_s,
        row.end_s,
        row.hit.score,
        _STATES.get(shown, RegionState.ENABLED),
        row.hit.start_s if trimmed else None,
        row.hit.end_s if trimmed else None,
    )
