"""Names on the disk: what is taken already, what half-made files are called, and moving a file into its place."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from core.domain.clip import export_folder, media_folder_name, parse_clip_name
from core.domain.export import CutRequest
from core.domain.name_template import clip_names, name_clash, tells_batches_apart
from core.errors import EnvironmentProblem

_PARTIAL = re.compile(r"^\.8cut-(\d+)-.*\.partial(\.wav)?$")


def partial_path(folder: Path, job: str, part: str) -> Path:
    """Where a half-made file of a job lies: hidden, beside the finished one, with no media file's ending.

    `job` starts with the job's number. The name is shorter than any clip's, so where there is room for the clip's path
    there is room for this one.
    """
    return folder / f".8cut-{job}-{part}.partial"


def partials(folder: Path, job_id: int) -> Iterator[Path]:
    """The half-made files of a job in a folder; none when there is no such folder."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in sorted(folder.iterdir()):
            match = _PARTIAL.match(path.name)
            if match and int(match[1]) == job_id:
                yield path


def taken_on_disk(folder: str, scan_export: bool) -> Callable[[int, int], bool]:
    """A function that tells whether files of (media number, batch number) lie in an export folder.

    Any name and any format counts, so that numbers stay unique within `vid_NNN`. Each of these is listed once.
    """

    @cache
    def batches(media_number: int) -> frozenset[int]:
        found = set()
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError),
            os.scandir(Path(folder) / media_folder_name(media_number)) as entries,
        ):
            for entry in entries:
                parts = parse_clip_name(Path(entry.name).stem) or parse_clip_name(entry.name)
                if parts and (parts.media_number, parts.scan_export) == (media_number, scan_export):
                    found.add(parts.batch_number)
        return frozenset(found)

    return lambda media_number, batch_number: batch_number in batches(media_number)


def names_on_disk(request: CutRequest) -> Callable[[int, int], bool]:
    """As `taken_on_disk`, for the names that the request's template makes; it raises UserError in place of telling
    that names are taken which every batch would have.
    """
    folder = export_folder(request.settings.folder, request.subprofile)
    if not request.settings.template:
        return taken_on_disk(folder, request.scan_export)

    @cache
    def stems(media_number: int) -> frozenset[str]:
        found: set[str] = set()
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError),
            os.scandir(Path(folder) / media_folder_name(media_number)) as entries,
        ):
            for entry in entries:
                found |= {entry.name.casefold(), Path(entry.name).stem.casefold()}
        return frozenset(found)

    def taken(media_number: int, batch_number: int) -> bool:
        names = clip_names(request, media_number, batch_number, range(request.batch.clips))
        double = next((name for name in names if name.casefold() in stems(media_number)), None)
        if double is not None and not tells_batches_apart(request.settings.template):
            raise name_clash(str(Path(folder) / media_folder_name(media_number) / double))
        return double is not None

    return taken


def check_writable(folder: Path) -> None:
    """Make sure that `folder` could be made, or written to, without making it.

    Raises:
        EnvironmentProblem: it cannot.
    """
    nearest = folder
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise _unwritable(folder, f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unwritable(folder, f"You may not write to {nearest}")


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it.

    Raises:
        EnvironmentProblem: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_problem(error, folder) from error


def write_problem(error: OSError, folder: Path) -> EnvironmentProblem:
    """The error to raise when writing to `folder` failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    return _unwritable(folder, error.strerror or str(error))


def disk_full(folder: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "The disk is full", f"There is no room left in {folder}", "Free some space, then retry: finished clips are kept"
    )


def _unwritable(folder: Path, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"Cannot write to {folder}", why, "Choose another export folder, or make this one writable"
    )


def sync(path: Path) -> None:
    """Have the contents of a file on the disk itself before its name says that it is finished."""
    # Windows flushes only what is open for writing.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def place(made: Path, final: Path, *, durable: bool = True) -> None:
    """Give a finished file its name, which another file may have taken in the meantime.

    `durable` has the name on the disk itself before this returns; otherwise the caller calls `sync_folder` for many.

    Raises:
        FileExistsError: it has; both files stay as they are.
        OSError: it cannot be done.
    """
    if sys.platform == "win32":
        # Refuses to replace, unlike everywhere else.
        made.rename(final)
        return
    try:
        os.link(made, final)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here (exFAT, some network disks): take the name with an empty file, which fails if it is taken.
        final.touch(exist_ok=False)
        made.replace(final)
    else:
        made.unlink()
    if durable:
        sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Some file systems cannot; then the name is as safe as they make it.
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder in which nothing was made; one with anything in it stays."""
    with contextlib.suppress(OSError):
        folder.rmdir()
