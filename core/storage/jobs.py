"""The export queue: jobs whose clips and numbers exist in the history before their files do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.domain.clip import export_folder
from core.domain.clip_place import ClipPlace
from core.domain.export import (
    Audit,
    ClipState,
    CutRequest,
    ExportJob,
    JobState,
    PlannedClip,
    request_from_json,
    request_to_json,
)
from core.domain.media import Media
from core.domain.name_template import clip_paths, name_clash, tells_batches_apart
from core.errors import UserError
from core.storage.clips import audit_from_json, audit_to_json
from core.storage.database import Database, utc_now
from core.storage.media import MediaStore
from core.storage.profiles import ProfileStore
from core.storage.rows import NewBatch, NewClip, crop_of, insert_batch, put_clips

_COLUMNS = (
    "j.id, j.batch_id, j.state, j.media_number, j.request, j.replaces_batch_id, b.number AS batch_number,"
    " m.id AS media_id, m.content_key"
)
_JOBS = f"SELECT {_COLUMNS} FROM export_jobs j JOIN batches b ON b.id = j.batch_id JOIN media m ON m.id = b.media_id"


@dataclass(frozen=True)
class Replacing:
    """What an overwrite takes over from a batch: the `indices` of its clips and, unless None, its `number`."""

    batch_id: int
    indices: tuple[int, ...]
    number: int | None = None


class JobStore:
    """Create, watch and finish export jobs. Every method is one short transaction."""

    def __init__(self, database: Database, media: MediaStore, profiles: ProfileStore) -> None:
        self._db = database
        self._media = media
        self._profiles = profiles

    def create(
        self, request: CutRequest, name_taken: Callable[[int, int], bool], replacing: Replacing | None = None
    ) -> ExportJob:
        """Give a request its numbers and write down everything it is going to make, in one transaction.

        Args:
            request: the snapshot to keep.
            name_taken: whether files of (media number, batch number) lie on disk already.
            replacing: the batch that this one is to take the place of; until then the new one is out of sight.

        Raises:
            EnvironmentProblem: no free batch number.
            ValueError: the format has no file ending.
        """
        batch, settings = request.batch, request.settings
        folder = export_folder(settings.folder, request.subprofile)
        with self._db.write() as connection:
            media = self._current(request.media)
            profile_id = self._profiles.ensure(request.profile)
            number = self._profiles.take_media_number(profile_id, media.id)
            indices = replacing.indices if replacing else tuple(range(batch.clips))
            batch_number = replacing.number if replacing else None
            if batch_number is None:

                def taken(candidate: int) -> bool:
                    paths = clip_paths(request, number, candidate, indices)
                    return name_taken(number, candidate) or self._any_planned(paths, request)

                batch_number = self._profiles.next_batch_number(profile_id, media.id, request.scan_export, taken)
            paths = clip_paths(request, number, batch_number, indices)
            place, now = ClipPlace.of(paths[0]), utc_now()
            new = NewBatch(
                profile_id=profile_id,
                media_id=media.id,
                number=batch_number,
                scan_export=request.scan_export,
                batch=batch,
                folder=folder,
                class_name=place.class_name,
                clip_group=place.clip_group,
                settings=settings,
                created_at=now,
            )
            batch_id = insert_batch(connection, new)
            if replacing:
                connection.execute("UPDATE batches SET deleted_at = ? WHERE id = ?", (now, batch_id))
            put_clips(connection, batch_id, _planned(replace(request, media=media), indices, paths, now))
            return self.get(_insert_job(connection, batch_id, number, replace(request, media=media), now, replacing))

    def get(self, job_id: int) -> ExportJob:
        """The job with its clips.

        Raises:
            UserError: there is no such job.
        """
        row = self._db.one(f"{_JOBS} WHERE j.id = ?", (job_id,))
        if row is None:
            raise UserError("This export is not in the history", f"No job has the number {job_id}", "Export again")
        return self._job(row)

    def open(self) -> list[ExportJob]:
        """Waiting and running jobs, oldest first: at the start these are the interrupted ones."""
        rows = self._db.query(f"{_JOBS} WHERE j.state IN ('waiting', 'running') ORDER BY j.id")
        return [self._job(row) for row in rows]

    def request_of(self, batch_id: int) -> CutRequest | None:
        """What a batch was asked for; None for one that came from a script or an older program."""
        row = self._db.one(f"{_JOBS} WHERE j.batch_id = ? ORDER BY j.id DESC LIMIT 1", (batch_id,))
        return self._job(row).request if row else None

    def set_state(self, job_id: int, state: JobState) -> None:
        """Move a job on. A cancelled one's unfinished clips leave the history; opened again, they come back."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE export_jobs SET state = ?, changed_at = ? WHERE id = ?", (state.value, utc_now(), job_id)
            )
            connection.execute(
                "UPDATE clips SET deleted_at = ? WHERE batch_id = (SELECT batch_id FROM export_jobs WHERE id = ?)"
                " AND state != 'done'",
                (utc_now() if state is JobState.CANCELLED else None, job_id),
            )

    def clip_done(
        self,
        job_id: int,
        index: int,
        audit: Audit,
        *,
        fps: float | None = None,
        width: int | None = None,
        height: int | None = None,
    ) -> None:
        """The file of clip `index` is in place and passed its audit; the rest is for dataset.json."""
        self._clip(
            job_id,
            index,
            "state = 'done', error = '', deleted_at = NULL, audit = ?, fps = ?, width = ?, height = ?",
            (audit_to_json(audit), fps, width, height),
        )

    def clip_failed(self, job_id: int, index: int, error: str) -> None:
        """Clip `index` came to nothing, for this reason."""
        self._clip(job_id, index, "state = 'failed', error = ?", (error,))

    def _any_planned(self, paths: list[str], request: CutRequest) -> bool:
        """Whether another batch has one of these paths already, its file made or not.

        Raises:
            UserError: it has, and the template gives every batch the same names.
        """
        marks = ", ".join("?" * len(paths))
        found = self._db.one(f"SELECT path FROM clips WHERE path IN ({marks}) AND deleted_at IS NULL LIMIT 1", paths)
        if found is not None and not tells_batches_apart(request.settings.template):
            raise name_clash(found["path"])
        return found is not None

    def _clip(self, job_id: int, index: int, assignment: str, values: tuple) -> None:
        with self._db.write() as connection:
            connection.execute(
                f"UPDATE clips SET {assignment} WHERE clip_index = ?"
                " AND batch_id = (SELECT batch_id FROM export_jobs WHERE id = ?)",
                (*values, index, job_id),
            )

    def _current(self, media: Media) -> Media:
        """The row this media has now; a placeholder may have been taken over since the snapshot."""
        found = self._media.by_key(media.content_key)
        if found is None:
            return self._media.register(media.content_key, media.path)
        return replace(found, path=media.path)

    def _job(self, row: sqlite3.Row) -> ExportJob:
        request = request_from_json(json.loads(row["request"]))
        # The snapshot's row id may be gone after two media rows were joined.
        media = replace(request.media, id=row["media_id"], content_key=row["content_key"])
        clips = self._db.query(
            "SELECT clip_index, start_s, duration_s, path, state, error, audit, portrait_ratio, crop_center, crop_path"
            " FROM clips"
            " WHERE batch_id = ? AND deleted_at IS NULL ORDER BY clip_index",
            (row["batch_id"],),
        )
        return ExportJob(
            id=row["id"],
            batch_id=row["batch_id"],
            request=replace(request, media=media),
            media_number=row["media_number"],
            batch_number=row["batch_number"],
            clips=tuple(
                PlannedClip(
                    *clip[:4],
                    ClipState(clip["state"]),
                    clip["error"],
                    audit_from_json(clip["audit"]),
                    crop_of(clip),
                )
                for clip in clips
            ),
            state=JobState(row["state"]),
            replaces=row["replaces_batch_id"],
        )


def _planned(request: CutRequest, indices: Sequence[int], paths: Sequence[str], now: str) -> list[NewClip]:
    """The clips of a new batch, each with its crop."""
    batch = request.batch
    return [
        NewClip(
            index,
            batch.cursor_s + index * batch.spread_s,
            batch.duration_s,
            path,
            ClipState.PLANNED,
            crop.ratio,
            crop.center,
            now,
            crop.path,
        )
        for index, path, crop in zip(indices, paths, request.crops_of(indices), strict=True)
    ]


def _insert_job(
    connection: sqlite3.Connection,
    batch_id: int,
    media_number: int,
    request: CutRequest,
    now: str,
    replacing: Replacing | None,
) -> int:
    """Write the row of a job; returns its id."""
    snapshot = json.dumps(request_to_json(request))
    return int(
        connection.execute(
            "INSERT INTO export_jobs (batch_id, state, media_number, request, created_at, changed_at,"
            " replaces_batch_id) VALUES (?, 'waiting', ?, ?, ?, ?, ?)",
            (batch_id, media_number, snapshot, now, now, replacing.batch_id if replacing else None),
        ).lastrowid
    )
