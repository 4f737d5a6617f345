"""The disk cache of embeddings: one file per entry, checked before it is believed, resumable while it grows.

An entry is a block of 4,096 bytes (magic, key, shape, checksum) and then float16 rows. It grows as `<name>.partial`
with a note of how many rows are whole, and gets its real name only when it is complete: whatever carries that name and
passes its checksum is what was computed. Entries can always be computed again, so nothing here is backed up.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from core.domain.vectors import CacheKey
from core.errors import EnvironmentProblem

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 20_000_000_000
_MAGIC = b"8-cut vectors 1\n"
_HEADER_BYTES = 4096
_ENTRY, _PARTIAL, _NOTE, _NEW, _LOCK = ".vectors", ".partial", ".note", ".new", ".lock"
_HASH_BYTES = 4 << 20

Claim = Callable[[Path], AbstractContextManager[bool]]
"""Holds a lock file for the length of a block; yields False where another process has it."""


@dataclass(frozen=True)
class CachedVectors:
    """A complete entry: float16[N, D], read-only and mapped from disk, and what was noted with it."""

    vectors: np.ndarray
    notes: Mapping[str, float]


@dataclass(frozen=True)
class CacheStats:
    """How full the cache is. `by_model` maps a model's name to (entries, bytes); unfinished ones count in both."""

    entries: int
    bytes: int
    limit_bytes: int
    unfinished: int
    by_model: Mapping[str, tuple[int, int]]


class VectorCache:
    """Embeddings under one folder, at most `limit_bytes` of them; the ones used longest ago go first.

    Args:
        folder: made when the first entry is written.
        claim: how processes see that another one is writing an entry.
    """

    def __init__(self, folder: Path, claim: Claim, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._claim = claim
        self._proven: dict[Path, tuple[int, int]] = {}

    def find(self, key: CacheKey) -> CachedVectors | None:
        """The entry, or None where there is none. A damaged one is removed, and computed again by who needs it."""
        path = self._path(key, _ENTRY)
        try:
            header = _read_header(path, key)
            if header is None:
                if path.is_file():
                    log.warning("The cache entry %s is damaged and will be computed again", path.name)
                    _remove(path)
                return None
            return self._opened(path, header)
        except OSError as error:
            log.warning("The cache entry %s cannot be read: %s", path.name, error)
            return None

    def _opened(self, path: Path, header: dict[str, Any]) -> CachedVectors | None:
        import numpy as np

        rows, dim = header["rows"], header["dim"]
        # A map of no bytes is not possible.
        vectors = (
            np.memmap(path, np.float16, "r", _HEADER_BYTES, (rows, dim)) if rows else np.zeros((0, dim), np.float16)
        )
        stat = path.stat()
        state = (stat.st_size, stat.st_mtime_ns)
        if self._proven.get(path) != state:
            if _hash_rows(path, 2 * rows * dim).hexdigest() != header["hash"]:
                log.warning("The cache entry %s is damaged and will be computed again", path.name)
                del vectors
                _remove(path)
                return None
            self._proven[path] = state
        with contextlib.suppress(OSError):
            os.utime(path, ns=(time.time_ns(), stat.st_mtime_ns))
        return CachedVectors(vectors, header["notes"])

    @contextmanager
    def writing(self, key: CacheKey) -> Iterator[EntryWriter]:
        """Add rows to an entry, going on after those that an interrupted run has left (`writer.rows` of them).

        What was appended stays for the next run unless `finish` was called. While another process works on the same
        entry, this one works on a copy of its own, which is thrown away when it is not finished.

        Raises:
            EnvironmentProblem: the disk is full or the folder cannot be written to.
        """
        final, partial = self._path(key, _ENTRY), self._path(key, _PARTIAL)
        with contextlib.ExitStack() as stack:
            with explained(self.folder):
                final.parent.mkdir(parents=True, exist_ok=True)
                mine = stack.enter_context(self._claim(self._path(key, _LOCK)))
            if not mine:
                partial = partial.with_name(f"{partial.stem}-{secrets.token_hex(4)}{_PARTIAL}")
            writer = EntryWriter(key, partial, final)
            try:
                writer.open()
                yield writer
            finally:
                writer.close()
                if not mine and not writer.finished:
                    writer.discard()
        if writer.finished:
            self.shrink(self.limit_bytes, keep=final)

    def shrink(self, limit_bytes: int, keep: Path | None = None) -> int:
        """Remove what was used longest ago until the rest fits; returns the bytes freed."""
        files = sorted(self._files(), key=lambda found: found[1].st_atime_ns)
        total = sum(stat.st_size for _, stat in files)
        freed = 0
        for path, stat in files:
            if total - freed <= limit_bytes:
                break
            if path != keep and self._removed(path):
                freed += stat.st_size
        return freed

    def clear(self, model: str | None = None) -> int:
        """Remove every entry, or those of one model; returns the bytes freed. What is being written stays."""
        return sum(
            stat.st_size
            for path, stat in self._files()
            if (model is None or path.parent.name == model) and self._removed(path)
        )

    def stats(self) -> CacheStats:
        """Count what is there."""
        by_model: dict[str, tuple[int, int]] = {}
        unfinished = 0
        files = self._files()
        for path, stat in files:
            entries, size = by_model.get(path.parent.name, (0, 0))
            by_model[path.parent.name] = (entries + 1, size + stat.st_size)
            unfinished += path.suffix == _PARTIAL
        total = sum(stat.st_size for _, stat in files)
        return CacheStats(len(files), total, self.limit_bytes, unfinished, dict(sorted(by_model.items())))

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for path in self.folder.glob("*/*"):
            if path.suffix in (_ENTRY, _PARTIAL):
                # Another process may remove it in between.
                with contextlib.suppress(FileNotFoundError):
                    found.append((path, path.stat()))
        return found

    def _removed(self, path: Path) -> bool:
        if path.suffix == _ENTRY:
            return _remove(path)
        with self._claim(path.with_suffix(_LOCK)) as mine:
            return mine and all(map(_remove, (path.with_suffix(_NOTE), path.with_suffix(_NOTE + _NEW), path)))

    def _path(self, key: CacheKey, suffix: str) -> Path:
        return self.folder / key.model / (_digest(key.text.encode())[:32] + suffix)


class EntryWriter:
    """Rows of an entry on their way to disk; made by `VectorCache.writing`.

    Raises, from every method: EnvironmentProblem, where the disk is full or cannot be written to.
    """

    def __init__(self, key: CacheKey, partial: Path, final: Path) -> None:
        self.rows = 0
        self.finished = False
        self._dim = 0
        self._key, self._partial, self._final = key, partial, final
        self._note = partial.with_suffix(_NOTE)
        self._hash = blake3()
        self._file: Any = None

    def open(self) -> None:
        """Open the partial file after the last row that is known to be whole."""
        with self._explained():
            self.rows, self._dim, self._hash = self._resumable()
            self._file = self._partial.open("r+b" if self._partial.exists() else "w+b")
            end = _HEADER_BYTES + 2 * self.rows * self._dim
            self._file.truncate(end)
            self._file.seek(end)

    def append(self, values: np.ndarray) -> None:
        """Add rows float16[n, D], all of one D."""
        if self.rows and values.shape[1] != self._dim:
            raise ValueError(f"rows of {values.shape[1]} numbers do not fit to rows of {self._dim}")
        self._dim = values.shape[1]
        data = values.astype("<f2", copy=False).tobytes()
        self._hash.update(data)
        rows = self.rows + len(values)
        note = json.dumps({"rows": rows, "dim": self._dim, "hash": self._hash.hexdigest()})
        with self._explained():
            self._file.write(data)
            self._file.flush()
            _write_whole(self._note, note)
        self.rows = rows

    def finish(self, notes: Mapping[str, float]) -> None:
        """Complete the entry: nothing can be added afterwards."""
        header = {"rows": self.rows, "dim": self._dim, "hash": self._hash.hexdigest(), "notes": dict(notes)}
        with self._explained():
            self._file.seek(0)
            self._file.write(_header_bytes({"key": self._key.text, **header}))
            # Not synced: should the power fail before it is on the disk, its hash will say so.
            self._file.close()
            self._partial.replace(self._final)
        self.finished = True
        _remove(self._note)

    def close(self) -> None:
        """Close the file; what was appended stays."""
        if self._file is not None:
            with self._explained():
                self._file.close()

    def discard(self) -> None:
        """Remove what was written so far."""
        _remove(self._note)
        _remove(self._partial)

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self._partial.parent)

    def _resumable(self) -> tuple[int, int, Any]:
        """How many rows an interrupted run has left whole, how wide they are, and their hash."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            shape = (int(note["rows"]), int(note["dim"]))
            digest = _hash_rows(self._partial, 2 * shape[0] * shape[1])
            whole = digest.hexdigest() == note["hash"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.debug("Nothing to go on from: %s", error)
            return 0, 0, blake3()
        return (*shape, digest) if whole else (0, 0, blake3())


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an error of the disk into one that a person can act on."""
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"Embeddings cannot be stored in {folder}",
            error.strerror or str(error),
            "Make room there, or empty the cache (Settings, or 8cut.sh cache clear), and start again",
        ) from error


