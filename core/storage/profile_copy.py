"""A profile with everything in it, once more: rows are copied, files are shared."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# Work under way and journals of files belong to the profile they were made in.
_NOT_COPIED = frozenset({"export_jobs", "trash_items", "history_swaps", "file_moves"})
# Columns that hold the id of a row without the schema saying so.
_SOFT_REFERENCES = {
    ("scan_regions", "inherited_from"): "scan_regions",
    ("hard_negatives", "region_id"): "scan_regions",
}
# Only finished clips have a file to share. A deleted batch stays as a number that is used up.
_ONLY = {
    "clips": "state = 'done' AND deleted_at IS NULL AND batch_id IN (SELECT id FROM batches WHERE deleted_at IS NULL)"
}
_DELETED_TOO = frozenset({"batches"})


@dataclass(frozen=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    references: dict[str, str]
    """The table each column points into."""

    @property
    def has_id(self) -> bool:
        return "id" in self.columns


def copy_profile_rows(connection: sqlite3.Connection, source: int, target: int) -> None:
    """Copy all rows that belong to profile `source`, directly or through other rows, to the empty profile `target`.

    A row's copy has the id of the original plus one number for each table that lies beyond all ids ever given, so
    that rows which point at each other need no list of what became of whom. Runs inside the caller's transaction.
    """
    tables = _tables(connection)
    offsets = {table.name: _highest_id(connection, table.name) for table in tables if table.has_id}
    chosen: dict[str, str] = {}
    # A table is made after those it points into, so every parent's copy is there before its children's.
    for table in tables:
        condition = "" if table.name in _NOT_COPIED else _condition(table, chosen)
        if condition:
            chosen[table.name] = condition
            _copy(connection, table, condition, offsets, source, target)
    _point_at_copies(connection, offsets["lists"], source, target)


def _tables(connection: sqlite3.Connection) -> list[_Table]:
    """All tables in the order they were made."""
    tables = []
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).fetchall():
        columns = tuple(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
        references = {row[3]: row[2] for row in connection.execute(f"PRAGMA foreign_key_list({name})")}
        references |= {column: to for (table, column), to in _SOFT_REFERENCES.items() if table == name}
        tables.append(_Table(name, columns, references))
    return tables


def _condition(table: _Table, chosen: dict[str, str]) -> str:
    """Which rows of a table belong to the profile, as SQL; empty when none can."""
    if "profile_id" in table.columns:
        condition = "profile_id = :source"
    else:
        owners = [
            f"{column} IN (SELECT id FROM {parent} WHERE {chosen[parent]})"
            for column, parent in table.references.items()
            if chosen.get(parent) and (table.name, column) not in _SOFT_REFERENCES
        ]
        if not owners:
            return ""
        condition = " AND ".join(owners)
    if table.name in _ONLY:
        condition += f" AND {_ONLY[table.name]}"
    elif "deleted_at" in table.columns and table.name not in _DELETED_TOO:
        condition += " AND deleted_at IS NULL"
    return condition


def _copy(
    connection: sqlite3.Connection,
    table: _Table,
    condition: str,
    offsets: dict[str, int],
    source: int,
    target: int,
) -> None:
    values = []
    for column in table.columns:
        parent = table.references.get(column)
        if column == "profile_id":
            values.append(":target")
        elif column == "id":
            values.append(f"id + {offsets[table.name]}")
        elif parent in offsets and parent not in ("profiles", "media") and parent not in _NOT_COPIED:
            values.append(f"{column} + {offsets[parent]}")
        else:
            values.append(column)
    connection.execute(
        f"INSERT INTO {table.name} ({', '.join(table.columns)})"
        f" SELECT {', '.join(values)} FROM {table.name} WHERE {condition}",
        {"source": source, "target": target},
    )


def _highest_id(connection: sqlite3.Connection, table: str) -> int:
    """A number no id of this table has ever been beyond."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return max(row[0] if row else 0, connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])


def _point_at_copies(connection: sqlite3.Connection, offset: int, source: int, target: int) -> None:
    """The open and the pinned list, and how far the numbers are used up."""
    connection.execute(
        "UPDATE profiles SET (last_media_number, shown_list_id, pinned_list_id) = (SELECT p.last_media_number,"
        " (SELECT l.id FROM lists l WHERE l.id = p.shown_list_id + :offset),"
        " (SELECT l.id FROM lists l WHERE l.id = p.pinned_list_id + :offset)"
        " FROM profiles p WHERE p.id = :source) WHERE id = :target",
        {"offset": offset, "source": source, "target": target},
    )
