"""Look after the history database as a whole: backups, and the data of older versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB, legacy_history
from core.domain.legacy_layout import LegacyPlan
from core.job import JobContext
from core.ops import legacy_move
from core.storage import backup


def backups(database: Path) -> list[Path]:
    """The backups of this database, newest first."""
    return [entry.path for entry in backup.list_backups(database)]


def restore(backup_path: Path, database: Path) -> Path | None:
    """Put a backup in the database's place; returns where the replaced file was kept, None when there was none.

    Raises:
        EnvironmentProblem: the backup is damaged or the folder cannot be written to; the database is as it was.
    """
    return backup.restore_backup(backup_path, database)


@dataclass(frozen=True)
class OldData:
    """What older versions left: a sentence about a history that was taken over, and exports that could move."""

    adopted: str = ""
    plan: LegacyPlan = field(default_factory=LegacyPlan)
    changes: Changes = field(default_factory=Changes)


def catch_up(db: ProcessedDB) -> OldData:
    """Take over the forerunner's history once, finish a move that a crash interrupted, and plan what could move.

    Raises:
        EnvironmentProblem: the old history is locked or damaged; it is left as it is and tried again at the next start.
    """
    report = db.adopt(legacy_history())
    changes = legacy_move.recover(db)
    if report:
        changes |= Changes.of(Kind.CLIPS) | Changes.of(Kind.PROFILES) | Changes.of(Kind.LISTS)
    return OldData(report.text if report else "", legacy_move.plan(db), changes)


def move_old_exports(db: ProcessedDB, plan: LegacyPlan, ctx: JobContext) -> Changes:
    """Carry out a plan that the person has seen; see `core.ops.legacy_move.apply`."""
    return legacy_move.apply(db, plan, ctx)
