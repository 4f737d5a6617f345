"""A folder on this machine or behind a URL (`s3://`, `gs://`, `memory://`, …), written one whole file at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Cancelled, EightCutError, EnvironmentProblem, UserError
from core.media.cache_file import written_beside

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

# Only in the memory of one process: another one finds nothing there.
IN_MEMORY = "memory"


def scheme_of(address: str) -> str:
    """The `s3` of `s3://bucket/a.mp4`; empty for a path. `C:\\a.mp4` and `a:b.mp4` are paths."""
    head, mark, _ = address.partition("://")
    return head.lower() if mark and head.replace("+", "").isalnum() else ""


def is_remote(address: str) -> bool:
    """Whether something has to be fetched from there; `file://` is this machine."""
    return scheme_of(address) not in ("", "file", "local")


def normal(address: str | os.PathLike[str]) -> str:
    """The one way to write an address: a path from the root (links are not followed), or the URL without a last slash.

    Raises:
        EnvironmentProblem: nothing here can open such a URL.
    """
    address = os.fspath(address)
    scheme = scheme_of(address)
    if not scheme:
        return os.path.abspath(os.path.expanduser(address))  # noqa: PTH100, PTH111 – keeps symbolic links
    address = scheme + address[len(scheme) :]
    path = file_system(address)._strip_protocol(address)
    # A web address keeps its scheme there; the others lose it.
    return path if not is_remote(address) or "://" in path else f"{scheme}://{path.strip('/')}"


def file_system(address: str) -> AbstractFileSystem:
    """What opens this URL. Keys and endpoints are found where their libraries look: environment and config files.

    Raises:
        EnvironmentProblem: its package is missing, or no package opens such URLs.
    """
    from fsspec import filesystem

    scheme = scheme_of(address) or "file"
    try:
        # A listing kept from a minute ago would hide what another run has written since.
        return filesystem(scheme, use_listings_cache=False)
    except ImportError as error:
        raise EnvironmentProblem(
            f"{scheme}:// cannot be opened", str(error), "Install that package into .venv, then start again"
        ) from error
    except ValueError as error:
        raise EnvironmentProblem(
            f"{scheme}:// cannot be opened", str(error), "Use a path, or a URL such as s3://bucket/folder"
        ) from error


@contextmanager
def explained(address: str, verb: str) -> Iterator[None]:
    """Turn whatever a file system raises into one sentence: every library behind a URL has errors of its own.

    Raises:
        UserError: what is asked for is not there, or may not be read.
        EnvironmentProblem: anything else, such as a network that is down.
    """
    try:
        yield
    except (EightCutError, Cancelled):
        raise
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        why = error.strerror or ("It is not there" if isinstance(error, FileNotFoundError) else str(error))
        raise UserError(f"{address} cannot be {verb}", why, "Check the address and who may open it") from error
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise EnvironmentProblem(
            f"{address} cannot be {verb}", why, "Check the connection, then start again"
        ) from error


@dataclass(frozen=True)
class Place:
    """A folder and the files in it, which are named relative to it with forward slashes."""

    address: str

    @classmethod
    def of(cls, address: str | os.PathLike[str]) -> Place:
        """The folder at a path or URL; see `normal`."""
        return cls(normal(address))

    @property
    def local(self) -> Path | None:
        """Where it lies on this machine; None behind a URL."""
        return None if is_remote(self.address) else Path(self.address)

    def __truediv__(self, name: str) -> str:
        return f"{self.address.rstrip('/')}/{name}"

    def write(self, name: str, data: bytes, what: str) -> None:
        """Make or replace a file in one step: nobody ever sees half of it.

        Args:
            what: the thing in it, for the message when it cannot be saved: "result".

        Raises:
            EnvironmentProblem: the disk is full, the folder is not writable, the network is down.
        """
        if self.local is not None:
            with written_beside(self.local / name, what) as file:
                file.write(data)
            return
        try:
            with explained(self / name, "written"):
                self._system.pipe_file(self / name, data)
        except UserError as error:
            raise EnvironmentProblem(error.what, error.why, error.fix) from error

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is none.

        Raises:
            UserError, EnvironmentProblem: it is there and cannot be read.
        """
        try:
            if self.local is not None:
                return (self.local / name).read_bytes()
            with explained(self / name, "read"):
                return self._system.cat_file(self / name)
        except FileNotFoundError:
            return None
        except UserError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise

    def read_many(self, names: Sequence[str]) -> dict[str, bytes]:
        """The content of those that are there; behind a URL many at a time."""
        if self.local is not None:
            return {name: data for name in names if (data := self.read(name)) is not None}
        wanted = {self._plain(name): name for name in names}
        with explained(self.address, "read"):
            found = self._system.cat(list(wanted), on_error="return") if wanted else {}
            for answer in found.values():
                if isinstance(answer, Exception) and not isinstance(answer, FileNotFoundError):
                    raise answer
        return {wanted[path]: data for path, data in found.items() if isinstance(data, bytes)}

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        if self.local is not None:
            return (self.local / name).exists()
        with explained(self / name, "looked up"):
            return self._system.exists(self / name)

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens where it is gone already."""
        if self.local is not None:
            (self.local / name).unlink(missing_ok=True)
            return
        with explained(self / name, "removed"):
            try:
                self._system.rm_file(self / name)
            except FileNotFoundError:
                return

    def files(self, folder: str = "") -> Iterator[tuple[str, float]]:
        """(name, when it was written in seconds since 1970, 0 where that is not known) of all files below a folder."""
        if self.local is not None:
            yield from _local_files(self.local / folder if folder else self.local, f"{folder}/" if folder else "")
            return
        with explained(self.address, "listed"):
            try:
                found: dict[str, Any] = self._system.find(self._plain(folder), detail=True)
            except FileNotFoundError:
                return
        for path, info in found.items():
            yield path.removeprefix(self._plain("")), modified_s(info)

    def folders(self, folder: str) -> list[str]:
        """The names of the folders right inside this one, sorted; none where it is not there."""
        try:
            if self.local is not None:
                return sorted(entry.name for entry in os.scandir(self.local / folder) if entry.is_dir())
            with explained(self.address, "listed"):
                found = self._system.ls(self._plain(folder), detail=True)
        except FileNotFoundError:
            return []
        except UserError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return []
            raise
        return sorted(info["name"].rstrip("/").rpartition("/")[2] for info in found if info["type"] == "directory")

    def _plain(self, name: str) -> str:
        """How the file system itself calls a file of this folder."""
        return f"{self._system._strip_protocol(self.address).rstrip('/')}/{name}"

    @property
    def _system(self) -> AbstractFileSystem:
        return file_system(self.address)


def modified_s(info: dict[str, Any]) -> float:
    """When a file behind a URL was written; each file system calls it otherwise."""
    for key in ("LastModified", "mtime", "updated", "created"):
        value = info.get(key)
        if hasattr(value, "timestamp"):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return 0.0


def _local_files(folder: Path, prefix: str) -> Iterator[tuple[str, float]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _local_files(Path(entry.path), f"{prefix}{entry.name}/")
        elif not entry.name.startswith("."):
            try:
                yield prefix + entry.name, entry.stat().st_mtime
            except FileNotFoundError:
                # Another run has just put a result in the place of a failure.
                continue
