"""Half-open spans of seconds, and the arithmetic of many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
