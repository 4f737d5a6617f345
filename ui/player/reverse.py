"""Playing backwards: asks for ever earlier frames as time passes; the seek queue shows as many as can be decoded."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

TICK_MS = 30


class Reverse:
    """Silent, and as smooth as exact seeks are.

    Args:
        parent: owns the timer.
        clock: seconds that only grow.
        go: called with the time to show.
    """

    def __init__(self, parent: QObject, clock: Callable[[], float], go: Callable[[float], None]) -> None:
        self._clock = clock
        self._go = go
        self._rate = 0.0
        self._from_s = 0.0
        self._began_s = 0.0
        self._last_s = 0.0
        self._timer = QTimer(parent, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def rate(self) -> float:
        """How fast it goes backwards, 0 while it does not."""
        return self._rate

    def start(self, time_s: float, rate: float) -> None:
        self._rate, self._from_s, self._last_s, self._began_s = rate, time_s, time_s, self._clock()
        self._timer.start()

    def stop(self) -> None:
        self._rate = 0.0
        self._timer.stop()

    def tick(self) -> None:
        """Ask for where the clock says we are."""
        time_s = max(0.0, self._from_s - (self._clock() - self._began_s) * self._rate)
        if self._rate and time_s != self._last_s:
            self._last_s = time_s
            self._go(time_s)
