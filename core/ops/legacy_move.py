"""Move the oldest exports from `clip_NNN/` to `vid_NNN/`: planned, shown, journaled, and safe to interrupt anywhere."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.legacy_layout import LegacyClip, LegacyPlan, LegacyPlanner, Owner
from core.errors import Cancelled, EightCutError
from core.job import JobContext
from core.ops import manifest
from core.storage.moves import FileState, JournalledMove

_log = logging.getLogger(__name__)
_NOBODY: Owner = (0, 0)


def plan(db: ProcessedDB) -> LegacyPlan:
    """What would move where, and what stays. Only looks; finish an interrupted move with `recover` first."""

    def owners(folder: str) -> set[Owner]:
        known = db.moves.folder_owners(folder)
        return known or ({_NOBODY} if _holds_something(folder) else set())

    planner = LegacyPlanner(db.moves.last_numbers(), os.path.lexists, owners)
    return planner.plan(_with_companions(db.moves.candidates()))


def apply(db: ProcessedDB, plan: LegacyPlan, ctx: JobContext) -> Changes:
    """Move the files of a plan and rewrite their paths. Nothing is overwritten: a taken name stays where it is.

    Cancelling keeps what has moved and leaves the rest; a crash is made good by `recover`.

    Raises:
        Cancelled: the job was cancelled.
        UserError: the history changed since the plan was made.
    """
    with_states = [(move, state) for move in plan.moves if (state := _state(move.source)) is not None]
    return _carry_out(db, db.moves.begin(with_states), ctx)


def recover(db: ProcessedDB) -> Changes:
    """Finish a move that a crash interrupted: what moved gets its path, the rest moves now. Call it at the start."""
    interrupted = db.moves.planned()
    if interrupted:
        _log.info("An interrupted move of %d files is finished", len(interrupted))
    return _carry_out(db, interrupted, JobContext())


def _carry_out(db: ProcessedDB, moves: Sequence[JournalledMove], ctx: JobContext) -> Changes:
    changes = Changes()
    try:
        for done, move in enumerate(moves):
            try:
                ctx.check()
            except Cancelled:
                db.moves.kept(moves[done:])
                raise
            ctx.progress(2 * done, 2 * len(moves), Path(move.source).name)
            if _at_target(move):
                ctx.progress(2 * done + 1, 2 * len(moves), Path(move.target).name)
                changes |= Changes.of(Kind.CLIPS, *db.moves.moved(move))
            else:
                ctx.log(f"{move.source} stays where it is")
                db.moves.kept([move])
    finally:
        _settle(db, ctx)
    return changes


def _settle(db: ProcessedDB, ctx: JobContext) -> None:
    """Remove the folders that the moves emptied and bring dataset.json up to date."""
    moves = db.moves.unsettled()
    groups = list(dict.fromkeys(Path(move.source).parent for move in moves))
    for group in groups:
        _remove_if_empty(group)
    for folder in dict.fromkeys(group.parent for group in groups):
        ctx.progress(1, 1, folder.name)
        try:
            manifest.rebuild(db, folder, moved_away=[move.source for move in moves])
        except EightCutError as error:
            # The files are moved and the history knows: a manifest that cannot be written is worth a warning, no more.
            _log.warning("%s", error)
            ctx.log(str(error))
    db.moves.settle(moves)


def _at_target(move: JournalledMove) -> bool:
    """Bring the file to its target; False when it has to stay. A file that a crash left there already counts."""
    source, target = Path(move.source), Path(move.target)
    if not os.path.lexists(source):
        return _state(move.target) == move.state
    if os.path.lexists(target):
        return False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except OSError as error:
        _log.warning("%s could not be moved: %s", source, error)
        return False
    return True


def _with_companions(clips: Sequence[LegacyClip]) -> Iterator[LegacyClip]:
    """The clips, and after each sequence of pictures the sound that lies beside it."""
    for clip in clips:
        yield clip
        sound = f"{clip.path}.wav"
        if Path(clip.path).is_dir() and Path(sound).is_file():
            yield LegacyClip(sound, clip.owner, clip.media_number)


def _state(path: str) -> FileState | None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return FileState(status.st_size, status.st_mtime_ns)


def _holds_something(folder: str) -> bool:
    path = Path(folder)
    return path.is_dir() and any(path.iterdir())


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
