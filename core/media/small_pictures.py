"""Many PNG files as small squares, read by several threads and in order: what a network looks at."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.png import read_png

if TYPE_CHECKING:
    import numpy as np

_MOST_THREADS = 8
_AHEAD = 4


def small_pictures(paths: Sequence[Path], px: int, ctx: JobContext) -> Iterator[np.ndarray | None]:
    """Each picture scaled to a square of `px` pixels, uint8 (px, px, 3); None for one that cannot be read, with a line
    in the job's log. A few are read ahead.

    Raises (while iterating):
        Cancelled: `ctx` was cancelled.
    """
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads, thread_name_prefix="pictures") as pool:
        ahead: deque[Future[np.ndarray | UserError]] = deque()
        try:
            for path in paths:
                ahead.append(pool.submit(_read, path, px))
                if len(ahead) > threads * _AHEAD:
                    ctx.check()
                    yield _told(ahead.popleft().result(), ctx)
            while ahead:
                ctx.check()
                yield _told(ahead.popleft().result(), ctx)
        finally:
            for future in ahead:
                future.cancel()


def _read(path: Path, px: int) -> np.ndarray | UserError:
    try:
        return read_png(path, px)
    except UserError as error:
        return error


def _told(found: np.ndarray | UserError, ctx: JobContext) -> np.ndarray | None:
    if isinstance(found, UserError):
        ctx.log(str(found))
        return None
    return found
