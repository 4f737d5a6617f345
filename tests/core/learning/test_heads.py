"""Draws keep to their limits, and every kind of head learns."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning.heads import KINDS, Pool, fit_heads
from core.learning.scorers import Blend, Projected


def pool(positives: int, weak: int, stated: int, width: int = 6) -> Pool:
    rng = np.random.default_rng(0)

    def rows(count: int, at: float) -> np.ndarray:
        return (rng.normal(size=(count, width)) + at).astype(np.float32)

    return Pool(rows(positives, 1.5), rows(weak, 0.0), np.ones(weak), rows(stated, 100.0))


@pytest.mark.parametrize(("positives", "weak", "stated"), [(10, 500, 0), (10, 500, 5), (10, 500, 400), (10, 12, 3)])
def test_no_fit_sees_more_than_three_negatives_per_positive(positives: int, weak: int, stated: int) -> None:
    for draw in pool(positives, weak, stated).draws(3, 3.0, np.random.default_rng(1)):
        negatives = draw.y == 0
        assert draw.y.sum() == positives
        assert 0 < negatives.sum() <= 3 * positives
        assert draw.weight[negatives].sum() == pytest.approx(draw.weight[~negatives].sum())
        from_stated = draw.x[:, 0] > 50
        assert from_stated.sum() == min(stated, 15)
        if stated:
            ordinary = negatives & ~from_stated
            assert draw.weight[from_stated].min() == pytest.approx(2 * draw.weight[ordinary].max())


def test_stated_negatives_alone_are_enough() -> None:
    (draw,) = pool(4, 0, 50).draws(1, 3.0, np.random.default_rng(0))
    assert (draw.y == 0).sum() == 12


def test_what_has_no_chance_is_never_drawn() -> None:
    one = pool(20, 100, 0)
    one.chance[:70] = 0.0
    drawn = np.concatenate([draw.x[draw.y == 0] for draw in one.draws(5, 3.0, np.random.default_rng(0))])
    assert not any((row == one.weak[:70]).all(axis=1).any() for row in drawn)


def test_thousands_of_positives_are_sampled() -> None:
    (draw,) = pool(4_000, 20, 0).draws(1, 3.0, np.random.default_rng(0))
    assert draw.y.sum() == 1_500


@pytest.mark.parametrize("width", [4, 200])
def test_every_kind_learns_and_is_the_same_again(width: int) -> None:
    data = pool(40, 200, 0, width)
    heads = fit_heads(KINDS, data, 3.0, np.random.default_rng(0))
    again = fit_heads(KINDS, data, 3.0, np.random.default_rng(0))
    assert tuple(heads) == KINDS
    for kind, head in heads.items():
        assert np.median(head.logit(data.positive)) > np.quantile(head.logit(data.weak), 0.9), kind
        assert np.array_equal(head.logit(data.weak), again[kind].logit(data.weak)), kind


def test_the_members_of_boosting_see_components_of_their_own_and_their_mean_is_steadier() -> None:
    data = pool(12, 200, 0, 200)
    rng = np.random.default_rng(5)
    new = (rng.normal(size=(300, 200)) + rng.uniform(0.0, 1.5, (300, 1))).astype(np.float32)
    one, other = (fit_heads(["boosting"], data, 3.0, np.random.default_rng(seed))["boosting"] for seed in (1, 2))
    assert isinstance(one, Blend) and isinstance(other, Blend)
    members = [head for head in one.heads if isinstance(head, Projected)]
    assert len({head.basis.tobytes() for head in members}) == len(members) == 8
    alone = [
        np.corrcoef(mine.logit(new), theirs.logit(new))[0, 1]
        for mine, theirs in zip(one.heads, other.heads, strict=True)
    ]
    assert np.corrcoef(one.logit(new), other.logit(new))[0, 1] > max(alone)
