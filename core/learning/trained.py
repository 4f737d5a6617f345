"""A trained detector: from the embeddings of a whole recording to one probability per grain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import UserError
from core.learning.calibration import Calibration
from core.learning.detector import Detector
from core.learning.examples import EmbeddedLike
from core.learning.features import Features
from core.learning.scorers import Blend, Forest, Linear, Projected


@dataclass(frozen=True)
class Trained:
    """What training gives and the model store keeps.

    Args:
        dim: numbers in the vectors it was trained on.
        meta: JSON-able: embedding, options, data used, code version; the store adds profile, model, name, version.
        report: JSON-able evaluation: see `core.learning.evaluation`.
    """

    detector: Detector
    dim: int
    meta: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """The suggested one: the best F1 to be expected, by cross-validation."""
        return float(self.report.get("threshold", 0.5))

    @property
    def embedding(self) -> dict[str, Any]:
        """What it was trained on; a scan must embed the same way."""
        return self.meta.get("embedding", {})

    def score(self, recording: EmbeddedLike) -> np.ndarray:
        """float32[N] probabilities, one per grain of the whole recording, in its order.

        A grain is judged against what surrounds it, so pass the whole recording, never a part of it. The only way to a
        score, in training and in scanning.

        Raises:
            UserError: the vectors are not of the kind the model was trained on.
        """
        vectors = recording.vectors
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise UserError(
                "The model cannot score this recording",
                f"It was trained on vectors of {self.dim} numbers, these have {vectors.shape[-1]}",
                "Scan with the embedding model it was trained with, or train again",
            )
        return self.detector.probabilities(recording).astype(np.float32)


RECORDS = {
    record.__name__: record for record in (Trained, Detector, Features, Calibration, Linear, Forest, Projected, Blend)
}
"""All that a stored model is made of."""
