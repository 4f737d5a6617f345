"""The logistic head: scikit-learn's answer, a chosen ridge, and no test video anywhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from core.domain.split import LeakError, Split
from core.errors import Cancelled
from core.job import JobContext
from core.models import frame_head
from core.models.frame_head import Embedded, fit_head, normalisation

SPLIT = Split(frozenset({"a", "b"}), frozenset({"v"}), frozenset({"x"}))


def embedded(count: int, group: str, seed: int, dim: int = 12) -> Embedded:
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=count)
    centres = np.random.default_rng(0).normal(0, 1, (3, dim))
    vectors = (centres[labels] + rng.normal(0, 1.5, (count, dim))) * np.linspace(0.1, 9, dim) + 5
    return Embedded(vectors.astype(np.float32), labels.astype(np.int64), (group,) * count)


def test_it_is_the_logistic_regression_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    training, ridge = embedded(150, "a", 1), 0.1
    monkeypatch.setattr(frame_head, "_RIDGES", (ridge,))
    head = fit_head(training, embedded(30, "v", 2), 3, SPLIT, JobContext())
    mean, spread = training.vectors.mean(0), training.vectors.std(0) * np.sqrt(12)
    # Theirs sums losses where this one takes their mean, and punishes the sum of squares where this one takes theirs.
    theirs = LogisticRegression(C=3 * 12 / (ridge * 150), class_weight="balanced", max_iter=5000, tol=1e-8)
    theirs.fit((training.vectors - mean) / spread, training.labels)
    tests = embedded(40, "v", 3).vectors
    logits = tests @ head.weight.T + head.bias
    expected = theirs.predict_proba((tests - mean) / spread)
    assert torch.softmax(torch.from_numpy(logits), 1).numpy() == pytest.approx(expected, abs=5e-3)


def test_validation_chooses_the_ridge() -> None:
    head = fit_head(embedded(40, "a", 1), embedded(60, "v", 2), 3, SPLIT, JobContext())
    assert head.ridge == min(head.losses, key=lambda row: row[1])[0]
    assert len(head.losses) == 8


def test_without_validation_a_middling_ridge_is_taken() -> None:
    training = embedded(40, "a", 1)
    nothing = Embedded(training.vectors[:0], training.labels[:0], ())
    head = fit_head(training, nothing, 3, SPLIT, JobContext())
    assert (head.ridge, head.losses) == (0.03, ())


@pytest.mark.parametrize("stage", ["training", "validation", "normalisation"])
def test_a_test_video_sneaked_in_is_an_alarm(stage: str) -> None:
    own, sneaked, validation = embedded(20, "a", 1), embedded(5, "x", 2), embedded(5, "v", 3)
    with pytest.raises(LeakError, match=f"used for {stage}, they are test videos"):
        if stage == "training":
            fit_head(sneaked, validation, 3, SPLIT, JobContext())
        elif stage == "validation":
            fit_head(own, sneaked, 3, SPLIT, JobContext())
        else:
            normalisation(np.concatenate([own.vectors, sneaked.vectors]), own.groups + sneaked.groups, SPLIT)


def test_a_number_that_never_changes_does_no_harm() -> None:
    training = embedded(30, "a", 1)
    training.vectors[:, 4] = 2.5
    head = fit_head(training, embedded(9, "v", 2), 3, SPLIT, JobContext())
    assert np.isfinite(head.weight).all()


def test_it_can_be_cancelled() -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        fit_head(embedded(30, "a", 1), embedded(9, "v", 2), 3, SPLIT, ctx)
