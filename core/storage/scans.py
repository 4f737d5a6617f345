"""Scan versions: what a model found in a media, every scan kept as its own version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.storage.database import Database

STAMP = "%Y%m%d_%H%M%S_%f"
DEFAULT_VERSIONS = 5
Region = tuple[int, float, float, float, bool, float, float]
"""(id, start, end, score, disabled, original start, original end); the originals are those before any trimming."""


class ScanStore:
    """Regions by media, profile, model and version. A version's time stamp is in local time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save(
        self,
        profile_id: int,
        media_id: int,
        model: str,
        regions: Iterable[Sequence[float]],
        max_versions: int = DEFAULT_VERSIONS,
    ) -> str:
        """Keep one scan as a new version, even one that found nothing, and drop the oldest beyond `max_versions`.

        Args:
            regions: (start, end, score) each, seconds; what follows in a tuple is ignored.
            max_versions: how many of this (media, profile, model) stay; the new one always does.

        Returns:
            The version's time stamp.
        """
        with self._db.write() as connection:
            stamp = self._free_stamp(profile_id, media_id)
            version_id = connection.execute(
                "INSERT INTO scan_versions (profile_id, media_id, model, timestamp) VALUES (?, ?, ?, ?)",
                (profile_id, media_id, model, stamp),
            ).lastrowid
            connection.executemany(
                "INSERT INTO scan_regions (version_id, start_s, end_s, score, orig_start_s, orig_end_s)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (version_id, float(start), float(end), float(score), float(start), float(end))
                    for start, end, score, *_ in regions
                ],
            )
            connection.execute(
                "DELETE FROM scan_versions WHERE profile_id = :profile AND media_id = :media AND model = :model"
                " AND timestamp != '' AND id NOT IN (SELECT id FROM scan_versions WHERE profile_id = :profile"
                " AND media_id = :media AND model = :model AND timestamp != '' ORDER BY id DESC LIMIT :kept)",
                {"profile": profile_id, "media": media_id, "model": model, "kept": max(1, max_versions)},
            )
            return stamp

    def versions(self, profile_id: int, media_id: int, model: str) -> list[dict[str, Any]]:
        """`[{timestamp, count, max_score}, …]` newest first; rows from before versions are none. Empty: 0 and 0.0."""
        rows = self._db.query(
            "SELECT v.timestamp, count(r.id) AS count, coalesce(max(r.score), 0.0) AS max_score"
            " FROM scan_versions v LEFT JOIN scan_regions r ON r.version_id = v.id"
            " WHERE v.profile_id = ? AND v.media_id = ? AND v.model = ? AND v.timestamp != ''"
            " GROUP BY v.id ORDER BY v.id DESC",
            (profile_id, media_id, model),
        )
        return [dict(row) for row in rows]

    def results(self, profile_id: int, media_id: int, scan_timestamp: str | None = None) -> dict[str, list[Region]]:
        """Regions by model, each model's in order of start.

        With a time stamp: that version, of the models that have it. Without: each model's newest version, or its rows
        from before versions when it has no other. A newest version that found nothing is an empty list.
        """
        versions = self._db.query(
            "SELECT id, model, timestamp FROM scan_versions WHERE profile_id = ? AND media_id = ?"
            " ORDER BY model, timestamp != '', id",
            (profile_id, media_id),
        )
        if scan_timestamp is not None:
            versions = [row for row in versions if row["timestamp"] == scan_timestamp]
        chosen = {row["model"]: row["id"] for row in versions}
        return {model: self._regions(version_id) for model, version_id in chosen.items()}

    def set_disabled(self, region_ids: Iterable[int], disabled: bool) -> None:
        """Switch regions off for export, or on again."""
        with self._db.write() as connection:
            connection.executemany(
                "UPDATE scan_regions SET disabled = ? WHERE id = ?",
                [(int(disabled), region_id) for region_id in region_ids],
            )

    def set_times(self, region_id: int, start_s: float, end_s: float) -> None:
        """Trim or stretch a region; what the scan found stays in its original times."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE scan_regions SET start_s = ?, end_s = ? WHERE id = ?", (start_s, end_s, region_id)
            )

    def _regions(self, version_id: int) -> list[Region]:
        rows = self._db.query(
            "SELECT id, start_s, end_s, score, disabled, orig_start_s, orig_end_s FROM scan_regions"
            " WHERE version_id = ? ORDER BY start_s, id",
            (version_id,),
        )
        return [(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6]) for row in rows]

    def _free_stamp(self, profile_id: int, media_id: int) -> str:
        """The present, moved on by microseconds until no version of this media in this profile has it."""
        moment = datetime.now()
        used = {
            row[0]
            for row in self._db.query(
                "SELECT timestamp FROM scan_versions WHERE profile_id = ? AND media_id = ?", (profile_id, media_id)
            )
        }
        while moment.strftime(STAMP) in used:
            moment += timedelta(microseconds=1)
        return moment.strftime(STAMP)
