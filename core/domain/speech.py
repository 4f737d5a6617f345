"""Where someone speaks in a recording, and regions chosen by it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.domain.timespan import Span

MOSTLY = 0.5
"""From this share of speech on a region counts as one where someone speaks."""


@dataclass(frozen=True)
class SpeechTrack:
    """The speech of one recording: disjoint spans in order of time."""

    spans: tuple[Span, ...]
    duration_s: float

    @property
    def spoken_s(self) -> float:
        """Seconds of speech in all."""
        return sum(span.length_s for span in self.spans)


class SpeechFilter(Enum):
    """Which regions are wanted; the value is how settings and the command line write it."""

    ANY = "any"
    ONLY = "only"
    WITHOUT = "without"
