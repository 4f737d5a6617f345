"""Move source files to the app's trash and bring them back."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.export import JobState
from core.domain.media import Media
from core.domain.media_list import EntryKey
from core.errors import UserError
from core.job import JobContext
from core.media import relocate
from core.media.naming import remove_if_empty, write_problem

FOLDER = "sources"
# Beside each file, for whoever looks into the folder when nothing can be undone any more.
ORIGIN = "origin.json"
_log = logging.getLogger(__name__)
CHANGED = Changes.of(Kind.LISTS) | Changes.of(Kind.MEDIA)


@dataclass(frozen=True)
class TrashedSource:
    """A source file in the trash, and the rows that led to it."""

    media: Media
    place: str
    rows: tuple[tuple[int, EntryKey], ...]
    """(list id, row)"""


def size(media: Sequence[Media]) -> int:
    """Bytes of what would go."""
    return sum(relocate.size_of(each.path) for each in media)


def discard(
    db: ProcessedDB, trash: Path, profile: str, media: Sequence[Media], ctx: JobContext | None = None
) -> tuple[tuple[TrashedSource, ...], Changes]:
    """Move the files to the trash and take them off the profile's lists; clips and history stay.

    Raises:
        UserError: an export of one of them waits or runs; nothing has changed.
        EnvironmentProblem: a file cannot be moved; those moved before it are back.
        Cancelled: `ctx` was cancelled; everything is back.
    """
    ctx = ctx or JobContext()
    busy = {job.request.media.id for job in db.jobs.open() if job.state in (JobState.WAITING, JobState.RUNNING)}
    for each in media:
        if each.id in busy:
            raise UserError(f"{each.name} is being exported", "Its clips are cut from it", "Wait until that is done")
    done: list[TrashedSource] = []
    try:
        for number, each in enumerate(media):
            ctx.check()
            ctx.progress(number, len(media), each.name)
            done.append(_discard(db, trash, profile, each, ctx))
    except BaseException:
        restore(db, done)
        raise
    return tuple(done), CHANGED


def restore(db: ProcessedDB, trashed: Sequence[TrashedSource], ctx: JobContext | None = None) -> Changes:
    """Bring files back to where they were, and their rows. What is back already is left alone.

    Raises:
        UserError: another file has taken the name, or the file was deleted for good.
        EnvironmentProblem: a file cannot be moved.
    """
    for each in trashed:
        _move(Path(each.place), Path(each.media.path), ctx)
        Path(each.place).with_name(ORIGIN).unlink(missing_ok=True)
        for folder in list(Path(each.place).parents)[:2]:
            remove_if_empty(folder)
        with db.write():
            for list_id, row in each.rows:
                db.lists.put_back(list_id, [row])
    return CHANGED


def discard_again(db: ProcessedDB, trashed: Sequence[TrashedSource], ctx: JobContext | None = None) -> Changes:
    """Redo `discard` after `restore`. Raises as `restore`."""
    for each in trashed:
        _move(Path(each.media.path), Path(each.place), ctx)
        _note_origin(each.media, Path(each.place))
        _take_off(db, each.rows)
    return CHANGED


def _discard(db: ProcessedDB, trash: Path, profile: str, media: Media, ctx: JobContext) -> TrashedSource:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    place = trash / FOLDER / f"{stamp}-{media.id}" / media.name
    rows = tuple((list_id, ("media", media.id)) for list_id in db.lists.lists_with(profile, media.id))
    _move(Path(media.path), place, ctx)
    _note_origin(media, place)
    _take_off(db, rows)
    return TrashedSource(media, str(place), rows)


def _note_origin(media: Media, place: Path) -> None:
    try:
        place.with_name(ORIGIN).write_text(json.dumps({"path": media.path}, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        # The file is safe and can be brought back; only the note is missing.
        _log.warning("No note of where %s came from: %s", place, error.strerror)


def _take_off(db: ProcessedDB, rows: Sequence[tuple[int, EntryKey]]) -> None:
    with db.write():
        for list_id, row in rows:
            db.lists.take_out(list_id, [row])


def _move(source: Path, target: Path, ctx: JobContext | None) -> None:
    """Move unless it was moved already."""
    if not os.path.lexists(source):
        if os.path.lexists(target):
            return
        raise UserError(f"{source.name} is gone", f"It is no longer at {source.parent}", "Look for it and relink it")
    try:
        relocate.move(source, target, ctx)
        relocate.settle([target])
    except FileExistsError as error:
        raise UserError(
            f"{target.name} cannot be put back", f"Another file has its name in {target.parent}", "Move that one away"
        ) from error
    except OSError as error:
        raise write_problem(error, target.parent) from error
