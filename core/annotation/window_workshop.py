"""Rounds about windows: the heads of scanning on embeddings from the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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
        self._vectors: dict[str, np.ndarray] = {}
        self.apart_s = 0.0

    def settings(self) -> dict[str, Any]:
        """Embeddings and heads."""
        return {"embedding": self._key.meta, "head": self._head, "seed": self._seed}

    def prepare(self, items: Sequence[Item], ctx: JobContext) -> dict[str, str]:
        """Embed every recording; see `core.annotation.workshop.Workshop.prepare`."""
        by_video: dict[str, list[Item]] = {}
        for item in items:
            by_video.setdefault(item.content_key, []).append(item)
        # Two windows that overlap hold the same sound.
        self.apart_s = max((item.end_s - item.start_s for item in items), default=0.0)
        problems: dict[str, str] = {}
        for number, (content_key, own) in enumerate(sorted(by_video.items())):
            ctx.check()
            part = PartOfJob(ctx, number, len(by_video))
            try:
                embedded = self._embedder.embed(self._find(content_key), content_key, self._key, part)
                vectors = window_vectors(embedded, own)
            except UserError as error:
                problems.update({item.key: str(error) for item in own})
                continue
            self._vectors.update({item.key: row for item, row in zip(own, vectors, strict=True)})
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
        fitted = fit(self._rows(keys), labels, groups, self._head, self._seed, ctx.check)
        write_model(lesson.checkpoint, fitted.model)
        said = np.asarray(fitted.model.classes, object)[fitted.out_of_fold.argmax(axis=1)]
        return {
            "classes": list(fitted.model.classes),
            "start": f"embeddings of {self._key.model}, heads of kind {self._head} fitted anew",
            "epochs": 0,
            "best_loss": self._loss(lesson, fitted.model),
            "train_accuracy": float(np.mean(said == np.asarray(labels, object))),
        }

    def judge(self, checkpoint: Path, items: Sequence[Item], ctx: JobContext) -> Judgement:
        """See `core.annotation.workshop.Workshop.judge`."""
        ctx.check()
        model = read_model(checkpoint)
        if model is None:
            raise UserError(f"The model {checkpoint.name} is gone", f"It was in {checkpoint.parent}", "Run it again")
        rows = self._rows([item.key for item in items], model.dim)
        return Judgement(model.classes, model.probabilities(rows), rows)

    def _loss(self, lesson: Lesson, model: ItemModel) -> float | None:
        """Mean log loss on the validation items of classes that the model knows."""
        known = sorted(key for key, label in lesson.validation.items() if label in model.classes)
        if not known:
            return None
        own = [model.classes.index(lesson.validation[key]) for key in known]
        likely = model.probabilities(self._rows(known))[np.arange(len(known)), own]
        return float(-np.log(np.maximum(likely, 1e-12)).mean())

    def _rows(self, keys: Sequence[str], width: int = 0) -> np.ndarray:
        return np.stack([self._vectors[key] for key in keys]) if keys else np.zeros((0, width), np.float32)
