"""Exported batches and their clips, as the timeline, the lists and dataset.json see them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from itertools import groupby
from typing import Any

from core.domain.clip import Batch
from core.domain.export import Audit, Marker
from core.domain.timespan import Span
from core.storage.database import Database, utc_now
from core.storage.rows import settings_of

_BATCH_COLUMNS = (
    "b.id AS batch_id, b.number, b.cursor_s, b.clips, b.spread_s, b.duration_s, b.folder, b.label, b.category,"
    " b.format, b.settings, b.scan_export"
)
_LIVE_DONE = "c.state = 'done' AND c.deleted_at IS NULL"


def audit_to_json(audit: Audit) -> str:
    return json.dumps(asdict(audit))


def audit_from_json(text: str | None) -> Audit | None:
    """The inverse of `audit_to_json`; None stays None."""
    if text is None:
        return None
    known = {field.name for field in fields(Audit)}
    values = {key: value for key, value in json.loads(text).items() if key in known}
    values["problems"] = tuple(values.get("problems", ()))
    return Audit(**values)


class ClipStore:
    """Reads clips; those of unfinished exports stay out of sight."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def markers(self, media_id: int, profile: str) -> list[Marker]:
        """The batches of a media in a profile that have a finished clip, by start."""
        return self._markers(media_id, profile, "=")

    def other_markers(self, media_id: int, profile: str) -> list[Marker]:
        """The batches of a media in all other profiles, by start."""
        return self._markers(media_id, profile, "!=")

    def counts(self, profile: str) -> dict[int, int]:
        """Finished clips per media id; media without any are left out."""
        # Adding up per batch first reads the clips in the order of their index: a third of the time of a plain join.
        rows = self._db.query(
            "SELECT b.media_id, sum(c.clips) FROM (SELECT batch_id, count(*) AS clips FROM clips INDEXED BY clips_done"
            " WHERE state = 'done' AND deleted_at IS NULL GROUP BY batch_id) c"
            " CROSS JOIN batches b ON b.id = c.batch_id"
            " WHERE b.profile_id = (SELECT id FROM profiles WHERE name = ? AND deleted_at IS NULL)"
            " AND b.deleted_at IS NULL GROUP BY b.media_id",
            (profile,),
        )
        return {row[0]: row[1] for row in rows}

    def manifest_entries(self, folder: str) -> list[dict[str, Any]]:
        """What dataset.json says about each finished clip of one export folder (the one above `vid_NNN`), by path.

        Keys: path, label, category, source, media_id, start_s, duration_s, format, fps, width, height, short_side,
        portrait_ratio, crop_center, crop_path (JSON), profile, scan_export, disabled, audit (Audit or None). `fps`,
        `width` and `height` are None where the export did not note them.
        """
        rows = self._db.query(
            "SELECT c.path, b.label, b.category, m.path AS source, b.media_id, c.start_s, c.duration_s, b.format,"
            " c.fps, c.width, c.height, b.settings, c.portrait_ratio, c.crop_center, c.crop_path, p.name AS profile,"
            " b.scan_export, c.disabled, c.audit, b.folder"
            " FROM batches b JOIN clips c ON c.batch_id = b.id JOIN media m ON m.id = b.media_id"
            " JOIN profiles p ON p.id = b.profile_id"
            f" WHERE b.folder = ? AND b.deleted_at IS NULL AND p.deleted_at IS NULL AND {_LIVE_DONE}"
            " ORDER BY c.path, c.id",
            (folder,),
        )
        entries = []
        for row in rows:
            entry = {key: row[key] for key in row.keys() if key not in ("settings", "folder")}  # noqa: SIM118
            entry["short_side"] = settings_of(row).short_side
            entry["scan_export"], entry["disabled"] = bool(row["scan_export"]), bool(row["disabled"])
            entry["audit"] = audit_from_json(row["audit"])
            entries.append(entry)
        return entries

    def folders(self) -> list[str]:
        """Every export folder that holds a finished clip."""
        rows = self._db.query(
            "SELECT DISTINCT b.folder FROM batches b WHERE b.deleted_at IS NULL AND EXISTS"
            f" (SELECT 1 FROM clips c WHERE c.batch_id = b.id AND {_LIVE_DONE}) ORDER BY b.folder"
        )
        return [row[0] for row in rows]

    def set_disabled(self, clip_ids: Iterable[int], disabled: bool) -> None:
        """Keep clips out of training, or let them in again."""
        with self._db.write() as connection:
            connection.executemany(
                "UPDATE clips SET disabled = ? WHERE id = ?", [(int(disabled), clip_id) for clip_id in clip_ids]
            )

    def batch_shape(self, batch_id: int) -> tuple[int, int] | None:
        """(number K, clips) of a batch that is not deleted; None for any other."""
        row = self._db.one("SELECT number, clips FROM batches WHERE id = ? AND deleted_at IS NULL", (batch_id,))
        return (row[0], row[1]) if row else None

    def spans(self, media_id: int, profile: str | None = None, without_batch: int | None = None) -> list[Span]:
        """What the finished clips of a media cover, in one profile or (None) in any; not disjoint, by start."""
        rows = self._db.query(
            "SELECT c.start_s, c.start_s + c.duration_s FROM batches b JOIN clips c ON c.batch_id = b.id"
            " JOIN profiles p ON p.id = b.profile_id"
            " WHERE b.media_id = :media AND (:profile IS NULL OR p.name = :profile) AND b.id IS NOT :without"
            f" AND p.deleted_at IS NULL AND b.deleted_at IS NULL AND {_LIVE_DONE} ORDER BY c.start_s",
            {"media": media_id, "profile": profile, "without": without_batch},
        )
        return [Span(row[0], row[1]) for row in rows]

    def labels(self, batch_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """(label, category) of each batch."""
        return {
            batch_id: (row[0], row[1])
            for batch_id in batch_ids
            if (row := self._db.one("SELECT label, category FROM batches WHERE id = ?", (batch_id,)))
        }

    def set_labels(self, labels: Mapping[int, tuple[str, str]]) -> list[str]:
        """Give batches their (label, category); returns the export folders whose dataset.json is due now."""
        with self._db.write() as connection:
            connection.executemany(
                "UPDATE batches SET label = ?, category = ? WHERE id = ?",
                [(label, category, batch_id) for batch_id, (label, category) in labels.items()],
            )
            return sorted(
                {
                    row[0]
                    for batch_id in labels
                    for row in connection.execute("SELECT folder FROM batches WHERE id = ?", (batch_id,))
                }
            )

    def recent_labels(self, profile: str, limit: int) -> list[str]:
        """Labels of a profile's batches, the most recently exported ones first."""
        rows = self._db.query(
            "SELECT b.label FROM batches b JOIN profiles p ON p.id = b.profile_id"
            " WHERE p.name = ? AND p.deleted_at IS NULL AND b.deleted_at IS NULL AND b.label != ''"
            " GROUP BY b.label ORDER BY max(b.id) DESC LIMIT ?",
            (profile, limit),
        )
        return [row[0] for row in rows]

    def delete_batch(self, batch_id: int) -> None:
        """Take a batch out of the history; its numbers stay used and `restore_batch` brings the same rows back."""
        with self._db.write() as connection:
            connection.execute("UPDATE batches SET deleted_at = ? WHERE id = ?", (utc_now(), batch_id))

    def restore_batch(self, batch_id: int) -> None:
        """Undo `delete_batch`."""
        with self._db.write() as connection:
            connection.execute("UPDATE batches SET deleted_at = NULL WHERE id = ?", (batch_id,))

    def _markers(self, media_id: int, profile: str, comparison: str) -> list[Marker]:
        rows = self._db.query(
            f"SELECT {_BATCH_COLUMNS}, c.id AS clip_id, c.path, c.disabled"
            " FROM batches b JOIN clips c ON c.batch_id = b.id"
            " JOIN profiles p ON p.id = b.profile_id"
            f" WHERE b.media_id = ? AND p.name {comparison} ? AND p.deleted_at IS NULL AND b.deleted_at IS NULL"
            f" AND {_LIVE_DONE} ORDER BY b.cursor_s, b.id, c.clip_index",
            (media_id, profile),
        )
        markers = []
        for _, group in groupby(rows, key=lambda row: row["batch_id"]):
            batch_rows = list(group)
            markers.append(_marker(batch_rows))
        return markers


def _marker(rows: list[sqlite3.Row]) -> Marker:
    """The marker of a batch from a row per finished clip."""
    row = rows[0]
    return Marker(
        batch_id=row["batch_id"],
        number=row["number"],
        batch=Batch(row["cursor_s"], row["clips"], row["spread_s"], row["duration_s"]),
        folder=row["folder"],
        settings=settings_of(row),
        paths=tuple(clip["path"] for clip in rows),
        scan_export=bool(row["scan_export"]),
        clip_ids=tuple(clip["clip_id"] for clip in rows),
        disabled=all(clip["disabled"] for clip in rows),
    )
