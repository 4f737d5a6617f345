"""Profiles are rows with numbers of their own for media and batches."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import EnvironmentProblem, UserError
from core.storage.database import Database, utc_now

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

    def media_number(self, profile_id: int, media_id: int) -> int | None:
        """NNN of a media in a profile, None when it has none yet."""
        row = self._db.one(
            "SELECT number FROM media_numbers WHERE profile_id = ? AND media_id = ?", (profile_id, media_id)
        )
        return row[0] if row else None

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
