"""Change the order and the members of a profile's list."""

from __future__ import annotations

from core.changes import Changes, Kind
from core.db import ProcessedDB


def remove_from_list(db: ProcessedDB, profile: str, media_id: int) -> Changes:
    """Take a media off the list; its file, its clips and its history stay."""
    db.lists.remove(profile, media_id)
    return Changes.of(Kind.LISTS)


def put_in_list(db: ProcessedDB, profile: str, media_id: int, index: int) -> Changes:
    """Put a media at this place of the list, 0 being the top."""
    db.lists.add(profile, media_id, index)
    return Changes.of(Kind.LISTS)
