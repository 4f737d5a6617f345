"""Room on disk: the bounded place where remote videos lie while they are worked on, and how much must stay free."""

from __future__ import annotations

import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.corpus.place import explained, file_system
from core.corpus.sources import Video
from core.domain.media import MEDIA_SUFFIXES
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.media.claim import claim, is_claimed

DEFAULT_CACHE_BYTES = 20 * 10**9
_BLOCK_BYTES = 1 << 20
_WAIT_S = 0.05
_CLAIM = re.compile(r"^([0-9a-f]{32})-(\d+)\.claim$")


class NoRoom(EnvironmentProblem):
    """A disk is full, or as full as it may get: no other video would fare better."""


class FreeSpace:
    """Makes sure that disks keep some room.

    Args:
        folders: one on each disk that is written to; those that do not exist yet count as their parents.
        least_bytes: what must stay free.
    """

    def __init__(self, folders: Sequence[Path], least_bytes: int) -> None:
        self._folders = tuple(folders)
        self.least_bytes = least_bytes

    def check(self, more_bytes: int = 0) -> None:
        """Look whether there is room, for so many bytes more.

        Raises:
            NoRoom: there is not.
        """
        for folder in self._folders:
            there = next((each for each in (folder, *folder.parents) if each.exists()), None)
            free = shutil.disk_usage(there).free if there else self.least_bytes
            if free < self.least_bytes + more_bytes:
                raise NoRoom(
                    f"Less than {gigabytes(self.least_bytes + more_bytes)} are free for {folder}",
                    f"{gigabytes(free)} are left on that disk",
                    "Make room and start the same command again: it goes on where it stopped",
                )


def gigabytes(count: int) -> str:
    """Bytes for a person: "5.2 GB"."""
    return f"{count / 1e9:.1f} GB" if count >= 10**8 else f"{count / 1e6:.1f} MB"


class VideoCache:
    """Holds remote videos on this machine, together never more than a limit, whoever holds them.

    Every process of this machine that uses the folder sees the claims of the others; those of a process that died,
    however it did, are removed with their files by the next one that needs room.
    """

    def __init__(self, folder: Path, limit_bytes: int = DEFAULT_CACHE_BYTES, least_free_bytes: int = 0) -> None:
        self.folder, self.limit_bytes = folder, limit_bytes
        self._free = FreeSpace((folder,), least_free_bytes)

    @contextmanager
    def holding(self, video: Video, ctx: JobContext) -> Iterator[Path]:
        """The video as a file of this machine for the length of the block; one of this machine is that file itself.

        Waits while others fill the cache.

        Raises:
            UserError: it is not there, may not be read, or is larger than the whole cache.
            NoRoom: the disk is too full.
            EnvironmentProblem: it cannot be reached.
            Cancelled: through `ctx`.
        """
        if not video.remote:
            yield Path(video.address)
            return
        system = file_system(video.address)
        with explained(video.address, "fetched"):
            size = system.info(video.address).get("size")
        if size is not None and size > self.limit_bytes:
            raise UserError(
                f"{video.name} is too large to fetch",
                f"It has {gigabytes(size)}, the cache for remote videos holds {gigabytes(self.limit_bytes)}",
                "Allow it more with --cache",
            )
        # Of a server that does not tell the size, a video may fill the whole cache.
        room = self.limit_bytes if size is None else size
        with ExitStack() as held:
            token = self._reserve(room, held, ctx)
            path = self.folder / f"{token}{_suffix(video)}"
            held.callback(path.unlink, missing_ok=True)
            self._fetch(video, path, size, ctx)
            yield path

    def clean(self) -> None:
        """Remove what dead processes left."""
        with self._locked(JobContext()):
            self._claimed_bytes()

    def _reserve(self, size: int, held: ExitStack, ctx: JobContext) -> str:
        token = uuid.uuid4().hex
        while True:
            with self._locked(ctx):
                if self._claimed_bytes() + size <= self.limit_bytes:
                    self._free.check(size)
                    held.enter_context(claim(self.folder / f"{token}-{size}.claim"))
                    return token
            ctx.check()
            time.sleep(_WAIT_S)

    def _claimed_bytes(self) -> int:
        """What living processes hold; the rest is removed. Only under the lock."""
        total, living = 0, set()
        names = [path.name for path in self.folder.iterdir()]
        for name in names:
            if (match := _CLAIM.match(name)) and is_claimed(self.folder / name):
                total += int(match[2])
                living.add(match[1])
        for name in names:
            if re.match(r"^[0-9a-f]{32}", name) and name[:32] not in living:
                (self.folder / name).unlink(missing_ok=True)
        return total

    @contextmanager
    def _locked(self, ctx: JobContext) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            while True:
                with claim(self.folder / ".lock") as mine:
                    if mine:
                        yield
                        return
                ctx.check()
                time.sleep(_WAIT_S / 10)
        except OSError as error:
            raise EnvironmentProblem(
                f"The folder {self.folder} for remote videos cannot be used",
                error.strerror or str(error),
                "Make it writable, or choose another with --cache-dir",
            ) from error

    def _fetch(self, video: Video, path: Path, size: int | None, ctx: JobContext) -> None:
        most, fetched = self.limit_bytes if size is None else size, 0
        opened = file_system(video.address).open
        with explained(video.address, "fetched"), opened(video.address, "rb") as source, _written(path) as target:
            while block := source.read(_BLOCK_BYTES):
                ctx.check()
                fetched += len(block)
                if fetched > most:
                    raise UserError(f"{video.name} grew while it was fetched", "", "Fetch it again when it is whole")
                target(block)
        if size is not None and fetched != size:
            why = f"{fetched:,} of {size:,} bytes came"
            raise EnvironmentProblem(
                f"{video.address} cannot be fetched", why, "Check the connection, then start again"
            )


@contextmanager
def _written(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Writes blocks into a file; a disk that is full is said as such, not as a fault of the video."""

    def problem(error: OSError) -> NoRoom:
        fix = "Make room on that disk, then start again"
        return NoRoom(f"No video can be fetched to {path.parent}", error.strerror or str(error), fix)

    try:
        file = path.open("wb")
    except OSError as error:
        raise problem(error) from error

    def write(block: bytes) -> None:
        try:
            file.write(block)
            file.flush()
        except OSError as error:
            raise problem(error) from error

    with file:
        yield write


def _suffix(video: Video) -> str:
    suffix = Path(video.name).suffix.lower()
    return suffix if suffix in MEDIA_SUFFIXES else ""
