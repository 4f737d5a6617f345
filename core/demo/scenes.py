"""Long noisy recordings with known truth: a background, sounds of interest at given levels, distractors.

The level of a sound is the power of its audible part against the power of the background, in decibels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.demo.sounds import SAMPLE_RATE_HZ
from core.domain.timespan import Span

_GAP_S = 1.0
_EDGE_S = 2.0
_BACKGROUND_RMS = 0.02


@dataclass(frozen=True)
class Event:
    """A sound of interest in a scene: what, where, how loud."""

    kind: str
    span: Span
    snr_db: float

    @property
    def middle_s(self) -> float:
        return (self.span.start_s + self.span.end_s) / 2


@dataclass(frozen=True)
class Scene:
    """A recording and its truth.

    Args:
        audio: float32[T], 16 kHz mono.
        events: in order of time.
    """

    audio: np.ndarray
    events: tuple[Event, ...]
    background: str

    @property
    def duration_s(self) -> float:
        return len(self.audio) / SAMPLE_RATE_HZ

    def of_kind(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


def room(samples: int, rng: np.random.Generator) -> np.ndarray:
    """A quiet room: soft noise, hum of the mains."""
    t = np.arange(samples) / SAMPLE_RATE_HZ
    hum = sum(np.sin(2 * np.pi * 50 * n * t + n) / n for n in (1, 2, 3, 5))
    return _noise(samples, rng, -1.0) + 0.3 * hum


def wind(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Wind in gusts."""
    return _noise(samples, rng, -1.6) * _swell(samples, rng, 4.0, 0.6)


