"""Regions: from scores alone, at any threshold, with edges where the sound is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.scan import Hit, RegionRule, WindowScores
from core.scan.regions import find_regions

stretches = st.tuples(st.one_of(st.just(0.0), st.floats(0, 1, width=32)), st.integers(1, 12))
score_lists = st.lists(stretches, max_size=20).map(
    lambda parts: [score for score, times in parts for _ in range(times)]
)
rules = st.builds(
    RegionRule,
    threshold=st.floats(0.01, 1),
    fuse_s=st.floats(0, 10),
    hysteresis=st.floats(0.1, 1),
    valley=st.floats(0.1, 0.99),
    edge=st.floats(0.1, 1),
    min_length_s=st.floats(0, 3),
)


def windows(scores: list[float] | np.ndarray, hop_s: float = 0.5, span_s: float = 2.0) -> WindowScores:
    return WindowScores(scores, hop_s, span_s, max(0.0, (len(scores) - 1) * hop_s) + span_s)


def sound(*events: tuple[float, float, float], length_s: float = 60.0, hop_s: float = 0.5) -> WindowScores:
    """Scores of events (start, end, height) under windows of 2 s: high where a window holds much of one."""
    starts = np.arange(0, length_s - 2 + hop_s / 2, hop_s)
    scores = np.full(len(starts), 0.02)
    for start, end, height in events:
        shared = np.minimum(starts + 2, end) - np.maximum(starts, start)
        scores = np.maximum(scores, height * np.clip(shared / min(2.0, end - start), 0, 1))
    return WindowScores(scores, hop_s, 2.0, length_s)


def test_one_sound_is_one_hit_with_its_edges() -> None:
    (hit,) = find_regions(sound((20.0, 23.0, 0.9)))
    assert hit.score == pytest.approx(0.9)
    assert hit.start_s == pytest.approx(20.0, abs=0.26)
    assert hit.end_s == pytest.approx(23.0, abs=0.26)


def test_the_extent_does_not_depend_on_how_sure_the_hit_is() -> None:
    faint, clear = (find_regions(sound((20.0, 23.0, height)), RegionRule(0.3))[0] for height in (0.5, 1.0))
    assert (faint.start_s, faint.end_s) == pytest.approx((clear.start_s, clear.end_s), abs=0.15)


def test_gaps_are_fused_up_to_the_limit() -> None:
    scene = sound((10.0, 13.0, 0.9), (18.0, 21.0, 0.8), (40.0, 43.0, 0.7))
    assert len(find_regions(scene, RegionRule(fuse_s=4.0))) == 3
    both, alone = find_regions(scene, RegionRule(fuse_s=6.0))
    assert (both.start_s, both.end_s) == pytest.approx((10, 21), abs=0.3)
    assert both.score == pytest.approx(0.9)
    assert alone.score == pytest.approx(0.7)


def test_the_gap_is_what_lies_between_two_regions() -> None:
    scene = sound((10.0, 13.0, 0.9), (18.0, 21.0, 0.8))
    one, two = find_regions(scene, RegionRule(fuse_s=0.0))
    gap_s = two.start_s - one.end_s
    assert len(find_regions(scene, RegionRule(fuse_s=gap_s - 0.001))) == 2
    assert len(find_regions(scene, RegionRule(fuse_s=gap_s + 0.001))) == 1


def test_a_long_run_with_peaks_is_several_hits() -> None:
    times = np.arange(120) * 0.5
    scores = 0.62 + 0.35 * np.cos(2 * np.pi * times / 20)
    low = RegionRule(threshold=0.3, fuse_s=4.0)
    assert len(find_regions(windows(scores), low)) == 4, "half a peak at each end, two inside"
    flat = find_regions(windows(0.9 - 0.1 * (np.arange(120) % 2)), low)
    assert len(flat) == 1, "ripples are no peaks"


def test_hysteresis_holds_a_run_together_but_starts_none() -> None:
    scores = [0.0] * 10 + [0.8, 0.45, 0.45, 0.8] + [0.0] * 20 + [0.45] * 4 + [0.0] * 10
    (hit,) = find_regions(windows(scores), RegionRule(threshold=0.5, fuse_s=0.0, valley=0.5))
    assert hit.end_s < 10


def test_the_first_and_the_last_window_reach_to_the_ends() -> None:
    assert find_regions(WindowScores([0.9], 0.5, 2.0, 1.3)) == [Hit(0.0, 1.3, 0.9)]
    (hit,) = find_regions(WindowScores([0.9] * 10, 0.5, 2.0, 7.0))
    assert (hit.start_s, hit.end_s) == (0.0, 7.0)


def test_short_hits_are_widened_inside_the_recording() -> None:
    scores = [0.0] * 20
    scores[9] = 1.0
    (hit,) = find_regions(windows(scores), RegionRule(min_length_s=3.0))
    assert hit.end_s - hit.start_s == pytest.approx(3.0)
    assert (hit.start_s + hit.end_s) / 2 == pytest.approx(9 * 0.5 + 1.0)


def test_nothing_is_found_in_nothing() -> None:
    assert find_regions(windows([])) == []
    assert find_regions(windows([0.0] * 50), RegionRule(threshold=0.0)) == []
    assert find_regions(windows([float("nan")] * 50)) == []


def test_impossible_rules_are_refused() -> None:
    for wrong in ({"threshold": 1.5}, {"fuse_s": -1.0}, {"min_length_s": -1.0}):
        with pytest.raises(ValueError, match="threshold"):
            RegionRule(**wrong)


@given(score_lists, rules)
def test_regions_are_apart_inside_and_sure(scores: list[float], rule: RegionRule) -> None:
    scene = windows(scores)
    found = find_regions(scene, rule)
    for hit in found:
        assert 0.0 <= hit.start_s <= hit.end_s <= scene.duration_s
        assert rule.threshold <= hit.score <= 1.0
        assert hit.end_s - hit.start_s >= min(rule.min_length_s, scene.duration_s) - 1e-9
    for before, after in itertools.pairwise(found):
        assert after.start_s - before.end_s > rule.fuse_s
    assert max((hit.score for hit in found), default=0.0) == max(
        (s for s in scores if s >= rule.threshold), default=0.0
    )
    peak_middles = [k * 0.5 + 1.0 for k, score in enumerate(scores) if score == max(scores) >= rule.threshold]
    assert all(any(hit.start_s <= middle <= hit.end_s for hit in found) for middle in peak_middles[:1])


@given(score_lists, rules, st.floats(0, 10))
def test_a_wider_gap_never_makes_more_regions(scores: list[float], rule: RegionRule, more_s: float) -> None:
    wider = RegionRule(rule.threshold, rule.fuse_s + more_s, rule.hysteresis, rule.valley, rule.edge)
    narrow = RegionRule(rule.threshold, rule.fuse_s, rule.hysteresis, rule.valley, rule.edge)
    assert len(find_regions(windows(scores), wider)) <= len(find_regions(windows(scores), narrow))


@given(score_lists, st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_higher_threshold_hears_nothing_new(scores: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    kept = find_regions(windows(scores), RegionRule(high))
    if kept:
        assert max(hit.score for hit in kept) == max(
            hit.score for hit in find_regions(windows(scores), RegionRule(low))
        )


@given(score_lists.filter(len), rules, st.integers(1, 40))
def test_regions_move_with_the_sound(scores: list[float], rule: RegionRule, shift: int) -> None:
    quiet = [0.0] * 10
    here = find_regions(windows(quiet + scores + quiet), rule)
    there = find_regions(windows(quiet + [0.0] * shift + scores + quiet), rule)
    assert [hit.score for hit in here] == [hit.score for hit in there]
    for before, after in zip(here, there, strict=True):
        assert after.start_s - before.start_s == pytest.approx(shift * 0.5, abs=1e-6)


def walked(scene: WindowScores, rule: RegionRule) -> list[Hit]:
    """The same regions, found by walking from window to window."""
    scores = [0.0 if score != score else float(score) for score in scene.scores]
    threshold = max(rule.threshold, math.ulp(0.0))
    low = threshold * rule.hysteresis
    hits: list[Hit] = []
    for loud, group in itertools.groupby(range(len(scores)), lambda window: scores[window] >= low):
        run = list(group)
        if loud and max(scores[window] for window in run) >= threshold:
            for part in walked_parts(scores, run, threshold, rule.valley):
                hit = walked_extent(scores, part, max(low, rule.edge * max(scores[w] for w in part)), scene)
                missing = rule.min_length_s - (hit.end_s - hit.start_s)
                if missing > 0:
                    start = max(0.0, min(hit.start_s - missing / 2, scene.duration_s - rule.min_length_s))
                    end = max(hit.end_s, min(scene.duration_s, start + rule.min_length_s))
                    hit = Hit(start, end, hit.score)
                if hits and hit.start_s - hits[-1].end_s <= rule.fuse_s:
                    last = hits.pop()
                    ends = min(last.start_s, hit.start_s), max(last.end_s, hit.end_s)
                    hit = Hit(*ends, max(last.score, hit.score))
                hits.append(hit)
    return hits


def walked_parts(scores: list[float], run: list[int], threshold: float, valley: float) -> list[list[int]]:
    starts, peak, lowest = [run[0]], run[0], run[0]
    for window in run[1:]:
        height, score = scores[peak], scores[window]
        if score < scores[lowest]:
            lowest = window
        elif min(height, score) >= threshold and scores[lowest] < valley * min(height, score):
            starts.append(lowest)
            peak = lowest = window
        elif score > height:
            peak = lowest = window
    return [list(range(*ends)) for ends in itertools.pairwise([*starts, run[-1] + 1])]


def walked_extent(scores: list[float], part: list[int], level: float, scene: WindowScores) -> Hit:
    inside = [window for window in part if scores[window] >= level]
    left, right = inside[0], inside[-1]

    def beyond(window: int, outside: int) -> float:
        if not 0 <= outside < len(scores) or scores[outside] >= level:
            return 0.5 * scene.hop_s
        return scene.hop_s * ((scores[window] - level) / (scores[window] - scores[outside]))

    start = left * scene.hop_s + scene.span_s / 2 - beyond(left, left - 1) if left else 0.0
    end = right * scene.hop_s + scene.span_s / 2 + beyond(right, right + 1)
    return Hit(start, scene.duration_s if right == len(scores) - 1 else end, max(scores[window] for window in part))


uneven = st.lists(st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, math.nan]), st.floats(0, 1)), max_size=60)


@given(st.one_of(score_lists, uneven), rules)
def test_whole_arrays_give_what_a_walk_from_window_to_window_gives(scores: list[float], rule: RegionRule) -> None:
    found, plain = find_regions(windows(scores), rule), walked(windows(scores), rule)
    assert [hit.score for hit in found] == [hit.score for hit in plain]
    for one, other in zip(found, plain, strict=True):
        assert (one.start_s, one.end_s) == pytest.approx((other.start_s, other.end_s), abs=1e-9)
