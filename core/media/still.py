"""One frame of a video as a picture, as it is displayed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.source import only, open_source, video_of, zero_s
from core.media.source_frames import seek_time_s

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_SAME_S = 0.002
_CHECK_EVERY = 16


@dataclass(frozen=True)
class Still:
    """A frame with the time it starts at; `rgb` is uint8 (height, width, 3), turned, with square pixels."""

    time_s: float
    rgb: np.ndarray


def still(
    path: str | os.PathLike[str], time_s: float, ctx: JobContext | None = None, max_px: int | None = None
) -> Still:
    """The frame that is shown at `time_s`: the last one that starts at or before it, the first one before any.

    Args:
        max_px: the longest side of the picture; larger ones are made smaller.

    Raises:
        UserError: the file cannot be read, has no video, or no frame there can be decoded.
        Cancelled: `ctx` was cancelled.
    """
    seek_s = seek_time_s(path, time_s)
    with open_source(path) as container:
        stream = video_of(container)
        if stream is None:
            raise UserError(f"{Path(path).name} has no video", "It holds only audio", "Choose a video")
        only(container, stream)
        stream.thread_type = "AUTO"
        zero = zero_s(container)
        container.seek(max(0, int((seek_s + zero) / stream.time_base)), stream=stream)
        found = _last_until(container, stream, time_s + zero + _SAME_S, ctx or JobContext())
        if found is None:
            raise UserError(f"{Path(path).name} shows nothing there", "The frame cannot be decoded", "Look elsewhere")
        return Still(found.time - zero, picture(found, stream, max_px))


def picture(frame: VideoFrame, stream: VideoStream, max_px: int | None = None) -> np.ndarray:
    """A frame as it is displayed, uint8 (height, width, 3): turned, with square pixels, `max_px` at its longest."""
    import numpy as np

    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = max(1, round(frame.width * aspect)), frame.height
    scale = min(1.0, max_px / max(width, height)) if max_px else 1.0
    small = frame.reformat(max(1, round(width * scale)), max(1, round(height * scale)), format="rgb24")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), round(frame.rotation / 90) % 4))


def _last_until(container: InputContainer, stream: VideoStream, stamp_s: float, ctx: JobContext) -> VideoFrame | None:
    import av

    found: VideoFrame | None = None
    for number, packet in enumerate(container.demux(stream)):
        if number % _CHECK_EVERY == 0:
            ctx.check()
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            if frame.time is None:
                continue
            if frame.time > stamp_s and found is not None:
                return found
            found = frame
    return found
