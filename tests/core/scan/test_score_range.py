"""Windows by their score: all that lie in the range are there or have a nearer one beside them, and none overlap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.scan import WindowScores
from core.domain.timespan import Span
from core.scan.score_range import windows_between


def test_of_overlapping_windows_the_most_doubtful_one_is_taken() -> None:
    scores = np.array([0.1, 0.7, 0.52, 0.3, 0.9, 0.31, 0.95], dtype=np.float32)
    windows = WindowScores(scores, 1.0, 2.0, 8.0)
    assert windows_between(windows, 0.3, 0.7) == [Span(2.0, 4.0), Span(5.0, 7.0)]
    assert windows_between(windows, 0.3, 0.7, apart_s=0.01) == [Span(n, n + 2.0) for n in (1.0, 2.0, 3.0, 5.0)]
    assert windows_between(windows, 0.9, 1.0) == [Span(4.0, 6.0), Span(6.0, 8.0)]
    assert windows_between(windows, 0.96, 1.0) == []
    assert windows_between(WindowScores(scores[:1], 1.0, 2.0, 1.25), 0.0, 1.0) == [Span(0.0, 1.25)], "a short recording"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 100), max_size=60),
    st.sampled_from((0.25, 0.5, 1.0)),
    st.integers(0, 100),
    st.integers(0, 100),
    st.sampled_from((None, 0.3, 1.0, 3.0)),
)
def test_every_window_of_the_range_is_taken_or_has_a_better_one_near(
    percents: list[int], hop_s: float, one: int, other: int, apart_s: float | None
) -> None:
    low, high = sorted((one, other))
    windows = WindowScores(np.array(percents, np.float32) / 100, hop_s, 2.0, len(percents) * hop_s + 2.0)
    found = windows_between(windows, low / 100, high / 100, apart_s)
    places = [round(span.start_s / hop_s) for span in found]
    apart = 2.0 if apart_s is None else apart_s
    assert places == sorted(places)
    assert all(low <= percents[place] <= high for place in places)
    assert all((after - before) * hop_s >= apart - 1e-9 for before, after in pairwise(places))
    for place, percent in enumerate(percents):
        if low <= percent <= high:
            near = [each for each in places if abs(each - place) * hop_s < apart - 1e-9 or each == place]
            assert any(abs(2 * percents[each] - low - high) <= abs(2 * percent - low - high) for each in near)
