"""Change the crop keyframes of a media, and look at where a batch ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.crop_plan import CropKeyframe, complaint
from core.domain.timecode import format_time, frame_count
from core.errors import UserError
from core.job import JobContext

if TYPE_CHECKING:
    from core.media.still import Still

END_FRAME_PX = 1280


class Times(Protocol):
    """What is needed of `core.media.pts.FrameTimes`."""

    def at(self, time_s: float) -> float: ...


def set_keyframes(
    db: ProcessedDB,
    profile: str,
    media_id: int,
    keyframes: Sequence[CropKeyframe],
    duration_s: float | None = None,
) -> Changes:
    """Let these be all crop keyframes of a media in a profile; called with the former ones, it undoes itself.

    Args:
        duration_s: where the media ends, when that is known; later keyframes that were there before may stay, for
            they do no harm, but none may be added.

    Raises:
        UserError: a keyframe makes no sense, or lies beyond the end; nothing is changed.
    """
    before = {round(each.time_s * 1000) for each in db.crops.keyframes(media_id, profile)}
    for each in keyframes:
        known = each.time_s >= 0 and round(each.time_s * 1000) in before
        if reason := complaint(each, None if known else duration_s):
            raise UserError(f"There can be no crop keyframe at {format_time(each.time_s)}", reason.capitalize(), "")
    with db.write():
        db.crops.replace(db.profiles.ensure(profile), media_id, keyframes)
    return Changes.of(Kind.CROPS, media_id)


def end_time_s(batch: Batch, fps: Fraction, times: Times) -> float:
    """When the last frame of the last clip of a batch starts."""
    start_s = times.at(batch.starts_s[-1])
    return times.at(start_s + float((frame_count(batch.duration_s, fps) - 1) / fps))


def end_frame(path: str | os.PathLike[str], time_s: float, ctx: JobContext) -> Still:
    """The picture at the end of a batch, for looking at.

    Raises:
        UserError: the file cannot be read or shows nothing there.
        Cancelled: `ctx` was cancelled.
    """
    from core.media.still import still

    return still(path, time_s, ctx, END_FRAME_PX)
