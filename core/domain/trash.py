"""What lies in the app's trash, and what deleting would do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrashItem:
    """A file of a clip, or the folder of its pictures: where it belongs and where it lies meanwhile.

    `id` is 0 while the history does not know it. `created_at` is the ISO 8601 time it left, in UTC.
    """

    id: int
    clip_id: int
    original: str
    place: str
    size_bytes: int
    state: str = "leaving"
    created_at: str = ""


@dataclass(frozen=True)
class TrashTotals:
    """How much there is."""

    files: int
    size_bytes: int


@dataclass(frozen=True)
class GoingClip:
    """A clip that a person is about to delete. `stays_for` is the other profile that still uses its file, or empty."""

    id: int
    path: str
    size_bytes: int
    missing: bool = False
    stays_for: str = ""


@dataclass(frozen=True)
class DeletePreview:
    """What deleting clips would do, for the question that is asked before."""

    clips: tuple[GoingClip, ...]

    @property
    def moving(self) -> tuple[GoingClip, ...]:
        """Those whose files go to the trash."""
        return tuple(clip for clip in self.clips if not clip.stays_for and not clip.missing)

    @property
    def size_bytes(self) -> int:
        return sum(clip.size_bytes for clip in self.moving)
