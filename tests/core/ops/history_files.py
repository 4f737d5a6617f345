"""A history with finished clips, made through the real numbers, names and rows, but without ffmpeg."""

from __future__ import annotations

import os
from pathlib import Path

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import Audit, CutRequest, ExportJob, ExportSettings, JobState, PlannedClip
from core.domain.media import Media
from core.media.identity import content_key
from core.media.naming import partial_path, place, taken_on_disk
from core.ops import manifest, replace
from core.ops.swap import swap

BATCH = Batch(0.2, 2, 0.5, 2.0)
GOOD = Audit(50, 50, 2.0, 2.0)


def media_of(db: ProcessedDB, source: Path) -> Media:
    return db.media.register(content_key(source), str(source))


def request(db: ProcessedDB, source: Path, folder: Path, profile: str = "default", batch: Batch = BATCH) -> CutRequest:
    return CutRequest(media_of(db, source), batch, ExportSettings(str(folder), label="bark"), profile)


def put(path: str, content: bytes) -> None:
    """A finished file at its place, as the exporter puts it there."""
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    made = partial_path(final.parent, f"0-{os.getpid()}", final.stem)
    made.write_bytes(content)
    place(made, final)


def cut(db: ProcessedDB, asked: CutRequest, content: bytes = b"first") -> ExportJob:
    """A finished batch: its files hold `content` and their own name."""
    job = db.jobs.create(asked, taken_on_disk(asked.settings.folder, asked.scan_export))
    finish(db, job, list(job.clips), content)
    db.jobs.set_state(job.id, JobState.DONE)
    manifest.rebuild(db, asked.settings.folder)
    return db.jobs.get(job.id)


def finish(db: ProcessedDB, job: ExportJob, clips: list[PlannedClip], content: bytes) -> None:
    for clip in clips:
        put(clip.path, content + b" " + Path(clip.path).name.encode())
        db.jobs.clip_done(job.id, clip.index, GOOD)


def overwrite(db: ProcessedDB, asked: CutRequest, batch_id: int, trash: Path, content: bytes) -> tuple[tuple, tuple]:
    """Make a batch anew; returns the ids of the old and of the new clips."""
    old = ids(db, batch_id)
    job = replace.plan(db, asked, batch_id)
    finish(db, job, replace.staged_clips(job), content)
    replace.commit(db, db.jobs.get(job.id), trash, None)
    db.jobs.set_state(job.id, JobState.DONE)
    manifest.follow(db)
    return old, ids(db, job.batch_id)


def ids(db: ProcessedDB, batch_id: int) -> tuple[int, ...]:
    return tuple(clip.id for clip in db.trash.of_batches([batch_id]))


def exchange(db: ProcessedDB, trash: Path, leaving: tuple, coming: tuple) -> None:
    swap(db, trash, leaving, coming)
    manifest.follow(db)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with what is in it, dataset.json left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "dataset.json"
    }
