"""Reads histories from before this program, of any age: tables and columns may be missing, values may be odd."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.storage.backup import SIDE_FILES
from core.storage.database import BUSY_TIMEOUT_S, uri
from core.storage.header import read_header
from core.storage.problems import corrupt, locked, translate

TABLES = ("processed", "hidden_files", "scan_results", "hard_negatives")
_COPY_TRIES = 3
_LARGEST_NUMBER = 1e12

# Every column a legacy table may have, with what an absent or empty one means.
_COLUMNS: dict[str, dict[str, Any]] = {
    "processed": {
        "id": 0,
        "filename": "",
        "start_time": None,
        "output_path": "",
        "label": "",
        "category": "",
        "short_side": None,
        "portrait_ratio": "",
        "crop_center": 0.5,
        "format": "MP4",
        "clip_count": 3,
        "clip_duration": 8.0,
        "spread": 3.0,
        "profile": "default",
        "source_path": "",
        "scan_export": 0,
        "processed_at": "",
    },
    "hidden_files": {"filename": "", "profile": "default"},
    "scan_results": {
        "id": 0,
        "filename": "",
        "profile": "default",
        "model": "",
        "start_time": None,
        "end_time": None,
        "score": 0.0,
        "disabled": 0,
        "orig_start_time": None,
        "orig_end_time": None,
        "scan_timestamp": "",
    },
    "hard_negatives": {
        "id": 0,
        "filename": "",
        "profile": "default",
        "start_time": None,
        "source_path": "",
        "source_model": "",
    },
}
_NUMBERS = frozenset({"id", "start_time", "end_time", "short_side", "crop_center", "clip_count", "clip_duration"}) | {
    "spread",
    "scan_export",
    "score",
    "disabled",
    "orig_start_time",
    "orig_end_time",
}
_NEEDED = {
    "processed": ("filename", "start_time", "output_path"),
    "hidden_files": ("filename",),
    "scan_results": ("filename", "start_time", "end_time"),
    "hard_negatives": ("filename", "start_time"),
}


@dataclass(frozen=True)
class LegacyHistory:
    """The rows of a legacy file, every column present. `skipped` counts rows without what makes them one."""

    processed: list[dict[str, Any]] = field(default_factory=list)
    hidden_files: list[dict[str, Any]] = field(default_factory=list)
    scan_results: list[dict[str, Any]] = field(default_factory=list)
    hard_negatives: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0


@contextmanager
def open_untouched(path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Iterator[sqlite3.Connection]:
    """A connection for reading that leaves the file and its folder exactly as they are.

    Raises:
        DatabaseLocked, DatabaseCorrupt, DatabaseUnreadable: it cannot be read now.
    """
    header = read_header(path)
    try:
        with tempfile.TemporaryDirectory(prefix="8cut-") as folder:
            if any(path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-journal")):
                # Opening it would make SQLite write beside it, so the leftovers are replayed into a copy.
                connection = sqlite3.connect(_raw_copy(path, Path(folder)))
            elif header is not None and header.wal:
                # Without a log beside it nobody has the file open.
                connection = sqlite3.connect(uri(path, immutable="1"), uri=True)
            else:
                connection = sqlite3.connect(uri(path, mode="ro"), uri=True, timeout=busy_timeout_s)
            connection.row_factory = sqlite3.Row
            try:
                yield connection
            finally:
                connection.close()
    except sqlite3.Error as error:
        raise (translate(error, path) or corrupt(path, str(error))) from error


def is_legacy(path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> bool:
    """Whether the file is a history from before this program. Reads only, leaves no trace."""
    header = read_header(path)
    if header is None or header.application_id or header.user_version:
        return False
    with open_untouched(path, busy_timeout_s) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return not names.isdisjoint(TABLES) and "media" not in names


def read_legacy(connection: sqlite3.Connection) -> LegacyHistory:
    """Everything a legacy file holds."""
    tables: dict[str, list[dict[str, Any]]] = {}
    skipped = 0
    for table in TABLES:
        rows = [_clean(row, table) for row in _rows(connection, table)]
        tables[table] = [row for row in rows if all(row[column] not in (None, "") for column in _NEEDED[table])]
        skipped += len(rows) - len(tables[table])
    return LegacyHistory(**tables, skipped=skipped)


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    present = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    if not present:
        return []
    columns = [column for column in _COLUMNS[table] if column in present]
    chosen = ", ".join(f'"{column}"' for column in columns) or "rowid"
    rows = connection.execute(f"SELECT {chosen} FROM {table} ORDER BY rowid")
    return [dict(zip(columns, row, strict=False)) for row in rows]


def _clean(row: dict[str, Any], table: str) -> dict[str, Any]:
    """Every column, with its type; an odd value counts as absent."""
    clean = {}
    for column, default in _COLUMNS[table].items():
        value = row.get(column)
        if column in _NUMBERS:
            clean[column] = _number(value, default)
        else:
            clean[column] = default if value is None else str(value)
    clean["profile"] = clean.get("profile", "").strip() or "default"
    return clean


def _number(value: Any, default: Any) -> Any:
    if value is None:
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    if not abs(number) <= _LARGEST_NUMBER:  # also true of NaN
        return default
    return type(default)(number) if default is not None else number


def _raw_copy(path: Path, folder: Path) -> Path:
    """Copy the file with its log or journal, again when it changed meanwhile."""
    copy = folder / "copy.db"
    for _ in range(_COPY_TRIES):
        before = _state(path)
        for suffix in ("", *SIDE_FILES):
            target = copy.with_name(copy.name + suffix)
            target.unlink(missing_ok=True)
            if suffix != "-shm" and path.with_name(path.name + suffix).exists():
                shutil.copyfile(path.with_name(path.name + suffix), target)
        if _state(path) == before:
            return copy
    raise locked(path)


def _state(path: Path) -> list[tuple[int, int]]:
    files = [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-journal")]
    return [(file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
