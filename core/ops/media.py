"""Bring files into the history and into a profile's list."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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

# What is stored in one transaction: small enough that another writer never waits long, at least so often.
CHUNK_FILES = 64
CHUNK_S = 0.25


@dataclass(frozen=True)
class AddedMedia:
    """What came of adding files.

    Args:
        media: in the order asked for.
        failed: (path, one sentence) of each that could not be added.
    """

    media: tuple[Media, ...]
    failed: tuple[tuple[str, str], ...]
    changes: Changes

    @property
    def problems(self) -> tuple[str, ...]:
        """The sentences alone."""
        return tuple(sentence for _, sentence in self.failed)


def media_files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """Files as given and, for folders, the media files below them in natural reading order; hidden ones are left out.

    Symbolic links to folders are not followed, so a loop of links ends.
    """
    from natsort import natsorted, ns

    for path in map(Path, paths):
        if not path.is_dir():
            yield path.absolute()
            continue
        for folder, folders, names in os.walk(path.absolute()):
            folders[:] = natsorted((name for name in folders if not name.startswith(".")), alg=ns.IGNORECASE)
            for name in natsorted(names, alg=ns.IGNORECASE):
                if not name.startswith(".") and Path(name).suffix.lower() in MEDIA_SUFFIXES:
                    yield Path(folder, name)


def add_files(
    db: ProcessedDB,
    profile: str,
    paths: Sequence[str | os.PathLike[str]],
    ctx: JobContext | None = None,
    *,
    list_id: int | None = None,
    on_chunk: Callable[[int, tuple[Media, ...]], None] | None = None,
) -> AddedMedia:
    """Identify every file by content and append those that are new to one of the profile's lists.

    A file that cannot be read is reported and does not stop the others. Cancelling keeps what was added so far.

    Args:
        list_id: the list to add to; None for the one the profile shows.
        on_chunk: called with the list's id and some media at a time, after they were stored.
    """
    ctx = ctx or JobContext()
    adding = _Adding(db, db.list_tabs.ensure(profile) if list_id is None else list_id, on_chunk)
    files: dict[Path, None] = {}
    for file in media_files(paths):
        ctx.check()
        files[file] = None
        ctx.progress(0, 0, f"{len(files):,} files found")
    try:
        for done, file in enumerate(files):
            ctx.check()
            ctx.progress(done, len(files), file.name)
            adding.take(file)
    finally:
        adding.store()
    if not files and paths:
        adding.failed.append((str(paths[0]), f"No video or audio files in {Path(paths[0]).name or paths[0]}."))
    return adding.result()


class _Adding:
    """Files on their way into a list: hashed one by one, stored in short transactions of many."""

    def __init__(
        self, db: ProcessedDB, list_id: int, on_chunk: Callable[[int, tuple[Media, ...]], None] | None
    ) -> None:
        self._db, self._list_id, self._on_chunk = db, list_id, on_chunk
        self._waiting: list[tuple[str, str]] = []
        self._found: list[Media] = []
        self._stored_s = time.monotonic()
        self.failed: list[tuple[str, str]] = []

    def take(self, file: Path) -> None:
        try:
            self._waiting.append((content_key(file), str(file)))
        except UserError as error:
            self.failed.append((str(file), str(error)))
        if len(self._waiting) >= CHUNK_FILES or time.monotonic() - self._stored_s > CHUNK_S:
            self.store()

    def store(self) -> None:
        """Write what waits, and tell."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            with self._db.write():
                media = [self._db.media.register(key, path) for key, path in waiting]
                self._db.lists.add_many(self._list_id, [each.id for each in media])
            self._found += media
            if self._on_chunk:
                self._on_chunk(self._list_id, tuple(media))
        self._stored_s = time.monotonic()

    def result(self) -> AddedMedia:
        ids = {media.id for media in self._found}
        changes = Changes()
        if ids:
            # A surface asks once per item whether it is concerned; of very many, all are.
            changes = Changes.of(Kind.MEDIA, *(ids if len(ids) <= CHUNK_FILES else ())) | Changes.of(Kind.LISTS)
        return AddedMedia(tuple(self._found), tuple(self.failed), changes)


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
