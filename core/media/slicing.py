"""Cutting a clip out of an encoded take: whole packets, nothing is encoded again."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from core.job import JobContext
from core.media.takes import Piece

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.stream import Stream

_CHECK_EVERY = 64


class BrokenTake(Exception):
    """The encoded take does not hold what was planned; the message says what is missing."""


@dataclass(frozen=True)
class _Timed:
    """A packet on its way to the clip, ordered by when it is decoded."""

    time: Fraction
    order: int
    packet: Packet

    def __lt__(self, other: _Timed) -> bool:
        return (self.time, self.order) < (other.time, other.order)


def write_clip(
    target: Path,
    muxer: str,
    piece: Piece,
    fps: Fraction | None,
    parts: tuple[Path | None, Path | None],
    ctx: JobContext,
) -> None:
    """Mux the packets of one piece of a take into `target`.

    Args:
        muxer: ffmpeg's name of the container.
        fps: the rate of the take; None without picture.
        parts: the file with the picture of the take, and the one with the sound of this piece; None where there is
            none.

    Raises:
        BrokenTake: a frame is missing, the piece does not begin with a key frame, or the container refuses it.
        OSError: the disk is full, or fails.
        Cancelled: half of `target` may be there then.
    """
    import av

    try:
        _mux(target, muxer, piece, fps, parts, ctx)
    except OSError:
        raise
    except av.FFmpegError as error:
        raise BrokenTake(f"The clip cannot be put together ({error.strerror})") from error


def _mux(
    target: Path,
    muxer: str,
    piece: Piece,
    fps: Fraction | None,
    parts: tuple[Path | None, Path | None],
    ctx: JobContext,
) -> None:
    import av

    picture, sound = parts
    with ExitStack() as files:
        output = files.enter_context(av.open(str(target), "w", format=muxer))
        streams: list[Iterator[_Timed]] = []
        if picture is not None:
            source = files.enter_context(av.open(str(picture)))
            streams.append(_picture(source, output.add_stream_from_template(source.streams.video[0]), piece, fps))
        if sound is not None:
            source = files.enter_context(av.open(str(sound)))
            stream = output.add_stream_from_template(source.streams.audio[0])
            streams.append(_sound(source, stream, priming=muxer != "matroska"))
        for number, timed in enumerate(heapq.merge(*streams)):
            if number % _CHECK_EVERY == 0:
                ctx.check()
            output.mux(timed.packet)


def _picture(source: InputContainer, target: Stream, piece: Piece, fps: Fraction) -> Iterator[_Timed]:
    """The packets of the piece's frames, timed from its first frame."""
    stream = source.streams.video[0]
    start = round(piece.first_frame / (fps * stream.time_base))
    source.seek(start, stream=stream)
    found = 0
    for packet in source.demux(stream):
        if packet.pts is None:
            continue
        frame = round((packet.pts - start) * stream.time_base * fps)
        if not found and frame < 0:
            continue
        if frame >= piece.frames and packet.is_keyframe:
            break
        if not found and (frame or not packet.is_keyframe):
            raise BrokenTake("The encoder did not begin the clip with a key frame")
        if not 0 <= frame < piece.frames:
            raise BrokenTake("The encoder let frames of one clip depend on those of another")
        found += 1
        packet.pts -= start
        packet.dts -= start
        time = packet.dts * stream.time_base
        packet.stream = target
        yield _Timed(time, 0, packet)
    if found != piece.frames:
        raise BrokenTake(f"Only {found} of {piece.frames} frames could be made")


def _sound(source: InputContainer, target: Stream, priming: bool) -> Iterator[_Timed]:
    """All packets; without `priming` none of those that AAC puts before the start, which MP4 hides and MKV plays."""
    stream = source.streams.audio[0]
    for packet in source.demux(stream):
        if packet.dts is None or (packet.dts < 0 and not priming):
            continue
        time = packet.dts * stream.time_base
        packet.stream = target
        yield _Timed(time, 1, packet)
