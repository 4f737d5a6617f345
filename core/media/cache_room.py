"""Keeping a folder of the cache within its limit: what was not used for longest goes first."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from pathlib import Path

log = logging.getLogger(__name__)
# What was used in the last hour is never thrown away: somebody may be reading it.
_IN_USE_S = 3600.0
# Counting thousands of files takes a second: it is not done at every step of a labelling window.
_COUNT_EVERY_S = 600.0


def keep_within(folder: Path, pattern: str, limit_bytes: int, wanted: Collection[Path] = ()) -> None:
    """Remove files until the limit is kept, by the time they were last touched; looks at most every ten minutes.

    Args:
        pattern: of the files that count, as for `Path.glob`.
        wanted: these stay, whatever their age.
    """
    if not _count_is_due(folder):
        return
    found = []
    for path in folder.glob(pattern):
        try:
            state = path.stat()
        except FileNotFoundError:
            log.debug("%s went while the cache was counted", path)
            continue
        found.append((state.st_mtime, state.st_size, path))
    over = sum(size for _, size, _ in found) - limit_bytes
    for used, size, path in sorted(found):
        if over <= 0 or time.time() - used < _IN_USE_S:
            return
        if path not in wanted:
            path.unlink(missing_ok=True)
            over -= size


def _count_is_due(folder: Path) -> bool:
    stamp = folder / ".counted.lock"
    try:
        if time.time() - stamp.stat().st_mtime < _COUNT_EVERY_S:
            return False
    except FileNotFoundError:
        log.debug("%s was never counted", folder)
    stamp.touch()
    return True
