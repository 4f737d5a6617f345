"""Small sound files for tests, written without a codec."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np


def noise(seconds: float, seed: int = 0, rate_hz: int = 16_000, level: float = 0.05) -> np.ndarray:
    """float32 mono."""
    count = round(seconds * rate_hz)
    return (level * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def with_beeps(sound: np.ndarray, times_s: list[float], rate_hz: int = 16_000, length_s: float = 1.5) -> np.ndarray:
    """Add a warbling tone at each time."""
    mixed = sound.copy()
    moments = np.arange(round(length_s * rate_hz)) / rate_hz
    beep = 0.4 * np.sin(2 * np.pi * 1800 * moments + 6 * np.sin(2 * np.pi * 9 * moments))
    for time_s in times_s:
        first = round(time_s * rate_hz)
        part = mixed[first : first + len(beep)]
        part += beep[: len(part)].astype(np.float32)
    return mixed


def spoken() -> np.ndarray:
    """float32 mono, 16 kHz: a sentence of 1.4 s that a machine says."""
    with np.load(Path(__file__).parent / "data" / "speech.npz") as stored:
        return stored["samples"].astype(np.float32) / 32768


def with_speech(sound: np.ndarray, times_s: list[float], rate_hz: int = 16_000) -> np.ndarray:
    """Add the sentence at each time."""
    mixed, said = sound.copy(), spoken()
    for time_s in times_s:
        first = round(time_s * rate_hz)
        part = mixed[first : first + len(said)]
        part += said[: len(part)]
    return mixed


def write_wav(path: Path, samples: np.ndarray, rate_hz: int = 16_000) -> Path:
    """Float samples (n,) or (n, channels), as they are: NaN and clipping survive."""
    data = np.ascontiguousarray(samples, dtype="<f4")
    channels = 1 if data.ndim == 1 else data.shape[1]
    form = struct.pack("<HHIIHH", 3, channels, rate_hz, 4 * channels * rate_hz, 4 * channels, 32)
    body = data.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(body)) + body
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path
