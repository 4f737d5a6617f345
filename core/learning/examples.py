"""What training is given: whole recordings as embeddings, and what people marked in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from core.domain.timespan import Span

if TYPE_CHECKING:
    import numpy as np

HEADS = ("auto", "blend", "trees", "logistic", "boosting")
"""What can be asked for; "blend" is logistic regression and trees together, "auto" the best in cross-validation."""


class EmbeddedLike(Protocol):
    """The embeddings of one whole recording, in order: `core.scan.embedding.Embedded` and whatever looks like it."""

    starts_s: np.ndarray
    """float64[N], seconds, evenly spaced."""
    vectors: np.ndarray
    """float16 or float32 [N, D]; may be a read-only memory map."""
    span_s: float
    """Seconds each vector stands for."""
    duration_s: float
    """Of the recording."""


@dataclass(frozen=True)
class MediaExamples:
    """One recording and its marks.

    Args:
        group: the content key of the source video. Everything of one group is in the same fold, everywhere.
        embedded: all of the recording, since a mark is judged against what surrounds it.
        positives: marked clips; each holds the sound somewhere.
        soft: other exports: no automatic negatives near them.
        negatives: explicit negative clips and hard negatives. One of length 0 stands for the grains around it.
        hard: which of `negatives` are hard negatives, by index; they are what the ablation leaves out.
    """

    group: str
    embedded: EmbeddedLike
    positives: tuple[Span, ...] = ()
    soft: tuple[Span, ...] = ()
    negatives: tuple[Span, ...] = ()
    hard: frozenset[int] = frozenset()


@dataclass(frozen=True)
class TrainOptions:
    """How to train.

    Args:
        head: one of HEADS.
        neg_margin_s: automatic negatives keep this far from every marker, 0–600 s.
        max_negative_ratio: negatives per positive that one fit sees at most.
        use_hard_negatives: False leaves them out without touching them.
        target_precision: what the second suggested threshold aims at.
        embedding: what the vectors were made with, as it shall be stored in the model and compared before a scan:
            model, encoding, grain_s, hop_s, revision.
        seed: of everything that is drawn.
    """

    head: str = "auto"
    neg_margin_s: float = 30.0
    max_negative_ratio: float = 3.0
    use_hard_negatives: bool = True
    target_precision: float = 0.9
    embedding: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
