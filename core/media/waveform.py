"""The outline of a sound for drawing: lows and highs at every scale, computed once per content and kept in a file.

A `.peaks` file is a header of 64 bytes and the levels one after the other. Level 0 has one low and one high (int16)
for each 4 ms, each level above one for four of the level below; a level is all its lows, then all its highs.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.job import JobContext
from core.media.audio_reader import read_blocks
from core.media.cache_file import load_or_make

if TYPE_CHECKING:
    import numpy as np

FOLDER = "waveforms"
RATE_HZ = 16_000
BASE_SAMPLES = 64
FACTOR = 4
SMALLEST_LEVEL = 64
FULL_SCALE = 32767
# A column is drawn from 8 to 31 entries: few enough to be fast, so many that its edges are sharp to an eighth.
ENTRIES_PER_COLUMN = 8
_ROUNDING = 1e-6

_MAGIC = b"8CUTPKS1"
_HEADER = struct.Struct("<8sIIQ32s")
_HEADER_BYTES = 64
_READ_BLOCKS = 4096


class WaveformPyramid:
    """Lows and highs of a sound, memory-mapped.

    Args:
        levels: per level two int16 arrays (entries,), lows and highs; level k has one entry for 64 × 4^k samples.
        samples: the length of the sound at 16 kHz.
    """

    def __init__(self, levels: list[tuple[np.ndarray, np.ndarray]], samples: int) -> None:
        self._levels = levels
        self._samples = samples

    @property
    def duration_s(self) -> float:
        return self._samples / RATE_HZ

    def peaks(self, start_s: float, end_s: float, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and highest sample in each of `columns` equal parts of a span: two float32 arrays in [-1, 1].

        A column reaches out to the edges of the entries it is made of, at most an eighth of its width or 4 ms. Outside
        of the sound columns are 0.
        """
        import numpy as np

        low, high = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
        if columns <= 0 or end_s <= start_s:
            return low, high
        per_column = (end_s - start_s) / columns * RATE_HZ / BASE_SAMPLES
        level, size = 0, BASE_SAMPLES
        while level + 1 < len(self._levels) and per_column >= ENTRIES_PER_COLUMN * FACTOR:
            level, size, per_column = level + 1, size * FACTOR, per_column / FACTOR
        lows, highs = self._levels[level]
        edges = np.linspace(start_s, end_s, columns + 1) * (RATE_HZ / size)
        # An edge that misses an entry's by a rounding error does not reach into the neighbour.
        first = np.floor(edges[:-1] + _ROUNDING).astype(np.int64)
        last = np.maximum(np.ceil(edges[1:] - _ROUNDING).astype(np.int64), first + 1)
        inside = (last > 0) & (first < len(lows))
        if not inside.any():
            return low, high
        first, last = first[inside].clip(0), last[inside].clip(max=len(lows))
        low[inside] = _reduce(np.minimum, lows, first, last)
        high[inside] = _reduce(np.maximum, highs, first, last)
        return low, high


def load_or_build(
    path: str | os.PathLike[str], key: str, cache_dir: Path, ctx: JobContext | None = None
) -> WaveformPyramid:
    """The waveform of a media, from the cache or computed in a stream and put there.

    Args:
        path: the media file; not touched when the cache has it.
        key: its content key, which names the cache file `<cache_dir>/waveforms/<key>.peaks`.
        cache_dir: may be emptied at any time; a damaged file in it is made anew.

    Raises:
        UserError: the file cannot be read, or has no audio.
        EnvironmentProblem: the cache cannot be written.
        Cancelled: `ctx` was cancelled; nothing is left behind.
    """
    target = cache_dir / FOLDER / f"{key}.peaks"
    return load_or_make(target, "waveform", load, lambda file: _build(file, path, ctx))


