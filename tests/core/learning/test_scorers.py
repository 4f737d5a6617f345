"""Our own evaluation of fitted heads equals scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.learning.scorers import Blend, Forest, Linear, Projected, logit, sigmoid


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
    assert Forest.of_boosting(fitted, fitted).probability(new) == pytest.approx(ours, abs=1e-9)


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


def test_a_blend_is_the_weighted_sum_of_logits() -> None:
    low, high = Linear(np.zeros(1), -1.0), Linear(np.zeros(1), 3.0)
    assert Blend((low, high), (0.5, 2.0)).logit(np.zeros((1, 1), np.float32)) == pytest.approx(5.5)


def test_a_forest_that_agrees_stays_finite() -> None:
    from sklearn.ensemble import ExtraTreesClassifier

    x, y = np.array([[0.0], [1.0]] * 10, np.float32), np.array([0, 1] * 10)
    first, second = ExtraTreesClassifier(5, random_state=0).fit(x, y), ExtraTreesClassifier(5, random_state=1).fit(x, y)
    forest = Forest.of_trees(first, second)
    assert forest.probability(x[:2]).tolist() == [0.0, pytest.approx(1.0)]
    assert forest.logit(x[:2]).tolist() == [pytest.approx(-4.6, abs=0.1), pytest.approx(4.6, abs=0.1)]
    assert len(forest.roots) == 10


def test_a_projected_head_sees_components() -> None:
    head = Projected(np.array([1.0, 0.0], np.float32), np.array([[2.0], [0.0]], np.float32), Linear(np.ones(1), 0.5))
    assert head.logit(np.array([[3.0, 9.0]], np.float32)) == pytest.approx(4.5)


def test_sigmoid_neither_overflows_nor_leaves_its_range() -> None:
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


@given(st.floats(-13, 13))
def test_logit_undoes_sigmoid(value: float) -> None:
    assert logit(sigmoid(np.array([value])))[0] == pytest.approx(value, abs=1e-4)
