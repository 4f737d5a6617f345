"""How long somebody has really looked at an item: time without any sign of life does not count."""

from __future__ import annotations

import time
from collections.abc import Callable

IDLE_AFTER_S = 20.0


class Attention:
    """A stopwatch that stops by itself where nobody presses a key or moves the mouse.

    Args:
        idle_after_s: how much of each silence counts; the rest of it is idle time.
        clock: seconds, never going back.
    """

    def __init__(self, idle_after_s: float = IDLE_AFTER_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle_after_s, self._clock = idle_after_s, clock
        self._seconds = 0.0
        self._seen_s: float | None = None

    def start(self) -> None:
        """A new item is in sight."""
        self._seconds = 0.0
        self._seen_s = self._clock()

    def touch(self) -> None:
        """Somebody is there."""
        if self._seen_s is not None:
            now_s = self._clock()
            self._seconds += min(self._idle_after_s, now_s - self._seen_s)
            self._seen_s = now_s

    def pause(self) -> None:
        """The item is out of sight: another window, another desk."""
        self.touch()
        self._seen_s = None

    def go_on(self) -> None:
        """It is in sight again."""
        if self._seen_s is None:
            self._seen_s = self._clock()

    @property
    def seconds(self) -> float:
        """Of attention since `start`."""
        self.touch()
        return self._seconds
