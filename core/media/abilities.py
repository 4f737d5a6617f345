"""What the ffmpeg on this machine can do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.media.process import run
from core.media.tools import ffmpeg_version, find_tool

_FILTER = re.compile(r"^ [ .TSCA|]{2,3} (\w+) +\S*->", re.MULTILINE)
_ANSWER_S = 20.0


@dataclass(frozen=True)
class Abilities:
    """The release number, and the names of the filters that were built in."""

    version: tuple[int, ...]
    filters: frozenset[str]


def ffmpeg_abilities() -> Abilities:
    """Ask ffmpeg; asked once for as long as the program stays the same file.

    Raises:
        EnvironmentProblem: ffmpeg is missing or does not answer.
    """
    path = find_tool("ffmpeg")
    return Abilities(ffmpeg_version(), _filters(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=8)
def _filters(path: Path, _changed_ns: int) -> frozenset[str]:
    return parse_filters(run([path, "-hide_banner", "-filters"], timeout_s=_ANSWER_S).stdout.decode("utf-8", "replace"))


def parse_filters(listing: str) -> frozenset[str]:
    """The names in what `ffmpeg -filters` prints; the columns before them differ between releases."""
    return frozenset(_FILTER.findall(listing))
