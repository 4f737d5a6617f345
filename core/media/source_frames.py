"""Small grey pictures of chosen frames of the source, to compare a clip's first frame with."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from math import ceil
from typing import TYPE_CHECKING

from core.domain.crop import PixelRect
from core.domain.media import VideoStream
from core.job import JobContext
from core.media.source import only, open_source, video_of, zero_s

if TYPE_CHECKING:
    import numpy as np
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream as AvVideoStream

THUMB_PX = 160
# A frame is taken for the one at a time when it starts at most this far from it.
_SAME_S = 0.002
_CHECK_EVERY = 32
_SEEK_MARGIN_S = 0.5


def thumb(frame: VideoFrame, shape: tuple[int, int]) -> np.ndarray:
    """The brightness of a frame as float32 (height, width) = `shape`, in levels of 0–255."""
    import numpy as np

    small = frame.reformat(width=shape[1], height=shape[0], format="gray", interpolation="AREA")
    return small.to_ndarray().astype(np.float32)


def thumb_shape(width: int, height: int) -> tuple[int, int]:
    """Height and width of the thumb of a picture of this size: its long side is THUMB_PX at most."""
    scale = min(1.0, THUMB_PX / max(width, height))
    return max(2, round(height * scale)), max(2, round(width * scale))


def window_thumb(frame: VideoFrame, video: VideoStream, window: PixelRect) -> np.ndarray:
    """The thumb of a part of a frame, turned as displayed; the rest is as in `thumb`."""
    import av
    import numpy as np

    turned = video.rotation in (90, 270)
    size = (video.height, video.width) if turned else (video.width, video.height)
    whole = np.rot90(frame.reformat(*size, format="gray").to_ndarray(), -video.rotation // 90)
    part = whole[window.y : window.y + window.height, window.x : window.x + window.width]
    cut = av.VideoFrame.from_ndarray(np.ascontiguousarray(part), format="gray")
    return thumb(cut, thumb_shape(window.width, window.height))


def source_thumbs(
    path: str | os.PathLike[str],
    video: VideoStream,
    times_s: Iterable[float],
    ctx: JobContext,
    window: PixelRect | None = None,
) -> dict[float, np.ndarray]:
    """Thumbs of the frames that start at `times_s`, turned as displayed; a frame that cannot be decoded is left out.

    With a `window`, in displayed pixels, only of that part. Reads the stretch from the first to the last of them once,
    and decodes of it only from the key frame before each.

    Raises:
        UserError: the source cannot be read.
        Cancelled: `ctx` was cancelled.
    """
    import numpy as np

    thumbs: dict[float, np.ndarray] = {}
    shape = thumb_shape(video.width, video.height)
    if video.rotation in (90, 270):
        shape = shape[::-1]
    for time, frame, _ in frames_starting_at(path, times_s, ctx):
        if window is not None:
            thumbs[time] = window_thumb(frame, video, window)
        else:
            thumbs[time] = np.rot90(thumb(frame, shape), -video.rotation // 90)
    return thumbs


def frames_starting_at(
    path: str | os.PathLike[str], times_s: Iterable[float], ctx: JobContext, *, whole: bool = False
) -> Iterator[tuple[float, VideoFrame, AvVideoStream]]:
    """(wanted time, frame, its stream) of the frames that start at `times_s`, in order; where none starts none comes.

    Reads the stretch from the first to the last of them once, and decodes of it only from the key frame before each.

    Args:
        whole: leave out what the decoder had to guess: from a damaged frame on up to the next key frame.

    Raises (while iterating):
        UserError: the source cannot be read.
        Cancelled: `ctx` was cancelled.
    """
    import av

    wanted = sorted(set(times_s))
    with open_source(path) as container:
        stream = video_of(container)
        if stream is None or not wanted:
            return
        only(container, stream)
        zero = zero_s(container)
        container.seek(_ticks(stream, _landing(container, stream, wanted[0] + zero)), stream=stream)
        found: set[float] = set()
        damage = Damage()
        frames = frames_at(container, stream, [time + zero for time in wanted], ctx, damage)
        try:
            for frame in frames:
                guessed = damage.reaches(frame) and whole
                time = next((time for time in wanted if abs(frame.time - zero - time) <= _SAME_S), None)
                if time is not None and time not in found and not guessed:
                    found.add(time)
                    yield time, frame, stream
        except av.FFmpegError:
            # Damaged from here on; what was seen so far is what there is.
            return


def start_time_s(path: str | os.PathLike[str]) -> float:
    """The timestamp in seconds of the source that counts as 0.

    Raises:
        UserError: the source cannot be read.
    """
    with open_source(path) as container:
        return zero_s(container)


def seek_time_s(path: str | os.PathLike[str], time_s: float) -> float:
    """The latest time to seek to, at most `time_s`, from which the frame at `time_s` can be decoded.

    Where a file has an index that is `time_s` itself. A transport stream has none: there a seek may land behind the
    key frame that is needed, so this one lies before it, with a margin for what lands differently elsewhere.

    Raises:
        UserError: the source cannot be read.
    """
    with open_source(path) as container:
        stream = video_of(container)
        if stream is None:
            return time_s
        only(container, stream)
        zero = zero_s(container)
        landing = _landing(container, stream, time_s + zero) - zero
        return time_s if landing >= time_s else max(0.0, landing - _SEEK_MARGIN_S)


def _landing(container: InputContainer, stream: AvVideoStream, time_s: float) -> float:
    """The latest of some times to seek to after which the first key frame is not behind `time_s`."""
    step = _SEEK_MARGIN_S
    seek = time_s
    while seek > 0:
        container.seek(_ticks(stream, seek), stream=stream)
        key = next((packet for packet in container.demux(stream) if packet.is_keyframe), None)
        stamp = None if key is None else key.pts if key.pts is not None else key.dts
        if stamp is not None and float(stamp * stream.time_base) <= time_s + _SAME_S:
            return seek
        seek, step = seek - step, 2 * step
    return 0.0


def _ticks(stream: AvVideoStream, time_s: float) -> int:
    # Up to the next tick: a float just below a frame's time must not become the time before it.
    return max(0, ceil(time_s / stream.time_base - 0.01))


class Damage:
    """Keeps track of how far damage reaches: what refers to a damaged frame is damaged too, up to the next key frame.

    Decoders fill in what is missing from the pictures around it, and do not always say so.
    """

    def __init__(self) -> None:
        self._open = False

    def note(self) -> None:
        """Something could not be decoded."""
        self._open = True

    def reaches(self, frame: VideoFrame) -> bool:
        """Whether this frame, the next in order, shows something that was guessed. Ask for each frame once."""
        self._open = frame.is_corrupt or (self._open and not frame.key_frame)
        return self._open


def frames_at(
    container: InputContainer,
    stream: AvVideoStream,
    wanted_s: list[float],
    ctx: JobContext,
    damage: Damage | None = None,
) -> Iterator[VideoFrame]:
    """Decoded frames, those at `wanted_s` (stamps, ascending) among them; groups of pictures without any are skipped.

    Raises (while iterating):
        Cancelled: `ctx` was cancelled.
    """
    stream.thread_type = "AUTO"
    remaining = list(wanted_s)
    held: list[Packet] = []
    skipped, seen_s = False, float("-inf")
    for number, packet in enumerate(container.demux(stream)):
        if number % _CHECK_EVERY == 0:
            ctx.check()
        stamp = packet.pts if packet.pts is not None else packet.dts
        packet_s = float("-inf") if stamp is None else float(stamp * stream.time_base)
        # A frame comes out some packets after it went in; until then nothing may be passed over. Nor may the group
        # before a key frame that is shown after the wanted one: what comes between them refers to both.
        owed = seen_s >= remaining[0] - _SAME_S or packet_s > remaining[0] + _SAME_S
        if packet.is_keyframe and held and not owed:
            held.clear()
            skipped = True
        held.append(packet)
        seen_s = max(seen_s, packet_s)
        if packet.size and seen_s < remaining[0] - _SAME_S:
            continue
        if skipped:
            stream.codec_context.flush_buffers()
            skipped = False
        for frame in decoded(held, damage):
            yield frame
            while remaining and frame.time >= remaining[0] - _SAME_S:
                remaining.pop(0)
            if not remaining:
                return
        held.clear()


def decoded(packets: Iterable[Packet], damage: Damage | None = None) -> Iterator[VideoFrame]:
    """Frames of these packets that have a time; what cannot be decoded is left out, and noted in `damage`."""
    import av

    for packet in packets:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            if damage:
                damage.note()
            continue
        yield from (frame for frame in frames if frame.time is not None)
