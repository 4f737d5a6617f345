"""The classic recipe the detection benchmark compares with, on the same embeddings of 8 s windows every second.

Every window within 12 s of a mark is positive. Negatives are drawn at random, three per positive, 30 s and more away
from every mark. Vectors are standardised by the mean and spread of the sample they belong to: in training of the
training sample, in scanning of the recording. The head is calibrated boosting. Windows above the threshold are merged
into runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.scan import Hit
from core.domain.timespan import Span

_NEAR_S, _FAR_S, _RATIO, _GAP_S = 12.0, 30.0, 3, 4.0
_WINDOW_S = 8.0


@dataclass(frozen=True)
class Windows:
    """A recording as embeddings of windows and the marks in it."""

    starts_s: np.ndarray
    vectors: np.ndarray
    marks: tuple[Span, ...] = ()


class ClassicDetector:
    """Fitted on construction."""

    def __init__(self, recordings: Sequence[Windows], seed: int = 0) -> None:
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.ensemble import HistGradientBoostingClassifier

        rng = np.random.default_rng(seed)
        positive, far = [], []
        for one in recordings:
            distance = np.full(len(one.starts_s), np.inf)
            for mark in one.marks:
                distance = np.minimum(distance, np.abs(one.starts_s - mark.start_s))
            positive.append(one.vectors[distance <= _NEAR_S])
            far.append(one.vectors[distance >= _FAR_S])
        yes, no = np.concatenate(positive), np.concatenate(far)
        no = no[rng.choice(len(no), min(len(no), _RATIO * len(yes)), replace=False)]
        x = standardised(np.concatenate([yes, no]))
        y = np.repeat((1, 0), (len(yes), len(no)))
        boosting = HistGradientBoostingClassifier(random_state=seed)
        self._model: Any = CalibratedClassifierCV(boosting, cv=3).fit(x, y)

    def score(self, recording: Windows) -> np.ndarray:
        """float64[N] probabilities."""
        return self._model.predict_proba(standardised(recording.vectors))[:, 1]


def standardised(vectors: np.ndarray) -> np.ndarray:
    """Each column to mean zero and spread one over these rows."""
    vectors = vectors.astype(np.float32)
    return (vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + 1e-6)


def runs(starts_s: np.ndarray, scores: np.ndarray, threshold: float) -> list[Hit]:
    """Runs of windows above the threshold, merged over gaps of up to 4 s."""
    hits: list[Hit] = []
    for start, score in zip(starts_s, scores, strict=True):
        if score < threshold:
            continue
        if hits and start - hits[-1].end_s <= _GAP_S:
            hits[-1] = Hit(hits[-1].start_s, start + _WINDOW_S, max(hits[-1].score, score))
        else:
            hits.append(Hit(start, start + _WINDOW_S, score))
    return hits
