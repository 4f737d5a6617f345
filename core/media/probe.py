"""What is in a media file, from its header and first packets: a few milliseconds."""

from __future__ import annotations

import os
import statistics
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from core.domain.media import AudioStream, MediaInfo, VideoStream
from core.media.pts import uneven
from core.media.source import MICROSECONDS, check_file, no_streams, open_source, video_of, zero_s

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream as AvVideoStream

# Enough to see phone-like jitter, few enough to stay cheap on a network disk.
SAMPLE_PACKETS = 120
SAMPLE_BYTES = 8 * 1024 * 1024
MAX_FPS = 1000
FALLBACK_FPS = Fraction(25)
HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
_DECODE_TRIES = 8
# Jitter of a millisecond or two around 33 ms is still 30 fps, 24 and 25 stay apart.
_NOMINAL_TOLERANCE = 0.02
_NTSC_RATES = tuple(Fraction(rate * 1000, 1001) for rate in (24, 30, 60, 120))
_COMMON_RATES = (*map(Fraction, (24, 25, 30, 48, 50, 60, 100, 120)), *_NTSC_RATES)


def probe(path: str | os.PathLike[str]) -> MediaInfo:
    """Find out what a media file holds.

    Width and height of the video are as displayed: rotated, with square pixels. `rotation` is in degrees clockwise
    (0, 90, 180 or 270), the turn a player makes. Times count from where the earliest stream starts, as in mpv.

    Raises:
        UserError: the file is missing, empty, a folder, unreadable, damaged, or holds neither video nor audio.
    """
    status = check_file(path)
    with open_source(path) as container:
        stream = video_of(container)
        # The header first: demuxing for the sample may change what the streams say.
        audio = _audio_streams(container)
        if stream is None and not audio:
            raise no_streams(path)
        duration_s = _header_duration_s(container)
        video = _video(container, stream) if stream is not None else None
        if not duration_s:
            duration_s = _measured_duration_s(path)
        return MediaInfo(
            path=str(path),
            duration_s=duration_s,
            container=container.format.name,
            size_bytes=status.st_size,
            video=video,
            audio=audio,
        )


def _audio_streams(container: InputContainer) -> tuple[AudioStream, ...]:
    found = []
    for index, stream in enumerate(container.streams.audio):
        context = stream.codec_context
        found.append(
            AudioStream(
                index=index,
                codec=context.name if context else "unknown",
                sample_rate_hz=context.sample_rate or 0 if context else 0,
                channels=context.channels if context else 0,
                layout=_layout_name(context.layout.name, context.channels) if context and context.layout else "",
                language=stream.metadata.get("language", "").replace("und", ""),
                title=stream.metadata.get("title", ""),
            )
        )
    return tuple(found)


def _layout_name(name: str, channels: int) -> str:
    """`mono`, `stereo`, `5.1`; plain PCM does not say, and then ffmpeg too takes one and two channels for these."""
    return {1: "mono", 2: "stereo"}.get(channels, "") if name.endswith("channels") else name


def _video(container: InputContainer, stream: AvVideoStream) -> VideoStream:
    times, frame = _sample(container, stream)
    context = stream.codec_context
    rotation = -round(frame.rotation / 90) * 90 % 360 if frame else 0
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if not Fraction(1, 20) <= aspect <= 20:
        aspect = Fraction(1)
    width, height = max(1, round(context.width * aspect)), context.height
    if rotation in (90, 270):
        width, height = height, width
    variable = uneven(times) or _rates_disagree(stream)
    start = stream.start_time
    return VideoStream(
        codec=context.name,
        fps=(variable and _nominal_rate(times)) or _rate(stream, variable),
        width=width,
        height=height,
        coded_width=context.width,
        coded_height=context.height,
        rotation=rotation,
        sample_aspect=aspect,
        variable_rate=variable,
        hdr=int(context.color_trc or 0) in HDR_TRANSFERS or bool(frame and int(frame.color_trc or 0) in HDR_TRANSFERS),
        pixel_format=context.pix_fmt or (frame.format.name if frame else ""),
        start_s=float(start * stream.time_base) - zero_s(container) if start is not None else 0.0,
        frame_count=stream.frames,
    )


