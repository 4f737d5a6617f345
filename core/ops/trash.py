"""Deleting clips so that they can come back, and emptying the trash for good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.trash import DeletePreview, GoingClip, TrashItem, TrashTotals
from core.errors import UserError
from core.job import JobContext
from core.media import relocate
from core.media.naming import remove_if_empty
from core.ops.swap import swap

_log = logging.getLogger(__name__)


def preview(db: ProcessedDB, clip_ids: Sequence[int]) -> DeletePreview:
    """What deleting these clips would do; looks at the files, changes nothing."""
    clips = [clip for clip in db.trash.clips(clip_ids) if clip.live]
    used = db.trash.used_by_others([clip.path for clip in clips], {clip.id for clip in clips})
    found = []
    for clip in clips:
        parts = relocate.parts_of(clip.path)
        size = sum(relocate.size_of(part) for part in parts)
        found.append(GoingClip(clip.id, clip.path, size, not parts, used.get(clip.path, "")))
    return DeletePreview(tuple(found))


def clips_of(db: ProcessedDB, batch_ids: Sequence[int]) -> tuple[int, ...]:
    """The ids of all clips of these batches, those that failed included."""
    return tuple(clip.id for clip in db.trash.of_batches(batch_ids))


def delete(db: ProcessedDB, trash: Path, clip_ids: Sequence[int], ctx: JobContext | None = None) -> Changes:
    """Take clips out of the history and their files to the trash; see `core.ops.swap.swap` for what it raises."""
    return swap(db, trash, leaving=clip_ids, ctx=ctx)


def restore(db: ProcessedDB, trash: Path, clip_ids: Sequence[int], ctx: JobContext | None = None) -> Changes:
    """Bring deleted clips back, rows and files; see `core.ops.swap.swap` for what it raises."""
    return swap(db, trash, coming=clip_ids, ctx=ctx)


def totals(db: ProcessedDB, older_than_days: float | None = None) -> TrashTotals:
    """How much is in the trash, or how much of it has been there for so many days."""
    return db.trash.totals(_before(older_than_days))


def contents(db: ProcessedDB, limit: int | None = None) -> list[TrashItem]:
    """What is in the trash, or so much of it, what was deleted last first."""
    return db.trash.held(limit=limit)


def purge(db: ProcessedDB, older_than_days: float | None = None, ctx: JobContext | None = None) -> TrashTotals:
    """Delete for good what is in the trash, or what has been there for so many days; returns what was deleted.

    A file that cannot be deleted stays in the trash and does not stop the others.

    Raises:
        Cancelled: `ctx` was cancelled; what was deleted by then is gone.
    """
    files, size, doomed = 0, 0, db.trash.held(_before(older_than_days))
    for number, item in enumerate(doomed):
        if ctx:
            ctx.check()
            ctx.progress(number, len(doomed), Path(item.original).name)
        try:
            relocate.remove(Path(item.place))
        except OSError as error:
            _log.warning("%s cannot be deleted: %s", item.place, error.strerror)
            continue
        db.trash.mark_purged([item.id])
        remove_if_empty(Path(item.place).parent)
        files, size = files + 1, size + item.size_bytes
    return TrashTotals(files, size)


def relabel(db: ProcessedDB, labels: dict[int, tuple[str, str]]) -> Changes:
    """Give batches (by id) another label and category.

    Raises:
        UserError: a batch is not in the history any more.
    """
    known = db.clips.labels(labels)
    if len(known) != len(labels):
        raise UserError("This batch is not in the history any more", "", "Look for it in the trash")
    with db.write():
        db.trash.add_due(db.clips.set_labels(labels))
    return Changes.of(Kind.CLIPS)


def set_training(db: ProcessedDB, clip_ids: Sequence[int], use: bool) -> Changes:
    """Let clips take part in training, or keep them out; no file moves."""
    db.clips.set_disabled(clip_ids, not use)
    return Changes.of(Kind.CLIPS)


def _before(days: float | None) -> str | None:
    if days is None:
        return None
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
