"""Overwriting a batch: its files are made anew, and take the old ones' place only when all of them are good.

The new files are made in a hidden folder beside the old ones. Until the last of them has passed its audit the old batch
stays as it is; then the old files go to the trash and the new ones get their names, in one change that can be undone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.changes import Changes
from core.db import ProcessedDB
from core.domain.clip import export_folder
from core.domain.export import ClipState, CutRequest, ExportJob, ExportSettings, Marker, PlannedClip
from core.domain.media import Media
from core.domain.name_template import stamped
from core.errors import UserError
from core.job import JobContext
from core.media import relocate
from core.media.naming import check_writable, names_on_disk
from core.ops.cut_check import check_request
from core.ops.swap import swap
from core.storage.jobs import Replacing


@dataclass(frozen=True)
class Estimate:
    """What exporting batches anew would make. `size_bytes` is a guess from the files there are; None without any."""

    batches: int
    clips: int
    seconds: float
    size_bytes: float | None


def plan(db: ProcessedDB, request: CutRequest, batch_id: int, ctx: JobContext | None = None) -> ExportJob:
    """Enter the overwriting of a batch into the queue; no file is written yet. Not for the GUI thread.

    As many files are made as the batch has. They keep its number and so their names, unless another profile uses the
    old files or the folder is another one: then they get a new number.

    Raises:
        UserError, EnvironmentProblem, Cancelled: as `core.ops.cut.plan`; also when the batch is gone.
    """
    shape = db.clips.batch_shape(batch_id)
    old = [clip for clip in db.trash.of_batches([batch_id]) if clip.live]
    if shape is None or not old:
        raise UserError("This batch is not in the history any more", "It was deleted meanwhile", "Export it anew")
    number, clips = shape
    indices = tuple(clip.index for clip in old)
    # Only what is made has to fit before the end of the media.
    reach = replace(request, batch=replace(request.batch, clips=max(indices) + 1))
    checked = check_request(reach, ctx or JobContext())
    checked = stamped(replace(checked, batch=replace(checked.batch, clips=clips)), datetime.now())
    folder = export_folder(request.settings.folder, request.subprofile)
    check_writable(Path(folder))
    shared = db.trash.used_by_others([clip.path for clip in old], {clip.id for clip in old})
    keeps = not shared and Path(folder) == Path(old[0].folder)
    return db.jobs.create(
        checked,
        names_on_disk(checked),
        Replacing(batch_id, indices, number if keeps else None),
    )


def staged_clips(job: ExportJob) -> list[PlannedClip]:
    """The clips still to be made, with the paths at which they wait for the others."""
    waiting = [replace(clip, path=staged_path(job, clip)) for clip in job.clips]
    return [clip for clip in waiting if clip.state is not ClipState.DONE or not os.path.lexists(clip.path)]


def staged_path(job: ExportJob, clip: PlannedClip) -> str:
    """Where a new file of an overwrite waits: a hidden folder beside its place."""
    final = Path(clip.path)
    return str(final.parent / staging_name(job.id) / final.name)


def staging_name(job_id: int) -> str:
    return f".8cut-{job_id}.new"


def commit(db: ProcessedDB, job: ExportJob, trash: Path, ctx: JobContext) -> Changes:
    """All new files are good: let them take the place of the old ones.

    Raises:
        UserError, EnvironmentProblem, Cancelled: see `core.ops.swap.swap`; the old batch stays.
    """
    new = {clip.path: clip.id for clip in db.trash.of_batches([job.batch_id])}
    staged = {new[clip.path]: staged_path(job, clip) for clip in job.clips}
    old = [clip.id for clip in db.trash.of_batches([job.replaces])]
    return swap(db, trash, leaving=old, coming=tuple(staged), staged=staged, own_job=job.id, ctx=ctx)


def finished(db: ProcessedDB, job: ExportJob) -> bool:
    """Whether the new files have taken the old ones' place already."""
    return any(clip.live for clip in db.trash.of_batches([job.batch_id]))


def drop_staged(job: ExportJob) -> None:
    """Remove the new files of an overwrite that is given up."""
    for clip in job.clips:
        relocate.remove(Path(staged_path(job, clip)).parent)


def again(db: ProcessedDB, marker: Marker, media: Media, profile: str, settings: ExportSettings) -> CutRequest:
    """The request that makes a batch anew with these settings; its place, name, label and crop stay as they are."""
    before = marker.settings
    kept = replace(
        settings,
        folder=marker.folder,
        name=before.name,
        template=before.template,
        label=before.label,
        category=before.category,
        portrait_ratio=before.portrait_ratio,
        crop_center=before.crop_center,
    )
    asked = db.jobs.request_of(marker.batch_id) or CutRequest(media, marker.batch, kept)
    return replace(
        asked,
        media=media,
        batch=marker.batch,
        settings=kept,
        profile=profile,
        subprofile="",
        scan_export=marker.scan_export,
    )


def estimate(markers: list[Marker], settings: ExportSettings) -> Estimate:
    """Totals of exporting these batches anew. Looks at the files there are, so not for the GUI thread.

    The size follows what the present files weigh per second; six steps of CRF halve or double it, and it grows with the
    area of the picture. Files of another kind say nothing about the new ones.
    """
    clips = sum(len(marker.paths) for marker in markers)
    seconds = sum(len(marker.paths) * marker.batch.duration_s for marker in markers)
    guessed = weighed_s = 0.0
    for marker in markers:
        if marker.settings.format.upper() != settings.format.upper():
            continue
        factor = 2.0 ** ((marker.settings.crf - settings.crf) / 6)
        if marker.settings.short_side and settings.short_side:
            factor *= (settings.short_side / marker.settings.short_side) ** 2
        for path in marker.paths:
            size = sum(relocate.size_of(part) for part in relocate.parts_of(path))
            if size:
                guessed += size * factor
                weighed_s += marker.batch.duration_s
    size_bytes = guessed / weighed_s * seconds if weighed_s else None
    return Estimate(len(markers), clips, seconds, size_bytes)
