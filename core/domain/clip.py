"""Batches of clips: where they start, what they are called, how they are numbered.

Layout on disk: `<folder>/vid_NNN/<name>_NNN_mK_S.<ext>` with NNN the media's number in the profile, K the number of
the batch and S the index of the clip; a scan export says `aK` where a cut by hand says `mK`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from core.domain.timespan import Span

DURATION_RANGE_S = (2.0, 30.0)
CLIPS_RANGE = (1, 99)
SPREAD_RANGE_S = (0.5, 30.0)
DEFAULT_DURATION_S, DEFAULT_CLIPS, DEFAULT_SPREAD_S = 8.0, 3, 3.0

_CLIP_NAME = re.compile(r"^(?P<name>.+)_(?P<media>\d{3,})_(?P<origin>[ma])(?P<batch>\d+)_(?P<index>\d+)$")
_ILLEGAL = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10))}
)
MAX_NAME_BYTES = 120


@dataclass(frozen=True)
class Batch:
    """The clips made by one press of Export: clip i starts at `cursor_s + i × spread_s`."""

    cursor_s: float
    clips: int = DEFAULT_CLIPS
    spread_s: float = DEFAULT_SPREAD_S
    duration_s: float = DEFAULT_DURATION_S

    @property
    def starts_s(self) -> tuple[float, ...]:
        return tuple(self.cursor_s + index * self.spread_s for index in range(self.clips))

    @property
    def span(self) -> Span:
        """What playback loops: from the first clip's start to the last one's end."""
        return Span(self.cursor_s, self.cursor_s + self.duration_s + (self.clips - 1) * self.spread_s)

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(Span(start, start + self.duration_s) for start in self.starts_s)


def clips_that_fit(length_s: float, duration_s: float, spread_s: float) -> int:
    """As many clips as fit in `length_s`, at least one and at most the most a batch may have."""
    fitting = int((length_s - duration_s) / spread_s + 1e-9) + 1 if length_s >= duration_s else 1
    return min(CLIPS_RANGE[1], max(CLIPS_RANGE[0], fitting))


@dataclass(frozen=True)
class ClipName:
    """The parts of a clip's file name, without folder and extension."""

    name: str
    media_number: int
    batch_number: int
    index: int
    scan_export: bool = False

    def __str__(self) -> str:
        return f"{self.name}_{self.media_number:03d}_{'a' if self.scan_export else 'm'}{self.batch_number}_{self.index}"


def media_folder_name(media_number: int) -> str:
    return f"vid_{media_number:03d}"


def parse_clip_name(stem: str) -> ClipName | None:
    """The parts of a name made by `ClipName`, or None for any other name."""
    match = _CLIP_NAME.match(stem)
    if not match:
        return None
    return ClipName(
        match["name"], int(match["media"]), int(match["batch"]), int(match["index"]), match["origin"] == "a"
    )


def class_name(clip_path: str) -> str:
    """The class for training: the name of the folder above `vid_NNN`. Understands both kinds of slash."""
    parts = PurePath(clip_path.replace("\\", "/")).parts
    return parts[-3] if len(parts) >= 3 else ""


def illegal_name_reason(name: str, max_bytes: int = MAX_NAME_BYTES) -> str | None:
    """Why `name` cannot start a file name on every system 8-cut runs on, or None when it can."""
    if not name.strip():
        return "it is empty"
    if _ILLEGAL.search(name):
        return 'it contains one of < > : " / \\ | ? * or a control character'
    if name != name.strip() or name.startswith("."):
        return "it starts with a dot or has spaces at an end"
    if name.split(".")[0].lower() in _RESERVED:
        return "Windows keeps this name for a device"
    if len(name.encode("utf-8", "surrogatepass")) > max_bytes:
        return f"it is longer than {max_bytes} bytes"
    return None


# What a format's files end in. A WebP sequence is a folder of its own and has no ending.
EXTENSIONS = {"MP4": ".mp4", "MKV": ".mkv", "MOV": ".mov", "WAV": ".wav", "FLAC": ".flac", "WEBP": ""}


def export_folder(folder: str, subprofile: str = "") -> str:
    """The folder above `vid_NNN`: the chosen one, or its variant for a subprofile."""
    return f"{folder}_{subprofile}" if subprofile else folder


def clip_path(folder: str, name: ClipName, format_name: str) -> str:
    """Where a clip lies: `<folder>/vid_NNN/<name>_NNN_mK_S.<ext>`.

    Raises:
        ValueError: the format is unknown.
    """
    if format_name.upper() not in EXTENSIONS:
        raise ValueError(f"unknown clip format {format_name!r}")
    return str(Path(folder) / media_folder_name(name.media_number) / f"{name}{EXTENSIONS[format_name.upper()]}")
