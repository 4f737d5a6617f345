"""Fine-tuning a network on labelled frames, epoch by epoch, so that a killed training goes on as if nothing had been.

Every epoch has random numbers of its own, drawn from the seed and its number. After it, weights, optimiser and history
are saved in one step. On a CPU a training that goes on ends in the very weights of an undisturbed one.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.domain.split import Split
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.media.cache_file import written_beside
from core.models.device import autocast, precision
from core.models.frame_backbone import FrameNetwork
from core.models.frame_options import FrameTraining
from core.models.frame_set import FrameSet, augmented, normalised

log = logging.getLogger(__name__)
_STATE, _BEST = "epoch.safetensors", "best.safetensors"
_NOTE = "8cut"
OnEpoch = Callable[[dict[str, Any]], None]


@dataclass
class Course:
    """How a training went so far.

    Args:
        history: of each epoch: `epoch` from 1, `lr`, `loss`, `validation_loss` (None where there is nothing to
            validate with), `best` (whether it was the best so far).
        best_loss: on validation, infinite before the first epoch.
        best_epoch: counted from 1.
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    best_loss: float = math.inf
    best_epoch: int = 0

    def finished(self, options: FrameTraining) -> bool:
        """Whether all epochs are done, or the last ones brought nothing."""
        done = len(self.history)
        validated = bool(self.history) and self.history[-1]["validation_loss"] is not None
        return done >= options.epochs or (validated and done - self.best_epoch >= options.patience)


def fine_tune(
    network: FrameNetwork,
    training: FrameSet,
    validation: FrameSet,
    split: Split,
    options: FrameTraining,
    *,
    device: str,
    ctx: JobContext,
    work: Path | None = None,
    identity: str = "",
    on_epoch: OnEpoch | None = None,
) -> Course:
    """Train with Adam and weighted cross-entropy; the network ends with the weights of its best epoch.

    Without validation pictures there is no best epoch: all epochs are trained and the last one counts.

    Args:
        work: folder for what is saved after each epoch; a training with the same `identity` goes on from there.
        identity: changes with everything that changes the outcome.
        on_epoch: called with the history's new row, after the epoch was saved.

    Raises:
        LeakError: a picture is of a video that does not belong where it is.
        EnvironmentProblem: an epoch cannot be saved, the loss is no number any more, or the graphics card is too small.
        Cancelled: `ctx` was cancelled; the finished epochs are saved.
    """
    split.admit("training", training.groups)
    split.admit("validation", validation.groups)
    network.to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=options.lr)
    scaler = torch.amp.GradScaler(device, enabled=precision(device) == "fp16")
    course, best = Course(), None
    if work is not None:
        course, best = _resume(work, identity, network, optimiser, scaler)
    criterion = nn.CrossEntropyLoss(class_weights(training.labels, network.head.out_features).to(device))
    while not course.finished(options):
        epoch = len(course.history)
        for group in optimiser.param_groups:
            group["lr"] = options.lr_at(epoch)
        with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []):
            torch.manual_seed(options.seed * 1_000_003 + epoch)
            loss = _epoch(network, training, criterion, optimiser, scaler, options, _Told(ctx, options, course))
        validated = _loss(network, validation, criterion, options.batch, ctx) if len(validation) else None
        _refuse_astray(loss if validated is None else loss + validated)
        better = validated is None or validated < course.best_loss
        if better:
            course.best_loss = math.inf if validated is None else validated
            course.best_epoch = epoch + 1
            best = {key: tensor.detach().cpu().clone() for key, tensor in network.state_dict().items()}
        row = {"epoch": epoch + 1, "lr": options.lr_at(epoch), "loss": loss}
        course.history.append({**row, "validation_loss": validated, "best": better})
        if work is not None:
            _save(work, identity, course, network, optimiser, scaler, best if better else None)
        if on_epoch:
            on_epoch(course.history[-1])
    network.load_state_dict(best)
    return course


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """float32[C]: inverse to how often a class occurs, 1 on average over the items; 1 for a class without items."""
    counts = torch.bincount(labels, minlength=classes).float()
    there = int((counts > 0).sum())
    return torch.where(counts > 0, len(labels) / (max(1, there) * counts.clamp(min=1)), 1.0)


