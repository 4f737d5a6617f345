"""A profile: a namespace of its own for exports, lists, scans and models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProfileSummary:
    """A profile as a person chooses it: how many media its lists hold and how many clips were cut in it."""

    id: int
    name: str
    media: int = 0
    clips: int = 0

    @property
    def contents(self) -> str:
        files = "1 file" if self.media == 1 else f"{self.media:,} files"
        return f"{files}, {'1 clip' if self.clips == 1 else f'{self.clips:,} clips'}"
