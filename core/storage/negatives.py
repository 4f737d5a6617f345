"""Hard negatives: moments a model took for the target and a person did not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.storage.database import Database, utc_now


@dataclass(frozen=True)
class NegativeMark:
    """One moment judged not the target. `end_s` and `region_id` are None where only the time is known."""

    start_s: float
    end_s: float | None = None
    region_id: int | None = None


class NegativeStore:
    """Hard negatives by profile and media; one row per moment, times that agree to the millisecond are one moment."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self,
        profile_id: int,
        media_id: int,
        marks: Iterable[NegativeMark],
        *,
        filename: str,
        source_path: str = "",
        source_model: str = "",
        scan_timestamp: str = "",
    ) -> int:
        """Mark moments; returns how many were new. One that is marked already stays, and fills in what it lacked."""
        added = 0
        with self._db.write() as connection:
            for mark in marks:
                known = connection.execute(
                    "SELECT deleted_at FROM hard_negatives WHERE profile_id = ? AND media_id = ? AND start_ms = ?",
                    (profile_id, media_id, _milliseconds(mark.start_s)),
                ).fetchone()
                added += known is None or known["deleted_at"] is not None
                connection.execute(
                    "INSERT INTO hard_negatives (profile_id, media_id, start_ms, start_s, end_s, region_id, filename,"
                    " source_path, source_model, scan_timestamp, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (profile_id, media_id, start_ms) DO UPDATE SET"
                    " end_s = coalesce(end_s, excluded.end_s), region_id = coalesce(region_id, excluded.region_id),"
                    " source_path = coalesce(nullif(source_path, ''), excluded.source_path),"
                    " source_model = CASE WHEN deleted_at IS NULL AND source_model != '' THEN source_model"
                    " ELSE excluded.source_model END,"
                    " scan_timestamp = CASE WHEN deleted_at IS NULL AND source_model != '' THEN scan_timestamp"
                    " ELSE excluded.scan_timestamp END,"
                    " deleted_at = NULL",
                    (
                        profile_id,
                        media_id,
                        _milliseconds(mark.start_s),
                        float(mark.start_s),
                        mark.end_s,
                        mark.region_id,
                        filename,
                        source_path,
                        source_model,
                        scan_timestamp,
                        utc_now(),
                    ),
                )
        return added

    def all(self, profile: str) -> list[dict[str, Any]]:
        """The profile's hard negatives by file and time.

        Keys: id, filename, start_time, source_path, source_model, end_time, region_id, scan_timestamp, created_at,
        media_id.
        """
        rows = self._db.query(
            "SELECT h.id, h.filename, h.start_s AS start_time, h.source_path, h.source_model, h.end_s AS end_time,"
            " h.region_id, h.scan_timestamp, h.created_at, h.media_id FROM hard_negatives h"
            " JOIN profiles p ON p.id = h.profile_id"
            " WHERE p.name = ? AND p.deleted_at IS NULL AND h.deleted_at IS NULL ORDER BY h.filename, h.start_s, h.id",
            (profile,),
        )
        return [dict(row) for row in rows]

    def delete(self, ids: Iterable[int]) -> int:
        """Unmark by row id, any number of them; returns how many were marked. `restore` undoes it."""
        return self._set_deleted(ids, utc_now(), "IS NULL")

    def restore(self, ids: Iterable[int]) -> int:
        """Undo `delete`: the same rows come back."""
        return self._set_deleted(ids, None, "IS NOT NULL")

    def _set_deleted(self, ids: Iterable[int], deleted_at: str | None, present: str) -> int:
        with self._db.write() as connection:
            return connection.execute(
                f"UPDATE hard_negatives SET deleted_at = ? WHERE deleted_at {present}"
                " AND id IN (SELECT value FROM json_each(?))",
                (deleted_at, json.dumps([int(row_id) for row_id in ids])),
            ).rowcount


def _milliseconds(time_s: float) -> int:
    return round(time_s * 1000)
