"""The folder of trained weights: find a file, fetch it, prove that it is the right one, read it without running it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import logging
import os
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.paths import DataPaths, data_paths

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.base import WeightFile

log = logging.getLogger(__name__)
_BLOCK = 1 << 20
_TIMEOUT_S = 30
_STALE_S = 3600.0
_MB = 1_000_000


class WeightStore:
    """Weights in one folder. A file put there by hand counts like a downloaded one, after the same check.

    Args:
        folder: where the files lie; it is made on the first download.
        open_url: opens an address for reading; replaced where there is no network.
    """

    def __init__(self, folder: Path, open_url: Callable[[str, int], BinaryIO] | None = None) -> None:
        self.folder = folder
        self._open_url = open_url or _open_url
        self._proven: dict[Path, tuple[int, int]] = {}

    @classmethod
    def at(cls, paths: DataPaths | None = None) -> WeightStore:
        """The store of a data folder; the person's own by default."""
        return cls((paths or data_paths()).weights)

    def path(self, file: WeightFile) -> Path:
        """Where the file lies or will lie."""
        return self.folder / file.name

    def present(self, file: WeightFile) -> bool:
        """True where a file of that name is there; says nothing about its content."""
        return self.path(file).is_file()

    def refused(self, file: WeightFile) -> Path:
        """Where a file of that name was put aside because its hash was wrong; there is none unless that happened."""
        return self.folder / (file.name + ".refused")

    def adopt(self, file: WeightFile, source: Path, ctx: JobContext | None = None) -> Path:
        """Take a file from elsewhere as these weights, after the same check; the original stays as it is.

        Raises:
            EnvironmentProblem: it is not the right file, cannot be read, or there is no room for it.
            Cancelled: through `ctx`; nothing is left of it.
        """
        ctx = ctx or JobContext()
        path = self.path(file)
        partial = _partial(path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            found = _copied(source, partial, ctx, f"Copying {source.name}")
            expected = self._expected(file, path)
            if expected and found != expected:
                raise EnvironmentProblem(
                    f"{source.name} is not the weights file {file.name}",
                    f"Its SHA-256 is {found}, it should be {expected}",
                    f"Choose another file, or download it from {file.url}",
                )
            partial.replace(path)
        except OSError as error:
            raise EnvironmentProblem(
                f"{source.name} cannot be copied to {self.folder}",
                os.strerror(error.errno) if error.errno else str(error),
                f"Make room there (about {file.size // _MB + 1} MB), or put it there by hand as {file.name}",
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        self._verify(file, path, ctx)
        return path

    def obtain(self, file: WeightFile, ctx: JobContext | None = None) -> Path:
        """The path of the verified file, downloaded when it is not there.

        Raises:
            EnvironmentProblem: no network, no space, or a file with a wrong hash, which is kept aside.
            Cancelled: the download was cancelled; what came so far is thrown away.
        """
        ctx = ctx or JobContext()
        path = self.path(file)
        if not path.is_file():
            self._download(file, path, ctx)
        self._verify(file, path, ctx)
        return path

    def _download(self, file: WeightFile, path: Path, ctx: JobContext) -> None:
        partial = _partial(path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._fetch(file, partial, ctx)
            self._check_hash(file, partial, _sha256(partial, ctx, f"Checking {file.name}"))
            partial.replace(path)
        except (http.client.HTTPException, OSError) as error:
            raise self._download_problem(file, error) from error
        finally:
            partial.unlink(missing_ok=True)

    def _fetch(self, file: WeightFile, partial: Path, ctx: JobContext) -> None:
        with self._open_url(file.url, _TIMEOUT_S) as source, partial.open("wb") as target:
            headers = getattr(source, "headers", None) or {}
            total = int(headers.get("Content-Length") or 0)
            done = 0
            while block := source.read(_BLOCK):
                ctx.check()
                target.write(block)
                done += len(block)
                of = f" of {total // _MB} MB" if total else ""
                ctx.progress(done, total or file.size, f"Fetching {file.name}: {done // _MB}{of}")
            if total and done != total:
                raise OSError(errno.EIO, f"the connection ended after {done} of {total} bytes")
            target.flush()
            os.fsync(target.fileno())

    def _verify(self, file: WeightFile, path: Path, ctx: JobContext) -> None:
        """Compare with the published hash, or with the one pinned when this file was first seen."""
        stat = path.stat()
        state = (stat.st_size, stat.st_mtime_ns)
        if self._proven.get(path) == state:
            return
        found = _sha256(path, ctx, f"Checking {file.name}")
        pin = path.with_name(path.name + ".sha256")
        if not file.sha256 and not pin.is_file():
            log.info("No published SHA-256 for %s; pinned the copy at hand, %s", file.name, found)
            _write_pin(pin, found, file.name)
        self._check_hash(file, path, found, pin)
        self._proven[path] = state

    def _check_hash(self, file: WeightFile, path: Path, found: str, pin: Path | None = None) -> None:
        expected = self._expected(file, path) if pin else file.sha256
        if not expected or found == expected:
            return
        aside = self.refused(file)
        path.replace(aside)
        raise EnvironmentProblem(
            f"The weights file {file.name} is not the right one and was not loaded",
            f"Its SHA-256 is {found}, it should be {expected}. It was kept as {aside}",
            f"Download it again from {file.url} into {self.folder}",
        )

    @staticmethod
    def _expected(file: WeightFile, path: Path) -> str:
        """The published hash, or the one pinned when the file was first seen; "" where there is neither."""
        pin = path.with_name(path.name + ".sha256")
        if file.sha256 or not pin.is_file():
            return file.sha256
        return (pin.read_text(encoding="utf-8").split() or [""])[0]

    def _download_problem(self, file: WeightFile, error: Exception) -> EnvironmentProblem:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM):
            return EnvironmentProblem(
                f"The weights file {file.name} cannot be stored in {self.folder}",
                os.strerror(error.errno),
                f"Make room there (about {file.size // _MB + 1} MB), or choose another folder with --weights-dir",
            )
        reason = getattr(error, "reason", None) or error
        return EnvironmentProblem(
            f"The weights file {file.name} could not be downloaded",
            f"{file.url} did not answer: {reason}",
            f"Connect to the network and try again, or download {file.url} on another machine and put it into "
            f"{self.folder} as {file.name}",
        )


def load_state(path: Path) -> dict[str, Tensor]:
    """Read a file of tensors; nothing in it is executed.

    Args:
        path: `.safetensors`, or a torch file, which is read with `weights_only=True`.

    Raises:
        EnvironmentProblem: the file is damaged or holds more than tensors.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        import torch

        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise EnvironmentProblem(
            f"The weights file {path.name} cannot be read",
            f"It is damaged, or holds more than plain tensors: {error}",
            f"Remove {path} and try again",
        ) from error


def _open_url(url: str, timeout_s: int) -> BinaryIO:
    if not url.startswith("https://"):
        raise urllib.error.URLError("only https addresses are used")
    return urllib.request.urlopen(url, timeout=timeout_s)


def _sha256(path: Path, ctx: JobContext, text: str) -> str:
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            ctx.check()
            digest.update(block)
            done += len(block)
            ctx.progress(done, total, text)
    return digest.hexdigest()


def _partial(path: Path) -> Path:
    """A name of its own, since two jobs may fetch the same file at once. What a crash left is removed."""
    for leftover in path.parent.glob(f"{path.name}.*.partial"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_S:
                leftover.unlink()
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")


def _copied(source: Path, target: Path, ctx: JobContext, text: str) -> str:
    """Copy a file to the disk; returns its SHA-256."""
    digest, done, total = hashlib.sha256(), 0, source.stat().st_size
    with source.open("rb") as file, target.open("wb") as copy:
        while block := file.read(_BLOCK):
            ctx.check()
            digest.update(block)
            copy.write(block)
            done += len(block)
            ctx.progress(done, total, text)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _write_pin(pin: Path, found: str, name: str) -> None:
    """Remember a first-seen hash beside its file, in the format of `sha256sum`; a read-only folder keeps none."""
    try:
        pin.write_text(f"{found}  {name}\n", encoding="utf-8")
    except OSError as error:
        log.warning("The hash of %s cannot be remembered: %s", name, error)
