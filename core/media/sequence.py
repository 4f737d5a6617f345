"""Clips that are a folder of single pictures, `frame_00001.webp` and on, with the sound beside it as `<folder>.wav`."""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
from fractions import Fraction
from pathlib import Path

from core.domain.export import Audit
from core.job import JobContext
from core.media.audit import FirstFrame, Reading, judged, read_clip
from core.media.naming import place, remove_if_empty, sync
from core.media.slicing import BrokenTake
from core.media.takes import Piece

# What ffmpeg calls the pictures of a take; it counts from 1.
_TAKE_PICTURE = "%08d.webp"
_CHECK_EVERY = 16
_RIFF_HEADER_BYTES = 8


def picture_pattern(folder: Path) -> str:
    """What ffmpeg is told to write the pictures of a take to."""
    return str(Path(str(folder).replace("%", "%%")) / _TAKE_PICTURE)


def frame_name(number: int) -> str:
    """The file of one frame; `number` counts from 1."""
    return f"frame_{number:05d}.webp"


def sound_beside(clip: Path) -> Path:
    return clip.with_name(f"{clip.name}.wav")


def write_sequence(target: Path, piece: Piece, parts: tuple[Path, Path | None], ctx: JobContext) -> None:
    """Make the folder of one piece of a take, and the sound beside it.

    Args:
        parts: the folder with the pictures of the take, and the file with the sound of this piece.

    Raises:
        BrokenTake: a picture is missing.
        OSError: the disk is full, or fails.
        Cancelled: half of it may be there then.
    """
    pictures, sound = parts
    target.mkdir()
    for number in range(1, piece.frames + 1):
        if number % _CHECK_EVERY == 0:
            ctx.check()
        source = pictures / (_TAKE_PICTURE % (piece.first_frame + number))
        if not source.is_file():
            raise BrokenTake(f"Only {number - 1} of {piece.frames} frames could be made")
        copy = target / frame_name(number)
        # Copied, not linked: whoever edits a frame of one clip must not change another.
        shutil.copyfile(source, copy)
        sync(copy)
    if sound is not None:
        shutil.copyfile(sound, sound_beside(target))
        sync(sound_beside(target))


def audit_sequence(path: Path, piece: Piece, fps: Fraction, sound: bool, first_frame: FirstFrame | None) -> Audit:
    """As `audit.audit_clip`: every picture is there and whole, the first one is right, the sound fits."""
    import av

    try:
        reading = _read_sound(path) if sound else Reading()
        reading.frames = _count_frames(path)
        reading.picture_end_s = float(reading.frames / fps)
        if reading.frames:
            with av.open(str(path / frame_name(1))) as picture:
                reading.first = next(picture.decode(video=0), None)
    except (av.FFmpegError, OSError, ValueError) as error:
        return Audit(piece.frames, None, None, None, (f"It cannot be read back ({error})",))
    return judged(reading, piece, fps, sound, first_frame)


def place_sequence(made: Path, final: Path, sound: bool) -> None:
    """Give a finished sequence its name: the sound first, so that a folder with its name is a whole clip.

    Raises:
        FileExistsError: another file has a name; all files stay as they are.
        OSError: it cannot be done.
    """
    own_sound = False
    if sound:
        try:
            place(sound_beside(made), sound_beside(final))
            own_sound = True
        except FileExistsError:
            # A crash between the two names leaves just this sound.
            if not filecmp.cmp(sound_beside(made), sound_beside(final), shallow=False):
                raise
            sound_beside(made).unlink()
    try:
        _place_folder(made, final)
    except BaseException:
        if own_sound:
            sound_beside(final).rename(sound_beside(made))
        raise


def is_there(final: Path) -> bool:
    """Whether something has the clip's name; an empty folder, left by a crash, goes instead."""
    if final.is_dir() and not final.is_symlink():
        remove_if_empty(final)
    return os.path.lexists(final)


def _place_folder(made: Path, final: Path) -> None:
    if sys.platform == "win32":
        made.rename(final)
        return
    # Taking the name fails when it is taken; a folder may replace an empty one.
    final.mkdir()
    try:
        made.replace(final)
    except OSError:
        remove_if_empty(final)
        raise


def _count_frames(folder: Path) -> int:
    """How many whole pictures there are, up to the first that is missing.

    Raises:
        ValueError: one was cut short, or there is something else.
    """
    names = sorted(entry.name for entry in folder.iterdir())
    if names != [frame_name(number) for number in range(1, len(names) + 1)]:
        raise ValueError("its pictures are not numbered without a gap")
    for name in names:
        path = folder / name
        with path.open("rb") as file:
            header = file.read(_RIFF_HEADER_BYTES)
        if header[:4] != b"RIFF" or int.from_bytes(header[4:], "little") + _RIFF_HEADER_BYTES != path.stat().st_size:
            raise ValueError(f"{name} is not whole")
    return len(names)


def _read_sound(path: Path) -> Reading:
    import av

    with av.open(str(sound_beside(path))) as container:
        return read_clip(container)
