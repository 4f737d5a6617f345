"""Cut clips of what a scan found: every region becomes batches with the settings of an export by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.clip import CLIPS_RANGE, Batch, clips_that_fit
from core.domain.export import CutRequest, CutSummary, ExportJob
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.domain.timespan import Span, merge
from core.errors import UserError
from core.job import JobContext, PartOfJob
from core.ops import cut, regions
from core.ops.cut_check import Source
from core.scan.intervals import merged
from core.scan.region_columns import RegionColumns

_log = logging.getLogger(__name__)
# A clip may start a little before the last moment at which it still fits: the duration is known to a frame.
_SPARE_S = 0.1
# A clip that fits but for the rounding of floats fits, as in `clips_that_fit`.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Planned:
    """The jobs of a scan export, and one sentence for each region that cannot be cut."""

    jobs: tuple[ExportJob, ...]
    problems: tuple[str, ...]


def batches(regions: Iterable[RegionRow], shape: Batch, duration_s: float) -> list[Batch]:
    """What would be cut: clips every `spread_s` while they fit into a region, at least one of each.

    A region shorter than a clip gets one that starts with it, or ends with the media. Regions that overlap are cut
    once.

    Args:
        shape: duration and spread of the clips; cursor and count mean nothing.
        duration_s: of the media; 0 where it is not known.
    """
    made = []
    for span in merge(Span(region.start_s, max(region.start_s, region.end_s)) for region in regions):
        left = clips_of(span.length_s, shape)
        start = span.start_s
        if duration_s and start + shape.duration_s > duration_s:
            start = max(0.0, duration_s - shape.duration_s - _SPARE_S)
        while left:
            count = min(left, CLIPS_RANGE[1])
            made.append(replace(shape, cursor_s=start, clips=count))
            start += count * shape.spread_s
            left -= count
    return made


def clips_of(length_s: float, shape: Batch) -> int:
    """How many clips a region of this length makes, at least one."""
    if length_s < shape.duration_s:
        return 1
    if length_s < shape.duration_s + (CLIPS_RANGE[1] - 1) * shape.spread_s:
        return clips_that_fit(length_s, shape.duration_s, shape.spread_s)
    return int((length_s - shape.duration_s) / shape.spread_s + _ROUNDING) + 1


def clips_in_all(regions: RegionColumns, shape: Batch) -> int:
    """How many clips `batches` makes of these regions, counted without making them: for thousands, at every step."""
    starts, ends = merged(regions.starts, regions.ends)
    room = ends - starts - shape.duration_s
    return int(np.where(room < 0, 0, np.floor(room / shape.spread_s + _ROUNDING)).sum()) + len(starts)


def plan(db: ProcessedDB, request: CutRequest, planned: Sequence[Batch], ctx: JobContext) -> Planned:
    """Enter all batches into the queue before the first is cut, so that a crash loses none.

    Raises:
        EnvironmentProblem: the folder cannot be written to.
        Cancelled: through `ctx`; what was planned is given up again.
    """
    jobs, problems, source = [], [], Source(request.media.path)
    try:
        for number, batch in enumerate(planned):
            ctx.check()
            ctx.progress(number, len(planned), "Planning")
            try:
                jobs.append(cut.plan(db, replace(request, batch=batch, scan_export=True), ctx, source))
            except UserError as error:
                _log.info("Not exported: %s", error)
                problems.append(str(error))
    except BaseException:
        for job in jobs:
            cut.discard(db, job.id)
        raise
    return Planned(tuple(jobs), tuple(problems))


def run(
    db: ProcessedDB, request: CutRequest, planned: Sequence[Batch], ctx: JobContext, trash: Path | None = None
) -> tuple[CutSummary, Changes]:
    """Plan and cut. Clips that are done stay, whatever becomes of the others.

    Raises:
        UserError: nothing could be cut.
        EnvironmentProblem: something that would fail for every clip.
        Cancelled: through `ctx`; what was not begun is given up.
    """
    ready = plan(db, request, planned, ctx)
    if not ready.jobs:
        raise UserError("Nothing was exported", *(ready.problems[:1] or ("", "Check the regions")))
    done: list[str] = []
    failed: list[tuple[str, str]] = [("", problem) for problem in ready.problems]
    changes = about(request.media)
    for number, job in enumerate(ready.jobs):
        try:
            ctx.check()
            summary, changed = cut.run(db, job.id, PartOfJob(ctx, number, len(ready.jobs)), trash)
        except UserError as error:
            failed += [(clip.path, str(error)) for clip in job.clips]
            continue
        except BaseException:
            for waiting in ready.jobs[number:]:
                cut.discard(db, waiting.id)
            raise
        done += summary.done
        failed += summary.failed
        changes |= changed
    return CutSummary(tuple(done), tuple(failed)), changes


def run_for(
    db: ProcessedDB,
    request: CutRequest,
    label: str,
    ctx: JobContext,
    trash: Path | None = None,
    keep: Callable[[RegionColumns], np.ndarray] | None = None,
) -> tuple[CutSummary, Changes]:
    """`run` for everything that the newest scan of the request's media found; nothing where it found nothing.

    Only what `keep` says True for, where it is given, as by `core.ops.speech.keeper`. A crop plan keeps what it says
    of the rest, but its keyframes are those of this media.

    Raises:
        UserError, EnvironmentProblem, Cancelled: as `run`.
    """
    scans = regions.view(db, request.media, request.profile, {})
    scan = next((scan for scan in scans if scan.label == label), None)
    wanted = exportable(scan.regions, scan.negative, scan.exported) if scan else RegionColumns.of(())
    if keep is not None:
        wanted = wanted.where(keep(wanted))
    if not wanted:
        return CutSummary(), Changes()
    if request.crop_plan:
        keyframes = tuple(db.crops.keyframes(request.media.id, request.profile))
        request = replace(request, crop_plan=replace(request.crop_plan, keyframes=keyframes))
    duration_s = scan.made.windows.duration_s if scan.made else 0.0
    return run(db, request, batches(wanted, request.batch, duration_s), ctx, trash)


def exportable(
    rows: Sequence[RegionRow], negative: Collection[int], exported: Collection[int], again: bool = False
) -> RegionColumns:
    """Those that are neither disabled nor negative; what was cut already only when it is asked for `again`."""
    columns = RegionColumns.of(rows)
    left_out = columns.table["disabled"] | columns.among(negative)
    return columns.where(~(left_out if again else left_out | columns.among(exported)))


def about(media: Media) -> Changes:
    """What a scan export of this media may have changed."""
    return Changes.of(Kind.CLIPS, media.id) | Changes.of(Kind.JOBS)
