"""What an operation changed, so that every surface knows whether to look again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """The kinds of stored things a surface may show."""

    MEDIA = "media"
    CLIPS = "clips"
    SCANS = "scans"
    NEGATIVES = "negatives"
    PROFILES = "profiles"
    LISTS = "lists"
    JOBS = "jobs"
    MODELS = "models"
    LABELS = "labels"
    CROPS = "crops"
    FEATURES = "features"


@dataclass(frozen=True)
class Changes:
    """A set of (kind, media id) pairs; media id None means "of any media". Combine with `|`."""

    items: frozenset[tuple[Kind, int | None]] = field(default_factory=frozenset)

    @classmethod
    def of(cls, kind: Kind, *media_ids: int | None) -> Changes:
        """`Changes.of(Kind.CLIPS, 3)`, or `Changes.of(Kind.PROFILES)` for a thing that belongs to no media."""
        return cls(frozenset((kind, media_id) for media_id in media_ids or (None,)))

    def touches(self, kind: Kind, media_id: int | None = None) -> bool:
        """Whether a surface that shows this kind (of this media, or of any when None) has to look again."""
        return any(
            changed is kind and (media_id is None or of_media is None or of_media == media_id)
            for changed, of_media in self.items
        )

    def __or__(self, other: Changes) -> Changes:
        return Changes(self.items | other.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def __iter__(self) -> Iterator[tuple[Kind, int | None]]:
        return iter(self.items)
