"""Cut a batch of clips: plan it, run it, and pick up what a crash has left."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.clip import export_folder, media_folder_name
from core.domain.export import Audit, ClipState, CutRequest, CutSummary, ExportJob, JobState, PlannedClip
from core.domain.media import MediaInfo
from core.domain.name_template import stamped
from core.errors import Cancelled, EightCutError, UserError
from core.job import JobContext
from core.media import relocate
from core.media.claim import claim, is_claimed
from core.media.export import export_clips
from core.media.ffmpeg_args import output_size
from core.media.formats import output_format
from core.media.identity import holds
from core.media.naming import check_writable, make_folder, names_on_disk, partials, remove_if_empty, write_problem
from core.media.probe import probe
from core.ops import manifest
from core.ops import replace as replacing
from core.ops.cut_check import Source, check_request
from core.paths import data_paths

_log = logging.getLogger(__name__)
# Rows without it were made by scripts or older versions: nobody has seen the file.


def plan(
    db: ProcessedDB, request: CutRequest, ctx: JobContext | None = None, source: Source | None = None
) -> ExportJob:
    """Check a request and enter it into the queue with its numbers and names; no file is written yet.

    The cursor moves to the frame shown there. Reads the whole index of the source: not for the GUI thread.

    Args:
        source: of the request's media, so that many batches read it once.

    Raises:
        UserError: an illegal name or setting, a cursor or batch past the end, a source that cannot be read.
        EnvironmentProblem: the folder cannot be written to.
        Cancelled: `ctx` was cancelled.
    """
    request = stamped(check_request(request, ctx or JobContext(), source), datetime.now())
    folder = export_folder(request.settings.folder, request.subprofile)
    check_writable(Path(folder))
    return db.jobs.create(request, names_on_disk(request))


def run(db: ProcessedDB, job_id: int, ctx: JobContext, trash: Path | None = None) -> tuple[CutSummary, Changes]:
    """Make every clip of a job that has no good file yet: called again, it resumes or retries what failed.

    The files that an overwrite makes take the place of the old ones together, when all are good; the old ones go to
    `trash` (None: the one in the data folder).

    Finished clips stay whatever happens to the others. The job ends as DONE, as FAILED (also when this raises), or as
    CANCELLED; where this raises, `changes` says what to look at again.

    Raises:
        UserError: the source is gone or was replaced by another file, or the job runs in another window.
        EnvironmentProblem: ffmpeg is missing, the disk is full, the folder cannot be written to.
        Cancelled: `ctx` was cancelled.
    """
    folder = _folder(db.jobs.get(job_id))
    notes: list[str] = []
    try:
        make_folder(folder)
        with claim(_lock(folder, job_id)) as mine:
            if not mine:
                raise UserError("This batch is being exported already", "Another 8-cut is at it", "Wait for it to end")
            replaced = _run_claimed(db, job_id, folder, ctx, trash or data_paths().trash, notes)
    except OSError as error:
        raise write_problem(error, folder) from error
    finally:
        remove_if_empty(folder)
    job = db.jobs.get(job_id)
    made = tuple(clip.id for clip in db.trash.of_batches([job.batch_id]) if clip.done)
    return replace(summary(job), clip_ids=made, replaced_ids=replaced, notes=tuple(notes)), changes(job)


def summary(job: ExportJob) -> CutSummary:
    """How a job ended, in files."""
    return CutSummary(
        done=tuple(clip.path for clip in job.clips if clip.state is ClipState.DONE),
        failed=tuple((clip.path, clip.error) for clip in job.clips if clip.state is ClipState.FAILED),
    )


def changes(job: ExportJob) -> Changes:
    """What may look different after this job ran, whether or not it came to its end."""
    media = job.request.media.id
    return Changes.of(Kind.CLIPS, media) | Changes.of(Kind.JOBS, media) | Changes.of(Kind.PROFILES)


def interrupted(db: ProcessedDB) -> list[ExportJob]:
    """Jobs that were waiting or running when their 8-cut ended, oldest first; those of one that lives are not."""
    return [job for job in db.jobs.open() if not is_claimed(_lock(_folder(job), job.id))]


def discard(db: ProcessedDB, job_id: int) -> Changes:
    """Give a job up: finished clips stay, what is half made is removed.

    Raises:
        UserError: the job is running.
    """
    job = db.jobs.get(job_id)
    folder = _folder(job)
    if is_claimed(_lock(folder, job_id)):
        raise UserError("This batch is being exported", "It cannot be discarded meanwhile", "Cancel it first")
    _remove_partials(folder, job_id)
    if job.replaces is not None:
        replacing.drop_staged(job)
    remove_if_empty(folder)
    db.jobs.set_state(job_id, JobState.CANCELLED)
    if summary(job).done:
        _update_manifest(db, job, JobContext())
    return changes(job)


def clean_partials(db: ProcessedDB) -> None:
    """Remove the half-made files of jobs that a crash interrupted. For the start; the jobs can still be resumed."""
    for job in interrupted(db):
        folder = _folder(job)
        _remove_partials(folder, job.id)
        remove_if_empty(folder)


def _run_claimed(
    db: ProcessedDB, job_id: int, folder: Path, ctx: JobContext, trash: Path, notes: list[str]
) -> tuple[int, ...]:
    """Returns the ids of the clips that were replaced; `notes` gets what was done otherwise than asked."""
    ended, replaced = JobState.FAILED, ()
    job = db.jobs.get(job_id)
    _refuse_deleted(db, job)
    try:
        db.jobs.set_state(job_id, JobState.RUNNING)
        job = db.jobs.get(job_id)
        if job.replaces is None:
            if job.open_clips:
                notes += _make(db, job, job.open_clips, ctx)
        elif not replacing.finished(db, job):
            replaced = _overwrite(db, job, ctx, trash, notes)
        if not db.jobs.get(job_id).open_clips:
            ended = JobState.DONE
    except Cancelled:
        ended = JobState.CANCELLED
        raise
    finally:
        _remove_partials(folder, job_id)
        if job.replaces is not None and ended is not JobState.DONE:
            replacing.drop_staged(job)
        db.jobs.set_state(job_id, ended)
        job = db.jobs.get(job_id)
        if summary(job).done:
            _update_manifest(db, job, ctx)
    return replaced


def _refuse_deleted(db: ProcessedDB, job: ExportJob) -> None:
    """A batch that was deleted comes back from the trash, not by a retry: two files would claim one name."""
    if job.replaces is None and db.clips.batch_shape(job.batch_id) is None:
        raise UserError("This batch was deleted", "Its clips are in the trash", "Undo the deletion, then retry")


def _overwrite(db: ProcessedDB, job: ExportJob, ctx: JobContext, trash: Path, notes: list[str]) -> tuple[int, ...]:
    """Make all files anew and, when all are good, let them take the old ones' place; returns the clips that left."""
    staged = replacing.staged_clips(job)
    if staged:
        notes += _make(db, job, staged, ctx)
    if db.jobs.get(job.id).open_clips:
        return ()
    old = tuple(clip.id for clip in db.trash.of_batches([job.replaces]))
    replacing.commit(db, db.jobs.get(job.id), trash, ctx)
    manifest.follow(db, ctx)
    return old


