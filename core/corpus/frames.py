"""One decode of a video for all extractors that look at it.

The caller's thread decodes; every extractor runs in a thread of its own and pulls frames from a short channel. Who is
slow holds the decoder back, so that memory does not depend on the length of a video, and no frame is made that nobody
wants. Decoding, scaling and what extractors do to pixels all leave Python, so the threads do run side by side.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.corpus.extractor import (
    MAX_SAMPLES,
    SAMPLE_EVERY,
    SAMPLE_PX,
    STREAM_PX,
    Extractor,
    Frame,
    Row,
    VideoFacts,
    Wants,
)
from core.errors import Cancelled, UserError
from core.job import JobContext, PartOfJob
from core.media.probe import probe
from core.media.pts import FrameTimes, frame_times
from core.media.walk import Pictures, walk

if TYPE_CHECKING:
    import numpy as np

# How many frames wait for an extractor that is busy.
_DEPTH = {"samples": 2, "pairs": 2, "all": 32}
_POLL_S = 0.2
# Figures from less than this share of the frames that were to be looked at would mislead.
_ENOUGH = 0.5


class SharedDecode:
    """Runs a fixed set of extractors over videos, one video at a time."""

    def __init__(self, extractors: Sequence[Extractor]) -> None:
        self._extractors = extractors
        self._threads = ThreadPoolExecutor(len(extractors), thread_name_prefix="extractor")

    def run(self, path: Path, content_key: str, ctx: JobContext) -> list[Row | Exception]:
        """For each extractor its row, or what it raised.

        Raises:
            Cancelled: through `ctx`.
        """
        try:
            looked_at = any(one.wants != "nothing" for one in self._extractors)
            info, times = video_facts(path, content_key, ctx, exact=looked_at)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whatever reading raises is why this video has no row
            return [error] * len(self._extractors)
        quiet = _Quiet(ctx)
        channels = [Channel(_DEPTH.get(one.wants, 1), quiet) for one in self._extractors]
        for one, channel in zip(self._extractors, channels, strict=True):
            if one.wants == "nothing":
                channel.finish()
        futures: list[Future[Row]] = [
            self._threads.submit(_extract, one, channel, info)
            for one, channel in zip(self._extractors, channels, strict=True)
        ]
        # What they get raised when this thread leaves in the middle.
        failure: Exception | None = Cancelled()
        try:
            self._feed(path, info, times, channels, ctx)
            failure = None
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whatever decoding raises is why this video has no row
            failure = error
        finally:
            for channel in channels:
                channel.finish(failure)
            outcomes = [_outcome(future) for future in futures]
        ctx.check()
        return outcomes

    def close(self) -> None:
        """End the threads; none of them is working."""
        self._threads.shutdown()

    def _feed(
        self, path: Path, info: VideoFacts, times: FrameTimes | None, channels: Sequence[Channel], ctx: JobContext
    ) -> None:
        """Decode and hand out; the channels of extractors that want no frames get none."""
        wanting = [
            (one.wants, channel)
            for one, channel in zip(self._extractors, channels, strict=True)
            if one.wants != "nothing"
        ]
        if not wanting:
            return
        if times is None:
            raise UserError(f"{path.name} has no video", "It holds only audio", "Choose a video")
        for kind, frame in decoded_frames(path, times, {wants for wants, _channel in wanting}, ctx):
            ctx.progress(frame.index + 1, info.frame_count, path.name)
            for wants, channel in wanting:
                if wants == kind:
                    channel.put(frame)
            if all(channel.closed for _wants, channel in wanting):
                return


class Channel:
    """Frames on their way from the decoder to one extractor.

    Args:
        depth: how many wait in it at most.
        ctx: of the extractor.
    """

    def __init__(self, depth: int, ctx: JobContext) -> None:
        self.ctx = ctx
        self._depth = depth
        self._waiting: deque[Frame] = deque()
        self._changed = threading.Condition()
        self._finished = False
        self._failure: Exception | None = None
        self.closed = False

    def put(self, frame: Frame) -> None:
        """Wait for room and hand a frame over; one that nobody takes any more is dropped.

        Raises:
            Cancelled: through its context, while waiting.
        """
        with self._changed:
            while len(self._waiting) >= self._depth and not self.closed:
                self._changed.wait(_POLL_S)
                self.ctx.check()
            if not self.closed:
                self._waiting.append(frame)
                self._changed.notify_all()

    def finish(self, failure: Exception | None = None) -> None:
        """No more frames will come; with a failure, whoever asks for the next one gets it raised. Once is for good."""
        with self._changed:
            if not self._finished:
                self._finished, self._failure = True, failure
            self._changed.notify_all()

    def close(self) -> None:
        """The extractor is done, whether it saw all frames or not."""
        with self._changed:
            self.closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            with self._changed:
                while not self._waiting and not self._finished:
                    self._changed.wait()
                if self._failure is not None:
                    raise self._failure
                if not self._waiting:
                    return
                frame = self._waiting.popleft()
                self._changed.notify_all()
            yield frame


def video_facts(
    path: Path, content_key: str, ctx: JobContext, *, exact: bool = True
) -> tuple[VideoFacts, FrameTimes | None]:
    """What is known before decoding, and the time of every frame; None where there is no picture.

    Args:
        exact: False believes the header, without reading the whole file, and gives no times.

    Raises:
        UserError: the file cannot be read.
        Cancelled: through `ctx`.
    """
    info = probe(path)
    video = info.video
    if video is None:
        return VideoFacts(path, content_key, info.duration_s, 0.0, 0, 0, 0), None
    size = video.width, video.height
    if not exact:
        return VideoFacts(path, content_key, info.duration_s, float(video.fps), *size, video.frame_count), None
    times = frame_times(path, _Quiet(ctx))
    fps = float(video.fps)
    if video.variable_rate and len(times) > 1:
        fps = (len(times) - 1) / (times.last_s - times.start_s)
    return VideoFacts(path, content_key, times.end_s - times.start_s, fps, *size, len(times)), times


def sampled(frame_count: int) -> list[int]:
    """The numbers of the frames to look at: 0, 15, 30, …, and of those at most 200, spread evenly, the first one in."""
    count = -(-frame_count // SAMPLE_EVERY)
    if count <= MAX_SAMPLES:
        return [SAMPLE_EVERY * number for number in range(count)]
    return [SAMPLE_EVERY * (number * count // MAX_SAMPLES) for number in range(MAX_SAMPLES)]


def decoded_frames(path: Path, times: FrameTimes, kinds: set[Wants], ctx: JobContext) -> Iterator[tuple[Wants, Frame]]:
    """One pass over a video: each frame of each of these kinds, as it is decoded.

    Raises (while iterating):
        UserError: the file cannot be read, or less than half of what was wanted can be decoded; after the last frame.
        Cancelled: through `ctx`.
    """
    samples, pending = set(sampled(len(times))), None
    needed: Container[int] = range(len(times))
    stamps, count = None, len(times)
    if "all" not in kinds:
        nexts = {index + 1 for index in samples if index + 1 < len(times)} if "pairs" in kinds else set()
        needed = samples | nexts
        stamps, count = times.times[sorted(needed)].tolist(), len(needed)
    large, small = Pictures(SAMPLE_PX), Pictures(STREAM_PX)
    latest, seen = -1, 0
    for time_s, frame, stream in walk(path, ctx, stamps):
        index = _nearest(times.times, time_s)
        # A second picture of the same time, such as the other field, is not another frame.
        if index <= latest or index not in needed:
            continue
        latest, seen = index, seen + 1
        if "all" in kinds:
            yield "all", Frame(index, time_s, _locked(small.of(frame, stream)))
        if pending is not None or index in samples:
            rgb = _locked(large.of(frame, stream))
            if pending is not None:
                yield "pairs", _pair(pending, index, time_s, rgb)
            pending = None
            if index in samples:
                sample = Frame(index, time_s, rgb)
                if "samples" in kinds:
                    yield "samples", sample
                pending = sample if "pairs" in kinds else None
    if pending is not None:
        yield "pairs", pending
    if seen < max(1, _ENOUGH * count):
        raise UserError(
            f"{path.name} is damaged",
            f"Only {seen} of {count} frames can be decoded",
            "Copy or download it again, or convert it",
        )


def _pair(first: Frame, index: int, time_s: float, rgb: np.ndarray) -> Frame:
    """The frame with its next one; without, where that is missing or not displayed the same way."""
    if index != first.index + 1 or rgb.shape != first.rgb.shape:
        return first
    return replace(first, next_rgb=rgb, next_s=time_s)


def _locked(rgb: np.ndarray) -> np.ndarray:
    """Several extractors look at it at the same time: none may write to it."""
    rgb.flags.writeable = False
    return rgb


def _nearest(times: np.ndarray, time_s: float) -> int:
    after = int(times.searchsorted(time_s))
    if after == 0:
        return 0
    return after if after < len(times) and times[after] - time_s < time_s - times[after - 1] else after - 1


def _extract(one: Extractor, channel: Channel, info: VideoFacts) -> Row:
    try:
        return one.extract(channel, info)
    finally:
        channel.close()


def _outcome(future: Future[Row]) -> Row | Exception:
    """What came of one extractor; waits for it."""
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, Exception):
        raise error
    return error


class _Quiet(PartOfJob):
    """The context of the video's job without its progress, which the decoder reports."""

    def __init__(self, whole: JobContext) -> None:
        super().__init__(whole, 0, 1)

    def progress(self, done: float, total: float, text: str = "") -> None:
        """Nobody watches the steps of one extractor."""
