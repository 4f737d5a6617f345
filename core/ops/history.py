"""Open, look after and replace the history database as a whole."""

from __future__ import annotations

from pathlib import Path

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
