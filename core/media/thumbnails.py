"""Small pictures of a video, taken from its keyframes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from core.job import JobContext
from core.media.source import MICROSECONDS, only, open_source, video_needed, zero_s

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_COUNT = 500
# A keyframe further on belongs to another part of the video.
_PACKETS_PER_SEARCH = 1000


@dataclass(frozen=True)
class Thumbnail:
    """A picture as displayed, uint8 (height, width, 3), and the time of its frame."""

    time_s: float
    rgb: np.ndarray


def thumbnails(
    path: str | os.PathLike[str], count: int, height_px: int = 64, ctx: JobContext | None = None
) -> Iterator[Thumbnail]:
    """Yield up to `count` (at most 500) pictures spread over a video, in order of time, each as soon as it is decoded.

    Each is a keyframe near the middle of its share of the video. One that serves two shares comes once, so
    a video with few keyframes yields few pictures. Parts that cannot be decoded are left out.

    Raises (while iterating):
        UserError: the file cannot be read, or has no video.
        Cancelled: `ctx` was cancelled.
    """
    with open_source(path) as container:
        stream = video_needed(container, path)
        only(container, stream)
        stream.codec_context.thread_count = 1
        zero, length_s = zero_s(container), (container.duration or 0) / MICROSECONDS
        count = max(1, min(count, MAX_COUNT))
        latest: int | None = None
        for number in range(count):
            if ctx:
                ctx.check()
                ctx.progress(number, count, "Making thumbnails")
            frame = _keyframe(container, stream, zero + length_s * (number + 0.5) / count)
            if frame is None or frame.pts is None or (latest is not None and frame.pts <= latest):
                continue
            latest = frame.pts
            yield Thumbnail(float(frame.pts * stream.time_base) - zero, _picture(frame, stream, height_px))


def _keyframe(container: InputContainer, stream: VideoStream, stamp_s: float) -> VideoFrame | None:
    import av

    try:
        container.seek(int(stamp_s / stream.time_base), stream=stream, backward=True, any_frame=False)
        for number, packet in enumerate(container.demux(stream)):
            if packet.is_keyframe and packet.size:
                # Many decoders hold a frame back until they have seen the next ones: here none will come.
                return next(iter(packet.decode() or stream.codec_context.decode(None)), None)
            if number > _PACKETS_PER_SEARCH:
                break
    except av.FFmpegError:
        return None
    return None


def _picture(frame: VideoFrame, stream: VideoStream, height_px: int) -> np.ndarray:
    """Scaled, with square pixels, and turned as a player would turn it."""
    import numpy as np

    turns = round(frame.rotation / 90) % 4
    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = float(frame.width * aspect), float(frame.height)
    shown_height = width if turns % 2 else height
    scale = height_px / shown_height
    small = frame.reformat(max(1, round(width * scale)), max(1, round(height * scale)), format="rgb24")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))
