"""The rows of the lists a profile works through, and where the person left off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from core.domain.media import Media
from core.domain.media_list import STRIDE, Entry, EntryKey, Separator, move_block, new_places
from core.storage.database import Database, utc_now
from core.storage.list_tabs import ListTabStore
from core.storage.profiles import ProfileStore

_TABLES = {"media": ("list_entries", "media_id"), "line": ("list_separators", "id")}


class ListStore:
    """The media and separators of each list, in the order the person gave them."""

    def __init__(self, database: Database, profiles: ProfileStore, tabs: ListTabStore) -> None:
        self._db = database
        self._profiles = profiles
        self._tabs = tabs

    # -- media of a list ----------------------------------------------------------------------------------------------

    def entries(self, profile: str) -> list[Media]:
        """The media of the list that is open, in order."""
        return [row for row in self.rows(self._tabs.shown(profile)) if isinstance(row, Media)]

    def add(self, profile: str, media_id: int) -> None:
        """Append a media to the list that is open; one that is in it already stays where it is."""
        with self._db.write():
            self.add_many(self._tabs.ensure(profile), [media_id])

    def add_many(self, list_id: int, media_ids: Iterable[int]) -> list[int]:
        """Append media in this order; returns those that were not in the list."""
        with self._db.write() as connection:
            wanted = list(dict.fromkeys(media_ids))
            there = self._media_in(connection, list_id, wanted)
            new = [media_id for media_id in wanted if media_id not in there]
            place = self._last_place(connection, list_id)
            connection.executemany(
                "INSERT INTO list_entries (list_id, media_id, position) VALUES (?, ?, ?)"
                " ON CONFLICT (list_id, media_id) DO UPDATE SET deleted_at = NULL, position = excluded.position",
                [(list_id, media_id, place + STRIDE * number) for number, media_id in enumerate(new, start=1)],
            )
            return new

    def lists_with(self, profile: str, media_id: int) -> list[int]:
        """The ids of the profile's lists that hold a media."""
        rows = self._db.query(
            "SELECT l.id FROM list_entries e JOIN lists l ON l.id = e.list_id WHERE e.media_id = ?"
            " AND l.profile_id = ? AND e.deleted_at IS NULL AND l.deleted_at IS NULL ORDER BY l.id",
            (media_id, self._profiles.id_of(profile)),
        )
        return [row[0] for row in rows]

    # -- rows of any kind ---------------------------------------------------------------------------------------------

    def rows(self, list_id: int | None) -> list[Entry]:
        """Media and separators of a list in order."""
        found = self._db.query(
            "SELECT e.position, 'media' AS kind, m.id, m.content_key, m.path FROM list_entries e"
            " JOIN media m ON m.id = e.media_id WHERE e.list_id = :list AND e.deleted_at IS NULL"
            " UNION ALL SELECT position, 'line', id, '', text FROM list_separators"
            " WHERE list_id = :list AND deleted_at IS NULL ORDER BY position, kind, id",
            {"list": list_id},
        )
        return [Separator(row[2], row[4]) if row[1] == "line" else Media(row[2], row[3], row[4]) for row in found]

    def places(self, list_id: int) -> dict[EntryKey, int]:
        """Where each row stands, in order."""
        found = self._db.query(
            "SELECT 'media' AS kind, media_id AS id, position FROM list_entries"
            " WHERE list_id = :list AND deleted_at IS NULL"
            " UNION ALL SELECT 'line', id, position FROM list_separators"
            " WHERE list_id = :list AND deleted_at IS NULL ORDER BY position, kind, id",
            {"list": list_id},
        )
        return {(row[0], row[1]): row[2] for row in found}

    def set_places(self, list_id: int, places: Mapping[EntryKey, int]) -> None:
        """Put rows where they are to stand; places are compared, their size means nothing."""
        with self._db.write() as connection:
            for kind, (table, column) in _TABLES.items():
                connection.executemany(
                    f"UPDATE {table} SET position = ? WHERE list_id = ? AND {column} = ?",
                    [(place, list_id, key[1]) for key, place in places.items() if key[0] == kind],
                )

    def move_rows(self, list_id: int, keys: Sequence[EntryKey], index: int) -> dict[EntryKey, int]:
        """Put rows together before what stands at `index` now; returns where the rows it touched stood before."""
        with self._db.write():
            places = self.places(list_id)
            before = list(places)
            order = move_block(before, frozenset(keys), index)
            if order == before:
                return {}
            changed = new_places(order, places, frozenset(keys))
            self.set_places(list_id, changed)
            return {key: places[key] for key in changed}

    def take_out(self, list_id: int, keys: Iterable[EntryKey]) -> None:
        """Take rows off a list; `put_back` brings them back."""
        self._mark(list_id, keys, utc_now())

    def put_back(self, list_id: int, keys: Iterable[EntryKey] | Mapping[EntryKey, int]) -> None:
        """Undo `take_out`. With the places the rows had, also those that were added again meanwhile stand there."""
        with self._db.write():
            self._mark(list_id, keys, None)
            if isinstance(keys, Mapping):
                self.set_places(list_id, keys)

    def add_separator(self, list_id: int, text: str, index: int) -> Separator:
        """A new line before what stands at `index`."""
        with self._db.write() as connection:
            place = self._last_place(connection, list_id) + STRIDE
            line_id = connection.execute(
                "INSERT INTO list_separators (list_id, position, text) VALUES (?, ?, ?)", (list_id, place, text)
            ).lastrowid
            self.move_rows(list_id, [("line", line_id)], index)
            return Separator(line_id, text)

    def set_separator_text(self, separator_id: int, text: str) -> None:
        with self._db.write() as connection:
            connection.execute("UPDATE list_separators SET text = ? WHERE id = ?", (text, separator_id))

    # -- where the person left off ------------------------------------------------------------------------------------

    def remember(self, profile: str, media_id: int, position_s: float) -> None:
        """Note that the person is at this position of this media."""
        with self._db.write() as connection:
            profile_id = self._profiles.ensure(profile)
            connection.execute(
                "INSERT INTO last_positions (profile_id, media_id, position_s, visit_no) VALUES (?, ?, ?,"
                " (SELECT coalesce(max(visit_no), 0) + 1 FROM last_positions WHERE profile_id = ?))"
                " ON CONFLICT (profile_id, media_id) DO UPDATE"
                " SET position_s = excluded.position_s, visit_no = excluded.visit_no",
                (profile_id, media_id, position_s, profile_id),
            )

    def last(self, profile: str) -> tuple[int, float] | None:
        """(media id, seconds) of where the person was last in this profile."""
        row = self._db.one(
            "SELECT media_id, position_s FROM last_positions WHERE profile_id = ? ORDER BY visit_no DESC LIMIT 1",
            (self._profiles.id_of(profile),),
        )
        return (row[0], row[1]) if row else None

    def position(self, profile: str, media_id: int) -> float:
        """Seconds into this media where the person was last, 0 for one never opened."""
        row = self._db.one(
            "SELECT position_s FROM last_positions WHERE profile_id = ? AND media_id = ?",
            (self._profiles.id_of(profile), media_id),
        )
        return row[0] if row else 0.0

    # -- inside -------------------------------------------------------------------------------------------------------

    def _mark(self, list_id: int, keys: Iterable[EntryKey], deleted_at: str | None) -> None:
        keys = list(keys)
        with self._db.write() as connection:
            for kind, (table, column) in _TABLES.items():
                connection.executemany(
                    f"UPDATE {table} SET deleted_at = ? WHERE list_id = ? AND {column} = ?",
                    [(deleted_at, list_id, key[1]) for key in keys if key[0] == kind],
                )

    @staticmethod
    def _media_in(connection: sqlite3.Connection, list_id: int, media_ids: Sequence[int]) -> set[int]:
        """Which of these media the list holds."""
        return {
            media_id
            for media_id in media_ids
            if connection.execute(
                "SELECT 1 FROM list_entries WHERE list_id = ? AND media_id = ? AND deleted_at IS NULL",
                (list_id, media_id),
            ).fetchone()
        }

    @staticmethod
    def _last_place(connection: sqlite3.Connection, list_id: int) -> int:
        """The place of the last row, deleted ones included: they may come back."""
        row = connection.execute(
            "SELECT max(coalesce((SELECT max(position) FROM list_entries WHERE list_id = :list), 0),"
            " coalesce((SELECT max(position) FROM list_separators WHERE list_id = :list), 0))",
            {"list": list_id},
        ).fetchone()
        return row[0]
