"""The subprofiles of each profile."""

from __future__ import annotations

import json
import sqlite3

from core.domain.subprofile import Preset, Subprofile
from core.errors import UserError
from core.storage.database import Database, utc_now
from core.storage.profiles import ProfileStore

_COLUMNS = "s.id, s.name, s.key, s.suffix, s.folder, s.preset"


class SubprofileStore:
    """Subprofiles by id. A deleted one comes back with `restore`."""

    def __init__(self, database: Database, profiles: ProfileStore) -> None:
        self._db = database
        self._profiles = profiles

    def all(self, profile: str) -> list[Subprofile]:
        """A profile's subprofiles: those with a key first, in the order of the keys, then by name."""
        rows = self._db.query(
            f"SELECT {_COLUMNS} FROM subprofiles s WHERE s.profile_id = ? AND s.deleted_at IS NULL"
            " ORDER BY s.key IS NULL, s.key, s.name",
            (self._profiles.id_of(profile),),
        )
        return [_subprofile(row) for row in rows]

    def by_key(self, profile: str, key: int) -> Subprofile | None:
        """The subprofile that this number key exports to."""
        return next((each for each in self.all(profile) if each.key == key), None)

    def add(self, profile: str, new: Subprofile) -> Subprofile:
        """Store a new one; returns it with its id.

        Raises:
            UserError: its name or its key is taken.
        """
        with self._db.write() as connection:
            self._refuse_taken(profile, new)
            row_id = connection.execute(
                "INSERT INTO subprofiles (profile_id, name, key, suffix, folder, preset) VALUES (?, ?, ?, ?, ?, ?)",
                (self._profiles.ensure(profile), *_values(new)),
            ).lastrowid
            return Subprofile(row_id, new.name, new.key, new.suffix, new.folder, new.preset)

    def change(self, profile: str, changed: Subprofile) -> None:
        """Store another version of the one with this id.

        Raises:
            UserError: its name or its key is taken by another one.
        """
        with self._db.write() as connection:
            self._refuse_taken(profile, changed)
            connection.execute(
                "UPDATE subprofiles SET name = ?, key = ?, suffix = ?, folder = ?, preset = ? WHERE id = ?",
                (*_values(changed), changed.id),
            )

    def delete(self, subprofile_id: int) -> None:
        """Take it away; what was exported to it stays."""
        with self._db.write() as connection:
            connection.execute("UPDATE subprofiles SET deleted_at = ? WHERE id = ?", (utc_now(), subprofile_id))

    def restore(self, profile: str, gone: Subprofile) -> None:
        """Undo `delete`.

        Raises:
            UserError: its name or its key was taken meanwhile.
        """
        with self._db.write() as connection:
            self._refuse_taken(profile, gone)
            connection.execute("UPDATE subprofiles SET deleted_at = NULL WHERE id = ?", (gone.id,))

    def _refuse_taken(self, profile: str, wanted: Subprofile) -> None:
        for other in self.all(profile):
            if other.id == wanted.id:
                continue
            if other.name.casefold() == wanted.name.casefold():
                raise UserError(
                    f"There is a subprofile {other.name} already", "Two cannot share a name", "Choose another name"
                )
            if wanted.key is not None and other.key == wanted.key:
                raise UserError(
                    f"The key {wanted.key} exports to {other.name} already",
                    "Two cannot share a key",
                    "Choose another key",
                )


def _values(subprofile: Subprofile) -> tuple[str, int | None, str, str, str]:
    preset = json.dumps(subprofile.preset.to_json())
    return subprofile.name, subprofile.key, subprofile.suffix, subprofile.folder, preset


def _subprofile(row: sqlite3.Row) -> Subprofile:
    return Subprofile(*row[:5], Preset.from_json(json.loads(row["preset"])))
