"""Opening a media file, and saying in plain words why one cannot be opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

_HEAD_BYTES = 4096
_PICTURE_FORMATS = ("image2", "_pipe")
MICROSECONDS = 1_000_000


def check_file(path: str | os.PathLike[str]) -> os.stat_result:
    """Make sure that this is a file with something in it that may be read; returns its status.

    Raises:
        UserError: it is missing, a folder, a device, empty or may not be read.
    """
    what = f"Cannot read {Path(path).name or path}"
    try:
        status = Path(path).stat()
        if stat.S_ISREG(status.st_mode):
            with Path(path).open("rb"):
                pass
    except FileNotFoundError as error:
        raise UserError(what, "The file is not there", "Relink it, or remove it from the list") from error
    except PermissionError as error:
        raise UserError(what, "You may not read it", "Change the permissions of the file or its folder") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        raise UserError(what, reason, "Check the name, the disk and the connection") from error
    if stat.S_ISDIR(status.st_mode):
        raise UserError(what, "It is a folder, not a file", "Open the files in it")
    if not stat.S_ISREG(status.st_mode):
        raise UserError(what, "It is a device or a pipe, not a file", "Choose a video or audio file")
    if not status.st_size:
        raise UserError(what, "The file is empty", "Copy, download or record it again")
    return status


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[InputContainer]:
    """Open a container for demuxing, from the local disk only; closed at the end of the block.

    Raises:
        UserError: `check_file` has an objection, or this is no media file.
    """
    import av

    check_file(path)
    # An absolute path, so that "data:x.mp4" is a name and not a protocol; the list keeps playlists off the network.
    try:
        container = av.open(
            str(Path(path).absolute()), metadata_errors="replace", options={"protocol_whitelist": "file,crypto,data"}
        )
    except (av.FFmpegError, ValueError) as error:
        raise damaged(path, error) from error
    with container:
        yield container


def damaged(path: str | os.PathLike[str], error: Exception) -> UserError:
    """The error to raise when the contents make no sense: it looks into the file to say why."""
    what = f"Cannot read {Path(path).name}"
    with Path(path).open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head[4:8] in (b"ftyp", b"mdat", b"wide", b"moov"):
        why = "The file is cut off or damaged: its index is missing, as after an interrupted recording or download"
        return UserError(what, why, "Copy or download it again, or repair it with a tool such as untrunc")
    if not any(head):
        return UserError(what, "The file holds only zeros", "Copy or download it again")
    if _is_text(head):
        return UserError(what, "It holds text, not video or audio", "Choose a video or audio file")
    reason = getattr(error, "strerror", "") or str(error)
    return UserError(
        what, f"It is damaged or not a video or audio file ({reason})", "Play it elsewhere to check, or copy it again"
    )


def no_streams(path: str | os.PathLike[str]) -> UserError:
    """The error for a container that opens but holds neither picture nor sound."""
    return UserError(
        f"Cannot read {Path(path).name}", "It has neither a video nor an audio track", "Choose a video or audio file"
    )


def zero_s(container: InputContainer) -> float:
    """The timestamp in seconds that counts as 0 for mpv and for `ffmpeg -ss`: where the earliest stream starts."""
    return (container.start_time or 0) / MICROSECONDS


def video_of(container: InputContainer) -> VideoStream | None:
    """The first stream with moving pictures (ffmpeg's `0:V:0`): cover art and still pictures are none."""
    from av.stream import Disposition

    if any(mark in container.format.name for mark in _PICTURE_FORMATS):
        return None
    still = Disposition.attached_pic | Disposition.still_image
    return next((stream for stream in container.streams.video if not stream.disposition & still), None)


def video_needed(container: InputContainer, path: str | os.PathLike[str]) -> VideoStream:
    """The first stream with moving pictures.

    Raises:
        UserError: there is none.
    """
    stream = video_of(container)
    if stream is None:
        raise UserError(f"{Path(path).name} has no video", "It holds only audio", "Choose a video")
    return stream


def audio_of(container: InputContainer, track: int, path: str | os.PathLike[str]) -> AudioStream:
    """Audio track number `track`, counted from 0.

    Raises:
        UserError: there is none, or not so many.
    """
    tracks = container.streams.audio
    name = Path(path).name
    if not tracks:
        raise UserError(f"{name} has no audio", "The file has no audio track", "Choose a file with sound")
    if not 0 <= track < len(tracks):
        raise UserError(
            f"{name} has no audio track {track + 1}", f"It has {len(tracks)}", "Choose another track in the player"
        )
    return tracks[track]


def only(container: InputContainer, wanted: VideoStream | AudioStream) -> None:
    """Have the demuxer skip every other stream, which spares reading much of a file."""
    from av.stream import Discard

    for stream in container.streams:
        stream.discard = Discard.default if stream.index == wanted.index else Discard.all


def _is_text(head: bytes) -> bool:
    try:
        text = head[:-4].decode("utf-8") if len(head) == _HEAD_BYTES else head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\r\n\t\f\ufeff" for char in text)
