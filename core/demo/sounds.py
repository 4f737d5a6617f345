"""Recurring sounds from a formula: each kind varies from source to source and a little from take to take.

A source is one bell, one dog, one engine; its takes are the times it sounds. So training and test can be disjoint by
source, as with recordings. Everything follows from the names and the seed; numpy alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

SAMPLE_RATE_HZ = 16_000


class Voice:
    """Draws the traits of one source and the small differences of one take.

    Args:
        kind, source, take: who sounds; equal names sound equal.
        seed: of the whole world.
    """

    def __init__(self, kind: str, source: int, take: int, seed: int = 0) -> None:
        key = zlib.crc32(kind.encode())
        self._source = np.random.default_rng((seed, key, source))
        self.take = np.random.default_rng((seed, key, source, take))

    def trait(self, low: float, high: float, wobble: float = 0.03) -> float:
        """A trait of the source, log-uniform in [low, high], that a take changes by about the share `wobble`."""
        base = low * (high / low) ** self._source.random()
        return float(base * np.exp(self.take.normal(0.0, wobble)))

    def count(self, low: int, high: int) -> int:
        """How often something is repeated this time."""
        return int(self.take.integers(low, high + 1))


def bell(voice: Voice) -> np.ndarray:
    """A struck bell: partials that are no harmonics, each dying away."""
    pitch, decay = voice.trait(500, 1100), voice.trait(0.35, 0.9)
    partials = (0.5, 1.0, 1.19, 1.56, 2.0, 2.51, 3.01, 4.1)
    t = _time(voice.trait(1.0, 1.6, 0.1))
    strike = sum(
        np.sin(2 * np.pi * pitch * ratio * t) * np.exp(-t * ratio**0.7 / decay) / ratio**0.6 for ratio in partials
    )
    return _repeat(strike, voice.count(1, 3), voice.trait(0.45, 0.8), voice)


def bark(voice: Voice) -> np.ndarray:
    """Short hoarse calls with a pitch that rises and falls."""
    pitch, mouth = voice.trait(250, 600), voice.trait(700, 1500)
    t = _time(voice.trait(0.16, 0.32, 0.08))
    arc = np.sin(np.pi * t / (t[-1] + 0.01))
    call = _harmonics(pitch * (0.75 + 0.5 * arc), 14) + 0.5 * voice.take.normal(size=len(t))
    call = _resonate(call, (mouth, mouth * 2.1), 250.0) * arc**0.7
    return _repeat(call, voice.count(2, 5), voice.trait(0.35, 0.6), voice)


def knock(voice: Voice) -> np.ndarray:
    """Knuckles on wood."""
    body, decay = voice.trait(140, 380), voice.trait(0.03, 0.07)
    t = _time(0.25)
    hit = sum(np.sin(2 * np.pi * body * ratio * t + ratio) * np.exp(-t / decay) for ratio in (1.0, 1.83, 2.9))
    hit = hit + voice.take.normal(size=len(t)) * np.exp(-t / 0.004)
    return _repeat(hit, voice.count(3, 6), voice.trait(0.16, 0.3), voice)


def whistle(voice: Voice) -> np.ndarray:
    """A whistled call: up, then down, with a little breath."""
    pitch, vibrato = voice.trait(1100, 2300), voice.trait(4.5, 7.0)
    t = _time(voice.trait(0.9, 1.6, 0.1))
    shape = np.interp(t / t[-1], (0.0, 0.35, 0.5, 1.0), (0.8, 1.25, 0.95, 1.1))
    tone = _tone(pitch * shape * (1 + 0.015 * np.sin(2 * np.pi * vibrato * t)))
    return _fade(tone + 0.08 * _resonate(voice.take.normal(size=len(t)), (pitch,), 400.0), 0.05)


def siren(voice: Voice) -> np.ndarray:
    """A wail that swings between two pitches."""
    low, rate = voice.trait(450, 750), voice.trait(0.5, 1.1)
    t = _time(voice.trait(2.2, 3.6, 0.1))
    swing = 0.5 - 0.5 * np.cos(2 * np.pi * (rate * t + voice.take.random()))
    return _fade(_harmonics(low * (1 + 0.9 * swing), 5), 0.1)


def engine(voice: Voice) -> np.ndarray:
    """An engine that starts and revs up."""
    idle = voice.trait(28, 60)
    t = _time(voice.trait(2.0, 3.4, 0.1))
    speed = idle * np.interp(t / t[-1], (0.0, 0.3, 0.7, 1.0), (0.6, 1.0, 2.2, 1.3))
    phase = np.cumsum(speed) / SAMPLE_RATE_HZ
    strokes = np.exp(-6.0 * (phase % 1.0)) * (0.7 + 0.3 * np.sin(np.pi * phase))
    rough = strokes * (1 + 0.8 * voice.take.normal(size=len(t)))
    return _fade(_resonate(rough - rough.mean(), (voice.trait(90, 160), voice.trait(400, 800)), 180.0), 0.15)


def sneeze(voice: Voice) -> np.ndarray:
    """Air drawn in with a rising voice, then the burst."""
    mouth = voice.trait(1400, 2600)
    t_in, t_out = _time(voice.trait(0.4, 0.8, 0.1)), _time(voice.trait(0.35, 0.6, 0.1))
    drawn = _resonate(voice.take.normal(size=len(t_in)), (mouth * 0.8,), 600.0) * (t_in / t_in[-1]) ** 2
    burst = voice.take.normal(size=len(t_out)) * np.exp(-t_out / 0.09)
    voiced = _harmonics(voice.trait(180, 360) * (1.3 - 0.6 * t_out / t_out[-1]), 8) * np.exp(-t_out / 0.18)
    blown = _resonate(burst, (mouth, mouth * 1.9), 900.0) + 0.6 * voiced / (np.abs(voiced).max() + 1e-9)
    return np.concatenate([0.25 * drawn / np.abs(drawn).max(), blown / np.abs(blown).max()])


def bird(voice: Voice) -> np.ndarray:
    """A phrase of quick chirps."""
    pitch, depth = voice.trait(2600, 4800), voice.trait(0.15, 0.4)
    t = _time(voice.trait(0.06, 0.14, 0.05))
    chirp = _tone(pitch * (1 + depth * np.cos(np.pi * t / t[-1]))) * np.hanning(len(t))
    return _repeat(chirp, voice.count(5, 11), voice.trait(0.11, 0.22), voice)


def horn(voice: Voice) -> np.ndarray:
    """Two reedy tones at once, once or twice."""
    pitch, interval = voice.trait(300, 480), voice.trait(1.19, 1.34, 0.0)
    t = _time(voice.trait(0.4, 0.9, 0.1))
    blast = _harmonics(np.full(len(t), pitch), 12) + _harmonics(np.full(len(t), pitch * interval), 12)
    return _repeat(_fade(blast, 0.02), voice.count(1, 2), t[-1] + 0.2, voice)


def rattle(voice: Voice) -> np.ndarray:
    """Seeds in a box: many small clicks in waves."""
    body, shakes = voice.trait(1800, 4200), voice.trait(3.0, 6.0)
    t = _time(voice.trait(1.0, 2.2, 0.1))
    wave = np.clip(np.sin(2 * np.pi * shakes * t), 0, None) ** 2
    clicks = voice.take.normal(size=len(t)) * (voice.take.random(len(t)) < 0.06 * wave)
    return _resonate(clicks, (body, body * 1.45), 500.0)


def glass(voice: Voice) -> np.ndarray:
    """Something breaks: a crack, then falling shards."""
    t = _time(voice.trait(0.9, 1.5, 0.1))
    sound = voice.take.normal(size=len(t)) * np.exp(-t / 0.02)
    top = voice.trait(2500, 4500)
    for _ in range(voice.count(14, 26)):
        since = t - voice.take.random() ** 2 * 0.8 * t[-1]
        ring = np.sin(2 * np.pi * top * voice.take.uniform(0.7, 1.7) * since) * np.exp(-np.maximum(since, 0) / 0.04)
        sound = sound + 0.5 * voice.take.random() * ring * (since >= 0)
    return sound


def saw(voice: Voice) -> np.ndarray:
    """Strokes of a hand saw, there and back."""
    pitch, pace = voice.trait(900, 2000), voice.trait(0.28, 0.5)
    t = _time(pace * 0.85)
    grit = voice.take.normal(size=len(t)) * (1 + 0.8 * np.sign(_tone(np.full(len(t), voice.trait(60, 120)))))
    there = _resonate(grit, (pitch, pitch * 1.8), 700.0) * np.hanning(len(t)) ** 0.5
    back = _resonate(grit[::-1], (pitch * 0.7, pitch * 1.4), 700.0) * np.hanning(len(t)) ** 0.5
    return _repeat(np.concatenate([there, 0.7 * back]), voice.count(2, 4), 2 * pace, voice)


KINDS: dict[str, Callable[[Voice], np.ndarray]] = {
    make.__name__: make for make in (bell, bark, knock, whistle, siren, engine, sneeze, bird, horn, rattle, glass, saw)
}


def make_sound(kind: str, source: int, take: int, seed: int = 0) -> np.ndarray:
    """One take of a source: float32[T], 16 kHz mono, 0.5–4 s, peak 1.

    Args:
        kind: one of KINDS.
        source: which bell, which dog.
        take: which time it sounds.
    """
    sound = KINDS[kind](Voice(kind, source, take, seed))
    return (sound / np.abs(sound).max()).astype(np.float32)


def _time(seconds: float) -> np.ndarray:
    return np.arange(max(2, round(seconds * SAMPLE_RATE_HZ))) / SAMPLE_RATE_HZ


def _tone(hertz: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ)


def _harmonics(hertz: np.ndarray, count: int) -> np.ndarray:
    """A stack of harmonics, weaker with their number, none above what the rate can hold."""
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ
    return sum(np.sin(n * phase) / n**0.8 * (n * hertz < 7500) for n in range(1, count + 1))


def _resonate(sound: np.ndarray, hertz: tuple[float, ...], width_hz: float) -> np.ndarray:
    """Through resonances at `hertz`, with a little of the sound as it was."""
    spectrum = np.fft.rfft(sound)
    axis = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    gain = 0.05 + sum(1.0 / (1.0 + ((axis - peak) / width_hz) ** 2) for peak in hertz)
    return np.fft.irfft(spectrum * gain, n=len(sound))


def _fade(sound: np.ndarray, seconds: float) -> np.ndarray:
    length = min(len(sound) // 2, round(seconds * SAMPLE_RATE_HZ))
    ramp = np.linspace(0.0, 1.0, length)
    faded = sound.copy()
    faded[:length] *= ramp
    faded[len(sound) - length :] *= ramp[::-1]
    return faded


def _repeat(sound: np.ndarray, times: int, every_s: float, voice: Voice) -> np.ndarray:
    """The sound several times, neither quite even in time nor in level."""
    starts = [max(0, round(n * every_s * voice.take.uniform(0.94, 1.06) * SAMPLE_RATE_HZ)) for n in range(times)]
    row = np.zeros(starts[-1] + len(sound) if times > 1 else len(sound))
    for start in starts:
        part = row[start : start + len(sound)]
        part += sound[: len(part)] * voice.take.uniform(0.7, 1.0)
    return row
