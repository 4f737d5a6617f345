"""Turns legacy rows into rows of this schema.

Legacy rows name a file by its base name, newer ones also by its path, and give every clip of a batch the start of the
batch. Nobody looks at the files here: every media gets a placeholder that the file takes over when it is opened.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from core.domain.clip import Batch
from core.domain.clip_place import ClipPlace
from core.domain.export import ClipState, ExportSettings
from core.storage.database import utc_now
from core.storage.legacy_reader import LegacyHistory
from core.storage.media import MediaStore, base_name
from core.storage.profiles import ProfileStore
from core.storage.rows import NewBatch, NewClip, insert_batch, put_clips

LegacyRow = dict[str, Any]


@dataclass(frozen=True)
class ImportCounts:
    """Rows after the import. `repeated` were said twice in the legacy file, `skipped` lacked a file or a time."""

    clips: int
    batches: int
    regions: int
    negatives: int
    hidden: int
    repeated: int
    skipped: int


class Importer:
    """Writes one legacy history inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, media: MediaStore, profiles: ProfileStore) -> None:
        self._connection = connection
        self._media = media
        self._profiles = profiles
        self._paths_of_name: dict[str, list[str]] = {}
        self._newest_path: dict[tuple[str, str], str] = {}
        self._media_ids: dict[str, int] = {}
        self._profile_ids: dict[str, int] = {}

    def run(self, history: LegacyHistory) -> ImportCounts:
        """Import everything; raises RuntimeError when a row got lost on the way."""
        self._learn_paths(history)
        clips, batches = self._clips(history.processed)
        regions = self._regions(history.scan_results)
        negatives = self._negatives(history.hard_negatives)
        for row in history.hidden_files:
            self._media.set_hidden(self._profile(row["profile"]), self._media_of(row), True)
        return ImportCounts(
            clips=clips,
            batches=batches,
            regions=regions,
            negatives=negatives,
            hidden=len(history.hidden_files),
            repeated=len(history.processed) - clips + len(history.hard_negatives) - negatives,
            skipped=history.skipped,
        )

    def _learn_paths(self, history: LegacyHistory) -> None:
        paths: dict[str, dict[str, None]] = defaultdict(dict)
        for row in (*history.processed, *history.hard_negatives):
            if row["source_path"]:
                paths[row["filename"]][row["source_path"]] = None
                self._newest_path[row["profile"], row["filename"]] = row["source_path"]
        self._paths_of_name = {name: list(found) for name, found in paths.items()}

    def _media_of(self, row: LegacyRow) -> int:
        """The media of a row: by its path; without one by the path other rows of this name have.

        Where rows of one name have several paths, a row without one goes with the newest of its profile.
        """
        name, path = row["filename"], row.get("source_path", "")
        if not path and base_name(name) != name:
            path = name
        known = self._paths_of_name.get(name, [])
        if not path and known:
            path = known[0] if len(known) == 1 else self._newest_path.get((row["profile"], name), "")
        key = path or f"name only: {name}"
        if key not in self._media_ids:
            if path:
                media = self._media.placeholder_for_path(path)
            else:
                media = self._media.placeholder_for_name(base_name(name))
            self._media_ids[key] = media.id
        self._media.add_name(self._media_ids[key], base_name(name))
        return self._media_ids[key]

    def _profile(self, name: str) -> int:
        if name not in self._profile_ids:
            self._profile_ids[name] = self._profiles.ensure(name)
        return self._profile_ids[name]

    def _clips(self, rows: list[LegacyRow]) -> tuple[int, int]:
        groups: dict[tuple, list[tuple[LegacyRow, ClipPlace]]] = defaultdict(list)
        for row in rows:
            place = ClipPlace.of(row["output_path"])
            profile_id, media_id = self._profile(row["profile"]), self._media_of(row)
            if place.media_number is not None:
                self._profiles.note_media_number(profile_id, media_id, place.media_number)
            start = None if place.name else row["start_time"]
            parent = row["output_path"].replace("\\", "/").rpartition("/")[0]
            groups[profile_id, media_id, bool(row["scan_export"]), parent, place.clip_group, start].append((row, place))
        written = 0
        # Numbered batches first: the others get numbers after theirs.
        for key, members in sorted(groups.items(), key=lambda item: item[1][0][1].name is None):
            written += self._batch(key[0], key[1], key[2], members)
        return written, len(groups)

    def _batch(
        self, profile_id: int, media_id: int, scan_export: bool, members: list[tuple[LegacyRow, ClipPlace]]
    ) -> int:
        first, place = members[0]
        batch = Batch(
            min(row["start_time"] for row, _ in members),
            max(1, first["clip_count"]),
            first["spread"],
            first["clip_duration"],
        )
        # Rows of one batch that share a start carry the batch's; rows with starts of their own carry theirs.
        shared_start = len({row["start_time"] for row, _ in members}) == 1
        clips = {}
        for row, where in members:
            index = where.index or 0
            clips[index] = NewClip(
                index,
                row["start_time"] + (index * row["spread"] if shared_start else 0.0),
                row["clip_duration"],
                row["output_path"],
                ClipState.DONE,
                row["portrait_ratio"],
                row["crop_center"],
                row["processed_at"] or utc_now(),
            )
        number = place.name.batch_number if place.name else None
        batch_id = insert_batch(
            self._connection,
            NewBatch(
                profile_id=profile_id,
                media_id=media_id,
                number=number or self._profiles.next_batch_number(profile_id, media_id, scan_export),
                scan_export=scan_export,
                batch=batch,
                folder=place.folder,
                class_name=place.class_name,
                clip_group=place.clip_group,
                settings=_settings(first, place),
                created_at=first["processed_at"] or utc_now(),
            ),
        )
        put_clips(self._connection, batch_id, clips.values())
        return len(clips)

    def _regions(self, rows: list[LegacyRow]) -> int:
        versions: dict[tuple[int, int, str, str], list[LegacyRow]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row["scan_timestamp"]):
            key = (self._profile(row["profile"]), self._media_of(row), row["model"], row["scan_timestamp"])
            versions[key].append(row)
        for key, regions in versions.items():
            version_id = self._connection.execute(
                "INSERT INTO scan_versions (profile_id, media_id, model, timestamp) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET model = excluded.model RETURNING id",
                key,
            ).fetchone()[0]
            self._connection.executemany(
                "INSERT INTO scan_regions (version_id, start_s, end_s, score, disabled, orig_start_s, orig_end_s)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(version_id, *_region(row)) for row in regions],
            )
        return len(rows)

    def _negatives(self, rows: list[LegacyRow]) -> int:
        written = 0
        for row in rows:
            written += self._connection.execute(
                "INSERT INTO hard_negatives (profile_id, media_id, start_ms, start_s, filename, source_path,"
                " source_model, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    self._profile(row["profile"]),
                    self._media_of(row),
                    round(row["start_time"] * 1000),
                    row["start_time"],
                    row["filename"],
                    row["source_path"],
                    row["source_model"],
                    utc_now(),
                ),
            ).rowcount
        return written


def _settings(row: LegacyRow, place: ClipPlace) -> ExportSettings:
    return ExportSettings(
        folder=place.folder,
        name=place.name.name if place.name else "clip",
        label=row["label"],
        category=row["category"],
        format=row["format"],
        short_side=int(row["short_side"]) if row["short_side"] else None,
        portrait_ratio=row["portrait_ratio"],
        crop_center=row["crop_center"],
    )


def _region(row: LegacyRow) -> tuple[float, float, float, int, float, float]:
    original_start = row["orig_start_time"] if row["orig_start_time"] is not None else row["start_time"]
    original_end = row["orig_end_time"] if row["orig_end_time"] is not None else row["end_time"]
    disabled = int(bool(row["disabled"]))
    return row["start_time"], row["end_time"], row["score"], disabled, original_start, original_end
