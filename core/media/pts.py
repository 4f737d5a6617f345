"""The time of every frame of a video, read without decoding."""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING

from core.job import JobContext
from core.media.source import damaged, only, open_source, video_needed, zero_s

if TYPE_CHECKING:
    import numpy as np

TOLERANCE_S = 0.001
_CHECK_EVERY = 2048
# Matroska rounds to whole milliseconds, so two neighbouring intervals of a constant rate may differ by that much.
_ROUNDING_S = 0.0011
_ODD_SHARE, _ODD_FRAMES = 0.001, 2


class FrameTimes:
    """The presentation time of each frame in seconds, ascending, 8 bytes a frame.

    Zero is where the earliest stream of the file starts, not where its first picture is: this is what `ffmpeg -ss`
    before `-i` counts from, and what mpv's `time-pos` says with the option `demuxer=lavf`, in every container (checked
    with mpv 0.35 and ffmpeg 5.1). mpv's own demuxer for Matroska counts from the first block of the file instead,
    which may be a picture some 20 ms after the start of the sound.
    Pictures that an edit list cuts off are left out, as they are by both.

    Args:
        times: float64 array, ascending, at least one.
        last_frame_s: how long the last frame is shown.
    """

    def __init__(self, times: np.ndarray, last_frame_s: float) -> None:
        if not len(times):
            raise ValueError("a video has at least one frame")
        self.times = times
        self._last_frame_s = last_frame_s

    def __len__(self) -> int:
        return len(self.times)

    @property
    def start_s(self) -> float:
        return float(self.times[0])

    @property
    def last_s(self) -> float:
        """The time of the last frame."""
        return float(self.times[-1])

    @property
    def end_s(self) -> float:
        """Where the last frame ends."""
        return self.last_s + self._last_frame_s

    def index(self, time_s: float) -> int:
        """The frame shown at `time_s`: the last one that starts at or up to 1 ms after it; the first one before all."""
        return max(0, int(self.times.searchsorted(time_s + TOLERANCE_S, side="right")) - 1)

    def at(self, time_s: float) -> float:
        """The time of the frame shown at `time_s`."""
        return float(self.times[self.index(time_s)])

    def next(self, time_s: float) -> float:
        """The time of the frame after the one shown; the last frame's own when there is none."""
        return float(self.times[min(self.index(time_s) + 1, len(self.times) - 1)])

    def previous(self, time_s: float) -> float:
        """The time of the frame before the one shown; the first frame's own when there is none."""
        return float(self.times[max(self.index(time_s) - 1, 0)])

    @property
    def variable_rate(self) -> bool:
        """Whether frames come at uneven distances, a few odd ones at cuts and ends aside."""
        return uneven(self.times)


def uneven(times: np.ndarray) -> bool:
    """Whether more than one in a thousand intervals (and more than two) differ from the median by a tenth."""
    import numpy as np

    if len(times) < 4:
        return False
    intervals = np.diff(times)
    middle = float(np.median(intervals))
    odd = int(np.count_nonzero(np.abs(intervals - middle) > max(_ROUNDING_S, middle * 0.1)))
    return odd > max(_ODD_FRAMES, len(intervals) * _ODD_SHARE)


def frame_times(path: str | os.PathLike[str], ctx: JobContext | None = None) -> FrameTimes:
    """Read the time of every frame by demuxing; a file that is damaged further on yields the frames before that.

    Raises:
        UserError: the file cannot be read, or has no video.
        Cancelled: `ctx` was cancelled.
    """
    import av
    import numpy as np

    with open_source(path) as container:
        stream = video_needed(container, path)
        only(container, stream)
        size, total = container.size or 0, stream.frames
        stamps, duration = array("q"), 0
        failure: Exception | None = None
        try:
            for number, packet in enumerate(container.demux(stream)):
                if ctx and number % _CHECK_EVERY == 0:
                    ctx.check()
                    ctx.progress(*((number, total) if total else (packet.pos or 0, size)), "Reading frame times")
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is None or not packet.size or packet.is_discard:
                    continue
                stamps.append(stamp)
                duration = packet.duration or duration
        except av.FFmpegError as error:
            failure = error
        if not stamps:
            raise damaged(path, failure or ValueError("it has no frames")) from failure
        # Two packets with one time are one picture to a viewer: fields, or the repeats of a broken muxer.
        ticks = np.unique(np.frombuffer(stamps, dtype=np.int64))
        if not duration:
            duration = float(np.median(np.diff(ticks))) if len(ticks) > 1 else float(1 / (25 * stream.time_base))
        seconds = ticks * float(stream.time_base) - zero_s(container)
        return FrameTimes(seconds, float(duration * stream.time_base))
