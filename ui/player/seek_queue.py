"""Which seek to send next: one in flight, the latest wish wins, and a drag always ends on the exact frame."""

from __future__ import annotations

from collections.abc import Callable

# A wish further than this from the last one that was sent is a fast drag: the nearest keyframe is shown first, because
# an exact seek costs up to a whole GOP of decoding, and the exact frame follows as soon as nothing newer is wanted.
FAST_DRAG_S = 4.0


class SeekQueue:
    """Pure bookkeeping, no clock and no player.

    Args:
        start: called with (time in seconds, exact) whenever a seek should be sent. It must lead to one call of
            `finished`.
    """

    def __init__(self, start: Callable[[float, bool], None]) -> None:
        self._start = start
        self._waiting: tuple[float, bool] | None = None
        self._flying: tuple[float, bool] | None = None
        self._refine = False

    @property
    def busy(self) -> bool:
        """Whether the picture asked for last is still to come."""
        return self._flying is not None

    @property
    def wanted_s(self) -> float | None:
        """Where the latest wish goes, or None when every wish has been fulfilled."""
        wish = self._waiting or self._flying
        return wish[0] if wish else None

    @property
    def has_newer(self) -> bool:
        """Whether another wish waits for the seek in flight to end."""
        return self._waiting is not None

    def seek(self, time_s: float, exact: bool = True) -> None:
        """Go there as soon as the seek in flight is over, forgetting older wishes."""
        self._refine = False
        self._ask(time_s, exact)

    def drag(self, time_s: float) -> None:
        """Go there on the way to somewhere else: quickly while far, exactly while near."""
        last = self._flying or self._waiting
        far = last is not None and abs(time_s - last[0]) > FAST_DRAG_S
        self._refine = far
        self._ask(time_s, not far)

    def finished(self) -> bool:
        """The seek in flight is over; sends the next. Returns whether nothing is left to do."""
        landed, self._flying = self._flying, None
        if self._waiting is None and landed is not None and self._refine:
            self._refine = False
            self._waiting = (landed[0], True)
        self._send()
        return self._flying is None

    def clear(self) -> None:
        """Forget everything: another file is being opened."""
        self._waiting = self._flying = None
        self._refine = False

    def _ask(self, time_s: float, exact: bool) -> None:
        wish = (time_s, exact)
        # What is on its way already is not asked for a second time.
        self._waiting = wish if wish != self._flying else None
        if self._flying is None:
            self._send()

    def _send(self) -> None:
        if self._waiting is not None:
            self._flying, self._waiting = self._waiting, None
            self._start(*self._flying)
