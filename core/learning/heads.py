"""Fitting heads. A fit never sees more negatives than `ratio` × positives; several fits with draws of their own are
averaged, so that the pool of negatives is covered all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.learning.scorers import Blend, Forest, Head, Linear, Projected

KINDS = ("blend", "trees", "logistic", "boosting")
"""In the order in which they are preferred where cross-validation finds no difference."""
_MEMBERS = 4
_TREES = 50
_MOST_POSITIVES = 1_500
_LINEAR_STRENGTH = 0.02
_LINEAR_SHARE = 0.3
_STATED_WEIGHT = 2.0
_BOOSTING_COMPONENTS, _BOOSTING_SAMPLE = 64, 1_000
_BOOSTING_STEPS, _BOOSTING_MEMBERS = 40, 8
_BOOSTING_LEVELS = 64


@dataclass(frozen=True)
class Pool:
    """What heads are fitted on.

    Args:
        positive: float32[P, W].
        weak: float32[M, W], far from every marker.
        chance: float64[M], how likely each of `weak` is drawn, relative to the others.
        stated: float32[S, W], explicit and hard negatives: in every draw, and with twice the weight.
    """

    positive: np.ndarray
    weak: np.ndarray
    chance: np.ndarray
    stated: np.ndarray

    def draws(self, count: int, ratio: float, rng: np.random.Generator) -> Iterator[Draw]:
        """So many draws, each with at most `ratio` negatives per positive."""
        for _ in range(count):
            positive = self.positive
            if len(positive) > _MOST_POSITIVES:
                positive = positive[rng.choice(len(positive), _MOST_POSITIVES, replace=False)]
            room = max(1, int(ratio * len(positive)))
            stated = self.stated
            # Half of the room at least is for the variety of ordinary sound.
            if len(stated) > room // 2 and len(self.weak):
                stated = stated[rng.choice(len(stated), room // 2, replace=False)]
            possible = int(np.count_nonzero(self.chance))
            wanted = min(room - len(stated), possible)
            drawn = np.zeros(0, int)
            if wanted > 0:
                drawn = rng.choice(len(self.weak), wanted, replace=False, p=self.chance / self.chance.sum())
            yield Draw.of(positive, self.weak[drawn], stated[: max(1, room)])


@dataclass(frozen=True)
class Draw:
    """Rows, labels and weights of one fit; both classes weigh the same in sum."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, positive: np.ndarray, weak: np.ndarray, stated: np.ndarray) -> Draw:
        x = np.concatenate([positive, weak, stated])
        y = np.repeat((1, 0), (len(positive), len(weak) + len(stated)))
        weight = np.ones(len(x))
        weight[len(positive) + len(weak) :] = _STATED_WEIGHT
        for label in (0, 1):
            weight[y == label] *= len(x) / (2 * weight[y == label].sum())
        return cls(x, y, weight)


def fit_heads(kinds: Sequence[str], pool: Pool, ratio: float, rng: np.random.Generator) -> dict[str, Head]:
    """The heads asked for, of KINDS, fitted on the same draws."""
    draws = list(pool.draws(_MEMBERS, ratio, rng))
    seed = int(rng.integers(2**31))
    found: dict[str, Head] = {}
    if "logistic" in kinds or "blend" in kinds:
        found["logistic"] = fit_linear(draws)
    if "trees" in kinds or "blend" in kinds:
        found["trees"] = _fit_trees(draws, seed)
    if "blend" in kinds:
        found["blend"] = Blend((found["logistic"], found["trees"]), (_LINEAR_SHARE, 1.0))
    if "boosting" in kinds:
        more = pool.draws(_BOOSTING_MEMBERS - len(draws), ratio, rng)
        found["boosting"] = _fit_boosting([*draws, *more], seed)
    return {kind: found[kind] for kind in kinds}


def fit_linear(draws: Sequence[Draw]) -> Linear:
    """The mean of logistic regressions, on columns scaled by all draws' negatives."""
    from sklearn.linear_model import LogisticRegression

    negatives = np.concatenate([draw.x[draw.y == 0] for draw in draws])
    centre, spread = negatives.mean(axis=0), negatives.std(axis=0)
    scale = np.maximum(spread, 0.3 * spread.mean()) + 1e-6
    weights, bias = np.zeros(len(centre)), 0.0
    for draw in draws:
        # The tolerance is loose: the order of scores settles long before the last digits of the weights.
        model = LogisticRegression(C=_LINEAR_STRENGTH, max_iter=1000, tol=1e-3)
        fitted = Linear.of(model.fit((draw.x - centre) / scale, draw.y, draw.weight))
        weights += fitted.weights / scale / len(draws)
        bias += fitted.bias / len(draws)
    return Linear(weights, bias - float(centre @ weights))


def _fit_trees(draws: Sequence[Draw], seed: int) -> Forest:
    from sklearn.ensemble import ExtraTreesClassifier

    forests = [
        ExtraTreesClassifier(_TREES, min_samples_leaf=2, random_state=(seed + number) % 2**31).fit(
            draw.x, draw.y, draw.weight
        )
        for number, draw in enumerate(draws)
    ]
    return Forest.of_trees(*forests)


def _fit_boosting(draws: Sequence[Draw], seed: int) -> Blend:
    """The mean of members of which each has its own draw and, where there are many columns, its own components.

    One set of components for all makes every member wrong at the same places, wherever a few hundred rows put them.
    """
    members = tuple(_boosted(draw, (seed + number) % 2**31) for number, draw in enumerate(draws))
    return Blend(members, (1 / len(members),) * len(members))


def _boosted(draw: Draw, seed: int) -> Projected:
    """Boosting on the leading components of the standardised columns."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    centre, spread = draw.x.mean(axis=0), draw.x.std(axis=0)
    width = len(centre)
    basis = np.eye(width, dtype=np.float32)
    if width > _BOOSTING_COMPONENTS:
        scale = np.maximum(spread, 0.3 * spread.mean()) + 1e-6
        rows = np.random.default_rng(seed).permutation(len(draw.x))[:_BOOSTING_SAMPLE]
        sample = (draw.x[rows] - centre) / scale
        power, sides = np.linalg.eigh(sample @ sample.T)
        power, sides = power[-_BOOSTING_COMPONENTS:], sides[:, -_BOOSTING_COMPONENTS:]
        basis = (sample.T @ (sides / np.sqrt(np.maximum(power, 1e-6 * power[-1])))) / scale[:, None]
    model = HistGradientBoostingClassifier(
        max_iter=_BOOSTING_STEPS,
        max_leaf_nodes=15,
        min_samples_leaf=5,
        l2_regularization=1.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    ).fit(_coarse((draw.x - centre) @ basis), draw.y, draw.weight)
    return Projected(centre, basis, Forest.of_boosting(model))


def _coarse(x: np.ndarray) -> np.ndarray:
    """Every number as the nearest of a few quantiles of its column.

    A threshold then lies in the middle between two of them, so that new rows need no rounding. Scikit-learn would find
    such quantiles itself, weighted ones, which takes six times as long as all the rest of a fit to a few hundred rows.
    """
    levels = np.quantile(x, (np.arange(_BOOSTING_LEVELS) + 0.5) / _BOOSTING_LEVELS, axis=0)
    middles = (levels[1:] + levels[:-1]) / 2
    places = [np.searchsorted(middle, column) for middle, column in zip(middles.T, x.T, strict=True)]
    return np.take_along_axis(levels, np.stack(places, axis=1), axis=0)
