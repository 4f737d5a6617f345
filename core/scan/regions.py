"""From scores to regions: pure, and fast enough to follow a slider.

1. Runs: stretches that stay above a low level and reach the threshold somewhere (hysteresis).
2. Peaks: a run is parted where the score falls clearly between two peaks that both reach the threshold.
3. Extent: each hit reaches as far as its score stays near its peak; edges lie between windows, where the score crosses
   that level. So how sure a hit is does not decide how long it is.
4. Fusing: hits with a gap of at most `fuse_s` become one.

All of it on whole arrays: of a long recording only runs with several peaks are walked through one turning point at a
time.
"""

from __future__ import annotations

import math

import numpy as np

from core.domain.scan import Hit, RegionRule, WindowScores


def find_regions(windows: WindowScores, rule: RegionRule | None = None) -> list[Hit]:
    """The regions of a recording in order of time, apart from each other by more than `rule.fuse_s`.

    A score that is not a number counts as 0.
    """
    return [Hit(*hit) for hit in find_hits(windows, rule).tolist()]


def find_hits(windows: WindowScores, rule: RegionRule | None = None) -> np.ndarray:
    """`find_regions` as float64[n, 3]: start, end (seconds) and score of each region."""
    rule = rule or RegionRule()
    scores = np.nan_to_num(np.asarray(windows.scores, dtype=np.float64), nan=0.0)
    # Zero is never a hit, however low the threshold.
    threshold = max(rule.threshold, math.ulp(0.0))
    low = threshold * rule.hysteresis
    firsts, lasts = _runs(scores, low, threshold)
    if not len(firsts):
        return np.empty((0, 3))
    firsts, lasts, peaks = _parts(scores, firsts, lasts, threshold, rule.valley)
    hits = _extents(scores, firsts, lasts, peaks, np.maximum(low, rule.edge * scores[peaks]), windows)
    return _fuse(_widened(hits, rule.min_length_s, windows.duration_s), rule.fuse_s)


