"""Saying "I am working on this" so that other processes see it, and stop seeing it when this one dies."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def claim(path: Path) -> Iterator[bool]:
    """Hold the file `path` for the length of the block; yields False when another process (or thread) holds it.

    The system lets go of it when the process ends, however it ends. The file is removed again.

    Raises:
        OSError: the file cannot be made.
    """
    handle = _hold(path)
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        if sys.platform != "win32":
            path.unlink(missing_ok=True)
        os.close(handle)
        if sys.platform == "win32":
            # An open file cannot be removed there; one that somebody holds by now stays.
            _remove_unheld(path)


def is_claimed(path: Path) -> bool:
    """Whether a living process holds the file."""
    if not path.exists():
        return False
    with claim(path) as held:
        return not held


def _hold(path: Path) -> int | None:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _lock(handle):
            os.close(handle)
            return None
        # Its holder may have removed the file between our opening and our locking it: then the name is another file's.
        if _same_file(handle, path):
            return handle
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Whatever else goes wrong means that this disk knows no locks: then nobody can be seen, and nobody is.
        return error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def _same_file(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _remove_unheld(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        return
