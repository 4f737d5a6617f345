"""One frame of a video as a picture, as it is displayed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.source import only, open_source, video_needed, zero_s
from core.media.source_frames import seek_time_s

if TYPE_CHECKING:
    import numpy as np
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
    latest: tuple[float, VideoFrame, VideoStream] | None = None
    for shown_s, frame, stream in frames_from(path, time_s, ctx or JobContext()):
        if shown_s > time_s + _SAME_S and latest is not None:
            break
        latest = (shown_s, frame, stream)
    if latest is None:
        raise UserError(f"{Path(path).name} shows nothing there", "The frame cannot be decoded", "Look elsewhere")
    return Still(latest[0], picture(*latest[1:], max_px))


def frames_from(
    path: str | os.PathLike[str], time_s: float, ctx: JobContext
) -> Iterator[tuple[float, VideoFrame, VideoStream]]:
    """Decode from the key frame before `time_s` on: time of the frame, the frame, its stream.

    What cannot be decoded is passed over.

    Raises (while iterating):
        UserError: the file cannot be read, or has no video.
        Cancelled: `ctx` was cancelled.
    """
    import av

    seek_s = seek_time_s(path, time_s)
    with open_source(path) as container:
        stream = video_needed(container, path)
        only(container, stream)
        stream.thread_type = "AUTO"
        zero = zero_s(container)
        # The beginning of the file, where that is meant: its first frame may lie before what counts as 0.
        container.seek(int((seek_s + zero) / stream.time_base) if seek_s > 0 else 0, stream=stream)
        for number, packet in enumerate(container.demux(stream)):
            if number % _CHECK_EVERY == 0:
                ctx.check()
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                if frame.time is not None:
                    yield frame.time - zero, frame, stream


def picture(frame: VideoFrame, stream: VideoStream, max_px: int | None = None) -> np.ndarray:
    """A frame as it is displayed, uint8 (height, width, 3): turned, with square pixels, `max_px` at its longest."""
    import numpy as np

    small = frame.reformat(*picture_size(frame, stream, max_px), format="rgb24")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), round(frame.rotation / 90) % 4))


def picture_size(frame: VideoFrame, stream: VideoStream, max_px: int | None = None) -> tuple[int, int]:
    """Width and height of a frame with square pixels, not yet turned, `max_px` at its longest."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = max(1, round(frame.width * aspect)), frame.height
    scale = min(1.0, max_px / max(width, height)) if max_px else 1.0
    return max(1, round(width * scale)), max(1, round(height * scale))
