"""Training one model of one task on labelled frames: fine-tuned, or a head on a frozen backbone.

    model = train(images, labels, groups, split, classes, FrameTraining(), start="imagenet", ctx=ctx)
    model.save(folder / "perspective.safetensors")
    scores = model.score(pool, ctx)

`images` are PNG files of `core.media.frame_cache`. What is trained on and what is validated with follows from the
split; a picture of a test video among `images` is a LeakError, never silently left out.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.domain.split import Split
from core.errors import UserError
from core.job import JobContext
from core.models.device import choose_device
from core.models.frame_backbone import (
    FrameNetwork,
    Origin,
    backbone_id,
    build_network,
    given_file,
    load_start,
)
from core.models.frame_embeddings import FrameEmbeddings
from core.models.frame_head import Embedded, fit_head
from core.models.frame_model import FrameModel, Scores, is_model
from core.models.frame_options import IMAGENET, RANDOM, FrameTraining
from core.models.frame_set import read_frames
from core.models.frame_training import OnEpoch, fine_tune, forget, frame_logits
from core.models.temperature import fit_temperature
from core.models.weights import WeightStore

__all__ = ["IMAGENET", "RANDOM", "FrameModel", "FrameTraining", "Scores", "forget", "train"]


def train(
    images: Sequence[Path],
    labels: Sequence[str],
    groups: Sequence[str],
    split: Split,
    classes: Sequence[str],
    options: FrameTraining | None = None,
    *,
    start: str | Path = IMAGENET,
    store: WeightStore | None = None,
    work: Path | None = None,
    known: FrameEmbeddings | None = None,
    device: str = "auto",
    ctx: JobContext | None = None,
    on_epoch: OnEpoch | None = None,
) -> FrameModel:
    """Learn from the pictures of the split's training videos; stop and calibrate by those of its validation videos.

    Args:
        images, labels, groups: of each item: its PNG file, its class, its video's content key. Every video has its
            place in the split (`core.annotation.split.extend_split`) and none is a test video.
        classes: of the task, in its order. Those without a label are known to the model but never likely.
        start: "imagenet", a model that `FrameModel.save` wrote (the last round's: its head goes on too where the
            classes are the same), a file of weights, or "random", which nothing but a test should want.
        store: where weights are looked for; the person's own folder by default.
        work: folder in which a killed fine-tuning goes on; `forget(work)` once the model is saved.
        known: embeddings kept from round to round, used with a frozen backbone.
        on_epoch: called after each epoch of fine-tuning with its row of the history, when it is saved.

    Returns:
        The best model, calibrated, on the device. Its `report`: `start` (which weights), `frozen`, `epochs`,
        `best_epoch`, `best_loss` (validation), `history`, `train_accuracy` and `validation_accuracy` (of this model,
        None without pictures), `train_items`, `validation_items`, `class_counts` (of training), `missing_classes`,
        `skipped` (files that cannot be read), `temperature`, `ridge` (frozen), `options`.

    Raises:
        LeakError: a picture is of a test video, or of one that has no place in the split.
        UserError: fewer than two classes have training pictures, or there is no such backbone.
        EnvironmentProblem: the weights to start from are missing; nothing starts at random instead.
        Cancelled: `ctx` was cancelled; finished epochs stay in `work`.
    """
    options, ctx = options or FrameTraining(), ctx or JobContext()
    split.admit("training", (group for group in groups if group not in split.validation))
    split.admit("validation", (group for group in groups if group in split.validation))
    names = tuple(classes)
    numbers = [names.index(label) for label in labels]
    _check_classes({number for number, group in zip(numbers, groups, strict=True) if group in split.train})
    task = _Task(tuple(images), numbers, tuple(groups), split, names, options, choose_device(device), ctx)
    network, started, origin = _start(task, start, store or WeightStore.at())
    model, report = _frozen(task, network, known) if options.frozen else _tuned(task, network, work, on_epoch)
    return dataclasses.replace(model, report={"start": started, "frozen": options.frozen, **report}, origin=origin)


def starting_model(
    options: FrameTraining, start: str | Path, store: WeightStore, device: str, ctx: JobContext
) -> FrameModel:
    """What a training would begin with: for its embeddings, its head has learned nothing.

    Raises:
        EnvironmentProblem: the weights to start from are missing.
        Cancelled: `ctx` was cancelled.
    """
    network = build_network(options.backbone, 1, options.seed)
    load_start(network, options.backbone, start, store, ctx)
    network.to(choose_device(device), memory_format=torch.channels_last).eval()
    return FrameModel(("",), options.backbone, options.image_px, 1.0, network)


def _check_classes(numbers: Collection[int]) -> None:
    if len(numbers) < 2:
        raise UserError(
            "There is nothing to tell apart yet",
            "The pictures to learn from are of fewer than two classes",
            "Label frames of another class, in several videos",
        )


@dataclass(frozen=True)
class _Task:
    """What one training is about; `numbers` are the class numbers of the images."""

    images: tuple[Path, ...]
    numbers: list[int]
    groups: tuple[str, ...]
    split: Split
    classes: tuple[str, ...]
    options: FrameTraining
    device: str
    ctx: JobContext

    def model(self, network: FrameNetwork, temperature: float = 1.0) -> FrameModel:
        return FrameModel(self.classes, self.options.backbone, self.options.image_px, temperature, network)

    def identity(self, network: FrameNetwork) -> str:
        """Changes with everything that changes the outcome of a fine-tuning."""
        rows = [[str(image), number, group] for image, number, group in zip(*self._columns, strict=True)]
        told = [dataclasses.asdict(self.options), self.classes, self.split.to_json(), rows, self.device]
        head = network.head.weight.detach().cpu().numpy().tobytes()
        return hashlib.sha256(json.dumps(told).encode() + backbone_id(network).encode() + head).hexdigest()

    @property
    def _columns(self) -> tuple[Sequence[Path], Sequence[int], Sequence[str]]:
        return self.images, self.numbers, self.groups


def _start(task: _Task, start: str | Path, store: WeightStore) -> tuple[FrameNetwork, str, Origin | None]:
    """The network to start with, what its weights are, for the record, and where they come from when nothing will be
    learned in its backbone.
    """
    options = task.options
    network = build_network(options.backbone, len(task.classes), options.seed)
    model_path = Path(start).expanduser()
    if start in (IMAGENET, RANDOM) or not is_model(model_path):
        started = load_start(network, options.backbone, start, store, task.ctx)
        if not options.frozen or start == RANDOM:
            return network, started, None
        place = IMAGENET if start == IMAGENET else str(given_file(model_path, store).absolute())
        return network, started, Origin(place, backbone_id(network))
    before = FrameModel.load(model_path, "cpu", store, task.ctx)
    if before.backbone != options.backbone:
        raise UserError(
            f"{model_path.name} cannot be gone on with",
            f"It is a {before.backbone}, the training asks for a {options.backbone}",
            f"Choose the backbone {before.backbone}, or start from {IMAGENET}",
        )
    network.backbone = before.network.backbone
    if before.classes == task.classes:
        network.head = before.network.head
    return network.requires_grad_(True), str(model_path), before.origin if options.frozen else None


def _tuned(
    task: _Task, network: FrameNetwork, work: Path | None, on_epoch: OnEpoch | None
) -> tuple[FrameModel, dict[str, Any]]:
    identity = task.identity(network)
    frames, skipped = read_frames(task.images, task.numbers, task.groups, task.options.image_px, task.ctx)
    training, validation = (
        frames.those([group in groups for group in frames.groups])
        for groups in (task.split.train, task.split.validation)
    )
    del frames  # the two are copies
    _check_classes(set(training.labels.tolist()))
    course = fine_tune(
        network,
        training,
        validation,
        task.split,
        task.options,
        device=task.device,
        ctx=task.ctx,
        work=work,
        identity=identity,
        on_epoch=on_epoch,
    )
    task.ctx.progress(0, 0, "Looking at what was learned")
    logits = [frame_logits(network, part.pictures, task.options.batch, task.ctx) for part in (training, validation)]
    rows = {
        "epochs": len(course.history),
        "best_epoch": course.best_epoch,
        "best_loss": course.history[course.best_epoch - 1]["validation_loss"],
        "history": course.history,
        "skipped": list(skipped),
    }
    truth = [part.labels.numpy() for part in (training, validation)]
    return _finished(task, network, [part.numpy() for part in logits], truth, validation.groups, rows)


def _frozen(task: _Task, network: FrameNetwork, known: FrameEmbeddings | None) -> tuple[FrameModel, dict[str, Any]]:
    network.to(task.device, memory_format=torch.channels_last)
    bare = task.model(network)
    vectors = known.of(bare, task.images, task.ctx) if known else bare.embed(task.images, task.ctx)
    readable = ~np.isnan(vectors[:, 0])
    numbers = np.array(task.numbers, dtype=np.int64)
    training, validation = (
        Embedded(vectors[chosen], numbers[chosen], tuple(np.array(task.groups, dtype=object)[chosen]))
        for chosen in (
            readable & np.array([group in groups for group in task.groups])
            for groups in (task.split.train, task.split.validation)
        )
    )
    _check_classes(set(training.labels.tolist()))
    head = fit_head(training, validation, len(task.classes), task.split, task.ctx)
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(head.weight))
        network.head.bias.copy_(torch.from_numpy(head.bias))
    rows = {
        "epochs": 0,
        "best_epoch": 0,
        "best_loss": min((loss for _, loss in head.losses), default=None),
        "history": [],
        "ridge": head.ridge,
        "skipped": [str(image) for image, good in zip(task.images, readable, strict=True) if not good],
    }
    logits = [bare.logits(part.vectors) for part in (training, validation)]
    return _finished(task, network, logits, [training.labels, validation.labels], validation.groups, rows)


def _finished(
    task: _Task,
    network: FrameNetwork,
    logits: Sequence[np.ndarray],
    truth: Sequence[np.ndarray],
    validation_groups: Sequence[str],
    rows: dict[str, Any],
) -> tuple[FrameModel, dict[str, Any]]:
    """The calibrated model; `logits` and `truth` of training and validation."""
    temperature = fit_temperature(logits[1], truth[1], validation_groups, task.split)
    train_accuracy, validation_accuracy = (
        float((one.argmax(axis=1) == true).mean()) if len(true) else None
        for one, true in zip(logits, truth, strict=True)
    )
    counts = np.bincount(truth[0], minlength=len(task.classes)).tolist()
    return task.model(network.eval(), temperature), {
        **rows,
        "temperature": temperature,
        "train_accuracy": train_accuracy,
        "validation_accuracy": validation_accuracy,
        "train_items": len(truth[0]),
        "validation_items": len(truth[1]),
        "class_counts": dict(zip(task.classes, counts, strict=True)),
        "missing_classes": [name for name, count in zip(task.classes, counts, strict=True) if not count],
        "options": dataclasses.asdict(task.options),
    }
