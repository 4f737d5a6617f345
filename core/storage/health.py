"""Look at a history file without changing it: for `doctor`, and for anybody who doubts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.storage.database import Database
from core.storage.header import read_header
from core.storage.legacy_reader import is_legacy
from core.storage.migrate import migrations, refuse_newer
from core.storage.problems import corrupt


@dataclass(frozen=True)
class Health:
    """A sound history file. `version` below `newest` means that the next start brings it up to date.

    Version 0 is a history from before this program, which is not counted.
    """

    version: int
    newest: int
    media: int
    clips: int
    open_jobs: int


def examine_history(path: Path) -> Health | None:
    """Check the file's structure and count what is in it; None when there is no file yet.

    Raises:
        NewerDataError, DatabaseLocked, DatabaseCorrupt, DatabaseUnreadable: what is wrong with it.
    """
    header = read_header(path)
    if header is None:
        return None
    newest = len(migrations())
    refuse_newer(path, newest)
    if is_legacy(path):
        return Health(version=0, newest=newest, media=0, clips=0, open_jobs=0)
    database = Database(path, read_only=True)
    try:
        verdict = database.one("PRAGMA quick_check(1)")[0]
        if verdict != "ok":
            raise corrupt(path, f"The file is damaged ({verdict})")
        if header.user_version < 1:
            raise corrupt(path, "It is an SQLite file of another program")

        def count(question: str) -> int:
            return database.one(f"SELECT count(*) FROM {question}")[0]

        return Health(
            version=header.user_version,
            newest=newest,
            media=count("media"),
            clips=count("clips WHERE state = 'done' AND deleted_at IS NULL"),
            open_jobs=count("export_jobs WHERE state IN ('waiting', 'running')"),
        )
    finally:
        database.close()
