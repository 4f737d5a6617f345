"""Half-open spans of seconds, and the arithmetic of many of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, order=True)
class Span:
    """`[start_s, end_s)` in seconds; `end_s` is never before `start_s`."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not self.start_s <= self.end_s:
            raise ValueError(f"a span ends at or after its start, got {self.start_s}–{self.end_s}")

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    def overlap_s(self, other: Span) -> float:
        """Seconds that both cover; 0 when they only touch."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def contains(self, time_s: float) -> bool:
        return self.start_s <= time_s < self.end_s


class Spans:
    """Many spans, asked whether any of them touches another: a search by bisection, whatever their number."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._sorted = sorted(spans)
        self._starts = [span.start_s for span in self._sorted]
        self._reach = list(accumulate((span.end_s for span in self._sorted), max))

    def overlap(self, other: Span) -> bool:
        """Whether one of them shares some time with `other`; of length 0, either is a moment inside the other."""
        behind = bisect_right(self._starts, other.end_s)
        if not behind or self._reach[behind - 1] < other.start_s:
            return False
        first = bisect_left(self._reach, other.start_s, 0, behind)
        return any(
            span.overlap_s(other) > 0 or not span.length_s or not other.length_s
            for span in self._sorted[first:behind]
            if span.end_s >= other.start_s
        )


def merge(spans: Iterable[Span], gap_s: float = 0.0) -> list[Span]:
    """The union as disjoint spans in order; two that are at most `gap_s` apart become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start_s - merged[-1].end_s <= gap_s:
            merged[-1] = Span(merged[-1].start_s, max(merged[-1].end_s, span.end_s))
        else:
            merged.append(span)
    return merged


def covered_s(span: Span, others: Iterable[Span]) -> float:
    """Seconds of `span` that at least one of `others` covers."""
    return sum(span.overlap_s(other) for other in merge(others))