def street(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Traffic that comes and goes."""
    near = _noise(samples, rng, -0.8) * _swell(samples, rng, 7.0, 1.0)
    return _noise(samples, rng, -1.4) + 0.8 * near


def rain(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Rain on leaves: hiss and drops."""
    drops = rng.normal(size=samples) * (rng.random(samples) < 0.002) * 14
    return _noise(samples, rng, -0.3) * _swell(samples, rng, 9.0, 0.25) + drops


def crowd(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Many people who talk at once, no word of it clear."""
    babble = np.zeros(samples)
    for _ in range(4):
        syllables = np.clip(_swell(samples, rng, 0.12, 1.2) - 0.9, 0, None)
        babble += _band(rng.normal(size=samples), rng.uniform(250, 700), rng.uniform(900, 2400)) * syllables
    return babble / babble.std() + 0.5 * _noise(samples, rng, -1.0)


def machine(samples: int, rng: np.random.Generator) -> np.ndarray:
    """A fan that runs all the time."""
    t = np.arange(samples) / SAMPLE_RATE_HZ
    base = rng.uniform(80, 160)
    tones = sum(np.sin(2 * np.pi * base * n * t + n * n) / n for n in range(1, 9))
    return _noise(samples, rng, -0.6) + 0.4 * tones * (1 + 0.1 * _swell(samples, rng, 1.0, 0.5))


BACKGROUNDS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    make.__name__: make for make in (room, wind, street, rain, crowd, machine)
}


def make_background(kind: str, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """float32[T] of equal power whatever its kind, one of BACKGROUNDS."""
    sound = BACKGROUNDS[kind](round(seconds * SAMPLE_RATE_HZ), rng)
    return (sound * (_BACKGROUND_RMS / np.sqrt(np.mean(sound**2)))).astype(np.float32)


def make_distractor(rng: np.random.Generator) -> np.ndarray:
    """Something short that nobody looks for: a beep, a thump, a scrape, a voice. float32[T], peak 1."""
    samples = round(rng.uniform(0.2, 1.8) * SAMPLE_RATE_HZ)
    t = np.arange(samples) / SAMPLE_RATE_HZ
    which = rng.integers(4)
    if which == 0:
        sound = np.sign(np.sin(2 * np.pi * rng.uniform(700, 3500) * t)) * (
            np.sin(2 * np.pi * rng.uniform(2, 6) * t) > 0
        )
    elif which == 1:
        sound = np.sin(2 * np.pi * rng.uniform(50, 120) * t) * np.exp(-t / rng.uniform(0.05, 0.2))
    elif which == 2:
        low = rng.uniform(500, 3000)
        sound = _band(rng.normal(size=samples), low, low * 1.8) * np.hanning(samples)
    else:
        pitch = rng.uniform(90, 260) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(1, 3) * t))
        voice = sum(np.sin(2 * np.pi * n * np.cumsum(pitch) / SAMPLE_RATE_HZ) for n in range(1, 12))
        sound = _band(voice, rng.uniform(300, 600), rng.uniform(1200, 2600)) * np.abs(
            np.sin(np.pi * rng.uniform(3, 5) * t)
        )
    return (sound / (np.abs(sound).max() + 1e-9)).astype(np.float32)


def mix_scene(
    sounds: Iterable[tuple[str, np.ndarray]],
    duration_s: float,
    background: str,
    rng: np.random.Generator,
    *,
    snr_db: tuple[float, float] = (0.0, 20.0),
    distractors: int = 0,
) -> Scene:
    """Place every sound once, at a random time and level, none over another.

    Args:
        sounds: (kind, float32[T] at 16 kHz); the part below a hundredth of the peak at either end is cut off.
        duration_s: of the scene.
        background: one of BACKGROUNDS.
        snr_db: lowest and highest level.
        distractors: how many sounds of no interest come on top.

    Raises:
        ValueError: the sounds do not fit.
    """
    audio = make_background(background, duration_s, rng)
    wanted = [(kind, _audible(sound)) for kind, sound in sounds]
    wanted += [("", make_distractor(rng)) for _ in range(distractors)]
    order = rng.permutation(len(wanted))
    starts = _places([len(wanted[i][1]) for i in order], len(audio), rng)
    events = []
    for start, i in zip(starts, order, strict=True):
        kind, sound = wanted[i]
        level = float(rng.uniform(*snr_db))
        gain = _BACKGROUND_RMS * 10 ** (level / 20) / np.sqrt(np.mean(sound.astype(np.float64) ** 2))
        audio[start : start + len(sound)] += (gain * sound).astype(np.float32)
        if kind:
            span = Span(start / SAMPLE_RATE_HZ, (start + len(sound)) / SAMPLE_RATE_HZ)
            events.append(Event(kind, span, level))
    peak = float(np.abs(audio).max())
    return Scene(audio / peak if peak > 1 else audio, tuple(events), background)


def mark_clips(events: Sequence[Event], duration_s: float, rng: np.random.Generator, clip_s: float = 8.0) -> list[Span]:
    """A clip around each event, as an editor would cut it: it holds the sound, somewhere."""
    clips = []
    for event in events:
        earliest = max(0.0, event.span.end_s - clip_s)
        latest = min(event.span.start_s, duration_s - clip_s)
        start = rng.uniform(min(earliest, latest), max(earliest, latest))
        clips.append(Span(start, start + clip_s))
    return clips


def _places(lengths: Sequence[int], total: int, rng: np.random.Generator) -> list[int]:
    """Starts in the given order, with random gaps of at least one second."""
    free = (total - sum(lengths)) / SAMPLE_RATE_HZ - 2 * _EDGE_S - _GAP_S * max(0, len(lengths) - 1)
    if free < 0:
        raise ValueError(f"{len(lengths)} sounds do not fit into {total / SAMPLE_RATE_HZ:.0f} s")
    gaps = np.sort(rng.random(len(lengths))) * free
    before = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if lengths else np.zeros(0)
    return [
        int(gap * SAMPLE_RATE_HZ + held + (_EDGE_S + _GAP_S * number) * SAMPLE_RATE_HZ)
        for number, (gap, held) in enumerate(zip(gaps, before, strict=True))
    ]


def _audible(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1]


def _noise(samples: int, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Noise whose amplitude goes with frequency to the power `slope`, of power one."""
    spectrum = np.fft.rfft(rng.normal(size=samples))
    axis = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    sound = np.fft.irfft(spectrum * np.maximum(axis, 40.0) ** slope, n=samples)
    return sound / sound.std()


def _band(sound: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    spectrum = np.fft.rfft(sound)
    axis = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    gain = 1 / (1 + (low_hz / np.maximum(axis, 1.0)) ** 4) / (1 + (axis / high_hz) ** 4)
    return np.fft.irfft(spectrum * gain, n=len(sound))


def _swell(samples: int, rng: np.random.Generator, every_s: float, depth: float) -> np.ndarray:
    """A slow random gain around one: a new one about every `every_s`, `depth` the spread of its logarithm."""
    points = max(2, round(samples / SAMPLE_RATE_HZ / every_s) + 1)
    level = np.exp(depth * rng.normal(size=points))
    return np.interp(np.arange(samples), np.linspace(0, samples, points), level)
