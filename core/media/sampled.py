"""Frames of a stretch of a video at even distances, for a detector to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator

from core.job import JobContext
from core.media.still import Still, frames_from, picture

_SAME_S = 0.002


def sampled_frames(
    path: str | os.PathLike[str], start_s: float, end_s: float, every_s: float, max_px: int, ctx: JobContext
) -> Iterator[Still]:
    """Yield a frame about each `every_s` seconds from `start_s` to `end_s`, as displayed, `max_px` at its longest.

    Reads the stretch once. Frames that cannot be decoded are passed over.

    Raises (while iterating):
        UserError: the file cannot be read, or has no video.
        Cancelled: `ctx` was cancelled.
    """
    wanted_s = start_s
    for time_s, frame, stream in frames_from(path, start_s, ctx):
        if time_s > end_s:
            return
        if time_s >= wanted_s - _SAME_S:
            yield Still(time_s, picture(frame, stream, max_px))
            wanted_s = max(wanted_s + every_s, time_s)
