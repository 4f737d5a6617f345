"""Regions on the timeline: their state, a ghost of what was trimmed, a shadow of what is gone."""

from __future__ import annotations

from core.domain.scan import Hit, RegionRow
from core.domain.timespan import Span
from core.ops.regions import Against, ModelScan
from ui.main_window.scan_results.region_scene import scene_of
from ui.timeline import RegionState, TimelineScene

ROWS = (
    RegionRow(1, Hit(1.0, 5.0, 0.9), 1.0, 5.0),
    RegionRow(2, Hit(10.0, 15.0, 0.8), 11.0, 15.0, disabled=True),
    RegionRow(3, Hit(20.0, 25.0, 0.7), 20.0, 25.0),
    RegionRow(4, Hit(30.0, 35.0, 0.6), 30.0, 35.0, by_hand=True),
)


def test_states_ghosts_and_shadows() -> None:
    against = Against("before", frozenset(), (Span(40.0, 44.0),), 0)
    scan = ModelScan("M", (), "", ROWS, frozenset({3}), frozenset({4}), ROWS, None, against)
    scene = scene_of(scan)
    assert [region.state for region in scene[:4]] == [
        RegionState.ENABLED,
        RegionState.DISABLED,
        RegionState.NEGATIVE,
        RegionState.EXPORTED,
    ]
    assert [region.orig_start_s for region in scene[:4]] == [None, 10.0, None, None]
    gone = scene[4]
    assert (gone.start_s, gone.end_s, gone.orig_start_s, gone.orig_end_s) == (40.0, 40.0, 40.0, 44.0)
    table = TimelineScene(60.0, regions=scene).region_table
    assert table.at(42.0) is None, "nobody can take hold of what is gone"
    assert table.trimmed.tolist() == [False, True, False, False, True]
