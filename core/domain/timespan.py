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
        found = list(spans)
        self._order = sorted(range(len(found)), key=found.__getitem__)
        self._sorted = [found[number] for number in self._order]
        self._starts = [span.start_s for span in self._sorted]
        self._reach = list(accumulate((span.end_s for span in self._sorted), max))

    def overlap(self, other: Span) -> bool:
        """Whether one of them shares some time with `other`; of length 0, either is a moment inside the other."""
        return any(
            self._sorted[place].overlap_s(other) > 0 or not self._sorted[place].length_s or not other.length_s
            for place in self._touching(other)
        )

    def near(self, other: Span) -> list[int]:
        """The numbers, in the order given, of those that touch `other`."""
        return sorted(self._order[place] for place in self._touching(other))

    def _touching(self, other: Span) -> list[int]:
        behind = bisect_right(self._starts, other.end_s)
        first = bisect_left(self._reach, other.start_s, 0, behind)
        return [place for place in range(first, behind) if self._sorted[place].end_s >= other.start_s]


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
