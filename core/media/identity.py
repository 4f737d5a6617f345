"""Who a media file is, whatever it is called and wherever it lies."""

from __future__ import annotations

import os
import re
from pathlib import Path

from core.errors import UserError
from core.media.source import check_file

BLOCK_BYTES = 64 * 1024
BLOCKS = 16
WHOLE_BYTES = BLOCKS * BLOCK_BYTES
_PREFIX = "b3-"
_PLAIN = re.compile(r"b3-[0-9a-z-]+")


def content_key(path: str | os.PathLike[str]) -> str:
    """`b3-<size in hex>-<32 hex digits>`: the size and a BLAKE3 hash of 16 blocks of 64 KiB spread over the file.

    The first block holds the header, the last one often the index; 14 lie evenly between. Files up to 1 MiB are hashed
    whole. A file of 100 GB costs milliseconds; an edit that keeps the size and misses every block goes unseen, which
    no recorder or encoder does: they change the header or the index.

    Raises:
        UserError: the file is missing, empty, a folder, or cannot be read.
    """
    from blake3 import blake3

    size = check_file(path).st_size
    digest = blake3(size.to_bytes(8, "little"))
    try:
        with Path(path).open("rb") as file:
            if size <= WHOLE_BYTES:
                digest.update(file.read())
            else:
                for offset in _offsets(size):
                    file.seek(offset)
                    digest.update(file.read(BLOCK_BYTES))
    except OSError as error:
        raise UserError(
            f"Cannot read {Path(path).name}", error.strerror or str(error), "Check the disk or the connection"
        ) from error
    return f"{_PREFIX}{size:x}-{digest.hexdigest(16)}"


def file_name(key: str) -> str:
    """A key as the name of a file or folder: itself where it is of content, else a hash of it.

    Keys of media that nobody has read yet hold a path or a name, which must lead nowhere.
    """
    from blake3 import blake3

    return key if _PLAIN.fullmatch(key) else f"k3-{blake3(key.encode('utf-8', 'surrogatepass')).hexdigest(16)}"


def holds(path: str | os.PathLike[str], key: str) -> bool:
    """Whether the file has the content of this key; a key that says nothing of content fits every file.

    Raises:
        UserError: as `content_key`.
    """
    return not key.startswith(_PREFIX) or content_key(path) == key


def check_content(path: str | os.PathLike[str], key: str) -> None:
    """Make sure that the file has the content of this key before anything is made of it and kept under the key.

    Raises:
        UserError: it was replaced or changed, or as `content_key`.
    """
    if not holds(path, key):
        raise UserError(
            f"{Path(path).name} is not the file it was",
            "It was replaced or changed since it was opened",
            "Open it again, or relink the media to the file that it was",
        )


def _offsets(size: int) -> list[int]:
    return [(size - BLOCK_BYTES) * block // (BLOCKS - 1) for block in range(BLOCKS)]
