"""Training: from marked recordings to a detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import UserError
from core.job import JobContext
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.trained import Trained


@dataclass(frozen=True)
class _Line:
    weights: np.ndarray
    bias: float

    def score(self, vectors: np.ndarray) -> np.ndarray:
        return 1.0 / (1.0 + np.exp(-(vectors @ self.weights + self.bias)))


def train(
    examples: Sequence[MediaExamples], options: TrainOptions | None = None, ctx: JobContext | None = None
) -> Trained:
    """A detector from marked recordings.

    Raises:
        UserError: the data cannot make a model; says why.
        Cancelled: through `ctx`.
    """
    from sklearn.linear_model import LogisticRegression

    options, ctx = options or TrainOptions(), ctx or JobContext()
    positive, negative = [], []
    for example in examples:
        ctx.check()
        starts = np.asarray(example.embedded.starts_s)
        middles = starts + example.embedded.span_s / 2
        vectors = np.asarray(example.embedded.vectors, np.float32)
        near = np.zeros(len(starts), bool)
        for span in (*example.positives, *example.soft):
            near |= (middles > span.start_s - options.neg_margin_s) & (middles < span.end_s + options.neg_margin_s)
        for span in example.positives:
            positive.append(vectors[(middles >= span.start_s) & (middles < span.end_s)])
        negative.append(vectors[~near])
    if not positive:
        raise UserError("There is nothing to learn from", "No clip of the class is marked", "Cut a few clips first")
    pos, neg = np.concatenate(positive), np.concatenate(negative)
    if not len(neg):
        raise UserError("There is nothing to tell the sound from", "No sound is far enough from every mark", "")
    mean, scale = neg.mean(axis=0), neg.std(axis=0) + 1e-3
    x = (np.concatenate([pos, neg]) - mean) / scale
    y = np.r_[np.ones(len(pos)), np.zeros(len(neg))]
    model = LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000).fit(x, y)
    weights = model.coef_[0] / scale
    head = _Line(weights.astype(np.float32), float(model.intercept_[0] - mean @ weights))
    return Trained(head, x.shape[1], {"embedding": dict(options.embedding)}, {"threshold": 0.5})
