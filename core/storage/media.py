"""Media rows: one per content, with every path and name it was known by.

A media nobody has seen yet (a script's or a legacy row about a file that is not there) has a placeholder key:
`path:<absolute path>` or `name:<base name>`. The first file that turns up at that path, or for a bare name the first
of that name, takes the row over with all its history.
"""

from __future__ import annotations

import re
import sqlite3

from core.domain.media import Media
from core.errors import UserError
from core.storage.database import Database, utc_now
from core.storage.media_merge import merge_media

PATH_KEY, NAME_KEY = "path:", "name:"
_SLASHES = re.compile(r"[\\/]")


def base_name(path: str) -> str:
    """The last part of a path; understands both kinds of slash."""
    return _SLASHES.split(path.rstrip("\\/"))[-1]


def is_placeholder(content_key: str) -> bool:
    """Whether the key stands for a file nobody has seen."""
    return content_key.startswith((PATH_KEY, NAME_KEY))


class MediaStore:
    """Media by content, path and name."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def register(self, content_key: str, path: str) -> Media:
        """The media of this content, now seen at `path` (absolute); made when new. Placeholders are taken over."""
        with self._db.write() as connection:
            media_id = self._by_key(content_key)
            for placeholder in self._placeholders(content_key, path):
                if media_id is None:
                    connection.execute("UPDATE media SET content_key = ? WHERE id = ?", (content_key, placeholder))
                    media_id = placeholder
                elif media_id != placeholder:
                    merge_media(connection, placeholder, media_id)
            if media_id is None:
                media_id = connection.execute(
                    "INSERT INTO media (content_key, path, created_at) VALUES (?, ?, ?)",
                    (content_key, path, utc_now()),
                ).lastrowid
            self._sighted(connection, media_id, path)
            return Media(media_id, content_key, path)

    def get(self, media_id: int) -> Media:
        """The media of this id.

        Raises:
            UserError: there is none (any more: a placeholder may have been taken over by another row).
        """
        row = self._db.one("SELECT id, content_key, path FROM media WHERE id = ?", (media_id,))
        if row is None:
            raise UserError("This media is not in the history", f"No media has the number {media_id}", "Add it again")
        return Media(*row)

    def by_key(self, content_key: str) -> Media | None:
        """The media with this content key."""
        row = self._db.one("SELECT id, content_key, path FROM media WHERE content_key = ?", (content_key,))
        return Media(*row) if row else None

    def by_path(self, path: str) -> Media | None:
        """The media seen last at this path."""
        row = self._db.one(
            "SELECT m.id, m.content_key, m.path FROM media_paths p JOIN media m ON m.id = p.media_id"
            " WHERE p.path = ? ORDER BY p.seen_no DESC LIMIT 1",
            (path,),
        )
        return Media(*row) if row else None

    def by_name(self, name: str, profile: str) -> Media | None:
        """The newest media known by this base name that the profile has anything of, else its placeholder."""
        row = self._db.one(
            "SELECT m.id, m.content_key, m.path FROM media_names n JOIN media m ON m.id = n.media_id"
            " JOIN profiles p ON p.name = :profile AND p.deleted_at IS NULL"
            " WHERE n.name = :name AND ("
            " EXISTS (SELECT 1 FROM batches b WHERE b.media_id = m.id AND b.profile_id = p.id)"
            " OR EXISTS (SELECT 1 FROM scan_versions s WHERE s.media_id = m.id AND s.profile_id = p.id)"
            " OR EXISTS (SELECT 1 FROM hard_negatives h WHERE h.media_id = m.id AND h.profile_id = p.id)"
            " OR EXISTS (SELECT 1 FROM media_numbers k WHERE k.media_id = m.id AND k.profile_id = p.id)"
            " OR EXISTS (SELECT 1 FROM media_flags f WHERE f.media_id = m.id AND f.profile_id = p.id)"
            " OR EXISTS (SELECT 1 FROM list_entries e JOIN lists l ON l.id = e.list_id"
            " WHERE e.media_id = m.id AND l.profile_id = p.id AND e.deleted_at IS NULL))"
            " ORDER BY m.id DESC LIMIT 1",
            {"name": name, "profile": profile},
        )
        return Media(*row) if row else self.by_key(NAME_KEY + name)

    def paths(self, media_id: int) -> list[str]:
        """Where it was seen, latest first, leaving out paths where another media was seen since."""
        rows = self._db.query(
            "SELECT p.path FROM media_paths p WHERE p.media_id = ? AND NOT EXISTS"
            " (SELECT 1 FROM media_paths q WHERE q.path = p.path AND q.seen_no > p.seen_no) ORDER BY p.seen_no DESC",
            (media_id,),
        )
        return [row[0] for row in rows]

    def relink(self, media_id: int, path: str, content_key: str | None = None) -> Media:
        """Say that a missing media lies at `path` now.

        With the content key of the file there, a placeholder becomes (or joins) the media of that content.

        Raises:
            UserError: the file has other content than this media.
        """
        media = self.get(media_id)
        if content_key is not None and content_key != media.content_key:
            if not is_placeholder(media.content_key):
                raise UserError(
                    f"{base_name(path)} is another file",
                    f"Its content is not that of {media.name}",
                    "Choose the original, or add this one as a new media",
                )
            with self._db.write() as connection:
                media = self.register(content_key, path)
                if media.id != media_id:
                    merge_media(connection, media_id, media.id)
            return media
        with self._db.write() as connection:
            self._sighted(connection, media_id, path)
        return self.get(media_id)

    def rebind(self, media_id: int, content_key: str, path: str) -> Media:
        """Say that a media has this content from now on, because a person knows that the file is the same film.

        Raises:
            UserError: another media has this content.
        """
        owner = self.by_key(content_key)
        if owner is not None and owner.id != media_id:
            raise UserError(
                f"{base_name(path)} is in the history already",
                f"As {owner.name}",
                "Use that one, or choose another file",
            )
        with self._db.write() as connection:
            connection.execute("UPDATE media SET content_key = ? WHERE id = ?", (content_key, media_id))
            self._sighted(connection, media_id, path)
        return self.get(media_id)

    def placeholder_for_path(self, path: str) -> Media:
        """The media of a file that is not there to be read: the one seen at this path, else a placeholder."""
        return self.by_path(path) or self.register(PATH_KEY + path, path)

    def placeholder_for_name(self, name: str) -> Media:
        """The placeholder for a bare file name."""
        found = self.by_key(NAME_KEY + name)
        if found:
            return found
        with self._db.write() as connection:
            media_id = connection.execute(
                "INSERT INTO media (content_key, path, created_at) VALUES (?, ?, ?)", (NAME_KEY + name, name, utc_now())
            ).lastrowid
            self.add_name(media_id, name)
        return Media(media_id, NAME_KEY + name, name)

    def waiting_for(self, path: str) -> Media | None:
        """The placeholder that a file turning up at this path would take over."""
        return self.by_key(PATH_KEY + path) or self.by_key(NAME_KEY + base_name(path))

    def add_name(self, media_id: int, name: str) -> None:
        """Remember one more base name this media goes by."""
        with self._db.write() as connection:
            connection.execute(
                "INSERT INTO media_names (name, media_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, media_id)
            )

    def hidden(self, profile: str) -> set[int]:
        """The ids of the media hidden in this profile's lists."""
        return self._flagged(profile, "hidden")

    def disabled(self, profile: str) -> set[int]:
        """The ids of the media this profile keeps out of training."""
        return self._flagged(profile, "disabled")

    def set_hidden(self, profile_id: int, media_id: int, hidden: bool) -> None:
        """Hide a media in a profile's lists, or show it again."""
        self._set_flag(profile_id, media_id, "hidden", hidden)

    def set_disabled(self, profile_id: int, media_id: int, disabled: bool) -> None:
        """Keep a media out of a profile's training, or let it in again."""
        self._set_flag(profile_id, media_id, "disabled", disabled)

    def _set_flag(self, profile_id: int, media_id: int, flag: str, value: bool) -> None:
        with self._db.write() as connection:
            connection.execute(
                f"INSERT INTO media_flags (profile_id, media_id, {flag}) VALUES (?, ?, ?)"
                f" ON CONFLICT DO UPDATE SET {flag} = excluded.{flag}",
                (profile_id, media_id, int(value)),
            )

    def _flagged(self, profile: str, flag: str) -> set[int]:
        rows = self._db.query(
            f"SELECT f.media_id FROM media_flags f JOIN profiles p ON p.id = f.profile_id"
            f" WHERE p.name = ? AND p.deleted_at IS NULL AND f.{flag}",
            (profile,),
        )
        return {row[0] for row in rows}

    def _by_key(self, content_key: str) -> int | None:
        row = self._db.one("SELECT id FROM media WHERE content_key = ?", (content_key,))
        return row[0] if row else None

    def _placeholders(self, content_key: str, path: str) -> list[int]:
        """Rows that waited for this file: of its path first, then of its bare name."""
        keys = [NAME_KEY + base_name(path)]
        if not is_placeholder(content_key):
            keys.insert(0, PATH_KEY + path)
        return [media_id for key in keys if (media_id := self._by_key(key)) is not None]

    def _sighted(self, connection: sqlite3.Connection, media_id: int, path: str) -> None:
        connection.execute("UPDATE media SET path = ? WHERE id = ?", (path, media_id))
        latest = connection.execute(
            "SELECT media_id FROM media_paths WHERE path = ? ORDER BY seen_no DESC LIMIT 1", (path,)
        ).fetchone()
        if latest and latest[0] == media_id and self.paths(media_id)[0] == path:
            return
        connection.execute(
            "INSERT INTO media_paths (media_id, path, seen_no, seen_at)"
            " VALUES (?, ?, (SELECT coalesce(max(seen_no), 0) + 1 FROM media_paths), ?)"
            " ON CONFLICT (media_id, path) DO UPDATE SET seen_no = excluded.seen_no, seen_at = excluded.seen_at",
            (media_id, path, utc_now()),
        )
        self.add_name(media_id, base_name(path))
