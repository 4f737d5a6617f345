"""Asking many spans at once gives what asking each of them gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.timespan import Span, Spans

edges = st.integers(0, 40)
spans = st.builds(lambda start, length: Span(float(start), float(start + length)), edges, st.integers(0, 6))


@given(st.lists(spans, max_size=12), spans)
def test_overlap_is_that_of_any_single_one(many: list[Span], asked: Span) -> None:
    def touches(one: Span) -> bool:
        if one.length_s and asked.length_s:
            return one.overlap_s(asked) > 0
        return one.start_s <= asked.end_s and asked.start_s <= one.end_s

    assert Spans(many).overlap(asked) is any(touches(one) for one in many)
