"""Rounds about windows: the heads of scanning on embeddings from the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.annotation.rows import BLOCK
from core.annotation.window_models import ItemModel, fit, read_model, window_vectors, write_model
from core.annotation.workshop import Judgement, Lesson, group_of
from core.domain.annotation import Item
from core.errors import UserError
from core.job import JobContext, PartOfJob

if TYPE_CHECKING:
    from core.scan.embedding import Embedder, EmbeddingKey


class WindowWorkshop:
    """Embeds each recording once and learns from windows of it.

    Args:
        embedder: gives embeddings of whole recordings, from the cache where they are there.
        key: which embeddings.
        find: content key -> where the file is; raises UserError where it is not on this machine.
        head: kind of heads, one of `core.learning.heads.KINDS`.
        seed: of everything drawn.
    """

    def __init__(
        self, embedder: Embedder, key: EmbeddingKey, find: Callable[[str], Path], head: str = "blend", seed: int = 42
    ) -> None:
        self._embedder = embedder
        self._key = key
        self._find = find
        self._head = head
        self._seed = seed
        self._items: dict[str, Item] = {}
        self._places: dict[str, Path] = {}
        self.apart_s = 0.0

    def settings(self) -> dict[str, Any]:
        """Embeddings and heads."""
        return {"embedding": self._key.meta, "head": self._head, "seed": self._seed}

    def prepare(self, items: Sequence[Item], ctx: JobContext) -> dict[str, str]:
        """Embed every recording; see `core.annotation.workshop.Workshop.prepare`.

        No vector is kept: each is read again from the cache of embeddings where it is needed.
        """
        by_video: dict[str, list[Item]] = {}
        for item in items:
            by_video.setdefault(item.content_key, []).append(item)
        # Two windows that overlap hold the same sound.
        self.apart_s = max((item.end_s - item.start_s for item in items), default=0.0)
        problems: dict[str, str] = {}
        for number, (content_key, own) in enumerate(sorted(by_video.items())):
            ctx.check()
            try:
                self._places[content_key] = self._find(content_key)
                self._vectors(own[:1], PartOfJob(ctx, number, len(by_video)))
            except UserError as error:
                problems.update({item.key: str(error) for item in own})
                continue
            self._items.update({item.key: item for item in own})
        return problems

    def train(self, lesson: Lesson, ctx: JobContext) -> dict[str, Any]:
        """Fit heads anew, which takes seconds; see `core.annotation.workshop.Workshop.train`."""
        keys = sorted(lesson.train)
        groups = [group_of(key) for key in keys]
        for stage in ("training", "normalisation"):
            lesson.split.admit(stage, groups)
        lesson.split.admit("validation", [group_of(key) for key in lesson.validation])
        labels = [lesson.train[key] for key in keys]
        ctx.progress(0, 1, "Fitting heads")
        fitted = fit(self._rows([self._items[key] for key in keys]), labels, groups, self._head, self._seed, ctx.check)
        write_model(lesson.checkpoint, fitted.model)
        said = np.asarray(fitted.model.classes, object)[fitted.out_of_fold.argmax(axis=1)]
        return {
            "classes": list(fitted.model.classes),
            "start": f"embeddings of {self._key.model}, heads of kind {self._head} fitted anew",
            "epochs": 0,
            "best_loss": self._loss(lesson, fitted.model),
            "train_accuracy": float(np.mean(said == np.asarray(labels, object))),
        }

    def judge(self, checkpoint: Path, items: Sequence[Item], ctx: JobContext) -> Iterator[Judgement]:
        """See `core.annotation.workshop.Workshop.judge`."""
        ctx.check()
        model = read_model(checkpoint)
        if model is None:
            raise UserError(f"The model {checkpoint.name} is gone", f"It was in {checkpoint.parent}", "Run it again")
        for rows in self.embed(items, ctx):
            yield Judgement(model.classes, model.probabilities(rows), rows)

    def embed(self, items: Sequence[Item], ctx: JobContext) -> Iterator[np.ndarray]:
        """float32[n, W] of items that `prepare` could read, in their order, one part after another."""
        for start in range(0, len(items), BLOCK):
            ctx.check()
            ctx.progress(start, len(items), "Looking at windows")
            yield self._rows(items[start : start + BLOCK])

    def _loss(self, lesson: Lesson, model: ItemModel) -> float | None:
        """Mean log loss on the validation items of classes that the model knows."""
        known = sorted(key for key, label in lesson.validation.items() if label in model.classes)
        if not known:
            return None
        own = [model.classes.index(lesson.validation[key]) for key in known]
        likely = model.probabilities(self._rows([self._items[key] for key in known]))[np.arange(len(known)), own]
        return float(-np.log(np.maximum(likely, 1e-12)).mean())

    def _rows(self, items: Sequence[Item]) -> np.ndarray:
        """float32[N, W], in the order of the items."""
        by_video: dict[str, list[int]] = {}
        for number, item in enumerate(items):
            by_video.setdefault(item.content_key, []).append(number)
        found: np.ndarray | None = None
        for numbers in by_video.values():
            vectors = self._vectors([items[number] for number in numbers], JobContext())
            if found is None:
                found = np.empty((len(items), vectors.shape[1]), np.float32)
            found[numbers] = vectors
        return found

    def _vectors(self, items: Sequence[Item], ctx: JobContext) -> np.ndarray:
        """float32[N, W] of windows of one recording."""
        content_key = items[0].content_key
        return window_vectors(self._embedder.embed(self._places[content_key], content_key, self._key, ctx), items)
