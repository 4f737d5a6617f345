"""Which crop each clip gets: keyframes, chance that can be repeated, and moving crops with a speed limit."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.crop import Crop
from core.domain.crop_plan import CropKeyframe, CropPlan, clip_crops, complaint, crop_at, in_order, moving_path

times = st.integers(0, 60_000).map(lambda ms: ms / 1000)
places = st.floats(0, 1)
keyframes = st.lists(
    st.builds(CropKeyframe, times, st.sampled_from(["", "9:16", "1:1"]), places, st.booleans(), st.booleans()),
    max_size=8,
).map(in_order)
batches = st.builds(Batch, times, st.integers(1, 20), st.floats(0.5, 10), st.floats(2, 30))
plans = st.builds(
    CropPlan,
    base=st.builds(CropKeyframe, st.just(0.0), st.sampled_from(["", "4:5"]), places, st.booleans(), st.booleans()),
    keyframes=keyframes,
    moving=st.booleans(),
    max_speed=st.floats(0.01, 2.0),
    scatter=st.booleans(),
    seed=st.integers(0, 9999),
)


@given(plans, batches)
def test_every_clip_gets_a_sound_crop_and_always_the_same(plan: CropPlan, batch: Batch) -> None:
    crops = clip_crops(plan, batch, "b3-1|4.000")
    assert crops == clip_crops(plan, batch, "b3-1|4.000")
    assert len(crops) == batch.clips
    for crop in crops:
        assert 0 <= crop.center <= 1
        assert not crop.path or (crop.ratio and crop.path[0] == (0.0, crop.center))


@given(plans, batches)
def test_a_clip_that_chance_left_alone_follows_the_latest_keyframe_at_its_start(plan: CropPlan, batch: Batch) -> None:
    plan = replace(
        plan,
        base=replace(plan.base, random_portrait=False, random_square=False),
        keyframes=tuple(replace(each, random_portrait=False, random_square=False) for each in plan.keyframes),
        moving=False,
    )
    for start, crop in zip(batch.starts_s, clip_crops(plan, batch), strict=True):
        before = [each for each in plan.keyframes if each.time_s <= start + 0.0005]
        assert crop == (before[-1] if before else plan.base).crop


@given(st.integers(1, 99), st.booleans(), st.booleans(), st.integers(0, 5000))
def test_chance_crops_a_third(clips: int, portrait: bool, square: bool, seed: int) -> None:
    plan = CropPlan(CropKeyframe(0.0, "", 0.5, portrait, square), seed=seed)
    crops = clip_crops(plan, Batch(0.0, clips), "here")
    cropped = [crop.ratio for crop in crops if crop.ratio]
    allowed = ({"9:16"} if portrait else set()) | ({"1:1"} if square else set())
    assert set(cropped) <= allowed
    if allowed:
        assert clips // 3 <= len(cropped) <= math.ceil(clips / 3)
    else:
        assert not cropped


def test_chance_is_fair_over_many_batches_and_differs_between_them() -> None:
    plan = CropPlan(CropKeyframe(0.0, "", 0.5, True, True))
    made = [clip_crops(plan, Batch(0.0, 1), f"media|{number}")[0].ratio for number in range(900)]
    assert 240 < sum(ratio != "" for ratio in made) < 360
    assert {"9:16", "1:1", ""} == set(made)


def test_scattered_crops_are_at_places_of_their_own() -> None:
    plan = CropPlan(CropKeyframe(0.0, "", 0.5, True, False), scatter=True)
    centers = {crop.center for crop in clip_crops(plan, Batch(0.0, 30), "x") if crop.ratio}
    assert len(centers) == 10
    kept = clip_crops(replace(plan, scatter=False), Batch(0.0, 30), "x")
    assert {crop.center for crop in kept} == {0.5}


@given(plans, times, st.floats(2, 30))
def test_a_moving_crop_is_never_too_fast_and_covers_the_clip(plan: CropPlan, start: float, length: float) -> None:
    path = moving_path(plan, start, length)
    if not path:
        return
    assert path[0][0] == 0.0 and path[-1][0] == pytest.approx(length)
    for (before, first), (after, second) in pairwise(path):
        assert after > before
        assert abs(second - first) <= plan.max_speed * (after - before) + 1e-9
    assert all(-1e-9 <= center <= 1 + 1e-9 for _, center in path)


def test_a_slow_limit_never_matters_where_keyframes_are_slower() -> None:
    plan = CropPlan(
        keyframes=(CropKeyframe(0.0, "1:1", 0.2), CropKeyframe(10.0, "1:1", 0.8), CropKeyframe(20.0, "1:1", 0.8)),
        moving=True,
        max_speed=0.1,
    )
    points = [number for point in moving_path(plan, 5.0, 8.0) for number in point]
    assert points == pytest.approx([0.0, 0.5, 5.0, 0.8, 8.0, 0.8])
    assert crop_at(plan, 5.0) == Crop("1:1", pytest.approx(0.5))


def test_what_is_too_fast_lags_and_catches_up() -> None:
    plan = CropPlan(
        keyframes=(CropKeyframe(0.0, "1:1", 0.2), CropKeyframe(1.0, "1:1", 0.6)), moving=True, max_speed=0.1
    )
    path = moving_path(plan, 0.0, 8.0)
    assert Crop("1:1", 0.2, path).center_at(1.0) == pytest.approx(0.3)
    assert Crop("1:1", 0.2, path).center_at(4.0) == pytest.approx(0.6)
    assert Crop("1:1", 0.2, path).center_at(8.0) == pytest.approx(0.6)


def test_a_keyframe_of_another_ratio_is_not_run_after() -> None:
    plan = CropPlan(keyframes=(CropKeyframe(0.0, "1:1", 0.2), CropKeyframe(4.0, "9:16", 0.9)), moving=True)
    assert moving_path(plan, 0.0, 8.0) == ()
    assert clip_crops(plan, Batch(0.0, 1))[0] == Crop("1:1", 0.2)


def test_keyframes_at_one_moment_are_one() -> None:
    assert in_order([CropKeyframe(2.0, "1:1"), CropKeyframe(1.0), CropKeyframe(2.0001, "4:5")]) == (
        CropKeyframe(1.0),
        CropKeyframe(2.0001, "4:5"),
    )


@pytest.mark.parametrize(
    ("keyframe", "reason"),
    [
        (CropKeyframe(-1.0), "before the start"),
        (CropKeyframe(float("nan")), "before the start"),
        (CropKeyframe(12.0), "beyond the end"),
        (CropKeyframe(1.0, "3:2"), "no ratio 3:2"),
        (CropKeyframe(1.0, "1:1", 1.2), "between 0 and 1"),
    ],
)
def test_nonsense_is_named(keyframe: CropKeyframe, reason: str) -> None:
    assert reason in complaint(keyframe, 10.0)
    assert complaint(CropKeyframe(3.0, "1:1", 0.4), 10.0) is None
