"""`dataset.json`: what lies in an export folder, for programs that train on it.

An array with one object per clip: `path` (relative to the file, with forward slashes), `label`, `category`, `source`,
`start`, `duration` (seconds), `fps`, `size` ([width, height]), `crop` ({ratio, center}, with `path` where it moves, or
null) and `profile`. Older files hold only `path` and `label`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from core.media.naming import write_problem

FILE_NAME = "dataset.json"
# Only 8-cut writes this key: an entry without it came from elsewhere.
_OWN_KEY = "profile"


class UnreadableManifest(Exception):
    """The file is no array of objects with a path."""


def read(path: Path) -> list[dict[str, Any]]:
    """The entries of a manifest; none when there is no file.

    Raises:
        UnreadableManifest: it holds something else.
        OSError: it cannot be read.
    """
    try:
        entries = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise UnreadableManifest(str(error)) from error
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("path"), str) for entry in entries
    ):
        raise UnreadableManifest("it is not an array of objects with a path")
    return entries


def relative(path: str, folder: Path) -> str:
    """The path of a clip as the manifest in `folder` gives it."""
    try:
        return PurePosixPath(*Path(path).relative_to(folder).parts).as_posix()
    except ValueError:
        return Path(path).as_posix()


def write(folder: Path, entries: Sequence[Mapping[str, Any]], moved_away: Iterable[str] = ()) -> Path | None:
    """Write the manifest of `folder`, in one step; returns where an unreadable older one was put aside.

    Entries of the existing file for other clips are kept in front, but for those that 8-cut wrote and whose file is
    gone, and those of paths that were `moved_away`. A folder without clips and without a manifest gets none.

    Raises:
        EnvironmentProblem: the folder cannot be written to.
    """
    path = folder / FILE_NAME
    try:
        aside = None
        try:
            existing = read(path)
        except UnreadableManifest:
            existing, aside = [], _put_aside(path)
        superseded = {_resolved(place, folder) for place in (*moved_away, *(entry["path"] for entry in entries))}
        merged = [*_kept(existing, superseded, folder), *entries]
        if merged or path.exists():
            _replace(path, merged)
    except OSError as error:
        raise write_problem(error, folder) from error
    return aside


def _kept(existing: Iterable[Mapping[str, Any]], superseded: set[Path], folder: Path) -> list[Mapping[str, Any]]:
    return [
        entry
        for entry in existing
        if (place := _resolved(entry["path"], folder)) not in superseded and (_OWN_KEY not in entry or place.exists())
    ]


def _resolved(path: str, folder: Path) -> Path:
    return Path(os.path.normpath(folder / path.replace("\\", "/")))


def _put_aside(path: Path) -> Path:
    """Rename the file to `dataset.json.broken-<time>`, with a number where that name is taken."""
    stem = f"{path.name}.broken-{datetime.now():%Y%m%d-%H%M%S}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    path.rename(aside)
    return aside


def _replace(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            json.dump(entries, file, ensure_ascii=False, indent=1, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
