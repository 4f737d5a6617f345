"""The lists themselves: which a profile has, in which order, which it shows and which it has pinned beside it."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.media_list import MediaList, free_name
from core.errors import UserError
from core.storage.database import Database, utc_now
from core.storage.profiles import ProfileStore

FIRST_NAME = "List 1"


class ListTabStore:
    """Lists by id. A deleted one keeps its rows and comes back with `restore`."""

    def __init__(self, database: Database, profiles: ProfileStore) -> None:
        self._db = database
        self._profiles = profiles

    def tabs(self, profile: str) -> list[MediaList]:
        """The profile's lists in order."""
        rows = self._db.query(
            "SELECT id, name, folder FROM lists WHERE profile_id = ? AND deleted_at IS NULL ORDER BY position, id",
            (self._profiles.id_of(profile),),
        )
        return [MediaList(*row) for row in rows]

    def get(self, list_id: int) -> MediaList:
        """The list of this id.

        Raises:
            UserError: there is none, or it is closed.
        """
        row = self._db.one("SELECT id, name, folder FROM lists WHERE id = ? AND deleted_at IS NULL", (list_id,))
        if row is None:
            raise UserError("This list is not there any more", "It was closed", "Choose another one")
        return MediaList(*row)

    def shown(self, profile: str) -> int | None:
        """The id of the list that is open in this profile; the first one unless another was chosen."""
        row = self._db.one(
            "SELECT l.id FROM lists l JOIN profiles p ON p.id = l.profile_id"
            " WHERE p.id = ? AND l.deleted_at IS NULL"
            " ORDER BY l.id = p.shown_list_id DESC, l.position, l.id LIMIT 1",
            (self._profiles.id_of(profile),),
        )
        return row[0] if row else None

    def pinned(self, profile: str) -> int | None:
        """The id of the list that stands beside the open one, None when there is none."""
        row = self._db.one(
            "SELECT l.id FROM profiles p JOIN lists l ON l.id = p.pinned_list_id"
            " WHERE p.id = ? AND l.deleted_at IS NULL",
            (self._profiles.id_of(profile),),
        )
        return row[0] if row else None

    def ensure(self, profile: str) -> int:
        """The id of the open list; a profile without any gets one."""
        found = self.shown(profile)
        if found is not None:
            return found
        # Looked for again under the write lock: two threads that begin at once must not make a list each.
        with self._db.write():
            found = self.shown(profile)
            return self.create(profile, FIRST_NAME).id if found is None else found

    def show(self, profile: str, list_id: int) -> None:
        """Make this the open list of the profile."""
        self._set_of_profile(profile, "shown_list_id", list_id)

    def pin(self, profile: str, list_id: int | None) -> None:
        """Let this list stand beside the open one; None takes the pin away."""
        self._set_of_profile(profile, "pinned_list_id", list_id)

    def create(self, profile: str, name: str, folder: str = "") -> MediaList:
        """A new list behind the others; a name that is taken gets a number."""
        with self._db.write() as connection:
            profile_id = self._profiles.ensure(profile)
            name = free_name(_checked(name), [tab.name for tab in self.tabs(profile)])
            list_id = connection.execute(
                "INSERT INTO lists (profile_id, name, folder, position) VALUES (?, ?, ?,"
                " (SELECT coalesce(max(position), 0) + 1 FROM lists WHERE profile_id = ?))",
                (profile_id, name, folder, profile_id),
            ).lastrowid
            return MediaList(list_id, name, folder)

    def duplicate(self, list_id: int, name: str) -> MediaList:
        """A copy of a list with its folder and its rows, behind the others."""
        with self._db.write() as connection:
            source = self.get(list_id)
            copy = self.create(self._profile_of(list_id), name, source.folder)
            connection.execute(
                "INSERT INTO list_entries (list_id, media_id, position)"
                " SELECT ?, media_id, position FROM list_entries WHERE list_id = ? AND deleted_at IS NULL",
                (copy.id, list_id),
            )
            connection.execute(
                "INSERT INTO list_separators (list_id, position, text)"
                " SELECT ?, position, text FROM list_separators WHERE list_id = ? AND deleted_at IS NULL",
                (copy.id, list_id),
            )
            return copy

    def rename(self, list_id: int, name: str) -> None:
        """Call a list something else.

        Raises:
            UserError: the name is empty.
        """
        with self._db.write() as connection:
            connection.execute("UPDATE lists SET name = ? WHERE id = ?", (_checked(name), list_id))

    def set_folder(self, list_id: int, folder: str) -> None:
        """Where what is cut from this list goes."""
        with self._db.write() as connection:
            connection.execute("UPDATE lists SET folder = ? WHERE id = ?", (folder, list_id))

    def delete(self, list_id: int) -> None:
        """Close a list; its rows stay for `restore`."""
        self._set_deleted(list_id, utc_now())

    def restore(self, list_id: int) -> None:
        """Undo `delete`."""
        self._set_deleted(list_id, None)

    def set_order(self, list_ids: Sequence[int]) -> None:
        """Put the lists of a profile in this order."""
        with self._db.write() as connection:
            connection.executemany(
                "UPDATE lists SET position = ? WHERE id = ?",
                [(position, list_id) for position, list_id in enumerate(list_ids, start=1)],
            )

    def _profile_of(self, list_id: int) -> str:
        row = self._db.one(
            "SELECT p.name FROM lists l JOIN profiles p ON p.id = l.profile_id WHERE l.id = ?", (list_id,)
        )
        return row[0]

    def _set_deleted(self, list_id: int, deleted_at: str | None) -> None:
        with self._db.write() as connection:
            connection.execute("UPDATE lists SET deleted_at = ? WHERE id = ?", (deleted_at, list_id))

    def _set_of_profile(self, profile: str, column: str, list_id: int | None) -> None:
        with self._db.write() as connection:
            connection.execute(
                f"UPDATE profiles SET {column} = ? WHERE id = ?", (list_id, self._profiles.id_of(profile))
            )


def _checked(name: str) -> str:
    if not name.strip():
        raise UserError("A list needs a name", "The name is empty", "Type one")
    return name.strip()
