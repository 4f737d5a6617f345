"""Seconds and pixels: round trips, zoom about the pointer, clamping; ticks of the ruler."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.timeline.axis import CLOSEST_S_PER_PX, INSET_PX, Axis, choose_ticks, tick_label

durations = st.floats(0.01, 100_000)
widths = st.floats(60, 4000)
factors = st.floats(1.0, 1e7)
shares = st.floats(0, 1)


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    axis = Axis.fitted(draw(durations), draw(widths))
    return axis.zoomed_by(draw(factors), axis.width_px * draw(shares))


def assert_inside(axis: Axis) -> None:
    assert axis.start_s >= 0
    assert axis.end_s <= axis.duration_s + 1e-6 * axis.duration_s
    assert axis.seconds_per_px >= min(CLOSEST_S_PER_PX, axis.duration_s / axis.usable_px) * (1 - 1e-9)


@given(axes(), shares)
def test_a_pixel_comes_back_from_its_time(axis: Axis, share: float) -> None:
    x = share * axis.width_px
    assert axis.x(axis.time(x)) == pytest.approx(x, abs=1e-3)


@given(axes(), st.floats(0.01, 100), shares)
def test_zoom_keeps_the_time_under_the_pointer_unless_an_end_is_in_the_way(
    axis: Axis, factor: float, share: float
) -> None:
    x = share * axis.width_px
    zoomed = axis.zoomed_by(factor, x)
    assert_inside(zoomed)
    at_an_end = zoomed.start_s == 0 or zoomed.end_s >= zoomed.duration_s * (1 - 1e-9)
    if not at_an_end:
        assert zoomed.time(x) == pytest.approx(axis.time(x), abs=1e-3 * zoomed.seconds_per_px + 1e-9)


@given(axes(), st.floats(-1e6, 1e6))
def test_panning_stays_inside_and_keeps_the_zoom(axis: Axis, dx: float) -> None:
    panned = axis.panned(dx)
    assert_inside(panned)
    assert panned.seconds_per_px == axis.seconds_per_px


@given(axes(), st.floats(-10, 100_010), st.none() | shares)
def test_revealing_brings_a_time_into_view(axis: Axis, time_s: float, at: float | None) -> None:
    time_s = min(axis.duration_s, max(0.0, time_s))
    shown = axis.revealing(time_s, at)
    assert_inside(shown)
    assert -0.01 <= shown.x(time_s) <= shown.width_px + 0.01


@given(axes(), widths)
def test_resizing_keeps_a_fitted_axis_fitted_and_any_axis_inside(axis: Axis, width: float) -> None:
    resized = axis.resized(width)
    assert_inside(resized)
    if not axis.zoomed:
        assert not resized.zoomed


@given(durations, widths, shares, shares)
def test_zoomed_to_shows_the_whole_range(duration_s: float, width: float, one: float, other: float) -> None:
    low, high = sorted((one * duration_s, other * duration_s))
    axis = Axis.fitted(duration_s, width).zoomed_to(low, high)
    assert_inside(axis)
    assert axis.start_s <= low + axis.seconds_per_px
    assert axis.end_s >= high - axis.seconds_per_px


@given(axes(), st.floats(-5000, 5000))
def test_media_time_never_leaves_the_media(axis: Axis, x: float) -> None:
    assert 0 <= axis.media_time(x) <= axis.duration_s


def test_a_fitted_axis_leaves_an_inset_at_both_ends() -> None:
    axis = Axis.fitted(100, 1000)
    assert axis.x(0) == INSET_PX
    assert axis.x(100) == pytest.approx(1000 - INSET_PX)
    assert not axis.zoomed
    assert axis.zoomed_by(1.01, 500).zoomed


def test_a_pan_is_known_by_its_shift_and_a_zoom_is_not_a_pan() -> None:
    axis = Axis.fitted(100, 1000).zoomed_by(4, 500)
    assert axis.panned(-7).shift_px(axis) == pytest.approx(-7)
    assert axis.zoomed_by(1.1, 500).shift_px(axis) is None


def label_width(step_s: float, duration_s: float) -> float:
    return 7.0 * len(tick_label(duration_s, step_s, duration_s)) + 5


@given(axes(), st.none() | st.sampled_from([1 / 60, 1001 / 30000, 1 / 25]))
def test_labels_never_overlap_and_lie_at_round_times(axis: Axis, frame_s: float | None) -> None:
    ticks = choose_ticks(axis.seconds_per_px, lambda step: label_width(step, axis.duration_s), frame_s)
    times = ticks.between(axis.start_s, axis.end_s)
    for before, after in itertools.pairwise(times):
        assert axis.x(after) - axis.x(before) > label_width(ticks.step_s, axis.duration_s)
    labels = [tick_label(time_s, ticks.step_s, axis.duration_s) for time_s in times]
    assert len(set(labels)) == len(labels)
    assert all(axis.start_s - 1e-6 <= time_s <= axis.end_s + 1e-6 for time_s in times)


@given(axes())
def test_minor_ticks_can_be_told_apart_and_divide_the_step(axis: Axis) -> None:
    ticks = choose_ticks(axis.seconds_per_px, lambda step: label_width(step, axis.duration_s))
    if ticks.minor_s:
        assert ticks.minor_s / axis.seconds_per_px >= 6 - 1e-9
        assert ticks.step_s / ticks.minor_s == pytest.approx(round(ticks.step_s / ticks.minor_s))
        minor = ticks.between(axis.start_s, axis.start_s + 3 * ticks.step_s, minor=True)
        assert not set(minor) & set(ticks.between(axis.start_s, axis.start_s + 3 * ticks.step_s))


def test_frames_become_the_minor_ticks_when_they_are_wide_enough() -> None:
    near = choose_ticks(1 / 1000, lambda step: 60.0, 1 / 25)
    assert near.frames
    assert near.between(1.0, 1.1, minor=True) == pytest.approx([1.0, 1.04, 1.08])
    assert not choose_ticks(1.0, lambda step: 60.0, 1 / 25).frames


@pytest.mark.parametrize(
    ("time_s", "step_s", "duration_s", "text"),
    [
        (0, 60, 600, "0:00"),
        (83, 1, 600, "1:23"),
        (3723, 60, 7200, "1:02:03"),
        (83.25, 0.05, 600, "1:23.25"),
        (59.9996, 0.001, 600, "1:00.000"),
        (1.5, 0.5, 3600, "0:00:01.5"),
        (90_000, 86_400, 100_000, "25:00:00"),
    ],
)
def test_labels_say_no_more_than_the_step_needs(time_s: float, step_s: float, duration_s: float, text: str) -> None:
    assert tick_label(time_s, step_s, duration_s) == text
