"""Which videos a run is about: a list, a folder, or either behind a URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.corpus.place import explained, file_system, is_remote, modified_s, normal, scheme_of
from core.corpus.results import video_id
from core.domain.media import MEDIA_SUFFIXES, VIDEO_SUFFIXES
from core.errors import UserError

LIST_SUFFIXES = frozenset({".txt", ".lst", ".list"})


@dataclass(frozen=True)
class Video:
    """A video of a corpus.

    Args:
        address: a path from the root, or a URL; see `core.corpus.place.normal`. It is what results are kept under.
        modified_s: when the file was written, seconds since 1970; 0 where that is not known.
    """

    address: str
    modified_s: float = 0.0

    @property
    def id(self) -> str:
        return video_id(self.address)

    @property
    def remote(self) -> bool:
        return is_remote(self.address)

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]


@dataclass(frozen=True)
class Corpus:
    """The videos of a run, each once, in the order of the list; `repeated` is how many lines named one again."""

    videos: tuple[Video, ...]
    repeated: int


def find_videos(source: str | os.PathLike[str], *, with_sound: bool = False) -> Corpus:
    """The videos that a person means.

    Args:
        source: a text file with a path or URL a line (relative ones start where the list lies; empty lines and those
            that begin with # are skipped), a folder with videos anywhere below it, a single video, or the URL of one
            of these. A line that names a file which is not there counts: it gets a row that says so.
        with_sound: audio files count, too.

    Raises:
        UserError: it is not there, or holds no videos.
        EnvironmentProblem: the URL cannot be reached, or its package is missing.
    """
    source = normal(source)
    suffixes = MEDIA_SUFFIXES if with_sound else VIDEO_SUFFIXES
    found = _remote(source, suffixes) if is_remote(source) else _local(Path(source), suffixes)
    videos: dict[str, Video] = {}
    count = 0
    for video in found:
        count += 1
        videos.setdefault(video.address, video)
    if not videos:
        raise UserError(f"There are no videos in {source}", "", f"Known are {', '.join(sorted(suffixes))}")
    return Corpus(tuple(videos.values()), count - len(videos))


def _local(source: Path, suffixes: frozenset[str]) -> Iterator[Video]:
    if source.is_dir():
        return _in_folder(source, suffixes)
    if source.suffix.lower() in suffixes:
        return iter([_on_disk(str(source))])
    with explained(str(source), "read"):
        text = source.read_text(encoding="utf-8-sig", errors="surrogateescape")
    return _listed(str(source), text)


def _remote(source: str, suffixes: frozenset[str]) -> Iterator[Video]:
    system = file_system(source)
    suffix = Path(source).suffix.lower()
    if suffix in suffixes:
        return iter([Video(source)])
    if suffix in LIST_SUFFIXES:
        with explained(source, "read"):
            text = system.cat_file(source).decode("utf-8-sig", errors="surrogateescape")
        return _listed(source, text)
    with explained(source, "listed"):
        found = system.find(source, detail=True)
    return (
        Video(normal(system.unstrip_protocol(path)), modified_s(info))
        for path, info in sorted(found.items())
        if Path(path).suffix.lower() in suffixes
    )


def _listed(source: str, text: str) -> Iterator[Video]:
    if "\0" in text:
        raise UserError(f"{source} is no list of videos", "It is no text", "Give a file with a path or URL a line")
    base = source.rpartition("/")[0] + "/"
    for line in text.splitlines():
        name = line.strip()
        if not name or name.startswith("#"):
            continue
        if not scheme_of(name) and not Path(name).expanduser().is_absolute():
            name = base + name
        address = normal(name)
        yield Video(address) if is_remote(address) else _on_disk(address)


def _in_folder(folder: Path, suffixes: frozenset[str]) -> Iterator[Video]:
    """In reading order; hidden files and folders are left out, links to folders not followed, so that loops end."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names, key=str.casefold):
            if not name.startswith(".") and Path(name).suffix.lower() in suffixes:
                yield _on_disk(f"{place}/{name}")


def _on_disk(path: str) -> Video:
    try:
        return Video(path, Path(path).stat().st_mtime)
    except (OSError, ValueError):
        return Video(path)
