"""What rounds ask of whoever learns and judges items: one workshop for frames, one for windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.annotation.rows import Rows
from core.domain.annotation import Item, Task
from core.domain.split import Split
from core.job import JobContext


@dataclass(frozen=True)
class Lesson:
    """What the model of one task learns from.

    Args:
        task: what is asked.
        train, validation: labels of items, by key.
        split: asked before anything is learned.
        start: the model of the round before, None for a first one.
        checkpoint: where the model goes.
    """

    task: Task
    train: Mapping[str, str]
    validation: Mapping[str, str]
    split: Split
    start: Path | None
    checkpoint: Path


@dataclass(frozen=True)
class Judgement:
    """What a model says about N items.

    Args:
        classes: in the order of the columns.
        probabilities: float64[N, C], calibrated.
        embeddings: float[N, D]; of a whole round mapped from disk.
    """

    classes: tuple[str, ...]
    probabilities: np.ndarray
    embeddings: np.ndarray | Rows


class Workshop(Protocol):
    """Learns and judges items of one kind."""

    apart_s: float
    """Items of one video that are nearer than this tell nearly the same."""

    def settings(self) -> dict[str, Any]:
        """What decides its outcome, JSON-able."""

    def prepare(self, items: Sequence[Item], ctx: JobContext) -> dict[str, str]:
        """Read all items; returns {item key: one sentence} of those that cannot be read."""

    def embed(self, items: Sequence[Item], ctx: JobContext) -> Iterator[np.ndarray]:
        """float32[n, D] of items that `prepare` could read, for telling them apart where no round has a model yet; in
        their order, one part after another.

        Raises:
            EnvironmentProblem: weights are missing.
        """

    def train(self, lesson: Lesson, ctx: JobContext) -> dict[str, Any]:
        """Learn and store the best model. Goes on where it was killed.

        Returns:
            JSON-able: `classes` (as the model has them), `start` (what it began from, in words), `epochs`, `best_loss`
            (of the validation, None where it has no labels), and, where the accuracy on training items as seen would
            tell nothing, `train_accuracy`.

        Raises:
            UserError: there is nothing to tell apart.
            EnvironmentProblem: weights are missing.
        """

    def judge(self, checkpoint: Path, items: Sequence[Item], ctx: JobContext) -> Iterator[Judgement]:
        """What the stored model says about items that `prepare` could read, in their order, one part after another."""


def group_of(item_key: str) -> str:
    """The content key of an item's video."""
    return item_key.rpartition("#")[0] or item_key.rpartition("@")[0]
