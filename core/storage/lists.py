"""The lists of media a profile works through, and where the person left off."""

from __future__ import annotations

from core.domain.media import Media
from core.storage.database import Database, utc_now
from core.storage.profiles import ProfileStore


class ListStore:
    """Each profile's list, in the order the person gave it."""

    def __init__(self, database: Database, profiles: ProfileStore) -> None:
        self._db = database
        self._profiles = profiles

    def entries(self, profile: str) -> list[Media]:
        """The media of the profile's list in order."""
        rows = self._db.query(
            "SELECT m.id, m.content_key, m.path FROM list_entries e JOIN media m ON m.id = e.media_id"
            " WHERE e.list_id = ? AND e.deleted_at IS NULL ORDER BY e.position, e.id",
            (self._list_id(profile),),
        )
        return [Media(*row) for row in rows]

    def add(self, profile: str, media_id: int, index: int | None = None) -> None:
        """Append a media, or put it at `index`; one that is in the list already stays where it is."""
        with self._db.write() as connection:
            list_id = self._make_list(profile)
            row = connection.execute(
                "SELECT deleted_at FROM list_entries WHERE list_id = ? AND media_id = ?", (list_id, media_id)
            ).fetchone()
            if row is not None and row["deleted_at"] is None:
                return
            connection.execute(
                "INSERT INTO list_entries (list_id, media_id, position) VALUES (?, ?,"
                " (SELECT coalesce(max(position), 0) + 1 FROM list_entries WHERE list_id = ?))"
                " ON CONFLICT (list_id, media_id) DO UPDATE SET deleted_at = NULL, position = excluded.position",
                (list_id, media_id, list_id),
            )
            if index is not None:
                self.move(profile, media_id, index)

    def remove(self, profile: str, media_id: int) -> None:
        """Take a media off the list; what was cut from it stays in the history."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE list_entries SET deleted_at = ? WHERE list_id = ? AND media_id = ?",
                (utc_now(), self._list_id(profile), media_id),
            )

    def move(self, profile: str, media_id: int, index: int) -> None:
        """Put a listed media at position `index` (0 = top) and close the gap it left."""
        with self._db.write() as connection:
            list_id = self._list_id(profile)
            order = [media.id for media in self.entries(profile)]
            if media_id not in order:
                return
            order.remove(media_id)
            order.insert(max(0, index), media_id)
            connection.executemany(
                "UPDATE list_entries SET position = ? WHERE list_id = ? AND media_id = ? AND position != ?",
                [(position, list_id, each, position) for position, each in enumerate(order, start=1)],
            )

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

    def _list_id(self, profile: str) -> int | None:
        row = self._db.one(
            "SELECT id FROM lists WHERE profile_id = ? AND deleted_at IS NULL ORDER BY position, id LIMIT 1",
            (self._profiles.id_of(profile),),
        )
        return row[0] if row else None

    def _make_list(self, profile: str) -> int:
        found = self._list_id(profile)
        if found is not None:
            return found
        with self._db.write() as connection:
            return int(
                connection.execute(
                    "INSERT INTO lists (profile_id) VALUES (?)", (self._profiles.ensure(profile),)
                ).lastrowid
            )
