"""Heads as plain arrays: what scikit-learn fitted, evaluated here with numpy alone.

So a stored model needs neither pickle nor the version of a library that made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

# Rows × trees walked at once: the walk's indices stay within the processor's cache.
_WALK = 1 << 17
# Added to both sides of the share of trees that say yes.
_DOUBT = 0.01


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(logits, np.float64)))


def logit(probabilities: np.ndarray) -> np.ndarray:
    """The inverse of `sigmoid`, of probabilities between 0 and 1."""
    return np.log(probabilities) - np.log1p(-probabilities)


@dataclass(frozen=True)
class Linear:
    """Logistic regression: float64[D] weights and a bias."""

    weights: np.ndarray
    bias: float

    def logit(self, x: np.ndarray) -> np.ndarray:
        """float32[N, D] → float64[N]."""
        return (x @ self.weights.astype(np.float32)).astype(np.float64) + self.bias

    def probability(self, x: np.ndarray) -> np.ndarray:
        """float32[N, D] → float64[N]."""
        return sigmoid(self.logit(x))

    @classmethod
    def of(cls, fitted: Any) -> Linear:
        """From a fitted `LogisticRegression` of two classes."""
        return cls(np.asarray(fitted.coef_[0], np.float64), float(fitted.intercept_[0]))


@dataclass(frozen=True)
class Forest:
    """Decision trees over all of which leaf values are added up. All nodes of all trees lie in one row of arrays.

    Args:
        feature: int32[M], the column a node looks at; a leaf looks at column 0.
        threshold: float64[M], a vector goes left where its value is at most this; infinite in a leaf.
        left, right: int32[M], nodes; a leaf points to itself.
        value: float64[M], what a leaf adds.
        roots: int32[T], the first node of each tree.
        depth: steps to the deepest leaf.
        bias: added to the sum.
        link: "identity" where the sum is a probability, "logistic" where it is a logit.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    roots: np.ndarray
    depth: int
    bias: float = 0.0
    link: str = "identity"

    def total(self, x: np.ndarray) -> np.ndarray:
        """What the leaves and the bias add up to: float32[N, D] → float64[N]."""
        x = np.ascontiguousarray(x, np.float32)
        walk = _Walk(self)
        found = np.empty(len(x), np.float64)
        rows = max(1, _WALK // len(self.roots))
        for start in range(0, len(x), rows):
            leaves = walk.leaves(x[start : start + rows])
            found[start : start + rows] = self.value[leaves].reshape(-1, len(self.roots)).sum(axis=1)
        return found + self.bias

    def probability(self, x: np.ndarray) -> np.ndarray:
        """float32[N, D] → float64[N]."""
        return sigmoid(self.total(x)) if self.link == "logistic" else self.total(x)

    def logit(self, x: np.ndarray) -> np.ndarray:
        """float32[N, D] → float64[N]; where all trees agree it stays finite."""
        if self.link == "logistic":
            return self.total(x)
        share = np.clip(self.total(x), 0.0, 1.0)
        return np.log(share + _DOUBT) - np.log(1.0 + _DOUBT - share)

    @classmethod
    def of_trees(cls, *fitted: Any) -> Forest:
        """From forests of two classes, such as `ExtraTreesClassifier`: the mean of their leaves' shares."""
        trees = [estimator.tree_ for forest in fitted for estimator in forest.estimators_]
        parts = []
        for tree in trees:
            counts = tree.value[:, 0, :]
            share = counts[:, 1] / counts.sum(axis=1) / len(trees)
            leaf = tree.children_left < 0
            parts.append((tree.feature, tree.threshold, tree.children_left, tree.children_right, share, leaf))
        return cls._join(parts, max(tree.max_depth for tree in trees))

    @classmethod
    def of_boosting(cls, *fitted: Any) -> Forest:
        """From `HistGradientBoostingClassifier`s of two classes without categories or missing values: the mean of
        their logits.
        """
        parts, depth, bias = [], 0, 0.0
        for model in fitted:
            bias += float(np.ravel(model._baseline_prediction)[0]) / len(fitted)
            for (predictor,) in model._predictors:
                nodes = predictor.nodes
                leaf, value = nodes["is_leaf"].astype(bool), nodes["value"] / len(fitted)
                parts.append((nodes["feature_idx"], nodes["num_threshold"], nodes["left"], nodes["right"], value, leaf))
                depth = max(depth, int(nodes["depth"].max()))
        return cls._join(parts, depth, bias, "logistic")

    @classmethod
    def _join(cls, parts: Sequence[tuple], depth: int, bias: float = 0.0, link: str = "identity") -> Forest:
        columns: list[list[np.ndarray]] = [[], [], [], [], []]
        roots, offset = [], 0
        for feature, threshold, left, right, value, leaf in parts:
            own = np.arange(len(feature)) + offset
            columns[0].append(np.where(leaf, 0, feature))
            columns[1].append(np.where(leaf, np.inf, threshold))
            columns[2].append(np.where(leaf, own, left.astype(np.int64) + offset))
            columns[3].append(np.where(leaf, own, right.astype(np.int64) + offset))
            columns[4].append(np.where(leaf, value, 0.0))
            roots.append(offset)
            offset += len(feature)
        feature, threshold, left, right, value = (np.concatenate(column) for column in columns)
        return cls(
            feature.astype(np.int32), threshold.astype(np.float64), left.astype(np.int32), right.astype(np.int32),
            value.astype(np.float64), np.asarray(roots, np.int32), depth, bias, link,
        )  # fmt: skip


class _Walk:
    """A forest laid out for walking: children side by side, thresholds in the precision of the vectors."""

    def __init__(self, forest: Forest) -> None:
        self._feature = forest.feature.astype(np.intp)
        self._children = np.stack([forest.left, forest.right], axis=1).astype(np.intp).ravel()
        self._leaf = np.isinf(forest.threshold)
        rounded = forest.threshold.astype(np.float32)
        # Rounded down: a float32 is at most the threshold exactly where it is at most the next float32 below it.
        self._threshold = np.where(
            rounded > forest.threshold, np.nextafter(rounded, np.float32(-np.inf), dtype=np.float32), rounded
        )
        self._roots, self._depth = forest.roots.astype(np.intp), forest.depth

    def leaves(self, x: np.ndarray) -> np.ndarray:
        """intp[N · T], the leaf that each row reaches in each tree, row by row."""
        flat = x.ravel()
        base = np.repeat(np.arange(len(x), dtype=np.intp) * x.shape[1], len(self._roots))
        found = np.tile(self._roots, len(x))
        node, walking = found, None
        for step in range(self._depth):
            values = flat.take(self._feature.take(node) + base)
            node = self._children.take(2 * node + (values > self._threshold.take(node)))
            if step % 3 == 2 or step == self._depth - 1:
                if walking is None:
                    found = node
                else:
                    found[walking] = node
                # Most leaves are far above the deepest: those who have arrived rest.
                still = np.flatnonzero(~self._leaf.take(node))
                walking = still if walking is None else walking[still]
                node, base = node[still], base[still]
        return found


@dataclass(frozen=True)
class Projected:
    """A head that looks at components: (x − mean) · basis.

    Args:
        mean: float32[D].
        basis: float32[D, K].
    """

    mean: np.ndarray
    basis: np.ndarray
    head: Linear | Forest

    def logit(self, x: np.ndarray) -> np.ndarray:
        """float32[N, D] → float64[N]."""
        return self.head.logit((x - self.mean) @ self.basis)


@dataclass(frozen=True)
class Blend:
    """Several heads: the weighted sum of their logits."""

    heads: tuple[Linear | Forest | Projected, ...]
    weights: tuple[float, ...]

    def logit(self, x: np.ndarray) -> np.ndarray:
        """float32[N, D] → float64[N]."""
        return sum(weight * head.logit(x) for head, weight in zip(self.heads, self.weights, strict=True))


Head = Linear | Forest | Projected | Blend
