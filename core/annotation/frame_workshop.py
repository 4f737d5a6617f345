"""Rounds about frames: one network per task, fine-tuned or as a head on a frozen backbone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.annotation.workshop import Judgement, Lesson, group_of
from core.domain.annotation import Item
from core.errors import UserError
from core.job import JobContext
from core.media.frame_cache import FrameCache, WantedFrame
from core.models.frame_options import FrameTraining

if TYPE_CHECKING:
    from core.models.frame_embeddings import FrameEmbeddings
    from core.models.weights import WeightStore


class FrameWorkshop:
    """Decodes each frame once and learns from the pictures.

    Args:
        cache: of decoded frames.
        find: content key -> where the file is; raises UserError where it is not on this machine.
        training: how to train.
        weights: what the first model starts from: "imagenet", a file, or "random".
        store: where weights are looked for.
        known: embeddings of a frozen backbone, kept from round to round.
        device: "auto", "cpu", "cuda" or "mps".
    """

    apart_s = 1.0

    def __init__(
        self,
        cache: FrameCache,
        find: Callable[[str], Path],
        training: FrameTraining,
        weights: str,
        store: WeightStore,
        known: FrameEmbeddings,
        device: str = "auto",
    ) -> None:
        self._cache = cache
        self._find = find
        self._training = training
        self._weights = weights
        self._store = store
        self._known = known
        self._device = device
        self._pictures: dict[str, Path] = {}

    def settings(self) -> dict[str, Any]:
        """All of it stands in the options of a round already."""
        return {}

    def prepare(self, items: Sequence[Item], ctx: JobContext) -> dict[str, str]:
        """Decode every frame, each video once; see `core.annotation.workshop.Workshop.prepare`."""
        problems: dict[str, str] = {}
        wanted: dict[WantedFrame, str] = {}
        places: dict[str, Path | UserError] = {}
        for item in items:
            if item.content_key not in places:
                ctx.check()
                places[item.content_key] = self._place(item.content_key)
            place = places[item.content_key]
            if isinstance(place, UserError):
                problems[item.key] = str(place)
            else:
                wanted[WantedFrame(place, item.content_key, item.frame, item.start_s)] = item.key
        found = self._cache.prefetch(wanted, ctx)
        self._pictures = {wanted[one]: path for one, path in found.pictures.items()}
        return problems | {wanted[one]: str(error) for one, error in found.failed.items()}

    def embed(self, items: Sequence[Item], ctx: JobContext) -> Iterator[np.ndarray]:
        """By the weights that round 0 starts from; see `core.annotation.workshop.Workshop.embed`."""
        from core.models.frame_classifier import starting_model

        model = starting_model(self._training, self._weights, self._store, self._device, ctx)
        vectors = self._known.of(model, [self._pictures[item.key] for item in items], ctx)
        self._refuse_damaged([self._pictures[items[row].key] for row in np.flatnonzero(np.isnan(vectors[:, 0]))])
        yield vectors

    def train(self, lesson: Lesson, ctx: JobContext) -> dict[str, Any]:
        """Train, or go on after the last epoch that was saved; see `core.annotation.workshop.Workshop.train`."""
        from core.models.frame_classifier import forget, train

        labels = {**lesson.train, **lesson.validation}
        keys = sorted(labels)
        # What is left of the round is in its folder, so the epochs are, too.
        work = lesson.checkpoint.with_suffix(".epochs")
        model = train(
            [self._pictures[key] for key in keys],
            [labels[key] for key in keys],
            [group_of(key) for key in keys],
            lesson.split,
            lesson.task.classes,
            self._training,
            start=lesson.start or self._weights,
            store=self._store,
            work=work,
            known=self._known,
            device=self._device,
            ctx=ctx,
        )
        self._refuse_damaged(model.report["skipped"])
        model.save(lesson.checkpoint)
        forget(work)
        if work.is_dir():
            work.rmdir()
        report, loss = model.report, model.report["best_loss"]
        return {
            "classes": list(model.classes),
            "start": str(report["start"]),
            "epochs": report["epochs"],
            "best_loss": float(loss) if loss is not None and math.isfinite(loss) else None,
        }

    def judge(self, checkpoint: Path, items: Sequence[Item], ctx: JobContext) -> Iterator[Judgement]:
        """See `core.annotation.workshop.Workshop.judge`."""
        from core.models.frame_classifier import FrameModel

        model = FrameModel.load(checkpoint, self._device, self._store, ctx)
        images = [self._pictures[item.key] for item in items]
        said = model.score(images, ctx, self._known if self._training.frozen else None)
        self._refuse_damaged([image for image, good in zip(images, said.readable, strict=True) if not good])
        yield Judgement(model.classes, said.probabilities.astype(np.float64), said.embeddings)

    def _place(self, content_key: str) -> Path | UserError:
        try:
            return self._find(content_key)
        except UserError as error:
            return error

    @staticmethod
    def _refuse_damaged(images: Sequence[str | Path]) -> None:
        """A picture of the cache that cannot be read was damaged since it was written; without it, it is made anew."""
        if not images:
            return
        for image in images:
            Path(image).unlink(missing_ok=True)
        raise UserError(
            f"{len(images)} decoded frames were damaged on disk",
            f"One was {images[0]}",
            "Run the round again: they are decoded anew, and what was finished is kept",
        )
