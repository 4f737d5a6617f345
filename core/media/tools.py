"""Finding ffmpeg and its companions on this machine."""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import lru_cache
from pathlib import Path

from core.errors import EnvironmentProblem
from core.media.process import run

OVERRIDES = {"ffmpeg": "EIGHTCUT_FFMPEG", "ffprobe": "EIGHTCUT_FFPROBE"}
_INSTALLERS = (
    ("apt-get", "sudo apt-get install ffmpeg"),
    ("dnf", "sudo dnf install ffmpeg"),
    ("pacman", "sudo pacman -S ffmpeg"),
    ("zypper", "sudo zypper install ffmpeg"),
    ("brew", "brew install ffmpeg"),
    ("winget", "winget install Gyan.FFmpeg"),
)
_RELEASE = re.compile(r"^ff\w+ version n?(\d+(?:\.\d+)*)")
_LIBAVFORMAT = re.compile(r"^libavformat\s+(\d+)\.", re.MULTILINE)
# A development build has no release number, but each release raises libavformat's: 59 came with ffmpeg 5.
_LIBAVFORMAT_AHEAD_OF_FFMPEG = 54
_ANSWER_S = 20.0


def find_tool(name: str) -> Path:
    """The executable called `name`: the one EIGHTCUT_<NAME> points to, else the first on PATH.

    Looked up anew every time, so that Retry works after an installation.

    Raises:
        EnvironmentProblem: it is nowhere, or the variable points to something that cannot be run.
    """
    variable = OVERRIDES.get(name)
    override = os.environ.get(variable, "") if variable else ""
    found = shutil.which(override or name)
    if found:
        return Path(found)
    if override:
        raise EnvironmentProblem(
            f"{name} was not found",
            f"{variable} points to {override}, which is not a program that can be run",
            f"Correct {variable}, or remove it to use the {name} on the PATH",
        )
    raise EnvironmentProblem(f"{name} was not found", "It is not on the PATH", f"Install it with: {install_command()}")


def install_command() -> str:
    """The command that installs ffmpeg on this system, or where to get it when no package manager is known."""
    for manager, command in _INSTALLERS:
        if shutil.which(manager):
            return command
    return "winget install Gyan.FFmpeg" if sys.platform == "win32" else "the packages of https://ffmpeg.org/download"


def ffmpeg_version() -> tuple[int, ...]:
    """The release number of the ffmpeg in use, such as (5, 1, 9); a development build counts as its next release.

    Raises:
        EnvironmentProblem: ffmpeg is missing, or what is there does not say a version.
    """
    path = find_tool("ffmpeg")
    return _version_of(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _version_of(path: str, _changed_ns: int) -> tuple[int, ...]:
    return parse_version(run([path, "-hide_banner", "-version"], timeout_s=_ANSWER_S).stdout.decode("utf-8", "replace"))


def parse_version(banner: str) -> tuple[int, ...]:
    """The release number in what `ffmpeg -version` prints.

    Raises:
        EnvironmentProblem: there is none.
    """
    if release := _RELEASE.match(banner):
        return tuple(int(part) for part in release[1].split("."))
    if library := _LIBAVFORMAT.search(banner):
        return (int(library[1]) - _LIBAVFORMAT_AHEAD_OF_FFMPEG,)
    raise EnvironmentProblem(
        "ffmpeg does not say its version", f"It answered {banner[:80]!r}", f"Install it again with: {install_command()}"
    )
