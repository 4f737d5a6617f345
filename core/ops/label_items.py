"""What coders are asked about: frames, windows of a grid, and what a scan found, as items of a project."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from core.changes import Changes
from core.db import ProcessedDB
from core.domain.annotation import Item, ItemKind, Project
from core.domain.media import Media
from core.errors import UserError
from core.job import JobContext
from core.ops.label import LABELS
from core.storage.media import is_placeholder

FRAMES_PER_VIDEO = 10
_TIME_DIGITS = 6


def add_frames(
    db: ProcessedDB,
    project: Project,
    media_ids: Sequence[int],
    per_video: int = FRAMES_PER_VIDEO,
    ctx: JobContext | None = None,
) -> tuple[int, Changes]:
    """Add evenly spaced frames of each video; returns how many were new. A file without frames is logged and skipped.

    Frame i of `per_video` is floor(i × frames / per_video); a video with fewer frames gives each of them once.
    """
    from core.media import pts

    _refuse_kind(project, ItemKind.FRAME)
    if per_video < 1:
        raise UserError("A video gives at least one frame", f"Asked for {per_video}", f"{FRAMES_PER_VIDEO} are usual")

    def items_of(media: Media, ctx: JobContext) -> list[Item]:
        times = pts.frame_times(media.path, ctx).times
        frames = dict.fromkeys(math.floor(number * len(times) / per_video) for number in range(per_video))
        moments = [(frame, round(float(times[frame]), _TIME_DIGITS)) for frame in frames]
        return [Item(media.content_key, ItemKind.FRAME, frame, at, at) for frame, at in moments]

    return _add_each(db, project, media_ids, items_of, ctx or JobContext())


def add_windows(
    db: ProcessedDB,
    project: Project,
    media_ids: Sequence[int],
    window_s: float,
    hop_s: float,
    ctx: JobContext | None = None,
) -> tuple[int, Changes]:
    """Add every whole window of a grid over each media; returns how many were new. Unreadable files are logged.

    A media shorter than a window gives one window as long as itself.
    """
    from core.ops.media import probe

    _refuse_kind(project, ItemKind.WINDOW)
    if not (window_s >= 0.01 and hop_s >= 0.01):
        raise UserError("Windows and their hop are at least 0.01 s", f"Asked for {window_s:g} and {hop_s:g} s", "")

    def items_of(media: Media, _: JobContext) -> list[Item]:
        length_s = probe(media).duration_s
        count = max(1, math.floor((length_s - window_s) / hop_s + 1e-6) + 1)
        starts = [number * hop_s for number in range(count)]
        return [window(media.content_key, start, min(start + window_s, length_s)) for start in starts]

    return _add_each(db, project, media_ids, items_of, ctx or JobContext())


def add_scan_windows(
    db: ProcessedDB,
    project: Project,
    media_ids: Sequence[int],
    profile: str,
    classifier: str,
    scores: tuple[float, float],
    apart_s: float | None = None,
    ctx: JobContext | None = None,
) -> tuple[int, Changes]:
    """Add the windows of each media's newest scan whose score lies in a range; returns how many were new.

    A media that the classifier did not scan is logged and skipped; see `core.scan.score_range` for which windows.

    Args:
        scores: lowest and highest score, both counted in.
        apart_s: least distance of two starts; None for the length of a window.

    Raises:
        UserError: the project is about frames, or the range is none.
    """
    from core.scan.score_range import windows_between

    _refuse_kind(project, ItemKind.WINDOW)
    low, high = scores
    if not 0.0 <= low <= high <= 1.0:
        raise UserError(f"No score lies between {low:g} and {high:g}", "", "Give two of 0 to 1, the lower one first")
    profile_id = db.profiles.id_of(profile)

    def items_of(media: Media, _: JobContext) -> list[Item]:
        made = None if profile_id is None else db.scans.made(profile_id, media.id, classifier)
        if made is None:
            raise UserError(
                f"{media.name} has no scores of {classifier}", f"No scan in the profile {profile} kept any", "Scan it"
            )
        found = windows_between(made.windows, low, high, apart_s)
        return [window(media.content_key, span.start_s, span.end_s) for span in found]

    return _add_each(db, project, media_ids, items_of, ctx or JobContext())


def _add_each(
    db: ProcessedDB,
    project: Project,
    media_ids: Sequence[int],
    items_of: Callable[[Media, JobContext], list[Item]],
    ctx: JobContext,
) -> tuple[int, Changes]:
    """Add what `items_of` finds in each media; one that cannot be read is logged and skipped."""
    from core.ops.media import verify

    added = 0
    for done, media_id in enumerate(media_ids):
        ctx.check()
        media = db.media.get(media_id)
        ctx.progress(done, len(media_ids), media.name)
        try:
            items = items_of(verify(db, media), ctx)
        except UserError as error:
            ctx.log(str(error))
            continue
        added += db.annotation.add_items(project.id, items)
    return added, LABELS


def add_regions(
    db: ProcessedDB,
    project: Project,
    media_ids: Sequence[int],
    profile: str,
    classifier: str,
    ctx: JobContext | None = None,
) -> tuple[int, Changes]:
    """Add the regions of each media's newest scan, as they were trimmed, without those that are disabled or hidden;
    returns how many were new.

    Raises:
        UserError: as `region_items`.
    """
    ctx, profile_id = ctx or JobContext(), db.profiles.id_of(profile)
    regions = []
    for media_id in media_ids:
        ctx.check()
        rows = db.scans.rows(profile_id, media_id, classifier)
        regions += [(media_id, row.start_s, row.end_s) for row in rows if not (row.disabled or row.hidden)]
    return db.annotation.add_items(project.id, region_items(db, project, regions)), LABELS


def region_items(db: ProcessedDB, project: Project, regions: Iterable[tuple[int, float, float]]) -> list[Item]:
    """Stretches (media id, start, end in seconds) as windows of a project. Stores nothing in it.

    Raises:
        UserError: the project is about frames, or nobody has seen the file of a media and it is not there.
    """
    from core.ops.media import verify

    _refuse_kind(project, ItemKind.WINDOW)
    keys: dict[int, str] = {}
    items = []
    for media_id, start_s, end_s in regions:
        if media_id not in keys:
            media = db.media.get(media_id)
            # An item lives by the content of its video, which only the file itself tells.
            keys[media_id] = (verify(db, media) if is_placeholder(media.content_key) else media).content_key
        items.append(window(keys[media_id], start_s, end_s))
    return items


def window(content_key: str, start_s: float, end_s: float) -> Item:
    """A window to the millisecond, which is how its key names it."""
    return Item(content_key, ItemKind.WINDOW, -1, round(start_s, 3), round(end_s, 3))


def _refuse_kind(project: Project, kind: ItemKind) -> None:
    if project.kind is not kind:
        raise UserError(
            f"{project.name} is a project of {project.kind.value}s",
            f"A {kind.value} cannot be added to it",
            f"Make a project of {kind.value}s",
        )
