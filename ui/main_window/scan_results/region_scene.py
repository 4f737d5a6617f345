"""Regions for the timeline. Made on the worker that read them: thousands would cost the window a frame."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from core.domain.scan import RegionRow
from core.ops.regions import ModelScan
from core.scan.region_columns import RegionColumns
from ui.timeline.scene_regions import RegionState, SceneRegion, SceneRegions


def scene_of(scan: ModelScan) -> SceneRegions:
    """A stored version on the timeline, with a shadow where the version before had a region that is gone."""
    lost = scan.against.lost if scan.against else ()
    gone = SceneRegions.of(
        [
            SceneRegion(
                ("gone", number), span.start_s, span.start_s, 0.0, RegionState.DISABLED, span.start_s, span.end_s
            )
            for number, span in enumerate(lost)
        ]
    )
    return scene_regions(scan.regions, scan.negative, scan.exported) + gone


def scene_regions(rows: Sequence[RegionRow], negative: Collection[int], exported: Collection[int]) -> SceneRegions:
    """What the timeline shows of these rows; a trimmed one keeps a ghost of what was found."""
    columns = RegionColumns.of(rows)
    # The stronger state last, as in `state_of`.
    states = np.full(len(columns), RegionState.ENABLED, np.uint8)
    states[columns.among(exported)] = RegionState.EXPORTED
    states[columns.among(negative)] = RegionState.NEGATIVE
    states[columns.table["disabled"]] = RegionState.DISABLED
    ghost = columns.trimmed & ~columns.table["by_hand"]
    return SceneRegions(
        columns.ids.tolist(),
        columns.starts,
        columns.table["end_s"],
        columns.table["score"],
        states,
        np.where(ghost, columns.table["found_start_s"], np.nan),
        np.where(ghost, columns.table["found_end_s"], np.nan),
    )
