"""Tells the end of our own seek from the restarts that mpv announces for other reasons, such as the jump of a loop."""

from __future__ import annotations

from enum import Enum


class _Stage(Enum):
    IDLE = 0
    ACCEPTED = 1  # mpv put our seek in its queue; a restart now still belongs to an earlier jump
    STARTED = 2


class SeekFlight:
    """mpv's words come in this order: command accepted, `seek`, `playback-restart`. One seek is in flight at a time."""

    def __init__(self) -> None:
        self._stage = _Stage.IDLE

    def accepted(self) -> None:
        self._stage = _Stage.ACCEPTED

    def started(self) -> None:
        if self._stage is _Stage.ACCEPTED:
            self._stage = _Stage.STARTED

    def landed(self) -> bool:
        """A restart was announced: whether it ends our seek."""
        if self._stage is not _Stage.STARTED:
            return False
        self._stage = _Stage.IDLE
        return True

    def reset(self) -> None:
        self._stage = _Stage.IDLE
