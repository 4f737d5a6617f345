"""Scan versions: what a model found in a media, every scan kept as its own version."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.scan import Hit, NewRegion, RegionRow, ScanMade, WindowScores
from core.storage.database import Database

STAMP = "%Y%m%d_%H%M%S_%f"
DEFAULT_VERSIONS = 5
Region = tuple[int, float, float, float, bool, float, float]
"""(id, start, end, score, disabled, original start, original end); the originals are those before any trimming."""


@dataclass(frozen=True)
class RuleChange:
    """What another threshold and gap mean for the rows of a version.

    Args:
        shown: ids of hidden rows that it shows.
        hidden: ids of shown rows that it does not; they stay, so that undo finds them.
        forgotten: ids of rows that it does not show and nobody has to find again.
        new: regions without a row.
    """

    threshold: float
    fuse_s: float
    shown: Sequence[int] = ()
    hidden: Sequence[int] = ()
    forgotten: Sequence[int] = ()
    new: Sequence[NewRegion] = ()


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
        hits = [Hit(float(start), float(end), float(score)) for start, end, score, *_ in regions]
        found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in hits]
        return self.save_scan(profile_id, media_id, model, found, None, max_versions)

    def save_scan(
        self,
        profile_id: int,
        media_id: int,
        model: str,
        regions: Iterable[NewRegion],
        made: ScanMade | None,
        max_versions: int = DEFAULT_VERSIONS,
    ) -> str:
        """`save`, with inherited decisions and the scores the regions were made of."""
        with self._db.write() as connection:
            stamp = self._free_stamp(profile_id, media_id)
            version_id = connection.execute(
                "INSERT INTO scan_versions (profile_id, media_id, model, timestamp) VALUES (?, ?, ?, ?)",
                (profile_id, media_id, model, stamp),
            ).lastrowid
            _insert_regions(connection, version_id, regions)
            if made is not None:
                _insert_scores(connection, version_id, made)
            connection.execute(
                "DELETE FROM scan_versions WHERE profile_id = :profile AND media_id = :media AND model = :model"
                " AND timestamp != '' AND id NOT IN (SELECT id FROM scan_versions WHERE profile_id = :profile"
                " AND media_id = :media AND model = :model AND timestamp != '' ORDER BY id DESC LIMIT :kept)",
                {"profile": profile_id, "media": media_id, "model": model, "kept": max(1, max_versions)},
            )
            return stamp

    def made(self, profile_id: int, media_id: int, model: str, scan_timestamp: str | None = None) -> ScanMade | None:
        """What a version (the newest by default) was made of; None where nobody kept that."""
        version_id = self._version(profile_id, media_id, model, scan_timestamp)
        row = self._db.one("SELECT * FROM scan_scores WHERE version_id = ?", (version_id,))
        if row is None:
            return None
        import numpy as np

        windows = WindowScores(np.frombuffer(row["scores"], "<f4"), row["hop_s"], row["span_s"], row["duration_s"])
        return ScanMade(windows, row["classifier"], row["classifier_version"], row["threshold"], row["fuse_s"])

    def rows(self, profile_id: int, media_id: int, model: str, scan_timestamp: str | None = None) -> list[RegionRow]:
        """The regions of a version (the newest by default), hidden ones included, in order of start."""
        found = self._db.query(
            "SELECT * FROM scan_regions WHERE version_id = ? AND NOT replaced ORDER BY start_s, id",
            (self._version(profile_id, media_id, model, scan_timestamp),),
        )
        return [_row(row) for row in found]

    def table(
        self, profile_id: int | None, media_id: int, model: str, scan_timestamp: str | None = None
    ) -> list[tuple]:
        """`rows` as plain values, for thousands of them.

        Each is (id, start, end, score, found start, found end, disabled, accepted, hidden, the row whose decision it
        took over or 0, by hand).
        """
        return self._db.values(
            "SELECT id, start_s, end_s, score, orig_start_s, orig_end_s, disabled, accepted, hidden,"
            " coalesce(inherited_from, 0), by_hand"
            " FROM scan_regions WHERE version_id = ? AND NOT replaced ORDER BY start_s, id",
            (self._version(profile_id, media_id, model, scan_timestamp),),
        )

    def change_rule(
        self,
        profile_id: int,
        media_id: int,
        model: str,
        scan_timestamp: str,
        change: RuleChange,
    ) -> None:
        """Show a version at another threshold and gap. `forget_hidden` cleans up what stays hidden."""
        with self._db.write() as connection:
            version_id = self._version(profile_id, media_id, model, scan_timestamp)
            # One statement for thousands of rows: each of its own would take the lock for longer than a frame.
            listed = "id IN (SELECT value FROM json_each(?))"
            for hidden, ids in ((0, change.shown), (1, change.hidden)):
                connection.execute(f"UPDATE scan_regions SET hidden = ? WHERE {listed}", (hidden, json.dumps(ids)))
            connection.execute(f"DELETE FROM scan_regions WHERE {listed}", (json.dumps(change.forgotten),))
            _insert_regions(connection, version_id, change.new)
            connection.execute(
                "UPDATE scan_scores SET threshold = ?, fuse_s = ? WHERE version_id = ?",
                (change.threshold, change.fuse_s, version_id),
            )

    def forget_hidden(self, profile_id: int | None, media_id: int, model: str, scan_timestamp: str | None) -> None:
        """Remove the rows of a version that are neither shown nor decided on; nothing may want to undo them."""
        with self._db.write() as connection:
            connection.execute(
                "DELETE FROM scan_regions WHERE version_id = ? AND (replaced OR (hidden AND NOT disabled"
                " AND NOT accepted AND start_s = orig_start_s AND end_s = orig_end_s))",
                (self._version(profile_id, media_id, model, scan_timestamp),),
            )

    def models(self, profile_id: int | None, media_id: int) -> list[str]:
        """The classifiers whose scans of this media are kept, by name."""
        rows = self._db.query(
            "SELECT DISTINCT model FROM scan_versions WHERE profile_id = ? AND media_id = ? ORDER BY model",
            (profile_id, media_id),
        )
        return [row[0] for row in rows]

    def versions(self, profile_id: int, media_id: int, model: str) -> list[dict[str, Any]]:
        """`[{timestamp, count, max_score}, …]` newest first; rows from before versions are none. Empty: 0 and 0.0."""
        rows = self._db.query(
            "SELECT v.timestamp, count(r.id) AS count, coalesce(max(r.score), 0.0) AS max_score"
            " FROM scan_versions v LEFT JOIN scan_regions r ON r.version_id = v.id AND NOT r.hidden AND NOT r.replaced"
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
            connection.execute(
                "UPDATE scan_regions SET disabled = ? WHERE id IN (SELECT value FROM json_each(?))",
                (int(disabled), json.dumps(list(region_ids))),
            )

    def set_accepted(self, region_ids: Iterable[int], accepted: bool) -> None:
        """Confirm regions, or take that back."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE scan_regions SET accepted = ? WHERE id IN (SELECT value FROM json_each(?))",
                (int(accepted), json.dumps(list(region_ids))),
            )

    def set_times(self, region_id: int, start_s: float, end_s: float) -> None:
        """Trim or stretch a region; what the scan found stays in its original times."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE scan_regions SET start_s = ?, end_s = ? WHERE id = ?", (start_s, end_s, region_id)
            )

    def add_by_hand(
        self, profile_id: int, media_id: int, model: str, scan_timestamp: str, regions: Iterable[NewRegion]
    ) -> list[int]:
        """Add regions that a person made; returns their rows."""
        with self._db.write() as connection:
            version_id = self._version(profile_id, media_id, model, scan_timestamp)
            return [_insert_region(connection, version_id, new) for new in regions]

    def set_replaced(self, leaving: Iterable[int], coming: Iterable[int]) -> None:
        """Let the rows `coming` stand where `leaving` stood."""
        with self._db.write() as connection:
            connection.executemany(
                "UPDATE scan_regions SET replaced = ? WHERE id = ?",
                [*((1, row) for row in leaving), *((0, row) for row in coming)],
            )

    def _regions(self, version_id: int) -> list[Region]:
        rows = self._db.query(
            "SELECT id, start_s, end_s, score, disabled, orig_start_s, orig_end_s FROM scan_regions"
            " WHERE version_id = ? AND NOT hidden AND NOT replaced ORDER BY start_s, id",
            (version_id,),
        )
        return [(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6]) for row in rows]

    def _version(self, profile_id: int, media_id: int, model: str, scan_timestamp: str | None) -> int | None:
        """The row of a version, the newest by default; None where there is none."""
        row = self._db.one(
            "SELECT id FROM scan_versions WHERE profile_id = ? AND media_id = ? AND model = ?"
            " AND CASE WHEN ? IS NULL THEN timestamp != '' ELSE timestamp = ? END ORDER BY id DESC",
            (profile_id, media_id, model, scan_timestamp, scan_timestamp),
        )
        return row[0] if row else None

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


_INSERT_REGION = (
    "INSERT INTO scan_regions (version_id, start_s, end_s, score, disabled, accepted, inherited_from, by_hand,"
    " orig_start_s, orig_end_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _insert_regions(connection: sqlite3.Connection, version_id: int, regions: Iterable[NewRegion]) -> None:
    connection.executemany(_INSERT_REGION, [_values(version_id, new) for new in regions])


def _insert_region(connection: sqlite3.Connection, version_id: int, new: NewRegion) -> int:
    return connection.execute(_INSERT_REGION, _values(version_id, new)).lastrowid


def _values(version_id: int, new: NewRegion) -> tuple:
    return (
        version_id,
        new.start_s,
        new.end_s,
        new.hit.score,
        new.disabled,
        new.accepted,
        new.inherited_from,
        new.by_hand,
        new.hit.start_s,
        new.hit.end_s,
    )


def _insert_scores(connection: sqlite3.Connection, version_id: int, made: ScanMade) -> None:
    import numpy as np

    windows = made.windows
    connection.execute(
        "INSERT INTO scan_scores (version_id, classifier, classifier_version, threshold, fuse_s, hop_s, span_s,"
        " duration_s, scores) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            version_id,
            made.classifier,
            made.classifier_version,
            made.threshold,
            made.fuse_s,
            windows.hop_s,
            windows.span_s,
            windows.duration_s,
            np.asarray(windows.scores, "<f4").tobytes(),
        ),
    )


def _row(row: sqlite3.Row) -> RegionRow:
    return RegionRow(
        row["id"],
        Hit(row["orig_start_s"], row["orig_end_s"], row["score"]),
        row["start_s"],
        row["end_s"],
        bool(row["disabled"]),
        bool(row["accepted"]),
        bool(row["hidden"]),
        row["inherited_from"] is not None,
        bool(row["by_hand"]),
    )
