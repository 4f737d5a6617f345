"""The scenes of the detection benchmark: noisy recordings with known truth, and the marks an editor would have made."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.demo.scenes import BACKGROUNDS, Scene, mark_clips, mix_scene
from core.demo.sounds import KINDS, SAMPLE_RATE_HZ, make_sound
from core.domain.timespan import Span

EVENTS_PER_CLASS = 5
MARKS_PER_CLASS = 3
DISTRACTORS = 15
_LONGEST_S = 4.0
_SHORTEST_S = 1.5


@dataclass(frozen=True)
class Marked:
    """A scene and, per class, the clips that were cut from it."""

    name: str
    scene: Scene
    marks: dict[str, list[Span]]


class Library:
    """Takes of every class, those for training apart from those for testing by their source.

    Args:
        folder: `<class>/<fold>-<source>-<take>.ogg`, or None for synthesised sounds.
        classes: how many classes at most.
    """

    def __init__(self, folder: Path | None, classes: int | None = None) -> None:
        self._takes: dict[tuple[str, str], list[np.ndarray]] = {}
        names = sorted(KINDS) if folder is None else sorted(path.name for path in folder.iterdir() if path.is_dir())
        self.classes = names[:classes]
        for name in self.classes:
            by_source = _synthesised(name) if folder is None else _recorded(folder / name)
            for source in sorted(by_source, key=lambda key: zlib.crc32(key.encode())):
                # The smaller half takes the next source, so both have about as many takes.
                part = min(("train", "test"), key=lambda half: len(self._takes.get((name, half), ())))
                self._takes.setdefault((name, part), []).extend(by_source[source])

    def draw(self, name: str, part: str, count: int, rng: np.random.Generator) -> list[np.ndarray]:
        """So many different takes, cut to 1.5–4 s."""
        takes = self._takes[(name, "test" if part == "test" else "train")]
        chosen = rng.choice(len(takes), count, replace=count > len(takes))
        return [_excerpt(takes[i], rng) for i in chosen]


def build(library: Library, scenes: int, duration_s: float, part: str, seed: int = 0) -> list[Marked]:
    """So many scenes, each over another background.

    `part` is "train", "test" or "review"; only "test" has other sources."""
    found = []
    backgrounds = list(BACKGROUNDS)
    for number in range(scenes):
        rng = np.random.default_rng((seed, zlib.crc32(part.encode()), number))
        events = max(MARKS_PER_CLASS, round(EVENTS_PER_CLASS * duration_s / 600))
        sounds = [(name, take) for name in library.classes for take in library.draw(name, part, events, rng)]
        background = backgrounds[number % len(backgrounds)]
        scene = mix_scene(sounds, duration_s, background, rng, distractors=round(DISTRACTORS * duration_s / 600))
        marks = {}
        for name in library.classes:
            own = scene.of_kind(name)
            chosen = sorted(rng.choice(len(own), min(MARKS_PER_CLASS, len(own)), replace=False))
            marks[name] = mark_clips([own[i] for i in chosen], scene.duration_s, rng)
        found.append(Marked(f"{part}-{number}", scene, marks))
    return found


def _synthesised(kind: str) -> dict[str, list[np.ndarray]]:
    return {f"{source}": [make_sound(kind, source, take) for take in range(2)] for source in range(20)}


def _recorded(folder: Path) -> dict[str, list[np.ndarray]]:
    from core.media.audio_reader import read_blocks

    by_source: dict[str, list[np.ndarray]] = {}
    for path in sorted(folder.iterdir()):
        fold, source, *_ = path.stem.split("-")
        sound = np.concatenate(list(read_blocks(path, SAMPLE_RATE_HZ)))
        by_source.setdefault(f"{fold}-{source}", []).append(sound)
    return by_source


def _excerpt(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """At most 4 s around the loudest moment, of random length where the sound is longer."""
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    longest = round(rng.uniform(_SHORTEST_S, _LONGEST_S) * SAMPLE_RATE_HZ)
    if len(sound) <= longest:
        return sound
    energy = np.cumsum(sound.astype(np.float64) ** 2)
    start = int(np.argmax(energy[longest:] - energy[:-longest]))
    return sound[start : start + longest]
