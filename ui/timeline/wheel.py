"""Wheels and touchpads: many small turns add up to whole steps. Pure."""

from __future__ import annotations

from dataclasses import dataclass

NOTCH = 120
ZOOM_PER_NOTCH = 1.25


@dataclass
class StepCounter:
    """Counts whole notches of `NOTCH` eighths of a degree; a change of direction starts again from nothing."""

    rest: int = 0

    def turn(self, delta: int) -> int:
        """Whole steps after a turn of `delta`, the remainder kept for the next one."""
        if self.rest * delta < 0:
            self.rest = 0
        self.rest += delta
        steps = int(self.rest / NOTCH)
        self.rest -= steps * NOTCH
        return steps


def zoom_factor(delta: int) -> float:
    """How much closer a turn of `delta` brings; opposite turns cancel out."""
    return ZOOM_PER_NOTCH ** (delta / NOTCH)
