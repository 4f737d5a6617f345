"""From scores to regions: pure, and fast enough to follow a slider.

1. Runs: stretches that stay above a low level and reach the threshold somewhere (hysteresis).
2. Peaks: a run is parted where the score falls clearly between two peaks that both reach the threshold.
3. Extent: each hit reaches as far as its score stays near its peak; edges lie between windows, where the score crosses
   that level. So how sure a hit is does not decide how long it is.
4. Fusing: hits with a gap of at most `fuse_s` become one.
"""

from __future__ import annotations

import math

import numpy as np

from core.domain.scan import Hit, RegionRule, WindowScores

Part = tuple[int, int, int]
"""First window, last window and the window of the peak."""


def find_regions(windows: WindowScores, rule: RegionRule | None = None) -> list[Hit]:
    """The regions of a recording in order of time, apart from each other by more than `rule.fuse_s`.

    A score that is not a number counts as 0.
    """
    rule = rule or RegionRule()
    array = np.nan_to_num(np.asarray(windows.scores, dtype=np.float64), nan=0.0)
    if not len(array):
        return []
    # Zero is never a hit, however low the threshold.
    threshold = max(rule.threshold, math.ulp(0.0))
    low = threshold * rule.hysteresis
    scores = array.tolist()
    hits = []
    for first, last in _runs(array, low, threshold):
        for part in _parts(scores, first, last, threshold, rule.valley):
            hits.append(_extent(scores, part, max(low, rule.edge * scores[part[2]]), windows))
    return _fuse([_widened(hit, rule.min_length_s, windows.duration_s) for hit in hits], rule.fuse_s)


def _runs(scores: np.ndarray, low: float, threshold: float) -> list[tuple[int, int]]:
    """First and last window of every run above `low` that reaches `threshold`."""
    above = np.flatnonzero(scores >= low)
    if not len(above):
        return []
    breaks = np.flatnonzero(np.diff(above) > 1) + 1
    firsts = above[np.concatenate(([0], breaks))]
    lasts = above[np.concatenate((breaks - 1, [len(above) - 1]))]
    heights = np.maximum.reduceat(scores[above], np.concatenate(([0], breaks)))
    reached = heights >= threshold
    return list(zip(firsts[reached].tolist(), lasts[reached].tolist(), strict=True))


def _parts(scores: list[float], first: int, last: int, threshold: float, valley: float) -> list[Part]:
    """A run, parted at the lowest point between two peaks where that is low enough for both."""
    parts: list[Part] = []
    start = peak = lowest = first
    height = depth = scores[first]
    for index in range(first + 1, last + 1):
        score = scores[index]
        if score < depth:
            lowest, depth = index, score
        elif height >= threshold and score >= threshold and depth < valley * (score if score < height else height):
            parts.append((start, lowest - 1, peak))
            start, peak, lowest = lowest, index, index
            height = depth = score
        elif score > height:
            peak = lowest = index
            height = depth = score
    parts.append((start, last, peak))
    return parts


def _extent(scores: list[float], part: Part, level: float, windows: WindowScores) -> Hit:
    first, last, peak = part
    left, right = first, last
    while scores[left] < level:
        left += 1
    while scores[right] < level:
        right -= 1
    hop, middle = windows.hop_s, windows.span_s / 2
    # Windows stand for their middles; only the first and the last of a recording also stand for what lies beyond.
    start = left * hop + middle - hop * _share(scores, left, left - 1, level) if left else 0.0
    end = right * hop + middle + hop * _share(scores, right, right + 1, level)
    if right == len(scores) - 1:
        end = windows.duration_s
    return Hit(start, end, scores[peak])


def _share(scores: list[float], inside: int, outside: int, level: float) -> float:
    """How far towards the neighbour outside the score crosses the level, 0–1; half where it never falls below."""
    if scores[outside] >= level if 0 <= outside < len(scores) else True:
        return 0.5
    return (scores[inside] - level) / (scores[inside] - scores[outside])


def _widened(hit: Hit, length_s: float, duration_s: float) -> Hit:
    missing = length_s - (hit.end_s - hit.start_s)
    if missing <= 0:
        return hit
    start = max(0.0, min(hit.start_s - missing / 2, duration_s - length_s))
    return Hit(start, max(hit.end_s, min(duration_s, start + length_s)), hit.score)


def _fuse(hits: list[Hit], gap_s: float) -> list[Hit]:
    fused: list[Hit] = []
    for hit in hits:
        if fused and hit.start_s - fused[-1].end_s <= gap_s:
            before = fused[-1]
            start, end = min(before.start_s, hit.start_s), max(before.end_s, hit.end_s)
            fused[-1] = Hit(start, end, max(before.score, hit.score))
        else:
            fused.append(hit)
    return fused
