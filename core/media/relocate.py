"""Moving files between folders and disks: never over another file, never with a moment in which there is no copy."""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from blake3 import blake3

from core.job import JobContext
from core.media.naming import place, sync_folder

_BLOCK_BYTES = 4 * 1024 * 1024
_MARK = ".8cut-moving-"


class CopyDiffers(OSError):
    """What was written to the other disk reads back differently: the original stays."""


def parts_of(path: str | os.PathLike[str]) -> list[Path]:
    """What is on disk of a clip: its file, or the folder of its pictures and the sound beside it; nothing when gone."""
    clip = Path(path)
    beside = clip.with_name(f"{clip.name}.wav")
    if clip.is_dir():
        return [clip, beside] if beside.is_file() else [clip]
    return [clip] if os.path.lexists(clip) else []


def size_of(path: str | os.PathLike[str]) -> int:
    """Bytes of a file, or of all files in a folder; 0 when it is gone."""
    path = Path(path)
    if path.is_dir():
        return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def on_one_disk(paths: Iterable[str | os.PathLike[str]]) -> bool:
    """Whether moving between these places is renaming; of what is not there yet, the nearest folder counts."""
    return len({_disk(Path(path)) for path in paths}) <= 1


def move(source: Path, target: Path, ctx: JobContext | None = None) -> None:
    """Give a file or folder another place; the folders above `target` are made.

    Within a disk that is a rename, safe from a power cut once `settle` was called. Onto another disk it is copied under
    a hidden name, read back, named, and only then removed here. After a crash, `carry_on` finishes it.

    Raises:
        FileNotFoundError: there is nothing to move.
        FileExistsError: the place is taken; both stay as they are.
        OSError: it cannot be done; the source is as it was.
        Cancelled: `ctx` was cancelled during a copy; the source is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        _free(target)
        try:
            source.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy_folder(source, target, ctx or JobContext())
            shutil.rmtree(source)
        return
    if not os.path.lexists(source):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(source))
    if _disk(source) == _disk(target):
        try:
            place(source, target, durable=False)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # Bind mounts and overlays say so only when asked to rename; the empty file that took the name goes again.
            _remove_empty(target)
    _copy_file(source, target, ctx or JobContext())
    source.unlink()


def settle(targets: Iterable[Path]) -> None:
    """Have the new names of moved files on the disk itself, each folder once."""
    for folder in {target.parent for target in targets}:
        sync_folder(folder)


def carry_on(source: Path, target: Path) -> None:
    """Finish a move that a crash interrupted, in whichever state it is.

    Raises:
        OSError: as `move`; FileExistsError only when what has the name is not what was moved.
    """
    if not os.path.lexists(target):
        move(source, target)
    elif holds(target, source):
        remove(source)
    else:
        _free(target)


def remove(path: Path) -> None:
    """Delete a file or a folder with all in it, for good; nothing happens when it is gone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _disk(path: Path) -> int:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_dev


def holds(target: Path, source: Path) -> bool:
    """Whether everything that is still at `source` is at `target` too, byte for byte."""
    if source.is_dir():
        return all(
            holds(target / entry.relative_to(source), entry) for entry in source.rglob("*") if not entry.is_dir()
        )
    return target.is_file() and filecmp.cmp(source, target, shallow=False)


def _free(target: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def _remove_empty(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size == 0:
            path.unlink()


def _copy_file(source: Path, target: Path, ctx: JobContext) -> None:
    _free(target)
    beside = target.with_name(f"{_MARK}{os.getpid()}-{target.name}")
    try:
        _copy(source, beside, ctx)
        place(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _copy_folder(source: Path, target: Path, ctx: JobContext) -> None:
    beside = target.with_name(f"{_MARK}{os.getpid()}-{target.name}")
    try:
        for entry in sorted(source.rglob("*")):
            to = beside / entry.relative_to(source)
            if entry.is_dir():
                to.mkdir(parents=True, exist_ok=True)
            else:
                to.parent.mkdir(parents=True, exist_ok=True)
                _copy(entry, to, ctx)
        beside.mkdir(parents=True, exist_ok=True)
        _free(target)
        beside.rename(target)
    finally:
        if beside.exists():
            shutil.rmtree(beside)


def _copy(source: Path, target: Path, ctx: JobContext) -> None:
    """Copy, flush to the disk, read back and compare."""
    written = blake3()
    with source.open("rb") as reader, target.open("wb") as writer:
        while block := reader.read(_BLOCK_BYTES):
            ctx.check()
            written.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    shutil.copystat(source, target)
    read_back = blake3()
    with target.open("rb") as reader:
        while block := reader.read(_BLOCK_BYTES):
            ctx.check()
            read_back.update(block)
    if read_back.digest() != written.digest() or target.stat().st_size != source.stat().st_size:
        raise CopyDiffers(errno.EIO, "The copy differs from the original", str(target))
