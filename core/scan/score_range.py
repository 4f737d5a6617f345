"""The windows of a scan whose score lies in a range, such as those that a classifier is unsure of."""

from __future__ import annotations

import math

import numpy as np

from core.domain.scan import WindowScores
from core.domain.timespan import Span


def windows_between(windows: WindowScores, low: float, high: float, apart_s: float | None = None) -> list[Span]:
    """Windows with a score from `low` to `high`, both counted in, in order of time.

    Neighbours hold nearly the same sound. So of windows that start nearer to each other than `apart_s` the one whose
    score is nearest to the middle of the range is taken, of equal ones the first.

    Args:
        apart_s: None for the length of a window: then no two overlap.
    """
    scores = np.asarray(windows.scores, dtype=np.float64)
    # Scores are kept as float32, so 0.7 may be stored as a little more than that.
    fitting = np.flatnonzero((scores >= low - 1e-6) & (scores <= high + 1e-6))
    away = np.abs(scores[fitting] - (low + high) / 2).round(6)
    # Starts are multiples of the hop, so a distance counts in whole hops.
    reach = max(1, math.ceil((windows.span_s if apart_s is None else apart_s) / windows.hop_s - 1e-6))
    taken, near = [], np.zeros(len(scores), dtype=bool)
    for place in fitting[np.argsort(away, kind="stable")]:
        if not near[place]:
            taken.append(int(place))
            near[max(0, place - reach + 1) : place + reach] = True
    return [
        Span(place * windows.hop_s, min(place * windows.hop_s + windows.span_s, windows.duration_s))
        for place in sorted(taken)
    ]
