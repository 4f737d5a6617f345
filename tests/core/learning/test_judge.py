"""Hits against marks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.scan import Hit
from core.domain.timespan import Span
from core.learning.examples import TrainOptions
from core.learning.judge import (
    Heard,
    Judged,
    Point,
    average_precision,
    for_precision,
    interval,
    judge,
    judge_all,
    likely_occurrences,
    suggest,
    sweep,
)
from core.learning.samples import Recording, select
from tests.core.learning.test_folds import plain


def recording() -> Recording:
    """Clips at 20–28, 50–58 and 80–88, a margin of 5 s, 400 s long."""
    return select([plain("a", 3)], TrainOptions(neg_margin_s=5)).recordings[0]


def test_one_hit_per_clip_is_right_and_the_strongest_wins() -> None:
    hits = [Hit(21, 23, 0.5), Hit(25, 27, 0.9), Hit(52, 54, 0.7), Hit(200, 202, 0.8), Hit(60, 62, 0.6)]
    found = judge(hits, recording())
    # The second hit in the first clip and the one beside the second clip count neither way.
    assert found.scores.tolist() == [0.9, 0.8, 0.7]
    assert found.right.tolist() == [True, False, True]
    assert found.clips == 3
    assert found.wrong_spans == ((0.8, Span(200, 202)),)


def test_a_hit_that_swallows_a_clip_is_right_and_one_that_grazes_it_is_not() -> None:
    assert judge([Hit(15, 35, 0.9)], recording()).right.tolist() == [True]
    grazing = judge([Hit(27.5, 60.0 - 15, 0.9)], recording())
    assert grazing.right.tolist() == [False]


def test_average_precision() -> None:
    assert average_precision(Judged(np.array([3.0, 2, 1]), np.array([True, False, True]), 4)) == pytest.approx(
        (1 + 2 / 3) / 4
    )
    assert average_precision(Judged(np.zeros(0), np.zeros(0, bool), 2)) == 0
    assert average_precision(Judged(np.zeros(0), np.zeros(0, bool), 0)) == 0


def test_a_sweep_scans_as_a_scan_would() -> None:
    one = recording()
    probabilities = np.full(len(one.middles_s), 0.01)
    for middle, score in ((24, 0.9), (54, 0.4), (200, 0.6)):
        probabilities[np.argmin(np.abs(one.middles_s - middle))] = score
    heard = [Heard(one, probabilities)]
    points = {round(point.threshold, 2): point for point in sweep(heard, judge_all(heard, 1e-3, fuse_s=0.0))}
    assert (points[0.9].right, points[0.9].wrong) == (1, 0)
    assert (points[0.6].right, points[0.6].wrong) == (1, 1)
    assert (points[0.4].right, points[0.4].wrong) == (2, 1)
    assert points[0.4].recall == pytest.approx(2 / 3)


STEPS = [Point(0.1, 9, 9, 10), Point(0.3, 8, 2, 10), Point(0.5, 8, 2, 10), Point(0.7, 8, 2, 10), Point(0.9, 3, 0, 10)]


def test_the_suggested_threshold_lies_within_the_plateau_not_at_its_edge() -> None:
    assert 0.35 < suggest(STEPS) < 0.65
    assert suggest([]) == 0.5
    assert suggest([Point(0.4, 3, 0, 3)]) == pytest.approx(0.4)


def test_one_lucky_step_does_not_decide() -> None:
    wide = [Point(0.2 + 0.02 * n, 8, 3, 10) for n in range(15)]
    lucky = [Point(0.9, 8, 2, 10), Point(0.92, 4, 2, 10), Point(0.99, 1, 0, 10)]
    assert suggest([*wide, *lucky]) < 0.6


def test_unmarked_occurrences_lower_the_threshold() -> None:
    """Half of the occurrences are marked; at 0.3 all are found, at 0.7 half of them, without a single real error."""
    points = [Point(0.3, 10, 10, 10), Point(0.7, 5, 4, 10)]
    assert 10 < likely_occurrences(points) <= 20
    assert suggest(points) < 0.5
    honest = [Point(0.3, 10, 0, 10), Point(0.7, 5, 0, 10)]
    assert likely_occurrences(honest) == 10


def test_the_threshold_for_a_precision() -> None:
    precise = for_precision(STEPS, 0.75)
    assert precise is not None
    assert precise.threshold == 0.3
    assert for_precision(STEPS, 1.0) == STEPS[-1]
    assert for_precision([replace(STEPS[-1], wrong=1)], 0.9) is None


def test_intervals() -> None:
    low, high = interval(9, 10)
    assert low == pytest.approx(0.596, abs=0.001)
    assert high == pytest.approx(0.982, abs=0.001)
    assert interval(0, 0) == (0.0, 1.0)