def forget(work: Path) -> None:
    """Remove what a training saved, once its model is kept elsewhere."""
    for name in (_STATE, _BEST):
        (work / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class _Told:
    """Tells the job how far a training is."""

    ctx: JobContext
    options: FrameTraining
    course: Course

    def step(self, done: int, of: int) -> None:
        self.ctx.check()
        epoch = len(self.course.history)
        best = "" if math.isinf(self.course.best_loss) else f", best validation loss {self.course.best_loss:.3f}"
        text = f"Epoch {epoch + 1} of {self.options.epochs}{best}"
        self.ctx.progress(epoch + done / of, self.options.epochs, text)


def _epoch(
    network: FrameNetwork,
    training: FrameSet,
    criterion: nn.Module,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    options: FrameTraining,
    told: _Told,
) -> float:
    """One pass over the pictures in a random order; the mean loss."""
    device = str(network.head.weight.device.type)
    network.train()
    total = 0.0
    batches = _batches(torch.randperm(len(training)), options.batch)
    for number, batch in enumerate(batches):
        told.step(number, len(batches))
        pictures = training.pictures[batch].to(device)
        if options.augment:
            pictures = augmented(pictures)
        try:
            with autocast(device):
                loss = criterion(network(normalised(pictures, network.look)), training.labels[batch].to(device))
            optimiser.zero_grad()
            scaler.scale(loss).backward()
        except torch.OutOfMemoryError as error:
            raise EnvironmentProblem(
                f"Training with {len(batch)} pictures at once does not fit into the memory of the graphics card",
                str(error).split(". ")[0],
                "Close other programs that use it, freeze the backbone, or choose the device cpu",
            ) from error
        scaler.step(optimiser)
        scaler.update()
        total += float(loss.detach()) * len(batch)
    return total / len(training)


def _refuse_astray(loss: float) -> None:
    if not math.isfinite(loss):
        raise EnvironmentProblem(
            "The training went astray", "The loss is no number any more", "Start from other weights, or lower the rate"
        )


def _batches(order: Tensor, size: int) -> list[Tensor]:
    """Parts of `size`; a last one of a single picture joins the one before: batch norm needs two."""
    parts = list(order.split(size))
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts


def _loss(network: FrameNetwork, frames: FrameSet, criterion: nn.Module, batch: int, ctx: JobContext) -> float:
    logits = frame_logits(network, frames.pictures, batch, ctx)
    return float(criterion(logits.to(network.head.weight.device), frames.labels.to(network.head.weight.device)))


def frame_logits(network: FrameNetwork, pictures: Tensor, batch: int, ctx: JobContext) -> Tensor:
    """uint8[N, 3, px, px] → logits float32[N, C] on the CPU; the network is left in evaluation mode."""
    device = str(network.head.weight.device.type)
    network.eval()
    parts = [torch.zeros((0, network.head.out_features))]
    with torch.inference_mode(), autocast(device):
        for part in pictures.split(batch) if len(pictures) else ():
            ctx.check()
            parts.append(network(normalised(part.to(device), network.look)).float().cpu())
    return torch.cat(parts)


def _save(
    work: Path,
    identity: str,
    course: Course,
    network: FrameNetwork,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    best: dict[str, Tensor] | None,
) -> None:
    """The best weights first: a kill between the two files repeats an epoch, which writes the same best ones again."""
    if best is not None:
        _write(work / _BEST, best, {"identity": identity})
    tensors = {f"network.{key}": tensor for key, tensor in network.state_dict().items()}
    for number, state in optimiser.state_dict()["state"].items():
        tensors.update({f"adam.{number}.{key}": tensor for key, tensor in state.items()})
    note = {
        "identity": identity,
        "history": course.history,
        "best_loss": None if math.isinf(course.best_loss) else course.best_loss,
        "best_epoch": course.best_epoch,
        "scaler": scaler.state_dict(),
    }
    _write(work / _STATE, tensors, note)


def _write(path: Path, tensors: dict[str, Tensor], note: dict[str, Any]) -> None:
    from safetensors.torch import save

    content = save(
        {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}, {_NOTE: json.dumps(note)}
    )
    with written_beside(path, "training") as file:
        file.write(content)


def _resume(
    work: Path,
    identity: str,
    network: FrameNetwork,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
) -> tuple[Course, dict[str, Tensor] | None]:
    """Where the training of this identity stands; at its beginning where nothing of it was saved."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(work / _STATE, "pt") as saved, safe_open(work / _BEST, "pt") as kept:
            note = json.loads(saved.metadata()[_NOTE])
            same = note["identity"] == json.loads(kept.metadata()[_NOTE])["identity"] == identity
            # Copies: what is read lies in the file, which the next epoch replaces.
            tensors = {key: saved.get_tensor(key).clone() for key in saved.keys()} if same else {}  # noqa: SIM118
            best = {key: kept.get_tensor(key).clone() for key in kept.keys()} if same else {}  # noqa: SIM118
    except FileNotFoundError:
        return Course(), None
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        log.info("The saved training in %s is not used: %s", work, error)
        return Course(), None
    if not same:
        log.info("The saved training in %s is another one; it is begun anew", work)
        return Course(), None
    network.load_state_dict(_part(tensors, "network."))
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in _part(tensors, "adam.").items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    if note["scaler"]:
        scaler.load_state_dict(note["scaler"])
    loss = math.inf if note["best_loss"] is None else note["best_loss"]
    return Course(note["history"], loss, note["best_epoch"]), best


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}
