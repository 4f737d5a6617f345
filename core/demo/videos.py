"""The demo's videos: small pictures over scenes of recurring sounds, for learning, for review and for the test."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.demo.scenes import BACKGROUNDS, Scene, mix_scene
from core.demo.sounds import SAMPLE_RATE_HZ, make_sound
from core.errors import EnvironmentProblem
from core.media import process
from core.media.tools import find_tool

if TYPE_CHECKING:
    from core.job import JobContext

KINDS = ("bark", "bell", "siren")
PARTS = ("learn", "review", "test")
_VIDEOS = {"learn": 4, "review": 2, "test": 2}
_OTHERS = ("knock", "whistle", "horn", "bird", "glass")
_TAKES = 3


@dataclass(frozen=True, eq=False)
class DemoVideo:
    """A video and what can be heard in it."""

    path: Path
    part: str
    scene: Scene


def make_videos(folder: Path, length_s: float, ctx: JobContext, seed: int = 0) -> list[DemoVideo]:
    """Write the videos; the sources of each part (which dog, which bell) are heard in no other.

    Args:
        length_s: of each.

    Raises:
        EnvironmentProblem: ffmpeg is missing or fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    total = sum(_VIDEOS.values())
    for part in PARTS:
        for number in range(_VIDEOS[part]):
            ctx.check()
            ctx.progress(len(made), total, f"Making video {len(made) + 1} of {total}")
            scene = scene_of(part, number, length_s, seed)
            path = folder / f"{part}-{number + 1}-{scene.background}.mp4"
            _write(path, scene, ctx)
            made.append(DemoVideo(path, part, scene))
    return made


def scene_of(part: str, number: int, length_s: float, seed: int = 0) -> Scene:
    """What is heard in a video of a part: "learn", "review" or "test", numbered from 0."""
    rng = np.random.default_rng((seed, zlib.crc32(part.encode()), number))
    # Sources 0, 3, 6 … learn, 1, 4, 7 … review, 2, 5, 8 … test.
    source = len(PARTS) * number + PARTS.index(part)
    sounds = [(kind, make_sound(kind, source, take, seed)) for kind in KINDS for take in range(_TAKES)]
    others = [("", make_sound(kind, source, 0, seed)) for kind in _OTHERS]
    backgrounds = sorted(BACKGROUNDS)
    background = backgrounds[(2 * number + PARTS.index(part)) % len(backgrounds)]
    return mix_scene([*sounds, *others], length_s, background, rng, snr_db=(4.0, 20.0), distractors=4)


def _write(path: Path, scene: Scene, ctx: JobContext) -> None:
    """Sound and a moving test picture, small enough to encode in a moment."""
    sound = path.with_suffix(".f32")
    sound.write_bytes(np.ascontiguousarray(scene.audio, "<f4").tobytes())
    picture = f"testsrc2=size=192x108:rate=10:duration={scene.duration_s:.3f}"
    inputs: Sequence[str] = ("-f", "lavfi", "-i", picture, "-f", "f32le", "-ar", str(SAMPLE_RATE_HZ), "-ac", "1")
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "36", "-pix_fmt", "yuv420p", "-c:a", "aac")
    try:
        done = process.run(
            [find_tool("ffmpeg"), "-v", "error", "-y", *inputs, "-i", sound, *coding, "-b:a", "96k", "-shortest", path],
            ctx=ctx,
        )
    finally:
        sound.unlink(missing_ok=True)
    if done.returncode:
        raise EnvironmentProblem(f"ffmpeg could not make {path.name}", done.reason, "Run 8cut.sh doctor")
