"""The one way in which finished clips leave the history and come back: files and rows together, or not at all.

Deleting, overwriting, and undoing or redoing either are the same change: some clips leave, some come. What is about to
happen is written down first, then the files move, then the rows change. A crash in between is carried on at the start.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.trash import TrashItem
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.media import relocate
from core.media.naming import remove_if_empty, write_problem
from core.storage.trash import ClipRow, OpenSwap

_log = logging.getLogger(__name__)
# So many renames, and their rows, stay far below what a person notices.
QUICK_FILES = 40


def swap(
    db: ProcessedDB,
    trash: Path,
    leaving: Sequence[int] = (),
    coming: Sequence[int] = (),
    *,
    staged: Mapping[int, str] | None = None,
    own_job: int = 0,
    ctx: JobContext | None = None,
) -> Changes:
    """Let clips leave and others come; row ids stay. Clips that are where they should be already are left alone.

    A file that leaves goes to `trash`, unless a clip of another profile or batch uses it: then only the row goes.
    A clip that comes gets its file back from the trash, or from `staged` (clip id to path) where `own_job` made it.
    `dataset.json` is due afterwards, see `core.ops.manifest.follow`.

    Raises:
        UserError: a file was deleted for good meanwhile, another file has its name, or a clip is being exported;
            nothing has changed.
        EnvironmentProblem: a file cannot be moved; nothing has changed.
        Cancelled: `ctx` was cancelled; nothing has changed.
    """
    staged = staged or {}
    gone = [clip for clip in db.trash.clips(leaving) if clip.live]
    back = [clip for clip in db.trash.clips(coming) if not clip.live]
    if not gone and not back:
        return Changes()
    if db.trash.being_exported({clip.batch_id for clip in gone}, own_job):
        raise UserError("This batch is being exported", "Its files are not all there yet", "Wait for it, or cancel it")
    used = db.trash.used_by_others([clip.path for clip in gone], {clip.id for clip in gone})
    goes = [item for clip in gone if clip.path not in used for item in _to_trash(clip, trash)]
    comes = _from_trash(db, back, staged, {item.original for item in goes})
    swap_ = db.trash.begin([clip.id for clip in gone], [clip.id for clip in back], goes, comes)
    try:
        _move_all(swap_, ctx or JobContext())
    except _Stuck as stuck:
        # Some files are moved and cannot go back now: the journal keeps them, and the next start carries on.
        raise stuck.problem from stuck
    except BaseException:
        db.trash.abandon(swap_, staged)
        raise
    db.trash.finish(swap_)
    _tidy_folders(swap_)
    return _changes(gone, back)


def recover(db: ProcessedDB) -> Changes:
    """Carry on what a crash interrupted. What cannot be moved now, on a disk that is away, waits for the next time."""
    changes = Changes()
    for swap_ in db.trash.open_swaps():
        clips = db.trash.clips((*swap_.leaving, *swap_.coming))
        try:
            for item, source, target in _moves(swap_):
                if _has_left(swap_, item):
                    continue
                if os.path.lexists(source):
                    relocate.carry_on(source, target)
                elif not os.path.lexists(target):
                    _log.info("%s was lost between two moves of clip %d", target, item.clip_id)
        except OSError as error:
            _log.warning("An interrupted change waits for %s: %s", error.filename, error.strerror)
            continue
        db.trash.finish(swap_)
        changes |= _changes(clips, [])
    return changes


def is_quick(db: ProcessedDB, trash: Path, clip_ids: Sequence[int]) -> bool:
    """Whether moving these clips is a matter of milliseconds: few files, all on the disk of the trash."""
    if len(clip_ids) > QUICK_FILES:
        return False
    return relocate.on_one_disk([trash, *(Path(clip.path).parent for clip in db.trash.clips(clip_ids))])


def _has_left(swap_: OpenSwap, item: TrashItem) -> bool:
    """Whether a file has left for sure: what has its name now is the one that comes in its place."""
    if item.state != "leaving" or not os.path.lexists(item.place):
        return False
    rival = next((other for other in swap_.moves if other.state == "coming" and other.original == item.original), None)
    if rival is None or not os.path.lexists(item.original):
        return False
    if not os.path.lexists(rival.place) or Path(rival.place).samefile(item.original):
        return True
    return not relocate.holds(Path(item.place), Path(item.original))


def _to_trash(clip: ClipRow, trash: Path) -> list[TrashItem]:
    """A new place for each part of a clip; a file that is gone already has none."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return [
        TrashItem(0, clip.id, str(part), str(_fresh(trash / day, f"{clip.id}-{part.name}")), relocate.size_of(part))
        for part in relocate.parts_of(clip.path)
    ]


