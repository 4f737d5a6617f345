"""Boxes to keyframes: smooth, slow enough, few, and close to the subject."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.crop import Axis
from core.domain.tracking import (
    DEAD_ZONE,
    TOLERANCE,
    Box,
    Sighting,
    moving_keyframes,
    standing_keyframes,
    subject_path,
)

centers = st.floats(0, 1)
paths = st.lists(st.tuples(st.integers(0, 4000), centers), max_size=60, unique_by=lambda point: point[0]).map(
    lambda points: [(tick / 100, center) for tick, center in sorted(points)]
)
speeds = st.floats(0.01, 2.0)


@given(paths, speeds)
def test_keyframes_are_ascending_inside_and_never_faster_than_allowed(path, max_speed: float) -> None:
    points = moving_keyframes(path, max_speed)
    assert len(points) <= len(path) and bool(points) == bool(path)
    assert {time for time, _ in points} <= {time for time, _ in path}
    assert all(-1e-9 <= center <= 1 + 1e-9 for _, center in points)
    for (before, first), (after, second) in pairwise(points):
        assert after > before
        assert abs(second - first) <= max_speed * (after - before) + 1e-9


@given(centers, st.integers(1, 40), speeds)
def test_who_stands_still_needs_one(center: float, count: int, max_speed: float) -> None:
    swaying = [(number / 4, min(1.0, max(0.0, center + (-1) ** number * DEAD_ZONE / 3))) for number in range(count)]
    assert len(moving_keyframes(swaying, max_speed)) == 1


@given(st.floats(0.1, 0.9), st.floats(-0.1, 0.1))
def test_who_walks_evenly_is_followed_closely_with_few(start: float, speed: float) -> None:
    path = [(number / 4, start + speed * number / 4) for number in range(33)]
    path = [(time, center) for time, center in path if 0 <= center <= 1]
    points = moving_keyframes(path, 2.0)
    assert len(points) <= 4
    for time, center in path:
        assert abs(at(points, time) - center) <= DEAD_ZONE + TOLERANCE + 1e-9


def at(points: list[tuple[float, float]], time: float) -> float:
    """Where straight connections of the points are at a time."""
    before = points[0]
    for point in points:
        if point[0] >= time:
            if point[0] == before[0]:
                return point[1]
            return before[1] + (point[1] - before[1]) * (time - before[0]) / (point[0] - before[0])
        before = point
    return before[1]


def test_a_jump_of_one_frame_is_passed_over() -> None:
    path = [(number / 4, 0.9 if number == 5 else 0.3) for number in range(12)]
    assert moving_keyframes(path, 2.0) == [(0.0, 0.3)]


def box(across: float, down: float = 0.5, size: float = 0.2, score: float = 0.9) -> Box:
    return Box(across - size / 2, down - size / 2, across + size / 2, down + size / 2, score)


def test_the_largest_is_chosen_and_then_kept() -> None:
    """A larger person who comes in later does not take the crop away."""
    sightings = [
        Sighting(0.0, (box(0.3, size=0.3), box(0.8, size=0.1))),
        Sighting(0.5, ()),
        Sighting(1.0, (box(0.8, size=0.4), box(0.35, size=0.3))),
        Sighting(0.75, (box(0.32, size=0.3),)),
    ]
    assert subject_path(sightings, Axis.ACROSS) == [
        (0.0, pytest.approx(0.3)),
        (0.75, pytest.approx(0.32)),
        (1.0, pytest.approx(0.35)),
    ]
    assert [center for _, center in subject_path(sightings, Axis.DOWN)] == pytest.approx([0.5, 0.5, 0.5])
    assert subject_path([Sighting(0.0)], Axis.ACROSS) == []


def test_standing_crops_take_the_middle_of_each_clip() -> None:
    path = [(number / 4, 0.2 if number < 24 else 0.7) for number in range(80)]
    batch = Batch(0.0, clips=3, spread_s=5.0, duration_s=5.0)
    assert standing_keyframes(path, batch) == [(0.0, 0.2), (5.0, 0.7)]
    assert standing_keyframes([], batch) == []


@given(paths, st.integers(1, 8), st.floats(0.5, 5), st.floats(2, 10))
def test_standing_keyframes_are_at_starts_of_clips(path, clips: int, spread: float, duration: float) -> None:
    batch = Batch(1.0, clips, spread, duration)
    points = standing_keyframes(path, batch)
    assert [time for time, _ in points] == sorted({time for time, _ in points} & set(batch.starts_s))
    for (_, first), (_, second) in pairwise(points):
        assert abs(second - first) > DEAD_ZONE
