"""Small pictures of three kinds in several made-up videos, and a split of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.domain.split import Split
from core.media.png import png

CLASSES = ("red", "green", "blue")
SMALL = "timm:test_resnet"
"""A real residual network of timm with 0.4 million weights."""


@dataclass(frozen=True)
class FrameWorld:
    images: list[Path]
    labels: list[str]
    groups: list[str]
    split: Split

    def part(self, groups: frozenset[str]) -> tuple[list[Path], list[str], list[str]]:
        """Images, labels and groups of some videos."""
        rows = zip(self.images, self.labels, self.groups, strict=True)
        return tuple(list(column) for column in zip(*(row for row in rows if row[2] in groups), strict=True))

    @property
    def lesson(self) -> tuple[list[Path], list[str], list[str]]:
        """What may be learned from: everything but the test videos."""
        return self.part(self.split.train | self.split.validation)


def make_world(folder: Path, videos: int = 10, each: int = 6, strength: int = 50) -> FrameWorld:
    """Noise with more of one colour, in a brightness that each video has of its own. Videos 0 and 1 are the test set,
    2 and 3 are for validation."""
    rng = np.random.default_rng(7)
    images, labels, groups = [], [], []
    for video in range(videos):
        (folder / f"v{video}").mkdir(parents=True)
        light = rng.integers(20, 120)
        for frame in range(each):
            kind = (video + frame) % 3
            picture = rng.integers(0, 60, (36, 64, 3)) + light
            picture[..., kind] += strength
            path = folder / f"v{video}" / f"{frame}.png"
            path.write_bytes(png(picture.astype(np.uint8)))
            images.append(path)
            labels.append(CLASSES[kind])
            groups.append(f"v{video}")
    names = [f"v{video}" for video in range(videos)]
    split = Split(frozenset(names[4:]), frozenset(names[2:4]), frozenset(names[:2]))
    return FrameWorld(images, labels, groups, split)
