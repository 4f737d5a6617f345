"""Our own evaluation of fitted heads equals scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.learning.scorers import Blend, Forest, Linear, logit, sigmoid


def data(seed: int, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)).astype(np.float32).round(1)  # ties on purpose
    y = (x[:, 0] + rng.normal(size=rows) > 0).astype(int)
    y[:2] = 0, 1
    return x, y, rng.normal(size=(57, columns)).astype(np.float32).round(1)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 60), st.integers(1, 9))
def test_extra_trees(seed: int, rows: int, columns: int) -> None:
    from sklearn.ensemble import ExtraTreesClassifier

    x, y, new = data(seed, rows, columns)
    weights = np.random.default_rng(seed).uniform(0.2, 2.0, len(x))
    fitted = ExtraTreesClassifier(9, min_samples_leaf=1 + seed % 3, random_state=seed).fit(x, y, weights)
    ours = Forest.of_trees(fitted).probability(new)
    assert ours == pytest.approx(fitted.predict_proba(new)[:, 1], abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(50, 120), st.integers(1, 6))
def test_boosting(seed: int, rows: int, columns: int) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y, new = data(seed, rows, columns)
    fitted = HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=5, random_state=seed).fit(x, y)
    ours = Forest.of_boosting(fitted).probability(new)
    assert ours == pytest.approx(fitted.predict_proba(new)[:, 1], abs=1e-6)


def test_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    x, y, new = data(1, 40, 5)
    fitted = LogisticRegression().fit(x, y)
    assert Linear.of(fitted).probability(new) == pytest.approx(fitted.predict_proba(new)[:, 1], abs=1e-6)


def test_many_rows_are_walked_in_parts() -> None:
    from sklearn.ensemble import ExtraTreesClassifier

    x, y, _ = data(3, 60, 4)
    forest = Forest.of_trees(ExtraTreesClassifier(40, random_state=0).fit(x, y))
    many = np.tile(x, (200, 1))
    assert np.array_equal(forest.probability(many), np.tile(forest.probability(x), 200))


def test_a_blend_is_the_mean_of_logits() -> None:
    low, high = Linear(np.zeros(1), -1.0), Linear(np.zeros(1), 3.0)
    assert Blend((low, high)).probability(np.zeros((1, 1), np.float32)) == pytest.approx(sigmoid(1.0))


@given(st.floats(-13, 13))
def test_logit_undoes_sigmoid(value: float) -> None:
    assert logit(sigmoid(np.array([value])))[0] == pytest.approx(value, abs=1e-4)
