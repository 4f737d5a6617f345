from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.timespan import Span, covered_s, merge

times = st.integers(0, 400).map(lambda quarter: quarter / 4)
spans = st.tuples(times, times).map(lambda pair: Span(min(pair), max(pair)))


def test_a_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends at or after its start"):
        Span(2.0, 1.0)


def test_the_end_is_not_inside() -> None:
    assert Span(1.0, 2.0).contains(1.0)
    assert not Span(1.0, 2.0).contains(2.0)


@given(spans, spans)
def test_overlap_is_symmetric_and_never_longer_than_either(one: Span, other: Span) -> None:
    assert one.overlap_s(other) == other.overlap_s(one)
    assert one.overlap_s(other) <= min(one.length_s, other.length_s)


@given(st.lists(spans), st.sampled_from([0.0, 0.25, 4.0]))
def test_merged_spans_are_in_order_apart_and_cover_the_same(many: list[Span], gap_s: float) -> None:
    merged = merge(many, gap_s)
    for before, after in itertools.pairwise(merged):
        assert after.start_s - before.end_s > gap_s
    for span in many:
        assert any(whole.start_s <= span.start_s and span.end_s <= whole.end_s for whole in merged)
    assert {whole.start_s for whole in merged} <= {span.start_s for span in many}
    assert {whole.end_s for whole in merged} <= {span.end_s for span in many}
    assert merge(merged, gap_s) == merged


@given(spans, st.lists(spans, max_size=6))
def test_coverage_equals_counting_quarter_seconds(span: Span, others: list[Span]) -> None:
    quarters = range(int(span.start_s * 4), int(span.end_s * 4))
    counted = sum(any(other.contains(quarter / 4) for other in others) for quarter in quarters) / 4
    assert covered_s(span, others) == pytest.approx(counted)
