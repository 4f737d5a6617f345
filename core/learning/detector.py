"""The recipe: features, where in the clips the sound is, hard background, heads. And what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.job import JobContext
from core.learning import mil
from core.learning.calibration import Calibration
from core.learning.examples import EmbeddedLike
from core.learning.features import Features, usable
from core.learning.heads import Pool, fit_heads, fit_linear
from core.learning.samples import Recording
from core.learning.scorers import Head

# Numbers in the pool of negatives that is kept in memory: 192 MB.
_POOL_NUMBERS = 48_000_000
_POOL_ROWS = 20_000
# The tenth of the background that a first model likes best is drawn nine times as often.
_HARD_SHARE, _HARD_CHANCE = 0.1, 9.0
# Background that the first model likes as much as the clips' weakest quarter may be the sound, unmarked.
_SUSPECT_QUANTILE = 0.25
_SMOOTH_S = 1.0


@dataclass(frozen=True)
class Detector:
    """Features, head, smoothing and calibration, one after the other."""

    features: Features
    head: Head
    kernel: np.ndarray
    calibration: Calibration

    def logits(self, recording: EmbeddedLike) -> np.ndarray:
        """float64[N] of a whole recording, smoothed, not calibrated."""
        if not len(recording.vectors):
            return np.zeros(0)
        raw = np.concatenate([self.head.logit(block) for block in self.features.blocks(recording)])
        return smooth(raw, self.kernel)

    def probabilities(self, recording: EmbeddedLike) -> np.ndarray:
        """float64[N]; 0 where a vector is not a number."""
        return np.where(usable(recording.vectors), self.calibration.apply(self.logits(recording)), 0.0)


def smooth(scores: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The weighted mean over neighbours; the ends are continued."""
    reach = len(kernel) // 2
    return np.convolve(np.pad(scores, reach, mode="edge"), kernel, mode="valid")


def smoothing(span_s: float, hop_s: float) -> np.ndarray:
    """A triangle that reaches a second to each side, or half a grain where that is shorter."""
    reach = max(0, round(min(_SMOOTH_S, span_s / 2) / hop_s))
    kernel = (reach + 1 - np.abs(np.arange(-reach, reach + 1))).astype(np.float64)
    return kernel / kernel.sum()


@dataclass(frozen=True)
class Gathered:
    """The examples of some recordings as rows of features.

    Args:
        positive, weak, stated: float32[…, W].
        found: per recording the grains in which the sound was located.
    """

    features: Features
    kernel: np.ndarray
    positive: np.ndarray
    weak: np.ndarray
    stated: np.ndarray
    found: tuple[np.ndarray, ...]


def gather(recordings: Sequence[Recording], rng: np.random.Generator, ctx: JobContext) -> Gathered:
    """Fit the features, find the sound in the clips, draw the background: from these recordings and nothing else."""
    first = recordings[0].embedded
    hop_s = float(first.starts_s[1] - first.starts_s[0]) if len(first.starts_s) > 1 else first.span_s
    features = Features.fit([one.embedded for one in recordings], rng)
    width = 2 * (features.basis.shape[1] or first.vectors.shape[1])
    shares = _shares([len(one.far) for one in recordings], min(_POOL_ROWS, _POOL_NUMBERS // width))
    bags, weak, stated, groups = [], [], [], []
    for recording, count in zip(recordings, shares, strict=True):
        ctx.check()
        far = np.sort(rng.choice(recording.far, count, replace=False))
        kinds = [far, recording.stated, *recording.bags]
        rows = features.rows(recording.embedded, np.concatenate(kinds).astype(int))
        parts = np.split(rows, np.cumsum([len(kind) for kind in kinds])[:-1])
        weak.append(parts[0])
        stated.append(parts[1])
        groups += [recording.group] * len(far)
        bags += [mil.Bag(recording.group, part) for part in parts[2:]]
    ctx.check()
    weak_rows = np.concatenate(weak)
    located = _locate(recordings, bags, weak_rows, np.asarray(groups, object), hop_s, rng)
    positive = np.concatenate([bag.rows[rows] for bag, rows in zip(bags, located, strict=True)])
    found = _in_recordings(recordings, located)
    return Gathered(features, smoothing(first.span_s, hop_s), positive, weak_rows, np.concatenate(stated), found)


def fit(
    gathered: Gathered, kinds: Sequence[str], ratio: float, rng: np.random.Generator, ctx: JobContext
) -> dict[str, Detector]:
    """Detectors by kind of head, not calibrated yet."""
    chance = _hard_background(gathered, ratio, rng)
    ctx.check()
    pool = Pool(gathered.positive, gathered.weak, chance, gathered.stated)
    heads = fit_heads(kinds, pool, ratio, rng)
    return {kind: Detector(gathered.features, head, gathered.kernel, Calibration()) for kind, head in heads.items()}


def _locate(
    recordings: Sequence[Recording],
    bags: Sequence[mil.Bag],
    weak: np.ndarray,
    groups: np.ndarray,
    hop_s: float,
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Rows of every bag that hold the sound; all of them where a grain is about as long as a clip."""
    span_s = recordings[0].embedded.span_s
    clips = [clip for recording in recordings for clip in recording.clips]
    if all(span_s >= 0.75 * clip.length_s for clip in clips):
        return [np.arange(len(bag.rows)) for bag in bags]
    # The second half of a feature vector is the contrast to the surroundings: what is new in the clip.
    half = weak.shape[1] // 2
    contrast = [mil.Bag(bag.group, bag.rows[:, half:]) for bag in bags]
    return mil.locate(contrast, weak[:, half:], groups, hop_s, rng)


def _hard_background(gathered: Gathered, ratio: float, rng: np.random.Generator) -> np.ndarray:
    """How often each weak negative shall be drawn: more where a first, linear model takes it for the sound."""
    positive, weak, stated = gathered.positive, gathered.weak, gathered.stated
    chance = np.ones(len(weak))
    if not len(weak):
        return chance
    first = fit_linear(list(Pool(positive, weak, chance, stated).draws(2, ratio, rng)))
    scores = first.logit(weak)
    suspect = scores >= np.quantile(first.logit(positive), _SUSPECT_QUANTILE)
    # Never so many that little is left: then the model is weak, not the marking.
    if suspect.mean() < 0.05:
        chance[suspect] = 0.0
    allowed = np.flatnonzero(chance)
    hardest = allowed[np.argsort(-scores[allowed], kind="stable")[: int(_HARD_SHARE * len(allowed))]]
    chance[hardest] = _HARD_CHANCE
    return chance


def _in_recordings(recordings: Sequence[Recording], located: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    found, rows = [], iter(located)
    for recording in recordings:
        grains = [bag[next(rows)] for bag in recording.bags]
        found.append(np.unique(np.concatenate(grains)) if grains else np.zeros(0, int))
    return tuple(found)


def _shares(available: Sequence[int], total: int) -> list[int]:
    """`total` spread evenly over what is available; who has less leaves its part to the others."""
    shares, left = [0] * len(available), total
    order = sorted(range(len(available)), key=lambda place: available[place])
    for done, place in enumerate(order):
        shares[place] = min(available[place], left // (len(order) - done))
        left -= shares[place]
    return shares
