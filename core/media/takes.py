"""Which clips are encoded in one go.

Clips of a batch overlap: with the defaults each second of the source lies in two or three of them. A *take* is one
encode over the union of clips that overlap, with a key frame where each clip starts and where it ends, so that every
clip is a run of whole packets of it. Frames that clips share are decoded and encoded once. Clips that are cropped
differently show different pictures, so each crop has takes of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from core.domain.crop import NO_CROP, Crop
from core.domain.export import PlannedClip
from core.domain.timecode import frame_count

# A crash costs at most the clips of the group that is being made.
MAX_CLIPS_TOGETHER = 12
MAX_ENCODERS_TOGETHER = 4
# How far, in frames, a clip may start off the grid of its take: timestamps of Matroska are rounded to milliseconds.
_OFF_GRID_FRAMES = 0.1


class Times(Protocol):
    """What is needed of `pts.FrameTimes`."""

    end_s: float
    last_s: float

    def at(self, time_s: float) -> float: ...


@dataclass(frozen=True)
class Piece:
    """One clip as it is cut: from the frame at `start_s`, `length_s` long. `first_frame` counts from the take's."""

    clip: PlannedClip
    start_s: float
    length_s: float
    first_frame: int = 0
    frames: int = 0


@dataclass(frozen=True)
class Take:
    """One continuous encode. `fps` is None for sound without picture; `frozen_frames` is how many repeats of the
    last picture may be needed where a source of variable rate ends on a long one. `seek_s` is where to begin decoding
    the picture when that is not the start itself. `resampled` says that `fps` is not the source's rate: then a frame
    shows what was on the screen at its time.
    """

    start_s: float
    pieces: tuple[Piece, ...]
    fps: Fraction | None = None
    frozen_frames: int = 0
    seek_s: float | None = None
    resampled: bool = False

    @property
    def crop(self) -> Crop:
        """How all its clips are cropped."""
        return _crop_of(self.pieces[0].clip)

    @property
    def frames(self) -> int:
        return max(piece.first_frame + piece.frames for piece in self.pieces)

    @property
    def length_s(self) -> float:
        return max(piece.start_s + piece.length_s for piece in self.pieces) - self.start_s

    @property
    def key_frames(self) -> tuple[int, ...]:
        """Where a packet must be decodable by itself, other than at the start."""
        edges = {edge for piece in self.pieces for edge in (piece.first_frame, piece.first_frame + piece.frames)}
        return tuple(sorted(edges - {0, self.frames}))


def picture_takes(
    clips: Sequence[PlannedClip], times: Times, fps: Fraction, variable_rate: bool, resampled: bool = False
) -> list[Take]:
    """Takes of clips with picture, each clip snapped to the frame shown at its start.

    Clips of a source with variable rate, or `resampled` to another rate, never share a take: each is laid on a grid of
    its own that begins with its first frame. Clips share one only with others that are cropped alike, and not where the
    crop moves.
    """
    takes: list[Take] = []
    latest: dict[Crop, int] = {}
    own_grid = variable_rate or resampled
    for clip in sorted(clips, key=lambda clip: clip.start_s):
        start = times.at(clip.start_s)
        frames = frame_count(clip.duration_s, fps)
        length = float(frames / fps)
        crop = _crop_of(clip)
        place = None if own_grid or crop.moves else latest.get(crop)
        open_take = None if place is None else takes[place]
        offset = (start - open_take.start_s) * float(fps) if open_take else 0.0
        if open_take and _joins(open_take, offset):
            piece = Piece(clip, start, length, round(offset), frames)
            takes[place] = replace(open_take, pieces=(*open_take.pieces, piece))
        else:
            latest[crop] = len(takes)
            beyond = start + length - times.last_s
            frozen = int(beyond * float(fps)) + 1 if own_grid and beyond > 0 else 0
            takes.append(Take(start, (Piece(clip, start, length, 0, frames),), fps, frozen, resampled=resampled))
    return takes


def sound_takes(clips: Sequence[PlannedClip]) -> list[Take]:
    """Takes of clips without picture; those that overlap share the decoding."""
    takes: list[Take] = []
    for clip in sorted(clips, key=lambda clip: clip.start_s):
        piece = Piece(clip, max(0.0, clip.start_s), clip.duration_s)
        last = takes[-1] if takes else None
        if last and piece.start_s <= last.start_s + last.length_s and len(last.pieces) < MAX_CLIPS_TOGETHER:
            takes[-1] = replace(last, pieces=(*last.pieces, piece))
        else:
            takes.append(Take(piece.start_s, (piece,)))
    return takes


def groups(takes: Sequence[Take]) -> list[list[Take]]:
    """What one run of ffmpeg makes: neighbouring takes, few enough for the memory and for a crash to cost little."""
    made: list[list[Take]] = []
    for take in takes:
        clips = sum(len(other.pieces) for other in made[-1]) + len(take.pieces) if made else 0
        if made and len(made[-1]) < MAX_ENCODERS_TOGETHER and clips <= MAX_CLIPS_TOGETHER:
            made[-1].append(take)
        else:
            made.append([take])
    return made


def latest_start_s(times: Times, fps: Fraction, duration_s: float) -> float:
    """The latest time where a clip can start and still have all its frames."""
    return times.at(times.end_s - float((frame_count(duration_s, fps) - Fraction(1, 2)) / fps))


def _crop_of(clip: PlannedClip) -> Crop:
    """Its crop; where there is none, the place that it would have makes no difference."""
    return clip.crop if clip.crop.ratio else NO_CROP


def _joins(take: Take, offset: float) -> bool:
    on_grid = abs(offset - round(offset)) <= _OFF_GRID_FRAMES
    return on_grid and offset <= take.frames + _OFF_GRID_FRAMES and len(take.pieces) < MAX_CLIPS_TOGETHER
