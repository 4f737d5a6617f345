"""Files of the cache: written beside their place, and given their name only when they are whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from core.errors import EnvironmentProblem

_STALE_S = 3600.0
Loaded = TypeVar("Loaded")


def load_or_make(
    target: Path, what: str, load: Callable[[Path], Loaded | None], write: Callable[[IO[bytes]], object]
) -> Loaded:
    """What `load` reads from `target`; where it finds nothing whole, `write` makes the file anew first.

    Args:
        what: the thing in it, for the message when it cannot be saved: "waveform".

    Raises:
        EnvironmentProblem: the file cannot be written, or reads back differently.
    """
    if (known := load(target)) is not None:
        return known
    with written_beside(target, what) as file:
        write(file)
    made = load(target)
    if made is None:
        raise EnvironmentProblem(
            f"The {what} cannot be saved", f"What was written to {target} reads back differently", "Check the disk"
        )
    return made


@contextmanager
def written_beside(target: Path, what: str) -> Iterator[IO[bytes]]:
    """A file, open for reading and writing, that becomes `target` when the block ends well.

    Args:
        what: the thing in it, for the message when it cannot be saved: "waveform".

    Raises:
        EnvironmentProblem: the folder cannot be written to, or the disk is full.
    """
    partial: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".partial")
        partial = Path(name)
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        raise EnvironmentProblem(
            f"The {what} cannot be saved",
            f"{target.parent}: {error.strerror or error}",
            "Make room on that disk, or make the folder writable",
        ) from error
    finally:
        if partial:
            partial.unlink(missing_ok=True)


def _remove_stale(folder: Path) -> None:
    """Remove what a crash left; files of the last hour may belong to another process that is still writing."""
    for leftover in folder.glob(".*.partial"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > _STALE_S:
                leftover.unlink()
