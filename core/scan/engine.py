"""From a file and a trained detector to the scores of all its windows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from core.domain.scan import WindowScores
from core.scan.embedding import Embedded, EmbeddingKey

if TYPE_CHECKING:
    from core.job import JobContext
    from core.learning.trained import Trained
    from core.scan.embedding import Embedder


def score_file(
    embedder: Embedder,
    path: str | os.PathLike[str],
    content_key: str,
    trained: Trained,
    ctx: JobContext | None = None,
) -> WindowScores:
    """The scores of a recording, from cached embeddings where there are any.

    Raises:
        UserError: the file cannot be read, has no sound, or the model was trained on other embeddings.
        EnvironmentProblem: weights are missing, or the cache cannot be written to.
        Cancelled: through `ctx`.
    """
    key = EmbeddingKey.from_meta(trained.embedding)
    return score_embedded(embedder.embed(path, content_key, key, ctx), key, trained)


def score_embedded(embedded: Embedded, key: EmbeddingKey, trained: Trained) -> WindowScores:
    """The scores of embeddings at hand: the one way, in training and in scanning."""
    scores = trained.score(embedded) if len(embedded.starts_s) else np.zeros(0, np.float32)
    return WindowScores(scores, key.hop_s, embedded.span_s, embedded.duration_s)
