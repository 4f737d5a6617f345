"""Single frames of videos as PNG files: each decoded once, found by content key and number from then on."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.cache_file import written_beside
from core.media.cache_room import keep_within
from core.media.identity import check_content, file_name
from core.media.png import png
from core.media.pts import frame_times
from core.media.source_frames import frames_starting_at
from core.media.still import picture

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)
DEFAULT_LIMIT_BYTES = 20 << 30
# Enough for a screen and far more than a model looks at; a frame of a 4K video would take 15 MB.
MAX_PX = 1280
# Frames further apart than this are sought one by one; closer ones are read in one go.
_SEEK_GAP_S = 8.0
# Some streams have no key frames but refresh the picture bit by bit: a decoder needs that much of them to be sure.
_REFRESH_S = 10.0


@dataclass(frozen=True)
class WantedFrame:
    """One frame of one video.

    Args:
        path: where the video lies now.
        content_key: of the video.
        frame: its number from 0, in the order of `core.media.pts.frame_times`.
        time_s: when it starts, `frame_times(path).times[frame]`.
    """

    path: Path
    content_key: str
    frame: int
    time_s: float


@dataclass(frozen=True)
class Prefetched:
    """What came of a prefetch.

    Args:
        pictures: the PNG files of the frames that could be decoded.
        failed: why the others could not; nothing stands in for them.
    """

    pictures: dict[WantedFrame, Path] = field(default_factory=dict)
    failed: dict[WantedFrame, UserError] = field(default_factory=dict)


class FrameCache:
    """Frames as displayed (turned, square pixels), `MAX_PX` at their longest side.

    Args:
        folder: everything in it can be made again.
        limit_bytes: above this, `prefetch` removes the pictures that were not used for longest, every ten minutes.
    """

    def __init__(self, folder: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes

    def known(self, content_key: str, frame: int) -> Path | None:
        """The picture where it is there already; touches the disk only to look and to note the use."""
        target = self._target(content_key, frame)
        try:
            os.utime(target)
        except FileNotFoundError:
            return None
        return target

    def path(
        self, path: str | os.PathLike[str], content_key: str, frame: int, time_s: float, ctx: JobContext | None = None
    ) -> Path:
        """The picture of one frame, decoded where it is not there yet.

        Raises:
            UserError: the file cannot be read, has another content, or this frame of it cannot be decoded.
            EnvironmentProblem: the picture cannot be saved.
            Cancelled: `ctx` was cancelled.
        """
        wanted = WantedFrame(Path(path), content_key, frame, time_s)
        known = self.known(content_key, frame)
        if known is not None:
            return known
        found = self._decode([wanted], ctx or JobContext())
        if wanted in found.failed:
            raise found.failed[wanted]
        return found.pictures[wanted]

    def prefetch(self, wanted: Iterable[WantedFrame], ctx: JobContext) -> Prefetched:
        """Have all these pictures ready: videos in the order they first come, the frames of each in one pass.

        What cannot be decoded is reported, not raised. Cancelling keeps what is done.

        Raises:
            EnvironmentProblem: a picture cannot be saved.
            Cancelled: `ctx` was cancelled.
        """
        by_video: dict[str, dict[WantedFrame, None]] = {}
        for one in wanted:
            by_video.setdefault(one.content_key, {})[one] = None
        total, found, decoded = sum(len(frames) for frames in by_video.values()), Prefetched(), False
        for frames in by_video.values():
            ctx.check()
            missing = []
            for one in frames:
                known = self.known(one.content_key, one.frame)
                if known is None:
                    missing.append(one)
                else:
                    found.pictures[one] = known
            if missing:
                made = self._decode(missing, ctx)
                decoded = decoded or bool(made.pictures)
                found.pictures.update(made.pictures)
                found.failed.update(made.failed)
            ctx.progress(len(found.pictures) + len(found.failed), total, "Reading frames")
        if decoded:
            keep_within(self._folder, "*/*.png", self._limit_bytes, set(found.pictures.values()))
        return found

    def _target(self, content_key: str, frame: int) -> Path:
        return self._folder / file_name(content_key) / f"{frame:08d}-{MAX_PX}.png"

    def _decode(self, wanted: list[WantedFrame], ctx: JobContext) -> Prefetched:
        """Frames of one video. By their times first, which needs no look at the rest of the file; then by number, and
        beginning further back."""
        found = Prefetched()
        path = wanted[0].path
        try:
            check_content(path, wanted[0].content_key)
            self._at_times({one: one.time_s for one in wanted}, found, ctx)
            left = [one for one in wanted if one not in found.pictures]
            if left:
                times = frame_times(path, ctx).times
                exact = {one: float(times[one.frame]) for one in left if 0 <= one.frame < len(times)}
                self._at_times({one: at for one, at in exact.items() if at != one.time_s}, found, ctx)
                exact = {one: at for one, at in exact.items() if one not in found.pictures}
                self._at_times(exact, found, ctx, times)
        except UserError as error:
            found.failed.update({one: error for one in wanted if one not in found.pictures})
        for one in wanted:
            if one not in found.pictures and one not in found.failed:
                found.failed[one] = _undecodable(one)
        return found

    def _at_times(
        self,
        times_s: dict[WantedFrame, float],
        found: Prefetched,
        ctx: JobContext,
        all_times: np.ndarray | None = None,
    ) -> None:
        """Save the frames that start at these times; those where none starts are left out.

        With the times of all frames, everything from `_REFRESH_S` before is decoded.
        """
        wanted_at: dict[float, list[WantedFrame]] = {}
        for one, time_s in times_s.items():
            wanted_at.setdefault(time_s, []).append(one)
        for run in _runs(sorted(wanted_at)):
            read = run
            if all_times is not None:
                read = all_times[(all_times >= run[0] - _REFRESH_S) & (all_times <= run[-1])].tolist()
            for time_s, frame, stream in frames_starting_at(next(iter(times_s)).path, read, ctx, whole=True):
                for one in wanted_at.get(time_s, ()):
                    found.pictures[one] = self._save(one, picture(frame, stream, MAX_PX))

    def _save(self, one: WantedFrame, rgb: np.ndarray) -> Path:
        target = self._target(one.content_key, one.frame)
        content = png(rgb)
        with written_beside(target, "picture") as file:
            file.write(content)
        return target


def _runs(times_s: list[float]) -> Iterator[list[float]]:
    """Stretches of neighbouring times that are read in one go."""
    run = times_s[:1]
    for before, after in pairwise(times_s):
        if after - before > _SEEK_GAP_S:
            yield run
            run = []
        run.append(after)
    if run:
        yield run


def _undecodable(one: WantedFrame) -> UserError:
    return UserError(
        f"Frame {one.frame} of {one.path.name} cannot be decoded",
        f"The video has no whole picture there, at {one.time_s:.3f} s; it may be damaged",
        "Copy the video again, or leave this frame out",
    )
