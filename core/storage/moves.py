"""The journal of moving legacy exports: written before a file moves, so that a crash finds out how far it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.legacy_layout import LegacyClip, LegacyMove, Owner
from core.errors import UserError
from core.storage.database import Database, utc_now
from core.storage.profiles import ProfileStore


@dataclass(frozen=True)
class FileState:
    """What tells a file from another one that took its name."""

    size_bytes: int
    modified_ns: int


@dataclass(frozen=True)
class JournalledMove:
    """A move that was begun and not ended."""

    id: int
    source: str
    target: str
    state: FileState


class MoveStore:
    """Reads what may have to move, and keeps the journal."""

    def __init__(self, database: Database, profiles: ProfileStore) -> None:
        self._db = database
        self._profiles = profiles

    def candidates(self) -> list[LegacyClip]:
        """Finished clips whose folder starts like a legacy one, in the order they were made."""
        rows = self._db.query(
            "SELECT c.path, b.profile_id, b.media_id, n.number FROM clips c JOIN batches b ON b.id = c.batch_id"
            " LEFT JOIN media_numbers n ON n.profile_id = b.profile_id AND n.media_id = b.media_id"
            " WHERE c.state = 'done' AND c.deleted_at IS NULL AND b.deleted_at IS NULL"
            " AND replace(c.path, '\\', '/') GLOB '*/clip_[0-9]*/clip_[0-9]*' ORDER BY c.id"
        )
        return [LegacyClip(row["path"], (row["profile_id"], row["media_id"]), row["number"]) for row in rows]

    def last_numbers(self) -> dict[int, int]:
        """The highest media number used, per profile id."""
        return {row[0]: row[1] for row in self._db.query("SELECT id, last_media_number FROM profiles")}

    def folder_owners(self, folder: str, separator: str = "/") -> set[Owner]:
        """Whose clips, planned ones included, lie directly or deeper in a folder."""
        rows = self._db.query(
            "SELECT DISTINCT b.profile_id, b.media_id FROM clips c JOIN batches b ON b.id = c.batch_id"
            " WHERE c.path > ? AND c.path < ? AND c.deleted_at IS NULL",
            (folder + separator, folder + chr(ord(separator) + 1)),
        )
        return {(row[0], row[1]) for row in rows}

    def begin(self, moves: Iterable[tuple[LegacyMove, FileState]]) -> list[JournalledMove]:
        """Write the journal and take the numbers of the new folders, in one transaction.

        Raises:
            UserError: a number was given to another media since the plan was made.
        """
        with self._db.write() as connection:
            begun = []
            for move, state in moves:
                profile_id, media_id = move.owner
                self._profiles.note_media_number(profile_id, media_id, move.number)
                owner = connection.execute(
                    "SELECT media_id FROM media_numbers WHERE profile_id = ? AND number = ?", (profile_id, move.number)
                ).fetchone()
                if owner is not None and owner[0] != media_id:
                    raise UserError(
                        "The folders could not be moved", "Something was exported since the plan was made", "Plan again"
                    )
                move_id = connection.execute(
                    "INSERT INTO file_moves (source, target, size_bytes, modified_ns, state, created_at)"
                    " VALUES (?, ?, ?, ?, 'planned', ?)",
                    (move.source, move.target, state.size_bytes, state.modified_ns, utc_now()),
                ).lastrowid
                begun.append(JournalledMove(move_id, move.source, move.target, state))
            return begun

    def planned(self) -> list[JournalledMove]:
        """Moves whose file may be at either place, in order: at the start these were interrupted."""
        return self._in_state("planned")

    def unsettled(self) -> list[JournalledMove]:
        """Moves that are done but for what surrounds them: the folder left behind, dataset.json."""
        return self._in_state("moved")

    def moved(self, move: JournalledMove) -> set[int]:
        """The file is at its target: rewrite every clip of that path; returns their media ids."""
        with self._db.write() as connection:
            rows = connection.execute(
                "SELECT DISTINCT b.media_id FROM clips c JOIN batches b ON b.id = c.batch_id WHERE c.path = ?",
                (move.source,),
            ).fetchall()
            connection.execute("UPDATE clips SET path = ? WHERE path = ?", (move.target, move.source))
            connection.execute("UPDATE file_moves SET state = 'moved' WHERE id = ?", (move.id,))
            return {row[0] for row in rows}

    def settle(self, moves: Iterable[JournalledMove]) -> None:
        """These are done with."""
        self._set_state(moves, "settled")

    def kept(self, moves: Iterable[JournalledMove]) -> None:
        """These stay where they are."""
        self._set_state(moves, "kept")

    def _in_state(self, state: str) -> list[JournalledMove]:
        rows = self._db.query(
            "SELECT id, source, target, size_bytes, modified_ns FROM file_moves WHERE state = ? ORDER BY id", (state,)
        )
        return [JournalledMove(row[0], row[1], row[2], FileState(row[3], row[4])) for row in rows]

    def _set_state(self, moves: Iterable[JournalledMove], state: str) -> None:
        with self._db.write() as connection:
            connection.executemany("UPDATE file_moves SET state = ? WHERE id = ?", [(state, move.id) for move in moves])
