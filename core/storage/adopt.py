"""Takes over a history from before this program: every row of it, exactly once, the original left alone."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from core.storage.adopt_rows import ImportCounts, Importer
from core.storage.backup import SIDE_FILES, integrity_problem, make_backup
from core.storage.database import Database, connect, utc_now
from core.storage.legacy_reader import open_untouched, read_legacy
from core.storage.media import MediaStore
from core.storage.migrate import migrate
from core.storage.problems import corrupt
from core.storage.profiles import ProfileStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AdoptionReport:
    """What was taken over from where, for the message the person sees."""

    source: str
    counts: ImportCounts

    @property
    def text(self) -> str:
        counts = self.counts
        skipped = f" {counts.skipped} rows without a file or time were left out." if counts.skipped else ""
        return (
            f"The history {self.source} was taken over: {counts.clips} clips, {counts.regions} scan regions,"
            f" {counts.negatives} hard negatives.{skipped}"
        )


def adopt(database: Database, legacy: Path) -> AdoptionReport | None:
    """Import a legacy file in one transaction; None when this history took it over before.

    Raises:
        DatabaseLocked, DatabaseCorrupt, DatabaseUnreadable: the legacy file cannot be read; nothing was imported.
    """
    legacy = legacy.absolute()
    known = [json.loads(row[0]) for row in database.query("SELECT value FROM meta WHERE key LIKE 'adopted:%'")]
    if any(entry["path"] == str(legacy) for entry in known):
        return None
    fingerprint = _fingerprint(legacy)
    if any(entry["fingerprint"] == fingerprint for entry in known):
        return None
    report = _import(database, legacy, str(legacy), fingerprint)
    _log.info("%s", report.text)
    return report


def convert_in_place(path: Path) -> AdoptionReport:
    """Turn a legacy file into a history of this program; the legacy file stays in `backups/` beside it.

    The new file is built and checked under another name and then takes the old one's place: a crash leaves the one or
    the other, complete.

    Raises:
        DatabaseLocked, DatabaseCorrupt, EnvironmentProblem: the file stays as it was.
    """
    _fold_log(path)
    backup = make_backup(path, "legacy")
    fresh = path.with_name(f".{path.name}.adopting")
    for suffix in ("", *SIDE_FILES):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    database = Database(fresh)
    try:
        migrate(database)
        report = _import(database, backup, str(path.absolute()), _fingerprint(backup))
        damage = integrity_problem(database.connection)
        if damage:
            raise corrupt(fresh, damage)
    finally:
        database.close()
    fresh.replace(path)
    _log.info("%s The old file is kept as %s", report.text, backup)
    return report


def _import(database: Database, readable: Path, source: str, fingerprint: str) -> AdoptionReport:
    with open_untouched(readable) as connection:
        damage = integrity_problem(connection)
        if damage:
            raise corrupt(readable, damage)
        history = read_legacy(connection)
    profiles = ProfileStore(database)
    with database.write() as connection:
        counts = Importer(connection, MediaStore(database), profiles).run(history)
        connection.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?)",
            (
                f"adopted:{source}",
                json.dumps({"path": source, "fingerprint": fingerprint, "at": utc_now(), "counts": asdict(counts)}),
            ),
        )
    return AdoptionReport(source, counts)


def _fold_log(path: Path) -> None:
    """Write a legacy file's log into it and remove the log, so that replacing the file leaves no log of another."""
    holder = Database(path)
    with holder.write():
        pass
    holder.close()
    connection = connect(path)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()


def _fingerprint(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