def load(target: Path) -> WaveformPyramid | None:
    """The waveform in a `.peaks` file, or None when there is none or it is not whole."""
    import numpy as np
    from blake3 import blake3

    try:
        with target.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return None
        magic, rate, base, samples, digest = _HEADER.unpack_from(header)
        counts = _level_counts(samples)
        expected = _HEADER_BYTES + sum(counts) * 4
        if (magic, rate, base) != (_MAGIC, RATE_HZ, BASE_SAMPLES) or target.stat().st_size != expected:
            return None
        values = np.memmap(target, np.int16, "r", offset=_HEADER_BYTES, shape=(sum(counts) * 2,))
    except OSError:
        return None
    if blake3(header[: _HEADER.size - 32]).update(values.view(np.uint8)).digest() != digest:
        return None
    levels, position = [], 0
    for count in counts:
        levels.append((values[position : position + count], values[position + count : position + 2 * count]))
        position += 2 * count
    return WaveformPyramid(levels, samples)


def _reduce(pick: np.ufunc, values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """`pick` over each `values[first:last]`, scaled to [-1, 1]; all spans are at least one long."""
    import numpy as np

    base, end = int(first[0]), int(last[-1])
    part = np.append(values[base:end], values[end - 1])
    # reduceat takes the stretch from each bound to the next, so every second one is a span. The entry appended above
    # is there because a bound must lie inside.
    bounds = np.stack([first, last], axis=1).ravel() - base
    spans = pick.reduceat(part, bounds)[::2]
    return (spans.astype(np.float32) / FULL_SCALE).clip(-1, 1)


def _level_counts(samples: int) -> list[int]:
    """Entries of each level, finest first."""
    counts = [-(-samples // BASE_SAMPLES)]
    while counts[-1] > SMALLEST_LEVEL:
        counts.append(-(-counts[-1] // FACTOR))
    return counts


def _build(file: IO[bytes], path: str | os.PathLike[str], ctx: JobContext | None) -> None:
    """Write header and levels; an hour of sound takes 3.6 MB of memory, ten hours 36."""
    import numpy as np
    from blake3 import blake3

    block_s = _READ_BLOCKS * BASE_SAMPLES / RATE_HZ
    lows, highs, samples = bytearray(), bytearray(), 0
    for block in read_blocks(path, RATE_HZ, block_s=block_s, ctx=ctx):
        samples += len(block)
        # The last entry of the sound may be short: its own last sample fills it up.
        whole = np.pad(block, (0, -len(block) % BASE_SAMPLES), mode="edge").reshape(-1, BASE_SAMPLES)
        lows += _quantise(whole.min(axis=1), np.floor).tobytes()
        highs += _quantise(whole.max(axis=1), np.ceil).tobytes()
    low, high = np.frombuffer(lows, np.int16), np.frombuffer(highs, np.int16)
    head = _HEADER.pack(_MAGIC, RATE_HZ, BASE_SAMPLES, samples, b"")[: _HEADER.size - 32]
    digest = blake3(head)
    file.seek(_HEADER_BYTES)
    for count in _level_counts(samples):
        if count < len(low):
            low, high = _coarser(np.minimum, low), _coarser(np.maximum, high)
        for values in (low, high):
            digest.update(values.view(np.uint8))
            file.write(values)
    file.seek(0)
    file.write((head + digest.digest()).ljust(_HEADER_BYTES, b"\0"))


def _coarser(pick: np.ufunc, values: np.ndarray) -> np.ndarray:
    """One entry for each four; the last one may stand for fewer."""
    import numpy as np

    whole = len(values) // FACTOR * FACTOR
    made = pick.reduce(values[:whole].reshape(-1, FACTOR), axis=1)
    return np.append(made, pick.reduce(values[whole:])) if whole < len(values) else made


def _quantise(values: np.ndarray, rounding: np.ufunc) -> np.ndarray:
    """To int16, rounded outwards so that nothing sticks out of the outline."""
    return rounding(values.clip(-1, 1) * FULL_SCALE).astype("int16")
