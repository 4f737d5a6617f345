"""Which of thousands of spans touch which, on whole arrays. Spans are given as starts and ends, float64[n] each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.domain.timespan import Span

# A length is a difference, so a start found through it may be off by this much.
_ROUNDING_S = 1e-6


def touching_pairs(
    starts: np.ndarray, ends: np.ndarray, other_starts: np.ndarray, other_ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """All pairs (number of a span, number of another) that touch or overlap, int[p] each, in no order.

    The others are looked at in groups of like length, so that one long span among many short ones costs nothing.
    """
    lengths = other_ends - other_starts
    found = [], []
    groups = np.frexp(lengths)[1]
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        members = members[np.argsort(other_starts[members], kind="stable")]
        group_starts, longest_s = other_starts[members], lengths[members].max()
        first = np.searchsorted(group_starts, starts - longest_s - _ROUNDING_S, "left")
        counts = np.maximum(0, np.searchsorted(group_starts, ends, "right") - first)
        ones = np.repeat(np.arange(len(starts)), counts)
        others = members[np.arange(len(ones)) - np.repeat(np.cumsum(counts) - counts - first, counts)]
        touching = other_ends[others] >= starts[ones]
        found[0].append(ones[touching])
        found[1].append(others[touching])
    if not found[0]:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    return np.concatenate(found[0]), np.concatenate(found[1])


def overlaps(starts: np.ndarray, ends: np.ndarray, other_starts: np.ndarray, other_ends: np.ndarray) -> np.ndarray:
    """Seconds that each span shares with the other of the same number; 0 where they only touch. Arrays broadcast."""
    return np.maximum(0.0, np.minimum(ends, other_ends) - np.maximum(starts, other_starts))


def overlap_any(starts: np.ndarray, ends: np.ndarray, other_starts: np.ndarray, other_ends: np.ndarray) -> np.ndarray:
    """bool[n]: whether each span shares time with one of the others; of length 0, either is a moment in the other."""
    brief = other_starts == other_ends
    moments = np.sort(other_starts[brief])
    found = np.searchsorted(moments, starts, "left") < np.searchsorted(moments, ends, "right")
    other_starts, other_ends = other_starts[~brief], other_ends[~brief]
    if not len(other_starts):
        return found
    order = np.argsort(other_starts, kind="stable")
    other_starts, reach = other_starts[order], np.maximum.accumulate(other_ends[order])
    # A span that is a moment itself lies in what it touches; any other has to share some time.
    moment = starts == ends
    behind = np.where(moment, np.searchsorted(other_starts, ends, "right"), np.searchsorted(other_starts, ends, "left"))
    reach = reach[np.maximum(0, behind - 1)]
    return found | ((behind > 0) & np.where(moment, reach >= starts, reach > starts))


def edges(spans: Iterable[Span]) -> tuple[np.ndarray, np.ndarray]:
    """Their starts and ends."""
    pairs = np.array([(span.start_s, span.end_s) for span in spans], dtype=np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def merged(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The union as disjoint spans in order; those that touch become one."""
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], ends[order]
    if not len(starts):
        return starts, ends
    apart = starts[1:] > np.maximum.accumulate(ends)[:-1]
    groups = np.concatenate(([0], np.flatnonzero(apart) + 1))
    return starts[groups], np.maximum.reduceat(ends, groups)
