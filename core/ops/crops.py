"""Change the crop keyframes of a media."""

from __future__ import annotations

from collections.abc import Sequence

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.crop_plan import CropKeyframe, complaint
from core.domain.timecode import format_time
from core.errors import UserError


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
