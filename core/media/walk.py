"""The frames of a whole video, in one pass, for those that look at many of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.job import JobContext
from core.media.source import only, open_source, video_needed, zero_s
from core.media.source_frames import decoded, frames_at
from core.media.still import picture_size

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_CHECK_EVERY = 16


def walk(
    path: str | os.PathLike[str], ctx: JobContext, wanted_s: Sequence[float] | None = None, threads: int = 1
) -> Iterator[tuple[float, VideoFrame, VideoStream]]:
    """Decode a video once, from its beginning: when a frame starts, the frame as decoded, its stream.

    What cannot be decoded is passed over; a file that is damaged further on ends there.

    Args:
        wanted_s: None for every frame. Else only the frames at these times (ascending) are sure to come, and groups of
            pictures without any of them are not decoded.
        threads: of the decoder, 0 for as many as there are cores. Each holds a frame more in memory.

    Raises (while iterating):
        UserError: the file cannot be read, or has no video.
        Cancelled: `ctx` was cancelled.
    """
    import av

    with open_source(path) as container:
        stream = video_needed(container, path)
        only(container, stream)
        stream.codec_context.thread_count = threads
        zero = zero_s(container)
        if wanted_s is None:
            frames = _every(container, stream, ctx)
        else:
            frames = frames_at(container, stream, [time + zero for time in wanted_s], ctx)
        try:
            for frame in frames:
                yield frame.time - zero, frame, stream
        except av.FFmpegError:
            # Damaged from here on; what was seen so far is what there is.
            return


def _every(container: InputContainer, stream: VideoStream, ctx: JobContext) -> Iterator[VideoFrame]:
    stream.thread_type = "AUTO"
    for number, packet in enumerate(container.demux(stream)):
        if number % _CHECK_EVERY == 0:
            ctx.check()
        yield from decoded([packet])


class Pictures:
    """Frames of one video as they are displayed, all of one size, also where the video changes its own on the way.

    Args:
        max_px: the longest side; smaller videos stay as they are.
    """

    def __init__(self, max_px: int) -> None:
        from av.video.reformatter import VideoReformatter

        self._max_px = max_px
        self._size: tuple[int, int] | None = None
        # Kept, because setting one up takes longer than scaling a small picture.
        self._scaler = VideoReformatter()

    def of(self, frame: VideoFrame, stream: VideoStream) -> np.ndarray:
        """uint8 (height, width, 3), turned, with square pixels."""
        import numpy as np

        if self._size is None:
            self._size = picture_size(frame, stream, self._max_px)
        small = self._scaler.reformat(frame, *self._size, format="rgb24")
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), round(frame.rotation / 90) % 4))
