"""What left the export folders and can come back: the journal of moves between them and the app's trash."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from core.domain.trash import TrashItem, TrashTotals
from core.storage.database import Database, utc_now

_ITEM = "id, clip_id, original, place, size_bytes, state, created_at"
_LIVE = "c.deleted_at IS NULL AND b.deleted_at IS NULL"
# SQLite takes this many values in one statement on every build.
_CHUNK = 500


@dataclass(frozen=True)
class ClipRow:
    """A clip as the operations that move its file see it; `live` is false while it is deleted."""

    id: int
    batch_id: int
    media_id: int
    index: int
    folder: str
    path: str
    done: bool
    live: bool


@dataclass(frozen=True)
class OpenSwap:
    """A change that was begun and not finished, with its moves."""

    id: int
    leaving: tuple[int, ...]
    coming: tuple[int, ...]
    moves: tuple[TrashItem, ...]


class TrashStore:
    """Clips that leave and come back, and where their files are meanwhile. Row ids never change."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # -- clips --------------------------------------------------------------------------------------------------------

    def clips(self, clip_ids: Iterable[int]) -> list[ClipRow]:
        """These clips, by id; unknown ids are left out."""
        rows = self._in_chunks(
            f"SELECT c.id, c.batch_id, b.media_id, c.clip_index, b.folder, c.path, c.state = 'done', {_LIVE}"
            " FROM clips c JOIN batches b ON b.id = c.batch_id WHERE c.id IN ({marks})",
            clip_ids,
        )
        return sorted((ClipRow(*row[:6], bool(row[6]), bool(row[7])) for row in rows), key=lambda row: row.id)

    def of_batches(self, batch_ids: Iterable[int]) -> list[ClipRow]:
        """The clips of these batches that are not deleted, hidden batches included."""
        rows = self._in_chunks("SELECT id FROM clips WHERE deleted_at IS NULL AND batch_id IN ({marks})", batch_ids)
        return self.clips(row[0] for row in rows)

    def used_by_others(self, paths: Iterable[str], leaving: Collection[int]) -> dict[str, str]:
        """Of these paths, those that another live clip uses, with the name of its profile."""
        rows = self._in_chunks(
            "SELECT c.id, c.path, p.name FROM clips c JOIN batches b ON b.id = c.batch_id"
            " JOIN profiles p ON p.id = b.profile_id"
            f" WHERE {_LIVE} AND p.deleted_at IS NULL AND c.path IN ({{marks}})",
            paths,
        )
        return {row["path"]: row["name"] for row in rows if row["id"] not in leaving}

    def being_exported(self, batch_ids: Iterable[int], own_job: int = 0) -> bool:
        """Whether an export waits or runs that makes, or makes anew, one of these batches; `own_job` does not count."""
        rows = self._in_chunks(
            "SELECT id FROM export_jobs WHERE state IN ('waiting', 'running') AND batch_id IN ({marks})", batch_ids
        ) + self._in_chunks(
            "SELECT id FROM export_jobs WHERE state IN ('waiting', 'running') AND replaces_batch_id IN ({marks})",
            batch_ids,
        )
        return any(row[0] != own_job for row in rows)

    # -- one change ---------------------------------------------------------------------------------------------------

    def begin(
        self, leaving: Sequence[int], coming: Sequence[int], goes: Iterable[TrashItem], comes: Iterable[TrashItem]
    ) -> OpenSwap:
        """Write down what is about to happen. Items with id 0 are new: files in no trash yet."""
        with self._db.write() as connection:
            swap_id = int(
                connection.execute(
                    "INSERT INTO history_swaps (leaving, coming, created_at) VALUES (?, ?, ?)",
                    (json.dumps(list(leaving)), json.dumps(list(coming)), utc_now()),
                ).lastrowid
            )
            for state, items in (("leaving", goes), ("coming", comes)):
                for item in items:
                    if item.id:
                        connection.execute(
                            "UPDATE trash_items SET state = ?, swap_id = ? WHERE id = ?", (state, swap_id, item.id)
                        )
                    else:
                        self._insert(connection, item, state, swap_id)
            return self._swap(connection.execute("SELECT * FROM history_swaps WHERE id = ?", (swap_id,)).fetchone())

    def finish(self, swap: OpenSwap) -> None:
        """All files are where they belong: change the rows, in one transaction."""
        now = utc_now()
        with self._db.write() as connection:
            self._hide(connection, swap.leaving, now)
            self._show(connection, swap.coming)
            connection.execute(
                "UPDATE trash_items SET state = 'held', swap_id = NULL WHERE swap_id = ? AND state = 'leaving'",
                (swap.id,),
            )
            connection.execute("DELETE FROM trash_items WHERE swap_id = ? AND state = 'coming'", (swap.id,))
            connection.execute("DELETE FROM history_swaps WHERE id = ?", (swap.id,))
            for clip_id in (*swap.leaving, *swap.coming):
                connection.execute(
                    "INSERT INTO manifests_due SELECT b.folder FROM batches b JOIN clips c ON c.batch_id = b.id"
                    " WHERE c.id = ? ON CONFLICT DO NOTHING",
                    (clip_id,),
                )

    def abandon(self, swap: OpenSwap, staged: Collection[int] = ()) -> None:
        """Nothing was moved after all. `staged` are the clips whose files were never in the trash."""
        with self._db.write() as connection:
            connection.execute("DELETE FROM trash_items WHERE swap_id = ? AND state = 'leaving'", (swap.id,))
            for clip_id in staged:
                connection.execute("DELETE FROM trash_items WHERE swap_id = ? AND clip_id = ?", (swap.id, clip_id))
            connection.execute("UPDATE trash_items SET state = 'held', swap_id = NULL WHERE swap_id = ?", (swap.id,))
            connection.execute("DELETE FROM history_swaps WHERE id = ?", (swap.id,))

    def open_swaps(self) -> list[OpenSwap]:
        """Changes under way, oldest first; at the start these are the interrupted ones."""
        return [self._swap(row) for row in self._db.query("SELECT * FROM history_swaps ORDER BY id")]

    # -- what is held -------------------------------------------------------------------------------------------------

    def items_of(self, clip: ClipRow) -> list[TrashItem]:
        """The files that make this clip whole again, or, held for a deleted clip of the same path, will do as well.

        Purged ones are returned only where none is held.
        """
        own = self._items("clip_id = ? AND state = 'held'", (clip.id,))
        if own:
            return own
        owner = self._db.one(
            "SELECT clip_id FROM trash_items WHERE original = ? AND state = 'held' ORDER BY id DESC LIMIT 1",
            (clip.path,),
        )
        if owner:
            return self._items("clip_id = ? AND state = 'held'", (owner[0],))
        return self._items("clip_id = ? AND state = 'purged'", (clip.id,))

    def held(self, older_than: str | None = None, limit: int | None = None) -> list[TrashItem]:
        """What is in the trash, or what came in before this time, newest first; at most `limit`."""
        return self._items(
            "state = 'held' AND (? IS NULL OR created_at < ?)",
            (older_than, older_than),
            f"id DESC LIMIT {-1 if limit is None else int(limit)}",
        )

    def totals(self, older_than: str | None = None) -> TrashTotals:
        """How much `held` is."""
        row = self._db.one(
            "SELECT count(*), coalesce(sum(size_bytes), 0) FROM trash_items WHERE state = 'held'"
            " AND (? IS NULL OR created_at < ?)",
            (older_than, older_than),
        )
        return TrashTotals(row[0], row[1])

    def mark_purged(self, item_ids: Iterable[int]) -> None:
        """These files were deleted for good."""
        with self._db.write() as connection:
            connection.executemany(
                "UPDATE trash_items SET state = 'purged' WHERE id = ? AND state = 'held'",
                [(item_id,) for item_id in item_ids],
            )

    # -- dataset.json -------------------------------------------------------------------------------------------------

    def due_manifests(self) -> list[str]:
        """Export folders whose dataset.json is behind the history."""
        return [row[0] for row in self._db.query("SELECT folder FROM manifests_due ORDER BY folder")]

    def add_due(self, folders: Iterable[str]) -> None:
        with self._db.write() as connection:
            connection.executemany(
                "INSERT INTO manifests_due VALUES (?) ON CONFLICT DO NOTHING", [(folder,) for folder in folders]
            )

    def take_due(self, folder: str) -> None:
        """Before its dataset.json is written: what changes from here on makes it due again."""
        with self._db.write() as connection:
            connection.execute("DELETE FROM manifests_due WHERE folder = ?", (folder,))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _hide(self, connection: sqlite3.Connection, clip_ids: Sequence[int], now: str) -> None:
        for clip_id in clip_ids:
            connection.execute("UPDATE clips SET deleted_at = ? WHERE id = ?", (now, clip_id))
            connection.execute(
                "UPDATE batches SET deleted_at = ? WHERE id = (SELECT batch_id FROM clips WHERE id = ?)"
                " AND NOT EXISTS (SELECT 1 FROM clips c WHERE c.batch_id = batches.id AND c.deleted_at IS NULL)",
                (now, clip_id),
            )

    def _show(self, connection: sqlite3.Connection, clip_ids: Sequence[int]) -> None:
        """A batch that comes back brings only the clips that were asked for."""
        asked = set(clip_ids)
        hidden = {
            row[0]: row[1]
            for clip_id in clip_ids
            for row in connection.execute(
                "SELECT b.id, b.deleted_at FROM batches b JOIN clips c ON c.batch_id = b.id"
                " WHERE c.id = ? AND b.deleted_at IS NOT NULL",
                (clip_id,),
            )
        }
        for batch_id, deleted_at in hidden.items():
            for row in connection.execute("SELECT id FROM clips WHERE batch_id = ?", (batch_id,)).fetchall():
                if row[0] not in asked:
                    connection.execute(
                        "UPDATE clips SET deleted_at = coalesce(deleted_at, ?) WHERE id = ?", (deleted_at, row[0])
                    )
            connection.execute("UPDATE batches SET deleted_at = NULL WHERE id = ?", (batch_id,))
        connection.executemany("UPDATE clips SET deleted_at = NULL WHERE id = ?", [(clip_id,) for clip_id in clip_ids])

    def _insert(self, connection: sqlite3.Connection, item: TrashItem, state: str, swap_id: int) -> None:
        connection.execute(
            "INSERT INTO trash_items (clip_id, original, place, size_bytes, state, swap_id, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (item.clip_id, item.original, item.place, item.size_bytes, state, swap_id, utc_now()),
        )

    def _swap(self, row: sqlite3.Row) -> OpenSwap:
        moves = self._items("swap_id = ?", (row["id"],))
        return OpenSwap(row["id"], tuple(json.loads(row["leaving"])), tuple(json.loads(row["coming"])), tuple(moves))

    def _items(self, condition: str, values: tuple, order: str = "id") -> list[TrashItem]:
        rows = self._db.query(f"SELECT {_ITEM} FROM trash_items WHERE {condition} ORDER BY {order}", values)
        return [TrashItem(*row) for row in rows]

    def _in_chunks(self, sql: str, values: Iterable[object]) -> list[sqlite3.Row]:
        found, values = [], list(dict.fromkeys(values))
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            found += self._db.query(sql.format(marks=", ".join("?" * len(chunk))), chunk)
        return found
