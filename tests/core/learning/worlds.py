"""Made-up recordings as vectors: a sound with a direction of its own, videos with an offset of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.domain.timespan import Span
from core.learning.examples import MediaExamples

HOP_S, GRAIN_S, CLIP_S = 0.5, 2.0, 8.0


@dataclass(frozen=True)
class Vectors:
    """Looks like `core.scan.embedding.Embedded`."""

    starts_s: np.ndarray
    vectors: np.ndarray
    span_s: float
    duration_s: float


@dataclass(frozen=True)
class Video:
    """A recording, its marks and when the sound really is there."""

    examples: MediaExamples
    events: tuple[Span, ...]

    def but(self, **changes: object) -> MediaExamples:
        return replace(self.examples, **changes)


def video(
    number: int,
    *,
    clips: int = 3,
    duration_s: float = 150.0,
    width: int = 12,
    strength: float = 2.5,
    offset: float = 1.0,
    seed: int = 0,
    span_s: float = GRAIN_S,
    hop_s: float = HOP_S,
) -> Video:
    """One recording: noise around an offset of its own, and the sound for 2 s once per clip, somewhere in it."""
    rng = np.random.default_rng((seed, number))
    count = int((duration_s - span_s) / hop_s) + 1
    starts = np.arange(count) * hop_s
    vectors = rng.normal(size=(count, width)) + offset * rng.normal(size=width)
    sound = np.random.default_rng(12345).normal(size=width)
    sound *= strength * np.sqrt(width) / np.linalg.norm(sound)
    events, marks = [], []
    for begin in np.linspace(10.0, duration_s - 40.0, max(1, clips))[:clips]:
        start = float(begin + rng.uniform(0.0, CLIP_S - GRAIN_S))
        events.append(Span(start, start + 2.0))
        marks.append(Span(float(begin), float(begin) + CLIP_S))
        share = np.clip(np.minimum(starts + span_s, start + 2.0) - np.maximum(starts, start), 0.0, None) / 2.0
        vectors += share[:, None] * sound
    embedded = Vectors(starts, vectors.astype(np.float16), span_s, duration_s)
    return Video(MediaExamples(f"video-{number}", embedded, tuple(marks)), tuple(events))


def world(videos: int = 4, **options: object) -> list[MediaExamples]:
    return [video(number, **options).examples for number in range(videos)]
