"""The pitches of a sound over time for drawing: a log-mel picture at every scale, computed once per content.

A `.mel` file is a header of 64 bytes and the levels one after the other. Level 0 has a row of 80 bytes for each 10 ms,
one byte per band from 40 Hz to 16 kHz; a level above has one row, their mean, for four of the level below. A byte is
0 at −80 dB and 255 at a tone of full scale.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.job import JobContext
from core.media.audio_reader import read_blocks
from core.media.cache_file import load_or_make

if TYPE_CHECKING:
    import numpy as np

FOLDER = "spectrograms"
RATE_HZ = 32_000
HOP = 320
WINDOW = 1024
BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
FLOOR_DB, TOP_DB = -80.0, 0.0
FACTOR = 4
SMALLEST_LEVEL = 64

_BLOCK_S = 8.0
_ROWS_AT_ONCE = 1 << 16
_ROUNDING = 1e-6
_MAGIC = b"8CUTMEL1"
_HEADER = struct.Struct("<8sIIIQ32s")
_HEADER_BYTES = 64


class Spectrogram:
    """Loudness per band and time, memory-mapped.

    Args:
        levels: uint8 arrays (rows, BANDS); level k has a row for each 4^k hops.
    """

    def __init__(self, levels: list[np.ndarray]) -> None:
        self._levels = levels

    @property
    def duration_s(self) -> float:
        return len(self._levels[0]) * HOP / RATE_HZ

    def image(self, start_s: float, end_s: float, columns: int, rows: int) -> np.ndarray:
        """The picture of a span: uint8 (rows, columns), high pitches at the top, 0 outside of the sound.

        A column is the mean of what it covers; closer than 10 ms a column the picture is interpolated.
        """
        import numpy as np

        if columns <= 0 or rows <= 0 or end_s <= start_s:
            return np.zeros((max(0, rows), max(0, columns)), np.uint8)
        per_column = (end_s - start_s) / columns * RATE_HZ / HOP
        level, size = 0, 1
        while level + 1 < len(self._levels) and per_column >= size * FACTOR * (1 - _ROUNDING):
            level, size = level + 1, size * FACTOR
        entries = self._levels[level]
        # The window of row n is centred on n hops, so that the row stands for half a hop before and after.
        edges = (np.linspace(start_s, end_s, columns + 1) * (RATE_HZ / HOP) + 0.5) / size
        made = np.zeros((columns, BANDS), np.float32)
        if per_column < size * (1 - _ROUNDING):
            _interpolate(entries, (edges[:-1] + edges[1:]) / 2 - 0.5, made)
        else:
            _average(entries, edges, made)
        return _stretched(made, rows)


def load_or_build(
    path: str | os.PathLike[str], key: str, cache_dir: Path, ctx: JobContext | None = None
) -> Spectrogram:
    """The spectrogram of a media, from `<cache_dir>/spectrograms/<key>.mel` or computed in a stream and put there.

    Memory does not depend on the length of the sound.

    Raises:
        UserError: the file cannot be read, or has no audio.
        EnvironmentProblem: the cache cannot be written.
        Cancelled: `ctx` was cancelled; nothing is left behind.
    """
    target = cache_dir / FOLDER / f"{key}.mel"
    return load_or_make(target, "spectrogram", load, lambda file: _build(file, path, ctx))


def load(target: Path) -> Spectrogram | None:
    """The spectrogram in a `.mel` file, or None when there is none or it is not whole."""
    import numpy as np
    from blake3 import blake3

    try:
        with target.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return None
        *kind, rows, digest = _HEADER.unpack_from(header)
        counts = _level_counts(rows)
        if kind != [_MAGIC, RATE_HZ, HOP, BANDS] or target.stat().st_size != _HEADER_BYTES + sum(counts) * BANDS:
            return None
        values = np.memmap(target, np.uint8, "r", offset=_HEADER_BYTES, shape=(sum(counts), BANDS))
    except OSError:
        return None
    if blake3(values).update(header[: _HEADER.size - 32]).digest() != digest:
        return None
    return Spectrogram(np.split(values, np.cumsum(counts)[:-1]))


def _level_counts(rows: int) -> list[int]:
    counts = [max(1, rows)]
    while counts[-1] > SMALLEST_LEVEL:
        counts.append(-(-counts[-1] // FACTOR))
    return counts


def _build(file: IO[bytes], path: str | os.PathLike[str], ctx: JobContext | None) -> None:
    """Write level 0 as the sound is read, then each level from the one before it, then the header."""
    import numpy as np
    from blake3 import blake3

    digest, rows = blake3(), 0
    file.seek(_HEADER_BYTES)

    def write(values: np.ndarray) -> None:
        digest.update(values)
        file.write(values)

    waiting = np.zeros(WINDOW // 2, np.float32)
    samples = 0
    for block in read_blocks(path, RATE_HZ, block_s=_BLOCK_S, ctx=ctx):
        samples += len(block)
        waiting = np.concatenate([waiting, block])
        count = (len(waiting) - WINDOW) // HOP + 1
        if count > 0:
            write(_rows(waiting[: (count - 1) * HOP + WINDOW]))
            rows += count
            waiting = waiting[count * HOP :]
    missing = max(1, -(-samples // HOP)) - rows
    if missing > 0:
        write(_rows(np.pad(waiting, (0, WINDOW))[: (missing - 1) * HOP + WINDOW]))
        rows += missing
    begin = _HEADER_BYTES
    counts = _level_counts(rows)
    for count in counts[:-1]:
        _write_coarser(file, begin, count, write)
        begin += count * BANDS
    head = _HEADER.pack(_MAGIC, RATE_HZ, HOP, BANDS, rows, b"")[: _HEADER.size - 32]
    file.seek(0)
    file.write((head + digest.update(head).digest()).ljust(_HEADER_BYTES, b"\0"))


def _write_coarser(file: IO[bytes], begin: int, count: int, write) -> None:
    """Append the means of four rows each of the level that begins at byte `begin`."""
    import numpy as np

    for first in range(0, count, _ROWS_AT_ONCE):
        here = min(_ROWS_AT_ONCE, count - first)
        file.seek(begin + first * BANDS)
        part = np.frombuffer(file.read(here * BANDS), np.uint8).reshape(here, BANDS)
        part = np.pad(part, ((0, -here % FACTOR), (0, 0)), mode="edge")
        means = part.reshape(-1, FACTOR, BANDS).mean(axis=1, dtype=np.float32)
        file.seek(0, os.SEEK_END)
        write((means + 0.5).astype(np.uint8))


def _rows(samples: np.ndarray) -> np.ndarray:
    """uint8 (n, BANDS) of samples that hold n windows, one hop apart."""
    import numpy as np

    window, bank = _window(), _mel_bank()
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    spectrum = np.fft.rfft(frames * window, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    decibels = 10 * np.log10(power.astype(np.float32) @ bank + 1e-12)
    scaled = (decibels - FLOOR_DB) * (255 / (TOP_DB - FLOOR_DB))
    return (np.clip(scaled, 0, 255) + 0.5).astype(np.uint8)


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """A Hann window, scaled so that a tone of full scale has a peak of 1."""
    import numpy as np

    window = np.hanning(WINDOW + 1)[:-1]
    return (window / (window.sum() / 2)).astype(np.float32)


@lru_cache(maxsize=1)
def _mel_bank() -> np.ndarray:
    """float32 (WINDOW / 2 + 1, BANDS): triangles at equal distances of pitch, with peaks of 1."""
    import numpy as np

    def mel(hz: float) -> float:
        return 2595 * np.log10(1 + hz / 700)

    points = np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2)
    corners = 700 * (10 ** (points / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1)[:, None] * (RATE_HZ / WINDOW)
    low, peak, high = corners[:-2], corners[1:-1], corners[2:]
    bank = np.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)).clip(0, None)
    # The lowest bands are narrower than a bin: each takes at least the bin next to its peak.
    nearest = np.abs(bins - peak).argmin(axis=0)
    bank[nearest, np.arange(BANDS)] = np.maximum(bank[nearest, np.arange(BANDS)], 0.5)
    return bank.astype(np.float32)


def _average(entries: np.ndarray, edges: np.ndarray, into: np.ndarray) -> None:
    """The mean of the rows that lie between neighbouring edges, at least one of them."""
    import numpy as np

    first = np.floor(edges[:-1] + _ROUNDING).astype(np.int64)
    last = np.maximum(np.ceil(edges[1:] - _ROUNDING).astype(np.int64), first + 1)
    inside = (last > 0) & (first < len(entries))
    if not inside.any():
        return
    first, last = first[inside].clip(0), last[inside].clip(max=len(entries))
    base, end = int(first[0]), int(last[-1])
    part = np.concatenate([entries[base:end], entries[end - 1 : end]])
    bounds = np.stack([first, last], axis=1).ravel() - base
    sums = np.add.reduceat(part, bounds, axis=0, dtype=np.float32)[::2]
    into[inside] = sums / (last - first)[:, None]


def _interpolate(entries: np.ndarray, positions: np.ndarray, into: np.ndarray) -> None:
    """What lies between the rows at fractional positions; beyond the ends there is nothing."""
    import numpy as np

    inside = (positions > -0.5 - _ROUNDING) & (positions < len(entries) - 0.5)
    places = positions[inside].clip(0, len(entries) - 1)
    before = np.floor(places).astype(np.int64)
    after = np.minimum(before + 1, len(entries) - 1)
    share = (places - before).astype(np.float32)[:, None]
    into[inside] = entries[before] * (1 - share) + entries[after] * share


def _stretched(bands: np.ndarray, rows: int) -> np.ndarray:
    """uint8 (rows, columns) of float32 (columns, BANDS), the highest band on top."""
    import numpy as np

    places = ((rows - np.arange(rows) - 0.5) / rows * BANDS - 0.5).clip(0, BANDS - 1)
    before = np.floor(places).astype(np.int64)
    after = np.minimum(before + 1, BANDS - 1)
    share = (places - before).astype(np.float32)[:, None]
    turned = bands.T
    return (turned[before] * (1 - share) + turned[after] * share + 0.5).astype(np.uint8)
