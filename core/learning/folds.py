"""Folds for cross-validation: everything of one source video on the same side, always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from core.errors import UserError
from core.learning.samples import Recording, Selection

MOST_FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """What is trained on and what is tested on.

    Args:
        train, test: recordings, or, where there is a single video, the parts of it outside and inside of a stretch.
    """

    train: tuple[Recording, ...]
    test: tuple[Recording, ...]


def folds(selection: Selection) -> tuple[str, list[Fold]]:
    """("video", folds) with whole videos left out; ("clip", folds) with stretches around clips of the only video.

    Raises:
        UserError: there are too few clips to leave one out.
    """
    if selection.positives < 2:
        raise UserError(
            "One clip is too little to learn from", "Nothing would be left to check the model with", "Cut a second one"
        )
    if len(selection.groups) > 1:
        return "video", _by_video(selection)
    return "clip", _by_clip(selection)


def _by_video(selection: Selection) -> list[Fold]:
    """Groups spread over folds so that each has about as many clips."""
    clips: dict[str, int] = {}
    for one in selection.recordings:
        clips[one.group] = clips.get(one.group, 0) + len(one.bags)
    count = min(MOST_FOLDS, len(selection.groups))
    place = place_groups(clips, count)
    return [
        Fold(
            tuple(one for one in selection.recordings if place[one.group] != number),
            tuple(one for one in selection.recordings if place[one.group] == number),
        )
        for number in range(count)
    ]


def place_groups(sizes: Mapping[str, float], count: int) -> dict[str, int]:
    """The fold 0 … count − 1 of every group, so that each fold has about as much; groups stay whole."""
    loads, place = [0.0] * count, {}
    for group in sorted(sizes, key=lambda name: (-sizes[name], name)):
        lightest = loads.index(min(loads))
        place[group] = lightest
        # A video without clips still is work; it goes where the fewest are.
        loads[lightest] += sizes[group] + 0.01
    return place


def _by_clip(selection: Selection) -> list[Fold]:
    """The only video with clips in stretches of time, each with about as many clips; other videos always train."""
    marked = [one for one in selection.recordings if one.bags]
    others = tuple(one for one in selection.recordings if not one.bags)
    middles = np.sort([(clip.start_s + clip.end_s) / 2 for one in marked for clip in one.clips])
    parts = np.array_split(np.arange(len(middles)), min(MOST_FOLDS, len(middles)))
    edges = [-np.inf]
    edges += [(middles[a[-1]] + middles[b[0]]) / 2 for a, b in pairwise(parts)]
    edges += [np.inf]
    return [
        Fold(
            tuple(_within(one, low, high, False) for one in marked) + others,
            tuple(_within(one, low, high, True) for one in marked),
        )
        for low, high in pairwise(edges)
    ]


def _within(one: Recording, low_s: float, high_s: float, inside: bool) -> Recording:
    """What of a recording's examples lies in `[low_s, high_s)`, or outside of it; the rest is ignored."""
    middles = one.middles_s
    kept = ((middles >= low_s) & (middles < high_s)) == inside
    pairs = [
        (clip, bag)
        for clip, bag in zip(one.clips, one.bags, strict=True)
        if (low_s <= (clip.start_s + clip.end_s) / 2 < high_s) == inside
    ]
    return replace(
        one,
        clips=tuple(clip for clip, _ in pairs),
        bags=tuple(bag for _, bag in pairs),
        far=_those(one.far, kept),
        stated=_those(one.stated, kept),
        ignored=one.ignored | ~kept,
    )


def training_part_is_enough(train: Sequence[Recording]) -> bool:
    """True where something can be learned from the recordings: a clip and a negative."""
    return any(one.bags for one in train) and any(len(one.far) + len(one.stated) for one in train)


def _those(indices: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return indices[kept[indices]]
