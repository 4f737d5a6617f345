"""What the cache folder holds, how large each part is, and how to empty it. All of it can be computed again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from core.job import JobContext
from core.ops import cache
from core.paths import DataPaths

log = logging.getLogger(__name__)

EMBEDDINGS = "embeddings"
# Part (also its folder's name): what a person calls it.
PARTS = {
    "waveforms": "Waveforms",
    "spectrograms": "Spectrograms",
    "thumbnails": "Thumbnails",
    "speech": "Speech",
    "frames": "Frames to label",
    "windows": "Sounds to label",
    "frame-embeddings": "Embeddings of frames",
    EMBEDDINGS: "Embeddings",
}


@dataclass(frozen=True)
class CachePart:
    """One kind of thing in the cache."""

    name: str
    title: str
    files: int
    bytes: int


def sizes(paths: DataPaths, ctx: JobContext) -> list[CachePart]:
    """Every part, the empty ones too, in the order of the table above."""
    found = []
    for name, title in PARTS.items():
        files = _files(paths, name)
        sizes_bytes = []
        for file in files:
            ctx.check()
            try:
                sizes_bytes.append(file.stat().st_size)
            except FileNotFoundError:
                log.debug("%s went while it was counted", file)
        found.append(CachePart(name, title, len(sizes_bytes), sum(sizes_bytes)))
    return found


def clear(paths: DataPaths, names: tuple[str, ...], ctx: JobContext) -> int:
    """Empty these parts; returns the bytes freed. What is being written, or held open on Windows, stays."""
    freed = 0
    for name in names:
        ctx.check()
        if name == EMBEDDINGS:
            freed += cache.clear(paths)
            continue
        for file in _files(paths, name):
            freed += _remove(file)
    return freed


def _files(paths: DataPaths, name: str) -> list[Path]:
    # A folder that is not there holds nothing.
    return [file for file in (paths.cache / name).rglob("*") if file.is_file() and not _being_written(file)]


def _being_written(file: Path) -> bool:
    return file.suffix in (".partial", ".lock")


def _remove(file: Path) -> int:
    try:
        size = file.stat().st_size
        file.unlink()
    except OSError as error:
        log.info("%s stays in the cache: %s", file, error)
        return 0
    return size
