"""Bring a history file to the present schema, step by step, and refuse what a newer program wrote."""

from __future__ import annotations

import importlib.util
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import NewerDataError
from core.storage.backup import make_backup
from core.storage.database import Database
from core.storage.header import APPLICATION_ID, read_header
from core.storage.problems import DatabaseUnreadable, corrupt

FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"^(\d{4})_\w+\.(sql|py)$")


@dataclass(frozen=True)
class Migration:
    """One step; `number` is the user_version the file has afterwards."""

    number: int
    path: Path

    def apply(self, connection: sqlite3.Connection) -> None:
        """Run inside the caller's transaction."""
        if self.path.suffix == ".py":
            _python_step(self.path)(connection)
        else:
            for statement in statements(self.path.read_text(encoding="utf-8")):
                connection.execute(statement)


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All steps in order; their numbers must run 1, 2, 3, … without a gap."""
    found = sorted(
        (Migration(int(match[1]), path) for path in folder.iterdir() if (match := _NAME.match(path.name))),
        key=lambda step: step.number,
    )
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise RuntimeError(f"the migrations in {folder} are not numbered without gaps")
    return found


def statements(script: str) -> list[str]:
    """The single statements of an SQL script; comments and semicolons in strings do not confuse it."""
    found, collected = [], ""
    for line in script.splitlines(keepends=True):
        collected += line
        if sqlite3.complete_statement(collected):
            found.append(collected.strip())
            collected = ""
    rest = [line.strip() for line in collected.splitlines()]
    if any(line and not line.startswith("--") for line in rest):
        raise RuntimeError(f"an SQL script ends in the middle of a statement: {collected.strip()[:80]!r}")
    return found


def refuse_newer(path: Path, newest: int) -> None:
    """Stop before SQLite touches a file that a newer 8-cut wrote.

    Raises:
        NewerDataError: the file, or its write-ahead log, carries a higher version than this program knows.
        DatabaseCorrupt, DatabaseUnreadable: see `read_header`.
    """
    header = read_header(path)
    if header is not None and header.user_version > newest:
        raise NewerDataError(
            f"The history {path} was written by a newer 8-cut",
            f"It has version {header.user_version}, this program knows {newest}",
            "Update 8-cut, or choose another history file; this one was not touched",
        )


def migrate(database: Database, folder: Path = FOLDER) -> None:
    """Apply the missing steps, each in its own transaction, after a verified backup of a file that has a history.

    Raises:
        NewerDataError, DatabaseLocked, DatabaseCorrupt: the file stays as it was.
    """
    steps = migrations(folder)
    version = _version(database)
    if version == len(steps):
        return
    if database.read_only:
        raise DatabaseUnreadable(
            f"The history {database.path} cannot be opened read-only",
            f"It has the older version {version} and must be brought up to {len(steps)} first",
            "Open it normally once; a backup is made before",
        )
    if version > 0:
        make_backup(database.path, f"v{version}")
    for step in steps[version:]:
        with database.write() as connection:
            # Another program may have done the step while this one waited for the lock.
            if connection.execute("PRAGMA user_version").fetchone()[0] >= step.number:
                continue
            step.apply(connection)
            connection.execute(f"PRAGMA user_version = {step.number}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _version(database: Database) -> int:
    version = database.one("PRAGMA user_version")[0]
    if version == 0:
        table = database.one("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        if table is not None:
            raise corrupt(database.path, f"It is an SQLite file of another program (it holds a table {table[0]})")
    return version


def _python_step(path: Path) -> Callable[[sqlite3.Connection], None]:
    spec = importlib.util.spec_from_file_location(f"{__package__}.migrations.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.apply
