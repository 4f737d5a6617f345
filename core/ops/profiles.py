"""Make, rename, copy and delete profiles and their subprofiles."""

from __future__ import annotations

from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.profile import ProfileSummary
from core.domain.subprofile import Subprofile
from core.domain.trash import DeletePreview
from core.errors import UserError
from core.job import JobContext
from core.ops import trash as trash_ops

PROFILES = Changes.of(Kind.PROFILES)


def summaries(db: ProcessedDB) -> list[ProfileSummary]:
    """Every profile with what it holds."""
    return db.profiles.summaries()


def create(db: ProcessedDB, name: str) -> int:
    """A new profile's id; `hide` takes it back. Raises UserError for a name that is empty or taken."""
    return db.profiles.create(name)


def duplicate(db: ProcessedDB, name: str, new_name: str) -> int:
    """The id of a copy whose clips are the same files; `hide` takes it back.

    Raises:
        UserError: the name is empty or taken.
    """
    return db.profiles.duplicate(name, new_name)


def rename(db: ProcessedDB, name: str, new_name: str) -> Changes:
    """Raises UserError for a name that is empty or taken."""
    db.profiles.rename(name, new_name)
    return PROFILES


def hide(db: ProcessedDB, profile_id: int) -> Changes:
    """Delete a profile; its files stay where they are.

    Raises:
        UserError: it is the only one.
    """
    if [each.id for each in db.profiles.summaries()] == [profile_id]:
        raise UserError("The last profile stays", "8-cut works in one at any time", "Make another one first")
    db.profiles.delete(profile_id)
    return PROFILES | Changes.of(Kind.CLIPS) | Changes.of(Kind.LISTS)


def show(db: ProcessedDB, profile_id: int) -> Changes:
    """Undo `hide`. Raises UserError when another profile has its name now."""
    db.profiles.restore(profile_id)
    return PROFILES | Changes.of(Kind.CLIPS) | Changes.of(Kind.LISTS)


def files_preview(db: ProcessedDB, profile_id: int) -> DeletePreview:
    """What deleting a profile with its files would move to the trash, and what stays because another one uses it."""
    return trash_ops.preview(db, db.profiles.clip_ids(profile_id))


def delete_with_files(
    db: ProcessedDB, trash: Path, profile_id: int, ctx: JobContext | None = None
) -> tuple[tuple[int, ...], Changes]:
    """Delete a profile and move the files no other one uses to the trash; returns the clips for `restore_with_files`.

    Raises:
        UserError: it is the only one; nothing has changed.
        EnvironmentProblem: a file cannot be moved; nothing has changed.
    """
    clips = tuple(db.profiles.clip_ids(profile_id))
    changes = hide(db, profile_id)
    try:
        changes |= trash_ops.delete(db, trash, clips, ctx)
    except BaseException:
        show(db, profile_id)
        raise
    return clips, changes


def restore_with_files(
    db: ProcessedDB, trash: Path, profile_id: int, clip_ids: tuple[int, ...], ctx: JobContext | None = None
) -> Changes:
    """Undo `delete_with_files`.

    Raises:
        UserError: a file was deleted for good meanwhile, or another one has its name.
    """
    changes = trash_ops.restore(db, trash, clip_ids, ctx)
    return changes | show(db, profile_id)


# -- subprofiles ------------------------------------------------------------------------------------------------------


def subprofiles(db: ProcessedDB, profile: str) -> list[Subprofile]:
    """Those of a profile, by key."""
    return db.subprofiles.all(profile)


def add_subprofile(db: ProcessedDB, profile: str, new: Subprofile) -> Subprofile:
    """Store a new one; `delete_subprofile` takes it back.

    Raises:
        UserError: it is not whole, or its name or key is taken.
    """
    _check(new)
    return db.subprofiles.add(profile, new)


def change_subprofile(db: ProcessedDB, profile: str, changed: Subprofile) -> Changes:
    """Store another version. Raises UserError as `add_subprofile`."""
    _check(changed)
    db.subprofiles.change(profile, changed)
    return PROFILES


def delete_subprofile(db: ProcessedDB, subprofile_id: int) -> Changes:
    """Take it away; what was exported to it stays."""
    db.subprofiles.delete(subprofile_id)
    return PROFILES


def restore_subprofile(db: ProcessedDB, profile: str, gone: Subprofile) -> Changes:
    """Undo `delete_subprofile`. Raises UserError when its name or key was taken meanwhile."""
    db.subprofiles.restore(profile, gone)
    return PROFILES


def _check(subprofile: Subprofile) -> None:
    if subprofile.complaint:
        raise UserError(subprofile.complaint, "", "Change it and try again")
