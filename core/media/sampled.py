"""Frames of a stretch of a video at even distances, for a detector to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.errors import UserError
from core.job import JobContext
from core.media.source import only, open_source, video_of, zero_s
from core.media.source_frames import seek_time_s
from core.media.still import Still, picture

_CHECK_EVERY = 16


def sampled_frames(
    path: str | os.PathLike[str], start_s: float, end_s: float, every_s: float, max_px: int, ctx: JobContext
) -> Iterator[Still]:
    """Yield a frame about each `every_s` seconds from `start_s` to `end_s`, as displayed, `max_px` at its longest.

    Reads the stretch once. Frames that cannot be decoded are passed over.

    Raises (while iterating):
        UserError: the file cannot be read, or has no video.
        Cancelled: `ctx` was cancelled.
    """
    import av

    seek_s = seek_time_s(path, start_s)
    with open_source(path) as container:
        stream = video_of(container)
        if stream is None:
            raise UserError(f"{Path(path).name} has no video", "It holds only audio", "Choose a video")
        only(container, stream)
        stream.thread_type = "AUTO"
        zero = zero_s(container)
        container.seek(max(0, int((seek_s + zero) / stream.time_base)), stream=stream)
        wanted_s = start_s
        for number, packet in enumerate(container.demux(stream)):
            if number % _CHECK_EVERY == 0:
                ctx.check()
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                time_s = None if frame.time is None else frame.time - zero
                if time_s is None or time_s < wanted_s - every_s / 4:
                    continue
                if time_s > end_s:
                    return
                yield Still(time_s, picture(frame, stream, max_px))
                wanted_s = max(wanted_s + every_s, time_s + every_s / 2)