def _fresh(folder: Path, name: str) -> Path:
    """A place that is not taken; it is, where something was left behind."""
    place, number = folder / name, 1
    while os.path.lexists(place):
        number += 1
        place = folder / f"{number}-{name}"
    return place


def _from_trash(
    db: ProcessedDB, back: Sequence[ClipRow], staged: Mapping[int, str], freed: set[str]
) -> list[TrashItem]:
    comes: list[TrashItem] = []
    for clip in back:
        if clip.id in staged:
            parts = relocate.parts_of(staged[clip.id])
            items = [
                TrashItem(0, clip.id, str(Path(clip.path).with_name(part.name)), str(part), relocate.size_of(part))
                for part in parts
            ]
        else:
            items = db.trash.items_of(clip)
        if any(item.state == "purged" for item in items):
            if os.path.lexists(clip.path):
                continue
            raise UserError(
                f"{Path(clip.path).name} cannot come back", "It was deleted from the trash for good", "Export it again"
            )
        for item in items:
            if item in comes:
                continue
            if os.path.lexists(item.original) and item.original not in freed:
                if item.clip_id != clip.id:
                    # Another clip of the same path has its file again: it serves both.
                    continue
                raise UserError(
                    f"{Path(item.original).name} cannot come back",
                    f"Another file has its name in {Path(item.original).parent}",
                    "Move or rename that file, then try again",
                )
            comes.append(item)
    return comes


def _moves(swap_: OpenSwap) -> list[tuple[TrashItem, Path, Path]]:
    """What leaves moves first: what comes may need its name."""
    leaving = [(item, Path(item.original), Path(item.place)) for item in swap_.moves if item.state == "leaving"]
    coming = [(item, Path(item.place), Path(item.original)) for item in swap_.moves if item.state == "coming"]
    return leaving + coming


class _Stuck(Exception):
    """Moving failed half-way, and so did moving back."""

    def __init__(self, problem: EnvironmentProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _move_all(swap_: OpenSwap, ctx: JobContext) -> None:
    """Move every file, or, when one cannot be moved, none."""
    moved: list[tuple[Path, Path]] = []
    moves = _moves(swap_)
    for number, (_, source, target) in enumerate(moves):
        try:
            ctx.check()
            ctx.progress(number, len(moves), source.name)
            relocate.move(source, target, ctx)
        except BaseException as error:
            _move_back(moved)
            for _, _, folder in moves:
                remove_if_empty(folder.parent)
            if isinstance(error, FileNotFoundError) and not os.path.lexists(source):
                raise UserError(
                    f"{source.name} is not there any more", f"It was in {source.parent}", "Put it back, then try again"
                ) from error
            if isinstance(error, OSError):
                raise _cannot_move(error, source, target) from error
            raise
        moved.append((source, target))
    relocate.settle(target for _, target in moved)


def _move_back(moved: Sequence[tuple[Path, Path]]) -> None:
    for source, target in reversed(moved):
        try:
            relocate.move(target, source)
        except OSError as error:
            raise _Stuck(
                EnvironmentProblem(
                    f"{source.name} is on its way and cannot be moved back now",
                    error.strerror or str(error),
                    f"It is safe in {target.parent}; 8-cut carries on at its next start",
                )
            ) from error


def _cannot_move(error: OSError, source: Path, target: Path) -> EnvironmentProblem:
    if isinstance(error, PermissionError):
        return EnvironmentProblem(
            f"{source.name} cannot be moved",
            f"You may not change {source.parent} or {target.parent}",
            "Make both folders writable, then try again; nothing has changed",
        )
    return write_problem(error, target.parent)


def _tidy_folders(swap_: OpenSwap) -> None:
    """Leave no empty folder where a clip was, nor in the trash."""
    for _, source, _ in _moves(swap_):
        remove_if_empty(source.parent)


def _changes(*clips: Sequence[ClipRow]) -> Changes:
    media = {clip.media_id for some in clips for clip in some}
    return Changes.of(Kind.CLIPS, *media) if media else Changes()
