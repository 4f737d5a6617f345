"""What a database file says about itself, read without SQLite: looking must not leave a trace beside the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.storage.problems import DatabaseUnreadable, corrupt

MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100
APPLICATION_ID = 0x38435554  # "8CUT": tells our files from other SQLite files
_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24


@dataclass(frozen=True)
class Header:
    """The fields of the first page that matter before opening. `wal` says that the file uses a write-ahead log."""

    user_version: int
    application_id: int
    wal: bool


def read_header(path: Path) -> Header | None:
    """The header of the newest committed first page, in the file or in its WAL; None for no file or an empty one.

    Raises:
        DatabaseCorrupt: this is no SQLite database, or it was cut short.
        DatabaseUnreadable: the file cannot be read.
    """
    try:
        if not path.exists():
            return None
        with path.open("rb") as file:
            page = file.read(HEADER_BYTES)
        size = path.stat().st_size
        newer = _first_page_in_wal(path.with_name(path.name + "-wal"))
    except OSError as error:
        raise DatabaseUnreadable(
            f"The history {path} cannot be read", error.strerror or str(error), "Check that you may read the file"
        ) from error
    if not page and newer is None:
        return None
    if newer is None:
        if len(page) < HEADER_BYTES or not page.startswith(MAGIC):
            raise corrupt(path, "It is no SQLite database")
        _check_length(path, page, size)
        newer = page
    return Header(_number(newer, 60), _number(newer, 68), newer[18] == 2)


def _number(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "big")


def _check_length(path: Path, page: bytes, size: int) -> None:
    page_size = int.from_bytes(page[16:18], "big")
    expected = _number(page, 28) * (65536 if page_size == 1 else page_size)
    # The page count counts only when the file was last written by an SQLite that keeps it.
    if _number(page, 24) == _number(page, 92) and size < expected:
        raise corrupt(path, f"It was cut short: {size} of {expected} bytes are there")


def _first_page_in_wal(wal: Path) -> bytes | None:
    """The header bytes of page 1 in the last committed transaction of a WAL, or None (sqlite.org/fileformat2.html)."""
    if not wal.exists():
        return None
    found = pending = None
    with wal.open("rb") as file:
        start = file.read(_WAL_HEADER_BYTES)
        if len(start) < _WAL_HEADER_BYTES:
            return None
        page_size, salts = _number(start, 8), start[16:24]
        while True:
            frame = file.read(_FRAME_HEADER_BYTES)
            if len(frame) < _FRAME_HEADER_BYTES or frame[8:16] != salts:
                return found
            body = file.read(HEADER_BYTES)
            if len(body) < HEADER_BYTES:
                return found
            file.seek(page_size - HEADER_BYTES, 1)
            if _number(frame, 0) == 1:
                pending = body
            if _number(frame, 4):  # a commit frame carries the size of the database
                found = pending
