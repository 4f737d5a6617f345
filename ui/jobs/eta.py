"""How long a job will still take, without jumping about."""

from __future__ import annotations

import math

SMOOTHING_S = 4.0
MINIMUM_S = 0.7


class Eta:
    """Smooths the speed of progress exponentially over about `SMOOTHING_S` seconds."""

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._time_s = 0.0
        self._fraction = 0.0
        self._rate = 0.0

    def update(self, now_s: float, fraction: float | None) -> None:
        """Tell where the job is at `now_s` (any monotonic clock); None while its total is unknown.

        A fraction that falls (another pass begins) starts the estimate afresh.
        """
        if fraction is None:
            return
        if self._start_s is None or fraction < self._fraction:
            self._start_s, self._time_s, self._fraction, self._rate = now_s, now_s, fraction, 0.0
            return
        elapsed = now_s - self._time_s
        if fraction == self._fraction or elapsed <= 0:
            return
        speed = (fraction - self._fraction) / elapsed
        weight = 1.0 if self._rate == 0.0 else 1.0 - math.exp(-elapsed / SMOOTHING_S)
        self._rate += weight * (speed - self._rate)
        self._time_s, self._fraction = now_s, fraction

    def remaining_s(self, now_s: float) -> float | None:
        """Seconds still to go at `now_s`, or None while nothing can be said."""
        if self._start_s is None or self._rate <= 0.0 or now_s - self._start_s < MINIMUM_S:
            return None
        return max(0.0, (1.0 - self._fraction) / self._rate - (now_s - self._time_s))


def format_eta(seconds: float) -> str:
    """`4 s`, `2 min 05 s`, `1 h 03 min`: what a person can use, not more."""
    whole = max(1, math.ceil(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole // 60 % 60:02d} min"
