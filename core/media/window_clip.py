"""A short piece of sound cut out to be judged: equally loud whichever recording it is from, made once and kept.

Loudness is that of ITU-R BS.1770-4 without its gates (a window is shorter than what they need): the mean square of the
K-weighted channels, here taken from the spectrum with the squared response of the standard's two filters.
"""

from __future__ import annotations

import math
import os
import tempfile
import wave
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.cache_file import written_beside
from core.media.cache_room import keep_within
from core.media.identity import check_content, file_name
from core.media.process import run
from core.media.tools import find_tool

if TYPE_CHECKING:
    import numpy as np

FOLDER = "windows"
RATE_HZ = 48_000
CHANNELS = 2
TARGET_LUFS = -20.0
MOST_GAIN_DB = 40.0
PEAK_DB = -1.0
PICTURE_PX = 480
LIMIT_BYTES = 5_000_000_000

_OFFSET_LUFS = -0.691
# The filters of BS.1770-4 at 48 kHz (tables 1 and 2): a shelf for the head, a high pass.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def window_clip(
    path: str | os.PathLike[str],
    content_key: str,
    start_s: float,
    end_s: float,
    cache_dir: Path,
    *,
    picture: bool = False,
    ctx: JobContext | None = None,
) -> Path:
    """The window as a file of its own: WAV, or Matroska with its picture; from `<cache_dir>/windows` or cut now.

    Its sound is at `TARGET_LUFS`, unless silence or a peak stands against it; where the recording ends before the
    window does, the rest is silence. Windows that were not heard for longest go when there are `LIMIT_BYTES` of them.

    Raises:
        UserError: the file cannot be read, has another content, or has no sound there.
        EnvironmentProblem: ffmpeg is missing, or the cache cannot be written.
        Cancelled: `ctx` was cancelled; nothing is left behind.
    """
    start_ms, end_ms = round(start_s * 1000), round(end_s * 1000)
    name = f"{file_name(content_key)}@{start_ms}+{end_ms - start_ms}{'.mkv' if picture else '.wav'}"
    target = cache_dir / FOLDER / name
    if target.is_file():
        os.utime(target)
        return target
    check_content(path, content_key)
    samples = _read(path, start_s, end_s - start_s, ctx)
    samples *= gain_of(samples)
    with tempfile.TemporaryDirectory(prefix="8cut-window-") as folder:
        made = Path(folder) / "window.wav"
        with made.open("wb") as file:
            _write_wave(file, samples)
        if picture:
            made, sound = Path(folder) / "window.mkv", made
            _join(path, sound, start_s, end_s - start_s, made, ctx)
        with written_beside(target, "sound of a window") as file:
            file.write(made.read_bytes())
    keep_within(target.parent, "**/*.[mw]??", LIMIT_BYTES, {target})  # their spectrograms lie among them
    return target


def loudness_lufs(samples: np.ndarray) -> float:
    """Of float32 (n, channels) at `RATE_HZ`; minus infinity for silence."""
    import numpy as np

    if not len(samples):
        return -math.inf
    power = np.abs(np.fft.rfft(samples, axis=0)) ** 2
    # Parseval: each bin but the first stands for two of the whole spectrum.
    power[1:] *= 2
    mean_square = (power * _weights(len(samples))[:, None]).sum() / len(samples) ** 2
    return _OFFSET_LUFS + 10 * math.log10(mean_square) if mean_square > 1e-14 else -math.inf


def gain_of(samples: np.ndarray) -> float:
    """The factor that brings float32 (n, channels) to `TARGET_LUFS` without clipping; 1 for silence."""
    import numpy as np

    loudness = loudness_lufs(samples)
    if loudness == -math.inf:
        return 1.0
    peak = float(np.abs(samples).max())
    decibels = min(TARGET_LUFS - loudness, MOST_GAIN_DB, PEAK_DB - 20 * math.log10(peak))
    return 10 ** (decibels / 20)


@lru_cache(maxsize=8)
def _weights(count: int) -> np.ndarray:
    """The squared response of both filters at the frequencies of `rfft` of so many samples."""
    import numpy as np

    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(count))
    response = np.ones(len(turn), np.complex128)
    for over, under in (_SHELF, _HIGH_PASS):
        response *= np.polyval(over[::-1], turn) / np.polyval(under[::-1], turn)
    return np.abs(response) ** 2


def _read(path: str | os.PathLike[str], start_s: float, length_s: float, ctx: JobContext | None) -> np.ndarray:
    """float32 (n, CHANNELS), as long as asked for."""
    import numpy as np

    source = (*_beginning(start_s, length_s), "-i", str(Path(path).absolute()))
    shape = ("-map", "0:a:0", "-ac", str(CHANNELS), "-ar", str(RATE_HZ), "-f", "f32le", "pipe:1")
    done = run([str(find_tool("ffmpeg")), "-v", "error", "-nostdin", *source, *shape], ctx=ctx)
    read = np.frombuffer(done.stdout[: len(done.stdout) // 8 * 8], np.float32).reshape(-1, CHANNELS)
    if done.returncode or not len(read):
        why = done.reason if done.returncode else "The recording is shorter, or has no sound there"
        raise UserError(f"{Path(path).name} cannot be heard there", why, "Go on with the next, or relink the file")
    samples = np.zeros((round(length_s * RATE_HZ), CHANNELS), np.float32)
    count = min(len(read), len(samples))
    samples[:count] = np.nan_to_num(read[:count])
    return samples


def _join(
    path: str | os.PathLike[str], sound: Path, start_s: float, length_s: float, target: Path, ctx: JobContext | None
) -> None:
    """The picture of the window, small, with the sound that was made for it."""
    scale = f"scale=iw*sar:ih,scale=-2:'trunc(min({PICTURE_PX},ih)/2)*2',setsar=1,format=yuv420p"
    done = run(
        [
            str(find_tool("ffmpeg")),
            *("-v", "error", "-nostdin", "-y", *_beginning(start_s, length_s), "-i", str(Path(path).absolute())),
            *("-i", str(sound), "-map", "0:V:0", "-map", "1:a:0", "-vf", scale, "-t", f"{length_s:.3f}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "pcm_s16le", "-f", "matroska"),
            str(target),
        ],
        ctx=ctx,
    )
    if done.returncode:
        raise UserError(f"{Path(path).name} cannot be shown there", done.reason, "Go on with the next")


def _beginning(start_s: float, length_s: float) -> tuple[str, ...]:
    # Never rounded up: a start that is late by less than a millisecond loses a frame.
    return "-ss", f"{math.floor(start_s * 1000) / 1000:.3f}", "-t", f"{length_s:.3f}"


def _write_wave(file: IO[bytes], samples: np.ndarray) -> None:
    import numpy as np

    with wave.open(file, "wb") as sound:
        sound.setnchannels(CHANNELS)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
