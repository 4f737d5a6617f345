"""Checking a cut: the first and the last second of each clip, one after the other, round and round."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QObject

from core.domain.timespan import Span
from ui.player.player import Player

END_S = 1.0


def ends_of(clips: Iterable[Span], length_s: float) -> tuple[tuple[float, float], ...]:
    """Start and end of what is heard of each clip, in order; parts behind `length_s` (0: unknown) are left out."""
    parts = []
    for clip in clips:
        end_s = min(clip.end_s, length_s) if length_s else clip.end_s
        first = (clip.start_s, min(clip.start_s + END_S, end_s))
        last = (max(clip.start_s, end_s - END_S), end_s)
        for start_s, stop_s in (first, last):
            if stop_s > start_s and (start_s, stop_s) not in parts:
                parts.append((start_s, stop_s))
    return tuple(parts)


class EndsLoop(QObject):
    """Moves the player's loop on to the next part whenever it has played one to its end.

    A loop ends exactly where it is told to, and starting it over is how its end is noticed: of the part that was just
    heard the first frame may flash up again, but nothing behind a cut is ever heard.
    """

    def __init__(self, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._parts: tuple[tuple[float, float], ...] = ()
        self._index = 0
        self._last_s: float | None = None
        player.position_changed.connect(self._watch)

    @property
    def part(self) -> tuple[float, float] | None:
        """What is being looped."""
        return self._parts[self._index] if self._parts else None

    def follow(self, clips: Iterable[Span], length_s: float) -> None:
        """Loop the ends of these clips; the same ones go on where they were."""
        parts = ends_of(clips, length_s)
        if parts != self._parts:
            self._parts, self._index = parts, 0
        self._enter()

    def stop(self) -> None:
        """Leave the player's loop to others."""
        self._parts, self._index, self._last_s = (), 0, None

    def _enter(self) -> None:
        self._last_s = None
        if self._parts:
            self._player.set_loop(*self._parts[self._index])

    def _watch(self, time_s: float) -> None:
        if not self._parts or self._player.paused or self._player.seeking:
            self._last_s = None
            return
        if self._last_s is not None and time_s < self._last_s:
            self._index = (self._index + 1) % len(self._parts)
            self._enter()
            return
        self._last_s = time_s
