"""A profile: a namespace of its own for exports, lists, scans and models."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.amounts import count_text


@dataclass(frozen=True)
class ProfileSummary:
    """A profile as a person chooses it: how many media its lists hold and how many clips were cut in it."""

    id: int
    name: str
    media: int = 0
    clips: int = 0

    @property
    def contents(self) -> str:
        return f"{count_text(self.media, 'file')}, {count_text(self.clips, 'clip')}"