def _sample(container: InputContainer, stream: AvVideoStream) -> tuple[list[float], VideoFrame | None]:
    """The times of the first frames, ascending, and the first frame itself when it can be decoded.

    Only a decoded frame carries the display matrix. One thread, because several would first fill their pipeline.
    """
    import av

    stream.codec_context.thread_count = 1
    stamps: list[int] = []
    frame, size, tries = None, 0, 0
    try:
        for packet in container.demux(stream):
            if frame is None and tries < _DECODE_TRIES:
                tries += 1
                frame = _decoded(packet)
            if packet.pts is not None and not packet.is_discard:
                stamps.append(packet.pts)
            size += packet.size
            if len(stamps) >= SAMPLE_PACKETS or size > SAMPLE_BYTES:
                break
    except av.FFmpegError:
        # Damaged from here on; what was seen so far is what there is.
        size = 0
    # The latest ones may miss neighbours that come later in the file, which would look like a gap.
    ordered = sorted(set(stamps))[: max(0, len(stamps) - 16)]
    return [float(stamp * stream.time_base) for stamp in ordered], frame


def _decoded(packet: Packet) -> VideoFrame | None:
    import av

    try:
        return next(iter(packet.decode()), None)
    except av.FFmpegError:
        return None


def _rates_disagree(stream: AvVideoStream) -> bool:
    """Whether the mean rate is not the base rate, nor half of it (which is how fields are counted)."""
    mean, base = stream.average_rate, stream.base_rate
    if not mean or not base or base > MAX_FPS:
        return False
    return all(abs(float(mean / rate) - 1) > 0.02 for rate in (base, base / 2))


def _nominal_rate(times: list[float]) -> Fraction | None:
    """The common rate that most frames of a variable-rate video keep to; None when they keep to none.

    A phone that drops frames in the dark has a mean rate of 27.8 and is a 30 fps recording all the same.
    """
    if len(times) < 4:
        return None
    middle_s = statistics.median(after - before for before, after in pairwise(times))
    nearest = min(_COMMON_RATES, key=lambda common: abs(float(common) * middle_s - 1))
    return nearest if abs(float(nearest) * middle_s - 1) < _NOMINAL_TOLERANCE else None


def _rate(stream: AvVideoStream, variable: bool) -> Fraction:
    """Frames a second: the mean one, put right when rounding of timestamps has bent a common rate."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and Fraction(1, 1000) < rate <= MAX_FPS:
            mean = Fraction(rate)
            break
    else:
        return FALLBACK_FPS
    nearest = min(_COMMON_RATES, key=lambda common: abs(common - mean))
    if not variable and abs(float(nearest / mean) - 1) < 0.0004:
        return nearest
    return mean.limit_denominator(100_000)


def _header_duration_s(container: InputContainer) -> float:
    if container.duration and container.duration > 0:
        return container.duration / MICROSECONDS
    ends = [
        float((stream.duration + (stream.start_time or 0)) * stream.time_base) - zero_s(container)
        for stream in (*container.streams.video, *container.streams.audio)
        if stream.duration and stream.time_base
    ]
    return max([0.0, *ends])


def _measured_duration_s(path: str | os.PathLike[str]) -> float:
    """Seconds to the end of the last packet: for files whose header does not say, such as recordings of a browser."""
    import av

    end = 0.0
    with open_source(path) as container:
        zero = zero_s(container)
        try:
            for packet in container.demux(*container.streams.video, *container.streams.audio):
                if packet.pts is not None and packet.time_base:
                    end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base) - zero)
        except av.FFmpegError:
            # Damaged from here on: it plays to this point.
            return end
    return end
