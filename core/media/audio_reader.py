"""The sound of a file as mono samples, read as a stream: memory does not depend on the length."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.source import MICROSECONDS, audio_of, only, open_source, zero_s

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

log = logging.getLogger(__name__)

# Timestamps jitter by their rounding; only a longer hole or overlap is a real one. Half a frame at 25 fps.
JUMP_S = 0.02
_FAILURES_IN_A_ROW = 200
_CHECK_EVERY = 64
_PIECE_SAMPLES = 8192


def read_blocks(
    path: str | os.PathLike[str],
    sample_rate_hz: int = 16_000,
    *,
    block_s: float = 10.0,
    track: int = 0,
    ctx: JobContext | None = None,
) -> AudioBlocks:
    """Iterate over the sound as float32 arrays (samples,), each `block_s` long but for the last.

    Sample n of the whole sounds at n / rate seconds, counted as mpv and `ffmpeg -ss` count: where a track starts late
    or has a hole there is silence, where timestamps overlap the later samples give way. The mean
    of the channels is taken. Packets that cannot be decoded are skipped and counted. Opening happens at the first step.

    Raises (while iterating):
        UserError: the file cannot be read, has no such track, or nothing in it can be decoded.
        Cancelled: `ctx` was cancelled.
    """
    return AudioBlocks(path, sample_rate_hz, block_s, track, ctx)


class AudioBlocks:
    """What `read_blocks` returns: the blocks, and afterwards what was wrong with the file.

    `skipped_packets` counts packets without usable sound, `replaced_samples` those that were NaN or infinite and are 0.
    """

    def __init__(
        self, path: str | os.PathLike[str], sample_rate_hz: int, block_s: float, track: int, ctx: JobContext | None
    ) -> None:
        self._path = path
        self._rate_hz = sample_rate_hz
        self._block = max(1, round(block_s * sample_rate_hz))
        self._track = track
        self._ctx = ctx
        self._raw_floats = False
        self.skipped_packets = 0
        self.replaced_samples = 0

    def __iter__(self) -> Iterator[np.ndarray]:
        self.skipped_packets = self.replaced_samples = 0
        cutter = BlockCutter(self._block)
        with open_source(self._path) as container:
            stream = audio_of(container, self._track, self._path)
            only(container, stream)
            # FLAC and its like decode beside the resampling. Two threads: what is on its way when a damaged file ends
            # is lost.
            stream.thread_type = "FRAME"
            stream.codec_context.thread_count = 2
            # Only uncompressed floats are checked before resampling, where one NaN becomes many: it costs time.
            self._raw_floats = stream.codec_context.name.startswith("pcm_f")
            for offset, samples in self._runs(container, stream):
                yield from cutter.place(offset, samples)
        if not cutter.placed:
            raise UserError(
                f"The sound of {Path(self._path).name} cannot be decoded",
                f"None of its {self.skipped_packets} packets makes sense",
                "Convert the file, or copy it again",
            )
        yield from cutter.rest()
        if self.skipped_packets or self.replaced_samples:
            log.info(
                "%s: skipped %d damaged packets, silenced %d invalid samples",
                self._path,
                self.skipped_packets,
                self.replaced_samples,
            )

    def _runs(self, container: InputContainer, stream: AudioStream) -> Iterator[tuple[int, np.ndarray]]:
        """Pieces of sound at the wanted rate with the index of their first sample; neighbours may leave a hole."""
        zero = zero_s(container)
        limit_s = container.duration / MICROSECONDS + 1 if container.duration else float("inf")
        run: _Run | None = None
        for frame in self._frames(container, stream, limit_s - 1):
            start_s = None if frame.pts is None else frame.time - zero
            # A time far behind the end of the file is a broken one: the sound goes on where it was.
            moved = run and start_s is not None and abs(start_s - run.end_s) > JUMP_S and start_s < limit_s
            if run is None or moved or not run.takes(frame):
                if run:
                    yield from self._clean(run, None)
                run = _Run(frame, self._rate_hz, (start_s if start_s is not None else run.end_s if run else 0.0))
            yield from self._clean(run, frame)
        if run:
            yield from self._clean(run, None)

    def _clean(self, run: _Run, frame: AudioFrame | None) -> Iterator[tuple[int, np.ndarray]]:
        """Feed a run (None ends it) and silence what is no number, which a filter would otherwise spread."""
        import numpy as np

        if frame is not None and self._raw_floats:
            frame, replaced = _without_nan(frame)
            self.replaced_samples += replaced
        for offset, samples in run.feed(frame):
            finite = np.isfinite(samples)
            if not finite.all():
                self.replaced_samples += int(np.count_nonzero(~finite))
                samples = np.where(finite, samples, np.float32(0))
            yield offset, samples

    def _frames(self, container: InputContainer, stream: AudioStream, duration_s: float) -> Iterator[AudioFrame]:
        ctx, zero = self._ctx, zero_s(container)
        for number, packet in enumerate(self._packets(container, stream)):
            if ctx and number % _CHECK_EVERY == 0:
                ctx.check()
                if packet.pts is not None and duration_s < float("inf"):
                    ctx.progress(float(packet.pts * packet.time_base) - zero, duration_s, "Reading sound")
            yield from self._decode(packet)

    def _packets(self, container: InputContainer, stream: AudioStream) -> Iterator[Packet]:
        """All packets; reading goes on behind a place that the demuxer stumbles over."""
        import av

        failures = 0
        while failures < _FAILURES_IN_A_ROW:
            try:
                for packet in container.demux(stream):
                    failures = 0
                    yield packet
                return
            except av.EOFError:
                return
            except av.FFmpegError:
                failures += 1
                self.skipped_packets += 1

    def _decode(self, packet: Packet) -> list[AudioFrame]:
        import av

        try:
            return [frame for frame in packet.decode() if frame.samples]
        except av.EOFError:
            return []
        except av.FFmpegError:
            self.skipped_packets += 1
            return []


class _Run:
    """A stretch of sound without a hole and of one format, on its way through a resampler."""

    def __init__(self, first: AudioFrame, rate_hz: int, start_s: float) -> None:
        from av import AudioResampler

        self._kind = _kind(first)
        self._start_s = start_s
        self._source_rate_hz = first.sample_rate
        self._fed = 0
        self._offset = round(start_s * rate_hz)
        self._channels = first.layout.nb_channels
        # Packed: PyAV 18.1 reads beyond the list of planes of a planar frame with eight channels or more.
        self._resampler = AudioResampler(format="flt", layout=first.layout, rate=rate_hz)
        self._held: list[np.ndarray] = []
        self._held_samples = 0

    @property
    def end_s(self) -> float:
        """Where the next frame should start."""
        return self._start_s + self._fed / self._source_rate_hz

    def takes(self, frame: AudioFrame) -> bool:
        return _kind(frame) == self._kind

    def feed(self, frame: AudioFrame | None) -> Iterator[tuple[int, np.ndarray]]:
        """Frames are small: what becomes of them is mixed and given out in larger pieces; None ends the run."""
        import numpy as np

        if frame is not None:
            self._fed += frame.samples
            # The resampler would work on timestamps of its own; order is all it needs.
            frame.pts = None
        for made in self._resampler.resample(frame):
            if made.samples:
                self._held.append(np.frombuffer(made.planes[0], np.float32, made.samples * self._channels))
                self._held_samples += made.samples
        if self._held_samples >= _PIECE_SAMPLES or (frame is None and self._held):
            yield self._offset, _mixed(np.concatenate(self._held).reshape(-1, self._channels))
            self._offset += self._held_samples
            self._held, self._held_samples = [], 0


class BlockCutter:
    """Puts pieces of sound in their places and cuts the whole into blocks of one length (in samples)."""

    def __init__(self, block: int) -> None:
        import numpy as np

        self._block = np.zeros(block, dtype=np.float32)
        self._used = 0
        self.placed = 0

    def place(self, offset: int, samples: np.ndarray) -> Iterator[np.ndarray]:
        """Add samples whose first one has this index; fills holes, drops what lies before the end so far."""
        samples = samples[max(0, self.placed - offset) :]
        if not len(samples):
            return
        hole = max(0, offset - self.placed)
        while hole:
            taken = min(hole, len(self._block) - self._used)
            self._used += taken
            self.placed += taken
            hole -= taken
            yield from self._full()
        while len(samples):
            taken = min(len(samples), len(self._block) - self._used)
            self._block[self._used : self._used + taken] = samples[:taken]
            self._used += taken
            self.placed += taken
            samples = samples[taken:]
            yield from self._full()

    def rest(self) -> Iterator[np.ndarray]:
        """The last block, when there is one that is not full."""
        if self._used:
            yield self._block[: self._used].copy()

    def _full(self) -> Iterator[np.ndarray]:
        import numpy as np

        if self._used == len(self._block):
            full, self._block, self._used = self._block, np.zeros_like(self._block), 0
            yield full


def _mixed(packed: np.ndarray) -> np.ndarray:
    """The mean of the columns.

    Not left to the resampler, whose mix is louder for sources in floating point than for those in integers; and column
    by column, which is much quicker than along rows of two.
    """
    total = packed[:, 0].copy()
    for channel in range(1, packed.shape[1]):
        total += packed[:, channel]
    total /= packed.shape[1]
    return total


def _kind(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


def _without_nan(frame: AudioFrame) -> tuple[AudioFrame, int]:
    """The frame, or a copy with silence for NaN and infinity, and how many there were."""
    import numpy as np
    from av import AudioFrame

    samples = frame.to_ndarray()
    finite = np.isfinite(samples)
    if finite.all():
        return frame, 0
    fixed = np.where(finite, samples, samples.dtype.type(0))
    clean = AudioFrame.from_ndarray(fixed, format=frame.format.name, layout=frame.layout)
    clean.sample_rate, clean.time_base = frame.sample_rate, frame.time_base
    return clean, int(np.count_nonzero(~finite))
