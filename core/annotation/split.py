"""Choosing whole videos for training, validation and test so that every class is in each as far as it goes.

Round 0 makes the split, later rounds only add videos to it. `core.domain.split` holds the split itself and its alarm:
every function that fits, chooses, calibrates or draws takes the `Split` and calls `admit` before it starts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.domain.split import STAGES, LeakError, Split
from core.errors import UserError

__all__ = ["STAGES", "LeakError", "Split", "extend_split", "make_split"]

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.2
SEED = 42
FEWEST_VIDEOS = 3


def make_split(
    labels_by_group: Mapping[str, Sequence[str]],
    test_share: float = TEST_SHARE,
    validation_share: float = VALIDATION_SHARE,
    seed: int = SEED,
) -> Split:
    """Freeze a test set and divide the rest; each set gets its share of the videos of every majority label.

    Args:
        labels_by_group: the labels of each video (content key); a project with several tasks passes labels that name
            all of them, such as "3rd person|Social". Videos without labels get no place yet: `extend_split` gives
            them one when they have some.
        test_share: of the labelled videos, 0–1; never less than one video.
        validation_share: of the videos that are left; never less than one.
        seed: the same videos and labels with the same seed give the same split, in whatever order they come.

    Raises:
        UserError: fewer than three videos have labels.
    """
    labelled = _majorities(labels_by_group)
    if len(labelled) < FEWEST_VIDEOS:
        raise UserError(
            f"{len(labelled)} labelled videos are too few to learn from",
            "One is learned from, one stops the training, one judges the result, and no video may be two of them",
            f"Label frames of at least {FEWEST_VIDEOS} videos",
        )
    rng = random.Random(seed)
    test = _draw(labelled, _share(len(labelled), test_share, leave=2), rng)
    rest = {group: label for group, label in labelled.items() if group not in test}
    validation = _draw(rest, _share(len(rest), validation_share, leave=1), rng)
    return Split(frozenset(rest) - validation, validation, test, seed)


def extend_split(
    split: Split, labels_by_group: Mapping[str, Sequence[str]], validation_share: float = VALIDATION_SHARE
) -> Split:
    """Give the labelled videos that are new a place: training or validation, never the test set. Old ones never move.

    Args:
        labels_by_group: as of `make_split`; videos that have their place already may be among them.
        validation_share: of all videos outside of the test set, which the new ones bring about as far as they can.
    """
    new = {group: label for group, label in _majorities(labels_by_group).items() if group not in split.known}
    if not new:
        return split
    rest = len(split.train) + len(split.validation) + len(new)
    missing = round(rest * validation_share) - len(split.validation)
    # The seed differs from round to round, or the same places of the order would be drawn each time.
    rng = random.Random(f"{split.seed} {len(split.known)}")
    validation = _draw(new, max(0, min(missing, len(new))), rng)
    return Split(split.train | (frozenset(new) - validation), split.validation | validation, split.test, split.seed)


def majority(labels: Iterable[str]) -> str:
    """The most frequent label; of several the first in the alphabet.

    Raises:
        IndexError: there is none.
    """
    return sorted(Counter(labels).items(), key=lambda item: (-item[1], item[0]))[0][0]


def _majorities(labels_by_group: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {group: majority(labels) for group, labels in sorted(labels_by_group.items()) if labels}


def _share(count: int, share: float, leave: int) -> int:
    return max(1, min(round(count * share), count - leave))


def _draw(label_of: Mapping[str, str], count: int, rng: random.Random) -> frozenset[str]:
    """`count` videos, of each label in proportion; a label's last video is taken only when nothing else is left.

    Places are dealt by largest remainders (Hamilton's method); equal ones go to the more frequent label, so that a
    draw leaves no more holes in rare classes than it must.
    """
    strata: dict[str, list[str]] = {}
    for group in sorted(label_of):
        strata.setdefault(label_of[group], []).append(group)
    for label in sorted(strata):
        rng.shuffle(strata[label])
    taken = {label: min(int(count * len(groups) / len(label_of)), len(groups) - 1) for label, groups in strata.items()}
    while sum(taken.values()) < count:
        open_labels = [label for label in strata if taken[label] < len(strata[label])]
        spare = [label for label in open_labels if taken[label] < len(strata[label]) - 1]
        chosen = max(
            spare or open_labels,
            key=lambda label: (
                count * len(strata[label]) / len(label_of) - taken[label],
                len(strata[label]),
                label,
            ),
        )
        taken[chosen] += 1
    return frozenset(group for label, groups in strata.items() for group in groups[: taken[label]])
