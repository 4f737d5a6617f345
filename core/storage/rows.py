"""Writing batches and their clips: exports, scripts and adopted files all make the same rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from core.domain.clip import Batch
from core.domain.crop import Crop
from core.domain.export import ClipState, ExportSettings

_OWN_COLUMNS = ("label", "category", "format")
_SETTING_NAMES = frozenset(field.name for field in fields(ExportSettings))


@dataclass(frozen=True)
class NewBatch:
    """A batch about to be written.

    `folder` is the one above `vid_NNN`, `class_name` its last part, `clip_group` what the names of its clips share.
    """

    profile_id: int
    media_id: int
    number: int
    scan_export: bool
    batch: Batch
    folder: str
    class_name: str
    clip_group: str
    settings: ExportSettings
    created_at: str


@dataclass(frozen=True)
class NewClip:
    """A clip about to be written; its crop may differ from its batch's settings."""

    index: int
    start_s: float
    duration_s: float
    path: str
    state: ClipState
    portrait_ratio: str
    crop_center: float
    created_at: str
    crop_path: tuple[tuple[float, float], ...] = ()


def insert_batch(connection: sqlite3.Connection, new: NewBatch) -> int:
    """Write a batch row; returns its id."""
    values = {
        "profile_id": new.profile_id,
        "media_id": new.media_id,
        "number": new.number,
        "scan_export": int(new.scan_export),
        "cursor_s": new.batch.cursor_s,
        "clips": new.batch.clips,
        "spread_s": new.batch.spread_s,
        "duration_s": new.batch.duration_s,
        "folder": new.folder,
        "class_name": new.class_name,
        "clip_group": new.clip_group,
        "label": new.settings.label,
        "category": new.settings.category,
        "format": new.settings.format,
        "settings": settings_to_json(new.settings),
        "created_at": new.created_at,
    }
    marks = ", ".join(f":{name}" for name in values)
    return int(connection.execute(f"INSERT INTO batches ({', '.join(values)}) VALUES ({marks})", values).lastrowid)


def put_clips(connection: sqlite3.Connection, batch_id: int, clips: Iterable[NewClip]) -> None:
    """Write clips of a batch; one with an index that is there already takes that row over."""
    connection.executemany(
        "INSERT INTO clips (batch_id, clip_index, start_s, duration_s, path, state, portrait_ratio, crop_center,"
        " created_at, crop_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (batch_id, clip_index) DO UPDATE SET start_s = excluded.start_s,"
        " duration_s = excluded.duration_s, path = excluded.path, state = excluded.state, error = '', audit = NULL,"
        " portrait_ratio = excluded.portrait_ratio, crop_center = excluded.crop_center,"
        " created_at = excluded.created_at, crop_path = excluded.crop_path, deleted_at = NULL",
        [
            (
                batch_id,
                clip.index,
                clip.start_s,
                clip.duration_s,
                clip.path,
                clip.state.value,
                clip.portrait_ratio,
                clip.crop_center,
                clip.created_at,
                json.dumps(clip.crop_path),
            )
            for clip in clips
        ],
    )


def crop_of(row: sqlite3.Row) -> Crop:
    """The crop of a clip row."""
    path = tuple((time_s, center) for time_s, center in json.loads(row["crop_path"]))
    return Crop(row["portrait_ratio"], row["crop_center"], path)


def settings_to_json(settings: ExportSettings) -> str:
    """The part of the settings that has no column of its own."""
    return json.dumps({key: value for key, value in asdict(settings).items() if key not in _OWN_COLUMNS})


def settings_of(row: sqlite3.Row) -> ExportSettings:
    """The settings of a batch row; what a newer version added is ignored, what an older one lacked is a default."""
    stored = {key: value for key, value in json.loads(row["settings"]).items() if key in _SETTING_NAMES}
    stored.setdefault("folder", row["folder"])
    return ExportSettings(**{**stored, **{key: row[key] for key in _OWN_COLUMNS}})
