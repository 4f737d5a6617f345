"""What can go wrong with the database file, in words a person can act on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.errors import EightCutError, EnvironmentProblem, UserError

_OF_THE_DISK = {
    sqlite3.SQLITE_IOERR: "The disk reported an error",
    sqlite3.SQLITE_CANTOPEN: "It cannot be opened",
    sqlite3.SQLITE_PERM: "It belongs to somebody else",
    sqlite3.SQLITE_READONLY: "It can be read but not written to",
}


class DatabaseLocked(EnvironmentProblem):
    """Another program holds the history; Retry may help."""


class DatabaseCorrupt(EnvironmentProblem):
    """The file is damaged or no history at all; a backup helps."""


class DatabaseUnreadable(EnvironmentProblem):
    """The file or its folder cannot be read or written to."""


def locked(path: Path) -> DatabaseLocked:
    return DatabaseLocked(
        f"The history {path} is in use",
        "Another program keeps it locked",
        "Close the other 8-cut and try again, or open the history read-only",
    )


def corrupt(path: Path, why: str) -> DatabaseCorrupt:
    return DatabaseCorrupt(
        f"The history {path} cannot be read", why, "Restore a backup, or choose another file; this one stays as it is"
    )


def read_only_refusal(path: Path) -> UserError:
    return UserError(
        "The history is open read-only", f"{path} was opened for looking only", "Open it normally to make changes"
    )


def translate(error: sqlite3.Error, path: Path) -> EightCutError | None:
    """The sentence for an error of the machine, or None for one that is a bug of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return locked(path)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return corrupt(path, f"The file is damaged ({error})")
    if primary == sqlite3.SQLITE_FULL:
        return EnvironmentProblem(
            "The history could not be written", "The disk is full", f"Make room on the disk that holds {path}"
        )
    if primary in _OF_THE_DISK:
        return DatabaseUnreadable(
            f"The history {path} cannot be used",
            f"{_OF_THE_DISK[primary]} ({error})",
            "Check the disk and that you may write to its folder",
        )
    return None