def _runs(scores: np.ndarray, low: float, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """First and last window (int[n] each) of every run above `low` that reaches `threshold`."""
    above = np.flatnonzero(scores >= low)
    if not len(above):
        return above, above
    breaks = np.flatnonzero(np.diff(above) > 1) + 1
    firsts = above[np.concatenate(([0], breaks))]
    lasts = above[np.concatenate((breaks - 1, [len(above) - 1]))]
    reached = np.maximum.reduceat(scores[above], np.concatenate(([0], breaks))) >= threshold
    return firsts[reached], lasts[reached]


def _parts(
    scores: np.ndarray, firsts: np.ndarray, lasts: np.ndarray, threshold: float, valley: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First window, last window and the window of the peak (int[m] each) of the hits that the runs are made of."""
    turns, of_run = _turning_points(scores, firsts, lasts)
    first_turns = np.searchsorted(of_run, np.arange(len(firsts) + 1))
    heights = scores[turns]
    highest = np.maximum.reduceat(heights, first_turns[:-1])
    tops = np.flatnonzero(heights == highest[of_run])
    peaks = turns[tops[np.searchsorted(of_run[tops], np.arange(len(firsts)))]]
    # Without a dip between two rises, deep enough for the highest peak, there is nothing to part.
    risen = (heights[1:] > heights[:-1]) & (of_run[1:] == of_run[:-1])
    dips = np.flatnonzero(risen & (heights[:-1] < valley * highest[of_run[:-1]]))
    several = np.unique(of_run[dips[~np.isin(dips, first_turns)]])
    if not len(several):
        return firsts, lasts, peaks
    places, values = turns.tolist(), heights.tolist()
    parted = [
        (*part, run)
        for run in several.tolist()
        for part in _part(places, values, first_turns[run], first_turns[run + 1], int(lasts[run]), threshold, valley)
    ]
    alone = np.ones(len(firsts), dtype=bool)
    alone[several] = False
    whole = np.column_stack((firsts, lasts, peaks, np.arange(len(firsts))))[alone]
    parts = np.concatenate((whole, np.array(parted, dtype=np.intp)))
    parts = parts[np.lexsort((parts[:, 0], parts[:, 3]))]
    return parts[:, 0], parts[:, 1], parts[:, 2]


def _turning_points(scores: np.ndarray, firsts: np.ndarray, lasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the score stops rising or falling inside the runs, their first windows included: (windows, their runs).

    Of a level stretch it is the first window. What lies between two of them rises or falls all the way, so parting a
    run needs to look at these only.
    """
    windows, of_run = _members(firsts, lasts)
    values = scores[windows]
    starts = np.concatenate(([True], of_run[1:] != of_run[:-1]))
    moved = starts | np.concatenate(([True], values[1:] != values[:-1]))
    windows, of_run, values, starts = windows[moved], of_run[moved], values[moved], starts[moved]
    rises = np.concatenate((values[1:] > values[:-1], [False]))
    ends = np.concatenate((starts[1:], [True]))
    turned = starts | ends | np.concatenate(([True], rises[1:] != rises[:-1]))
    return windows[turned], of_run[turned]


def _members(firsts: np.ndarray, lasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All windows of these stretches, one after the other, and the number of the stretch of each."""
    lengths = lasts - firsts + 1
    of_stretch = np.repeat(np.arange(len(firsts)), lengths)
    offsets = np.cumsum(lengths) - lengths
    return np.arange(len(of_stretch)) - offsets[of_stretch] + firsts[of_stretch], of_stretch


def _part(
    places: list[int], values: list[float], first: int, behind: int, last: int, threshold: float, valley: float
) -> list[tuple[int, int, int]]:
    """One run, parted at the lowest point between two peaks where that is low enough for both.

    Args:
        places, values: windows and scores of turning points, of which `first` up to `behind` are the run's.
        last: the run's last window.
    """
    parts = []
    start = peak = lowest = places[first]
    height = depth = values[first]
    for turn in range(first + 1, behind):
        score = values[turn]
        if score < depth:
            lowest, depth = places[turn], score
        elif height >= threshold and score >= threshold and depth < valley * (score if score < height else height):
            parts.append((start, lowest - 1, peak))
            start, peak = lowest, places[turn]
            lowest, height, depth = peak, score, score
        elif score > height:
            peak = lowest = places[turn]
            height = depth = score
    parts.append((start, last, peak))
    return parts


def _extents(
    scores: np.ndarray,
    firsts: np.ndarray,
    lasts: np.ndarray,
    peaks: np.ndarray,
    levels: np.ndarray,
    windows: WindowScores,
) -> np.ndarray:
    """Hits as float64[n, 3]: each from the first to the last of its windows that reach its level."""
    members, of_part = _members(firsts, lasts)
    inside = scores[members] >= levels[of_part]
    members, of_part = members[inside], of_part[inside]
    left = members[np.searchsorted(of_part, np.arange(len(firsts)), "left")]
    right = members[np.searchsorted(of_part, np.arange(len(firsts)), "right") - 1]
    hop, middle = windows.hop_s, windows.span_s / 2
    # Windows stand for their middles; only the first and the last of a recording also stand for what lies beyond.
    starts = left * hop + middle - hop * _shares(scores, left, left - 1, levels)
    ends = right * hop + middle + hop * _shares(scores, right, right + 1, levels)
    starts[left == 0] = 0.0
    ends[right == len(scores) - 1] = windows.duration_s
    return np.column_stack((starts, ends, scores[peaks]))


def _shares(scores: np.ndarray, inside: np.ndarray, outside: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """How far towards the neighbour outside the score crosses the level, 0–1; half where it never falls below."""
    beyond = scores[np.clip(outside, 0, len(scores) - 1)]
    falls = (outside >= 0) & (outside < len(scores)) & (beyond < levels)
    drop = np.where(falls, scores[inside] - beyond, 1.0)
    return np.where(falls, (scores[inside] - levels) / drop, 0.5)


def _widened(hits: np.ndarray, length_s: float, duration_s: float) -> np.ndarray:
    starts, ends, heights = hits.T
    missing = length_s - (ends - starts)
    wide = np.maximum(0.0, np.minimum(starts - missing / 2, duration_s - length_s))
    short = missing > 0
    return np.column_stack(
        (
            np.where(short, wide, starts),
            np.where(short, np.maximum(ends, np.minimum(duration_s, wide + length_s)), ends),
            heights,
        )
    )


def _fuse(hits: np.ndarray, gap_s: float) -> np.ndarray:
    """`hits` in order, with those that are at most `gap_s` apart as one."""
    starts, ends, heights = hits.T
    apart = starts[1:] - np.maximum.accumulate(ends)[:-1] > gap_s
    groups = np.concatenate(([0], np.flatnonzero(apart) + 1))
    return np.column_stack(
        (
            np.minimum.reduceat(starts, groups),
            np.maximum.reduceat(ends, groups),
            np.maximum.reduceat(heights, groups),
        )
    )