def _make(db: ProcessedDB, job: ExportJob, clips: Sequence[PlannedClip], ctx: JobContext) -> tuple[str, ...]:
    """Returns what was done otherwise than asked."""
    info = probe(_source(db, job))

    def done(clip: PlannedClip, audit: Audit) -> None:
        db.jobs.clip_done(job.id, clip.index, audit, **_facts(info, job, clip))

    def failed(clip: PlannedClip, reason: str) -> None:
        db.jobs.clip_failed(job.id, clip.index, reason)

    return export_clips(info, clips, job.request.settings, ctx, done, failed, job_id=job.id)


def _source(db: ProcessedDB, job: ExportJob) -> str:
    """Where the media of the job lies now: where it lay when the job was made, else where it was seen since.

    Raises:
        UserError: nowhere, or another file lies there.
    """
    media = job.request.media
    replaced = False
    for path in dict.fromkeys((media.path, *db.media.paths(media.id))):
        if not Path(path).is_file():
            continue
        if holds(path, media.content_key):
            return path
        replaced = True
    if replaced:
        raise UserError(
            f"{media.name} is not the file it was", "It was replaced or changed since it was opened", "Open it again"
        )
    raise UserError(f"{media.name} is not there", f"It was at {media.path}", "Relink it, then retry")


def _facts(info: MediaInfo, job: ExportJob, clip: PlannedClip) -> dict[str, float | int]:
    """What dataset.json says about the picture of a clip; nothing for sound."""
    if not info.video or not output_format(job.request.settings.format).picture:
        return {}
    settings = job.request.settings
    width, height = output_size(info.video, settings.short_side, clip.crop, settings.side_step)
    return {"fps": float(settings.rate(info.video.fps)), "width": width, "height": height}


def _update_manifest(db: ProcessedDB, job: ExportJob, ctx: JobContext) -> None:
    """The clips are made and in the history: a manifest that cannot be written is worth a warning, not their loss."""
    try:
        manifest.rebuild(db, export_folder(job.request.settings.folder, job.request.subprofile))
    except EightCutError as error:
        _log.warning("%s", error)
        ctx.log(str(error))


def _folder(job: ExportJob) -> Path:
    return Path(export_folder(job.request.settings.folder, job.request.subprofile)) / media_folder_name(
        job.media_number
    )


def _lock(folder: Path, job_id: int) -> Path:
    return folder / f".8cut-{job_id}.lock"


def _remove_partials(folder: Path, job_id: int) -> None:
    for path in (*partials(folder, job_id), *partials(folder / replacing.staging_name(job_id), job_id)):
        try:
            relocate.remove(path)
        except OSError as error:
            # On Windows an ffmpeg that outlived its 8-cut may still have it open.
            _log.warning("%s is left behind: %s", path, error)
