"""A trained detector: from the embeddings of a whole recording to one probability per grain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import UserError
from core.learning.examples import EmbeddedLike


@dataclass(frozen=True)
class Trained:
    """What training gives and the model store keeps.

    Args:
        head: scores vectors; made of plain arrays.
        meta: JSON-able: options, data used, embedding, code version.
        report: JSON-able evaluation: see `core.learning.evaluation`.
    """

    head: Any
    dim: int
    meta: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """The suggested one: best F1 in cross-validation."""
        return float(self.report.get("threshold", 0.5))

    @property
    def embedding(self) -> dict[str, Any]:
        """What it was trained on; a scan must embed the same way."""
        return self.meta.get("embedding", {})

    def score(self, recording: EmbeddedLike) -> np.ndarray:
        """float32[N] probabilities, one per grain of the whole recording, in its order.

        A grain is judged against what surrounds it, so pass the whole recording, never a part of it.

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
        return self.head.score(np.asarray(vectors, np.float32)).astype(np.float32)
