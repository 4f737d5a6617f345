"""Reading a finished clip back: is it all there, and is it what was asked for?

Every packet is read and every sample decoded; of the picture the first frame is decoded, for the packets were written
by an encoder that reported success, and a file that was cut short lacks packets. What the first frame shows is held
against the source's frame at that time and the two beside it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from core.domain.export import Audit
from core.media.source_frames import thumb
from core.media.takes import Piece

if TYPE_CHECKING:
    import numpy as np
    from av import VideoFrame
    from av.container import InputContainer

# AAC comes in blocks of this many samples, the last of which may be partly padding.
_AAC_BLOCK = 1024
# Levels (of 255) by which two frames must differ somewhere to be told apart, and by which a right one may be off.
_VISIBLE_LEVELS = 4.0
_MAX_LEVELS_OFF = 24.0
# Fewer pixels than this of a thumb decide nothing.
_MIN_PIXELS = 4


@dataclass(frozen=True)
class FirstFrame:
    """Thumbs of the source: the frame asked for and its neighbours, (height, width) float32. `regraded` says that the
    clip's levels differ from the source's on purpose (HDR, full range).
    """

    asked: np.ndarray
    neighbours: tuple[np.ndarray, ...] = ()
    regraded: bool = False


@dataclass
class Reading:
    """What came out of a clip; times in seconds from its start."""

    frames: int = 0
    picture_end_s: float | None = None
    sound_start_s: float | None = None
    samples: int = 0
    sound_rate_hz: int = 0
    first: VideoFrame | None = None

    @property
    def sound_end_s(self) -> float | None:
        if self.sound_start_s is None or not self.sound_rate_hz:
            return None
        return self.sound_start_s + self.samples / self.sound_rate_hz


def audit_clip(
    path: str | os.PathLike[str],
    piece: Piece,
    fps: Fraction | None,
    sound: bool,
    first_frame: FirstFrame | None,
) -> Audit:
    """Read the clip at `path` and hold it against the plan. Whatever is wrong with it is in `problems`, not raised.

    Args:
        fps: the rate of the clip; None when it has no picture.
        sound: whether there must be sound.
        first_frame: what the picture must begin with; None when the source's frame could not be decoded, which
            is a problem too: then ffmpeg had to take another one.
    """
    import av

    expected = piece.frames if fps is not None else None
    try:
        with av.open(str(path)) as container:
            reading = read_clip(container)
    except (av.FFmpegError, ValueError) as error:
        return Audit(expected, None, None, None, (f"It cannot be read back ({error})",))
    return judged(reading, piece, fps, sound, first_frame)


def judged(reading: Reading, piece: Piece, fps: Fraction | None, sound: bool, first_frame: FirstFrame | None) -> Audit:
    """The audit of what came out of a clip; the arguments are those of `audit_clip`."""
    expected = piece.frames if fps is not None else None
    problems = [*_picture_problems(reading, expected), *_sound_problems(reading, piece, fps, sound)]
    if reading.first is not None and first_frame is None:
        problems.append("The source cannot be decoded at its start, so what it begins with is not known")
    elif reading.first is not None:
        shown = thumb(reading.first, first_frame.asked.shape)
        if complaint := first_frame_problem(shown, first_frame):
            problems.append(complaint)
    frames = reading.frames if expected is not None else None
    return Audit(expected, frames, reading.picture_end_s, reading.sound_end_s, tuple(problems))


def first_frame_problem(shown: np.ndarray, first: FirstFrame) -> str | None:
    """Why `shown` is not the frame asked for, or None when it is, or when nothing tells the frames apart.

    Only pixels in which two frames of the source differ visibly are asked which of them is shown: a scene that hardly
    moves passes, a wrong frame is found by the little that moved.
    """
    import numpy as np

    asked, neighbours = first.asked, first.neighbours
    if first.regraded:
        shown, asked, *neighbours = (_standardised(picture) for picture in (shown, asked, *neighbours))
    elif float(np.abs(shown - asked).mean()) > _MAX_LEVELS_OFF:
        return "It does not begin with the picture of the source at that time"
    for neighbour in neighbours:
        different = np.abs(asked - neighbour) > _VISIBLE_LEVELS
        if np.count_nonzero(different) < _MIN_PIXELS:
            continue
        off = np.abs(shown - asked)[different].mean()
        if off > np.abs(shown - neighbour)[different].mean():
            return "It begins with another frame than the one asked for"
    return None


def _standardised(picture: np.ndarray) -> np.ndarray:
    """The same picture with a mean of 128 and a deviation of 64 levels; a flat one stays flat."""
    deviation = float(picture.std())
    return 128 + (picture - picture.mean()) * (64 / deviation if deviation > 1 else 1)


def read_clip(container: InputContainer) -> Reading:
    """Read all packets, decode all sound and the first frame."""
    reading = Reading()
    picture = container.streams.video[0] if container.streams.video else None
    sound = container.streams.audio[0] if container.streams.audio else None
    for packet in container.demux(*(stream for stream in (picture, sound) if stream)):
        if packet.stream is sound:
            for frame in packet.decode():
                if reading.sound_start_s is None:
                    reading.sound_start_s = frame.time or 0.0
                    reading.sound_rate_hz = frame.sample_rate
                reading.samples += frame.samples
        elif packet.size:
            reading.frames += 1
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            reading.picture_end_s = max(end, reading.picture_end_s or 0.0)
    if picture:
        container.seek(0)
        reading.first = next(container.decode(picture), None)
    return reading


def _picture_problems(reading: Reading, expected: int | None) -> Sequence[str]:
    if expected is None:
        return () if not reading.frames else ("It has a picture though none was asked for",)
    if reading.frames != expected:
        return (f"It has {reading.frames} frames instead of {expected}",)
    if reading.first is None:
        return ("Its first frame cannot be decoded",)
    return ()


def _sound_problems(reading: Reading, piece: Piece, fps: Fraction | None, wanted: bool) -> Sequence[str]:
    end = reading.sound_end_s
    if not wanted:
        return () if end is None else ("It has sound though none was asked for",)
    if end is None:
        return ("It has no sound",)
    block_s = _AAC_BLOCK / reading.sound_rate_hz
    allowed_s = max(float(1 / fps), block_s) if fps else block_s
    target = reading.picture_end_s if reading.picture_end_s is not None else piece.length_s
    if abs(end - target) > allowed_s:
        other = "its picture" if reading.picture_end_s is not None else "asked for"
        return (
            f"Its sound ends {abs(end - target) * 1000:.0f} ms {'later' if end > target else 'earlier'} than {other}",
        )
    return ()
