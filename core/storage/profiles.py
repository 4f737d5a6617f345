"""Profiles are rows with numbers of their own for media and batches."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.profile import ProfileSummary
from core.errors import EnvironmentProblem, UserError
from core.storage.database import Database, utc_now
from core.storage.profile_copy import copy_profile_rows

_MOST_TRIES = 100_000


class ProfileStore:
    """Profiles by name, and the numbers their exports carry."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def names(self) -> list[str]:
        """The profiles in alphabetical order."""
        rows = self._db.query("SELECT name FROM profiles WHERE deleted_at IS NULL")
        return sorted((row[0] for row in rows), key=str.casefold)

    def id_of(self, name: str) -> int | None:
        """The row id of a profile, or None when there is none of that name."""
        row = self._db.one("SELECT id FROM profiles WHERE name = ? AND deleted_at IS NULL", (name,))
        return row[0] if row else None

    def ensure(self, name: str) -> int:
        """The row id of a profile, made when new.

        Raises:
            UserError: the name is empty.
        """
        if not name.strip():
            raise UserError("A profile needs a name", "The name is empty", "Type one")
        found = self.id_of(name)
        if found is not None:
            return found
        with self._db.write() as connection:
            return self.id_of(name) or int(
                connection.execute("INSERT INTO profiles (name, created_at) VALUES (?, ?)", (name, utc_now())).lastrowid
            )

    def summaries(self) -> list[ProfileSummary]:
        """Every profile with what it holds, in alphabetical order."""
        rows = self._db.query(
            "SELECT p.id, p.name,"
            " (SELECT count(DISTINCT e.media_id) FROM list_entries e JOIN lists l ON l.id = e.list_id"
            " WHERE l.profile_id = p.id AND e.deleted_at IS NULL AND l.deleted_at IS NULL),"
            " (SELECT count(*) FROM batches b JOIN clips c ON c.batch_id = b.id WHERE b.profile_id = p.id"
            " AND b.deleted_at IS NULL AND c.state = 'done' AND c.deleted_at IS NULL)"
            " FROM profiles p WHERE p.deleted_at IS NULL"
        )
        return sorted((ProfileSummary(*row) for row in rows), key=lambda each: each.name.casefold())

    def create(self, name: str) -> int:
        """A new profile; returns its row id.

        Raises:
            UserError: the name is empty or taken.
        """
        with self._db.write():
            return self.ensure(self._free(name))

    def rename(self, name: str, new_name: str) -> None:
        """Call a profile something else.

        Raises:
            UserError: there is none of that name, or the new one is empty or taken.
        """
        with self._db.write() as connection:
            profile_id = self._existing(name)
            connection.execute(
                "UPDATE profiles SET name = ? WHERE id = ?", (self._free(new_name, profile_id), profile_id)
            )

    def duplicate(self, name: str, new_name: str) -> int:
        """A copy of everything in a profile but work under way; both use the same files. Returns its row id.

        Raises:
            UserError: there is none of that name, or the new one is empty or taken.
        """
        with self._db.write() as connection:
            source = self._existing(name)
            target = self.create(new_name)
            copy_profile_rows(connection, source, target)
            return target

    def delete(self, profile_id: int) -> None:
        """Put a profile out of sight with everything in it; its rows stay for `restore`."""
        with self._db.write() as connection:
            connection.execute("UPDATE profiles SET deleted_at = ? WHERE id = ?", (utc_now(), profile_id))

    def restore(self, profile_id: int) -> None:
        """Undo `delete`.

        Raises:
            UserError: another profile took its name.
        """
        with self._db.write() as connection:
            row = connection.execute("SELECT name FROM profiles WHERE id = ?", (profile_id,)).fetchone()
            if row is not None:
                self._free(row[0], profile_id)
                connection.execute("UPDATE profiles SET deleted_at = NULL WHERE id = ?", (profile_id,))

    def clip_ids(self, profile_id: int) -> list[int]:
        """The clips of a profile that have a file."""
        rows = self._db.query(
            "SELECT c.id FROM batches b JOIN clips c ON c.batch_id = b.id WHERE b.profile_id = ?"
            " AND b.deleted_at IS NULL AND c.state = 'done' AND c.deleted_at IS NULL ORDER BY c.id",
            (profile_id,),
        )
        return [row[0] for row in rows]

    def _existing(self, name: str) -> int:
        found = self.id_of(name)
        if found is None:
            raise UserError(f"There is no profile {name}", "It was renamed or deleted", "Choose another one")
        return found

    def _free(self, name: str, own_id: int | None = None) -> str:
        """The name without spaces at its ends, when no other profile has it in any case."""
        name = name.strip()
        if not name:
            raise UserError("A profile needs a name", "The name is empty", "Type one")
        for other in self.names():
            if other.casefold() == name.casefold() and self.id_of(other) != own_id:
                raise UserError(f"There is a profile {other} already", "Two cannot share a name", "Choose another one")
        return name

    def media_number(self, profile_id: int, media_id: int) -> int | None:
        """NNN of a media in a profile, None when it has none yet."""
        row = self._db.one(
            "SELECT number FROM media_numbers WHERE profile_id = ? AND media_id = ?", (profile_id, media_id)
        )
        return row[0] if row else None

    def expected_media_number(self, profile_id: int, media_id: int) -> int:
        """NNN that a media has in a profile, or would get now."""
        found = self.media_number(profile_id, media_id)
        if found is not None:
            return found
        row = self._db.one("SELECT last_media_number + 1 FROM profiles WHERE id = ?", (profile_id,))
        return row[0] if row else 1

    def take_media_number(self, profile_id: int, media_id: int) -> int:
        """NNN of a media in a profile; a new media gets one more than any number ever used there."""
        with self._db.write() as connection:
            found = self.media_number(profile_id, media_id)
            if found is not None:
                return found
            number = self.reserve_number(profile_id)
            connection.execute(
                "INSERT INTO media_numbers (profile_id, media_id, number) VALUES (?, ?, ?)",
                (profile_id, media_id, number),
            )
            return number

    def reserve_number(self, profile_id: int) -> int:
        """Use up the profile's next media number without giving it to a media."""
        with self._db.write() as connection:
            row = connection.execute(
                "UPDATE profiles SET last_media_number = last_media_number + 1 WHERE id = ?"
                " RETURNING last_media_number",
                (profile_id,),
            ).fetchone()
            return row[0]

    def note_media_number(self, profile_id: int, media_id: int, number: int) -> None:
        """Learn a number from a path that exists: the media keeps it unless one of the two is already spoken for."""
        with self._db.write() as connection:
            connection.execute(
                "INSERT INTO media_numbers (profile_id, media_id, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (profile_id, media_id, number),
            )
            connection.execute(
                "UPDATE profiles SET last_media_number = max(last_media_number, ?) WHERE id = ?", (number, profile_id)
            )

    def next_batch_number(
        self, profile_id: int, media_id: int, scan_export: bool = False, taken: Callable[[int], bool] | None = None
    ) -> int:
        """K for the next batch: more than any ever used for this media in this profile, and not `taken` on disk.

        Raises:
            EnvironmentProblem: no number is free on disk.
        """
        row = self._db.one(
            "SELECT coalesce(max(number), 0) FROM batches WHERE media_id = ? AND profile_id = ? AND scan_export = ?",
            (media_id, profile_id, int(scan_export)),
        )
        for number in range(row[0] + 1, row[0] + 1 + _MOST_TRIES):
            if taken is None or not taken(number):
                return number
        raise EnvironmentProblem(
            "No free file name was found", f"{_MOST_TRIES} batch numbers are taken on disk", "Choose another folder"
        )