def _header_bytes(header: dict[str, Any]) -> bytes:
    text = json.dumps(header, sort_keys=True).encode()
    block = _MAGIC + _digest(text).encode() + b"\n" + text + b"\n"
    if len(block) > _HEADER_BYTES:
        raise ValueError("the key of a cache entry is too long for its header")
    return block.ljust(_HEADER_BYTES, b"\0")


def _read_header(path: Path, key: CacheKey) -> dict[str, Any] | None:
    """The header of a complete entry of this key; None where there is none such."""
    try:
        with path.open("rb") as source:
            block = source.read(_HEADER_BYTES)
            size = os.fstat(source.fileno()).st_size
    except FileNotFoundError:
        return None
    digest, _, rest = block.removeprefix(_MAGIC).partition(b"\n")
    text = rest.partition(b"\n")[0]
    if not block.startswith(_MAGIC) or _digest(text).encode() != digest:
        return None
    header = json.loads(text)
    whole = size == _HEADER_BYTES + 2 * header["rows"] * header["dim"]
    return header if whole and header["key"] == key.text else None


def _digest(data: bytes) -> str:
    return blake3(data).hexdigest()


def _hash_rows(path: Path, size: int) -> Any:
    """The hash of that many bytes behind the header; read, not mapped, so that they do not stay in memory."""
    digest = blake3(max_threads=blake3.AUTO)
    buffer = bytearray(min(size, _HASH_BYTES))
    with path.open("rb", buffering=0) as source:
        source.seek(_HEADER_BYTES)
        while size > 0:
            count = source.readinto(memoryview(buffer)[: min(size, len(buffer))])
            if not count:
                break
            digest.update(memoryview(buffer)[:count])
            size -= count
    return digest


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_name(path.name + _NEW)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _remove(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s is left behind: %s", path, error)
        return False
    return True
