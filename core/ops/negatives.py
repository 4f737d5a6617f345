"""Hard negatives: mark what a classifier took for the sound and a person did not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.storage.negatives import NegativeMark


def mark_regions(
    db: ProcessedDB, media: Media, profile: str, label: str, timestamp: str, rows: Iterable[RegionRow]
) -> tuple[int, Changes]:
    """Mark regions of a scan as not the sound; returns how many were not marked yet."""
    marks = [NegativeMark(row.start_s, row.end_s, row.id) for row in rows]
    with db.write():
        added = db.negatives.add(
            db.profiles.ensure(profile),
            media.id,
            marks,
            filename=media.name,
            source_path=media.path,
            source_model=label,
            scan_timestamp=timestamp,
        )
    return added, Changes.of(Kind.NEGATIVES, media.id)


def mark_times(
    db: ProcessedDB, path: str, profile: str, times_s: Sequence[float], length_s: float = 0.0
) -> tuple[int, Changes]:
    """Mark moments of a file, or stretches of `length_s` from them; returns how many were not marked yet.

    Raises:
        UserError: the file cannot be read.
    """
    from core.media.identity import content_key

    media = db.media.register(content_key(path), path)
    marks = [NegativeMark(time, time + length_s if length_s else None) for time in times_s]
    added = db.negatives.add(db.profiles.ensure(profile), media.id, marks, filename=media.name, source_path=path)
    return added, Changes.of(Kind.NEGATIVES, media.id)


def marked(db: ProcessedDB, profile: str, label: str | None = None) -> list[dict[str, Any]]:
    """The hard negatives of a profile, or those that came from one classifier."""
    return [mark for mark in db.get_hard_negatives(profile) if label in (None, mark["source_model"])]


def unmark(db: ProcessedDB, ids: Sequence[int]) -> tuple[int, Changes]:
    """Take marks back by id; returns how many there were. `restore` undoes it."""
    return db.negatives.delete(ids), Changes.of(Kind.NEGATIVES)


def restore(db: ProcessedDB, ids: Sequence[int]) -> tuple[int, Changes]:
    """Undo `unmark`."""
    return db.negatives.restore(ids), Changes.of(Kind.NEGATIVES)
