"""Clips that scripts report one by one: rows that belong together become one batch."""

from __future__ import annotations

import sqlite3

from core.domain.clip import Batch
from core.domain.clip_place import ClipPlace
from core.domain.export import ClipState, ExportSettings
from core.storage.database import Database, utc_now
from core.storage.profiles import ProfileStore
from core.storage.rows import NewBatch, NewClip, insert_batch, put_clips, settings_to_json


class ScriptClipStore:
    """Adds finished clips from outside."""

    def __init__(self, database: Database, profiles: ProfileStore) -> None:
        self._db = database
        self._profiles = profiles

    def add(
        self,
        profile_id: int,
        media_id: int,
        start_s: float,
        path: str,
        settings: ExportSettings,
        batch: Batch,
        scan_export: bool,
    ) -> int:
        """Record a clip that exists, starting at `start_s`; returns its row id.

        Clips whose paths differ only in the index join the same batch. One that was recorded before with the same
        path and start takes the new label and settings.
        """
        place = ClipPlace.of(path)
        with self._db.write() as connection:
            if place.media_number is not None:
                self._profiles.note_media_number(profile_id, media_id, place.media_number)
            batch_id = self._batch_of(connection, profile_id, media_id, place, start_s, scan_export)
            now = utc_now()
            if batch_id is None:
                number = place.name.batch_number if place.name else None
                batch_id = insert_batch(
                    connection,
                    NewBatch(
                        profile_id=profile_id,
                        media_id=media_id,
                        number=number or self._profiles.next_batch_number(profile_id, media_id, scan_export),
                        scan_export=scan_export,
                        batch=batch,
                        folder=place.folder,
                        class_name=place.class_name,
                        clip_group=place.clip_group,
                        settings=settings,
                        created_at=now,
                    ),
                )
            clip = NewClip(
                self._index(connection, batch_id, place, start_s, path),
                start_s,
                batch.duration_s,
                path,
                ClipState.DONE,
                settings.portrait_ratio,
                settings.crop_center,
                now,
            )
            put_clips(connection, batch_id, [clip])
            connection.execute(
                "UPDATE batches SET cursor_s = min(cursor_s, ?), label = ?, category = ?, format = ?, settings = ?"
                " WHERE id = ?",
                (start_s, settings.label, settings.category, settings.format, settings_to_json(settings), batch_id),
            )
            row = connection.execute(
                "SELECT id FROM clips WHERE batch_id = ? AND clip_index = ?", (batch_id, clip.index)
            ).fetchone()
            return row[0]

    def _batch_of(
        self,
        connection: sqlite3.Connection,
        profile_id: int,
        media_id: int,
        place: ClipPlace,
        start_s: float,
        scan_export: bool,
    ) -> int | None:
        """The batch this clip belongs to: of the same numbered name, else of the same name and start."""
        row = connection.execute(
            "SELECT b.id FROM batches b WHERE b.media_id = ? AND b.profile_id = ? AND b.scan_export = ?"
            " AND b.folder = ? AND b.clip_group = ? AND b.deleted_at IS NULL AND (? OR EXISTS"
            " (SELECT 1 FROM clips c WHERE c.batch_id = b.id AND c.start_s = ? AND c.deleted_at IS NULL))"
            " ORDER BY b.id DESC LIMIT 1",
            (media_id, profile_id, scan_export, place.folder, place.clip_group, place.name is not None, start_s),
        ).fetchone()
        return row[0] if row else None

    def _index(self, connection: sqlite3.Connection, batch_id: int, place: ClipPlace, start_s: float, path: str) -> int:
        """The index in the name, unless another file or another moment has it in this batch: then the next free one."""
        rows = connection.execute("SELECT clip_index, path, start_s FROM clips WHERE batch_id = ?", (batch_id,))
        used = {row["clip_index"]: (row["path"], row["start_s"]) for row in rows}
        for index, known in used.items():
            if known == (path, start_s):
                return index
        index = place.index or 0
        return index if index not in used else max(used) + 1
