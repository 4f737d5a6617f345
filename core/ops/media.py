"""Bring files into the history and into a profile's list."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import MEDIA_SUFFIXES, Media, MediaInfo
from core.errors import UserError
from core.job import JobContext
from core.media import probe as probing
from core.media import pts
from core.media.identity import content_key

if TYPE_CHECKING:
    from core.media.waveform import WaveformPyramid


@dataclass(frozen=True)
class AddedMedia:
    """What came of adding files: the media in the order asked for, and a sentence per file that could not be added."""

    media: tuple[Media, ...]
    problems: tuple[str, ...]
    changes: Changes


def media_files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """Files as given and, for folders, the media files below them in natural reading order; hidden ones are left out.

    Symbolic links to folders are not followed, so a loop of links ends.
    """
    for path in map(Path, paths):
        if not path.is_dir():
            yield path.absolute()
            continue
        for folder, folders, names in os.walk(path.absolute()):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names, key=str.casefold):
                if not name.startswith(".") and Path(name).suffix.lower() in MEDIA_SUFFIXES:
                    yield Path(folder, name)


def add_files(
    db: ProcessedDB, profile: str, paths: Sequence[str | os.PathLike[str]], ctx: JobContext | None = None
) -> AddedMedia:
    """Identify every file by content and append those that are new to the profile's list.

    A file that cannot be read is reported and does not stop the others. Cancelling keeps what was added so far.
    """
    ctx = ctx or JobContext()
    found: list[Media] = []
    problems: list[str] = []
    changes = Changes()
    files = list(dict.fromkeys(media_files(paths)))
    for done, file in enumerate(files):
        ctx.check()
        ctx.progress(done, len(files), file.name)
        try:
            media = db.media.register(content_key(file), str(file))
        except UserError as error:
            problems.append(str(error))
            continue
        db.lists.add(profile, media.id)
        found.append(media)
        changes |= Changes.of(Kind.MEDIA, media.id)
    if not files and paths:
        problems.append(f"No video or audio files in {Path(paths[0]).name or paths[0]}.")
    if found:
        changes |= Changes.of(Kind.LISTS)
    return AddedMedia(tuple(found), tuple(problems), changes)


def verify(db: ProcessedDB, media: Media) -> Media:
    """The media that lies at this media's path now: itself, or another one when the file was replaced.

    Raises:
        UserError: the file is gone or cannot be read.
    """
    key = content_key(media.path)
    return media if key == media.content_key else db.media.register(key, media.path)


def probe(media: Media) -> MediaInfo:
    """What is in the file; raises UserError when it cannot be read."""
    return probing.probe(media.path)


def frame_times(media: Media, ctx: JobContext) -> pts.FrameTimes:
    """When each frame of the file is shown; raises UserError when it has no video."""
    return pts.frame_times(media.path, ctx)


def waveform(media: Media, cache: Path, ctx: JobContext) -> WaveformPyramid:
    """The peaks of the file's sound, from the cache where they are known; raises UserError when it has none."""
    from core.media.waveform import load_or_build

    return load_or_build(media.path, media.content_key, cache, ctx)


def missing(entries: Sequence[Media], ctx: JobContext | None = None) -> frozenset[int]:
    """The ids of those whose file is not where it was last seen."""
    gone = set()
    for media in entries:
        if ctx:
            ctx.check()
        if not Path(media.path).is_file():
            gone.add(media.id)
    return frozenset(gone)
