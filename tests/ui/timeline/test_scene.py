"""What lies under a time, against brute force; which flags share a place; what a changed scene keeps."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.timespan import Span
from ui.timeline.scene import Edge, MarkerTable, RegionTable, SceneMarker, SceneRegion, TimelineScene

times = st.floats(0, 1000, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def regions(draw: st.DrawFn) -> list[SceneRegion]:
    found = []
    for index in range(draw(st.integers(0, 25))):
        start, length = draw(times), draw(st.floats(0.5, 60).map(lambda value: round(value, 3)))
        trimmed = draw(st.booleans())
        found.append(
            SceneRegion(
                index,
                start,
                start + length,
                draw(st.floats(0, 1)),
                orig_start_s=start - draw(st.floats(0, 30)) if trimmed else None,
                orig_end_s=start + length + draw(st.floats(0, 30)) if trimmed else None,
            )
        )
    return found


def marker(index: int, start_s: float) -> SceneMarker:
    return SceneMarker(index, start_s, Span(start_s, start_s + 14), str(index))


@given(regions(), times, times)
def test_the_slice_in_view_misses_no_region(found: list[SceneRegion], one: float, other: float) -> None:
    low, high = sorted((one, other))
    table = RegionTable(found)
    seen = set(table.regions[table.between(low, high)])
    for region in found:
        outer_low = region.start_s if region.orig_start_s is None else region.orig_start_s
        outer_high = region.end_s if region.orig_end_s is None else region.orig_end_s
        if outer_low <= high and outer_high >= low:
            assert region in seen


@given(regions(), times)
def test_the_region_under_a_time_is_the_shortest_that_covers_it(found: list[SceneRegion], time_s: float) -> None:
    hit = RegionTable(found).at(time_s)
    covering = [region.end_s - region.start_s for region in found if region.start_s <= time_s < region.end_s]
    if not covering:
        assert hit is None
    else:
        assert hit is not None
        assert hit.start_s <= time_s < hit.end_s
        assert hit.end_s - hit.start_s == pytest.approx(min(covering))


@given(regions(), times, st.floats(0.001, 20))
def test_the_edge_under_a_time_is_the_nearest(found: list[SceneRegion], time_s: float, reach_s: float) -> None:
    hit = RegionTable(found).edge_at(time_s, reach_s)
    distances = [abs(end - time_s) for region in found for end in (region.start_s, region.end_s)]
    near = [distance for distance in distances if distance <= reach_s]
    if not near:
        assert hit is None
    else:
        assert hit is not None
        region, edge = hit
        assert abs((region.start_s if edge is Edge.START else region.end_s) - time_s) == min(near)


@pytest.mark.parametrize(("time_s", "expected"), [(9.9, ("a", Edge.END)), (10.1, ("b", Edge.START))])
def test_where_two_regions_touch_the_side_of_the_pointer_decides(time_s: float, expected: tuple) -> None:
    table = RegionTable([SceneRegion("a", 5, 10, 1), SceneRegion("b", 10, 15, 1)])
    region, edge = table.edge_at(time_s, 0.5)
    assert (region.id, edge) == expected


@given(st.lists(times, max_size=40), st.floats(0.01, 300))
def test_groups_of_markers_hold_each_marker_once_and_stand_apart(starts: list[float], gap_s: float) -> None:
    table = MarkerTable([marker(index, start) for index, start in enumerate(starts)])
    groups = table.clusters(gap_s)
    members = [table.markers[group] for group in groups]
    assert [one for group in members for one in group] == list(table.markers)
    firsts = [group[0].start_s for group in members]
    assert all(after - before >= gap_s - 1e-9 for before, after in itertools.pairwise(firsts))
    assert all(group[-1].start_s - group[0].start_s < gap_s for group in members)


@given(st.lists(times, max_size=40), st.floats(0.01, 300), times, times)
def test_the_part_in_view_has_the_same_groups_as_the_whole(
    starts: list[float], gap_s: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    table = MarkerTable([marker(index, start) for index, start in enumerate(starts)])
    expected = [group for group in table.clusters(gap_s) if low <= table.markers[group][0].start_s < high]
    assert table.clusters_between(gap_s, low, high) == expected


def test_moving_the_cursor_moves_the_batch_and_keeps_the_tables() -> None:
    scene = TimelineScene(100, 10, Batch(10), (marker(1, 5),), (SceneRegion(1, 2, 4, 1),))
    markers, found = scene.marker_table, scene.region_table
    moved = scene.with_cursor(42.0)
    assert (moved.cursor_s, moved.batch.cursor_s) == (42.0, 42.0)
    assert moved.marker_table is markers
    assert moved.region_table is found
    assert moved.same_static(scene)


def test_other_markers_or_another_duration_look_different() -> None:
    scene = TimelineScene(100, 10, None, (marker(1, 5),))
    assert not replace(scene, markers=(marker(2, 6),)).same_static(scene)
    assert not replace(scene, duration_s=101).same_static(scene)
    assert not replace(scene, has_audio=False).same_static(scene)
    assert replace(scene, batch=Batch(1), cursor_s=1).same_static(scene)
