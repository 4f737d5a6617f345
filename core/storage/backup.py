"""Copies of a database that are complete, checked, and appear under their name only when they are."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.errors import EnvironmentProblem
from core.storage.database import uri
from core.storage.problems import corrupt, translate

SUFFIX = ".db"
SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Backup:
    """A backup on disk; `made_at` is local time."""

    path: Path
    made_at: datetime
    size_bytes: int


def backup_folder(database: Path) -> Path:
    """Where the backups of a database lie: `backups/` beside it."""
    return database.parent / "backups"


def make_backup(database: Path, reason: str) -> Path:
    """Copy a database through the SQLite backup API, check the copy, give it its name.

    Args:
        database: any SQLite file; it is only read.
        reason: goes into the name: `history-20261130-140512-v1.db` for reason "v1".

    Raises:
        DatabaseLocked, DatabaseCorrupt, EnvironmentProblem: the copy could not be made or is not sound.
    """
    folder = backup_folder(database)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    target = _free(folder / f"{database.stem}-{stamp}-{reason}{SUFFIX}")
    partial = target.with_name(f".{target.name}.partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            copy_database(database, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"No backup of {database} could be made", error.strerror or str(error), f"Check the folder {folder}"
        ) from error
    return target


def copy_database(source: Path, target: Path) -> None:
    """Write a checked copy of `source`, WAL included, to `target` (overwritten), in one file without a WAL."""
    target.unlink(missing_ok=True)
    try:
        origin = sqlite3.connect(uri(source, mode="ro"), uri=True)
        try:
            copy = sqlite3.connect(target)
            try:
                origin.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                damage = integrity_problem(copy)
            finally:
                copy.close()
        finally:
            origin.close()
    except sqlite3.Error as error:
        raise (translate(error, source) or corrupt(source, str(error))) from error
    if damage:
        raise corrupt(source, f"A copy of it failed the check: {damage}")


def integrity_problem(connection: sqlite3.Connection) -> str:
    """The first complaint of SQLite's full check, empty when the file is sound."""
    first = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return "" if first == "ok" else str(first)


def list_backups(database: Path) -> list[Backup]:
    """The backups of this database, newest first."""
    found = []
    for path in backup_folder(database).glob(f"{database.stem}-*{SUFFIX}"):
        status = path.stat()
        found.append(Backup(path, datetime.fromtimestamp(status.st_mtime), status.st_size))
    return sorted(found, key=lambda backup: (backup.made_at, backup.path.name), reverse=True)


def restore_backup(backup: Path, database: Path) -> Path | None:
    """Put a backup in the place of a database that nobody has open. Returns where the replaced file was kept.

    The damaged file is copied aside first and replaced in one step: a crash leaves the old or the new, never nothing.
    """
    partial = database.with_name(f".{database.name}.restoring")
    try:
        copy_database(backup, partial)
        kept = None
        if database.exists():
            kept = _free(database.with_name(f"{database.stem}.damaged-{datetime.now():%Y%m%d-%H%M%S}{SUFFIX}"))
            shutil.copy2(database, kept)
        for suffix in SIDE_FILES:
            side = database.with_name(database.name + suffix)
            if side.exists():
                # A log of the damaged file must never be played into the restored one.
                side.replace(f"{kept}{suffix}" if kept else f"{database}{suffix}.damaged")
        partial.replace(database)
    except OSError as error:
        raise EnvironmentProblem(
            f"The backup {backup.name} could not be restored",
            error.strerror or str(error),
            f"Check the folder {database.parent}",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return kept


def _free(path: Path) -> Path:
    """The path, or the first of `-2`, `-3`, … before its suffix that is not there yet."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate
