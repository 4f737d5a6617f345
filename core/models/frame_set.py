"""Labelled pictures as a network takes them: small squares in memory, changed a little in training, normalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.job import JobContext
from core.media.small_pictures import small_pictures
from core.models.frame_backbone import Look

_TURN_DEGREES, _JITTER = 10, 0.2


@dataclass(frozen=True)
class FrameSet:
    """N labelled pictures.

    Args:
        pictures: uint8[N, 3, px, px]; 150 kB each at 224 px.
        labels: int64[N], class numbers.
        groups: the video of each.
    """

    pictures: Tensor
    labels: Tensor
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.groups)

    def those(self, chosen: Sequence[bool]) -> FrameSet:
        """The part of them for which `chosen` is true."""
        at = torch.as_tensor(np.flatnonzero(np.asarray(chosen, dtype=bool)))
        return FrameSet(self.pictures[at], self.labels[at], tuple(self.groups[place] for place in at.tolist()))


def read_frames(
    images: Sequence[Path], labels: Sequence[int], groups: Sequence[str], px: int, ctx: JobContext
) -> tuple[FrameSet, tuple[str, ...]]:
    """(the pictures that can be read, the files of those that cannot).

    Raises:
        Cancelled: `ctx` was cancelled.
    """
    # One block from the beginning: thousands of pictures would otherwise be held twice while they are joined.
    pictures = torch.empty((len(images), 3, px, px), dtype=torch.uint8)
    kept, skipped = [], []
    for at, picture in enumerate(small_pictures(images, px, ctx)):
        ctx.progress(0, 0, f"Reading pictures: {at + 1} of {len(images)}")
        if picture is None:
            skipped.append(str(images[at]))
        else:
            pictures[len(kept)] = torch.from_numpy(picture).permute(2, 0, 1)
            kept.append(at)
    chosen = torch.tensor([labels[at] for at in kept], dtype=torch.int64)
    return FrameSet(pictures[: len(kept)], chosen, tuple(groups[at] for at in kept)), tuple(skipped)


def augmented(pictures: Tensor) -> Tensor:
    """uint8[B, 3, px, px], each picture changed in its own way by torch's random numbers."""
    from torchvision.transforms import v2

    change = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomRotation(_TURN_DEGREES, interpolation=v2.InterpolationMode.BILINEAR),
            v2.ColorJitter(_JITTER, _JITTER, _JITTER),
        ]
    )
    return torch.stack([change(picture) for picture in pictures])


def normalised(pictures: Tensor, look: Look) -> Tensor:
    """uint8[B, 3, px, px] → float32 of the same shape, as the backbone wants it."""
    mean, std = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (look.mean, look.std))
    return ((pictures.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)
