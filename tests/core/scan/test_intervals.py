"""Spans against spans on whole arrays, against the same asked one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.domain.timespan import Span, Spans, merge
from core.scan.intervals import edges, merged, overlap_any, overlaps, touching_pairs

times = st.one_of(st.integers(0, 30).map(float), st.floats(0, 30))
spans = st.lists(
    st.builds(
        lambda start, length: Span(start, start + length),
        times,
        st.one_of(st.just(0.0), st.integers(1, 5), st.floats(0, 40)),
    ),
    max_size=10,
)


@given(spans, spans)
def test_whether_any_overlaps(these: list[Span], others: list[Span]) -> None:
    found = overlap_any(*edges(these), *edges(others))
    assert found.tolist() == [Spans(others).overlap(span) for span in these]


@given(spans, spans)
def test_which_touch_which(these: list[Span], others: list[Span]) -> None:
    ones, twos = touching_pairs(*edges(these), *edges(others))
    found = sorted(zip(ones.tolist(), twos.tolist(), strict=True))
    near = [(number, other) for number, span in enumerate(these) for other in Spans(others).near(span)]
    assert found == sorted(near)
    mine, theirs = np.column_stack(edges(these)), np.column_stack(edges(others))
    shared = overlaps(*mine[ones].T, *theirs[twos].T)
    assert shared.tolist() == [these[one].overlap_s(others[two]) for one, two in zip(ones, twos, strict=True)]


@given(spans)
def test_the_union(these: list[Span]) -> None:
    starts, ends = merged(*edges(these))
    assert [Span(*pair) for pair in zip(starts.tolist(), ends.tolist(), strict=True)] == merge(these)


def test_one_long_span_among_thousands_makes_no_more_pairs_than_there_are() -> None:
    starts = np.arange(20_000) * 3.0
    others = np.concatenate((starts, [0.0])), np.concatenate((starts + 2.0, [60_000.0]))
    assert len(touching_pairs(starts, starts + 2.0, *others)[0]) == 40_000
