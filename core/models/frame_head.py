"""A logistic head on the embeddings of a frozen backbone: seconds on a CPU, and one best answer instead of a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.domain.split import Split
from core.job import JobContext
from core.models.frame_training import class_weights

# From hardly any freedom to nearly all; the strength is per item, as in ridge regression.
_RIDGES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
_STEPS = 200


@dataclass(frozen=True)
class Embedded:
    """N labelled embeddings.

    Args:
        vectors: float32[N, D].
        labels: int64[N], class numbers.
        groups: the video of each.
    """

    vectors: np.ndarray
    labels: np.ndarray
    groups: tuple[str, ...]


@dataclass(frozen=True)
class LinearHead:
    """`weight` float32[C, D] and `bias` float32[C] on embeddings as they come; the ridge that validation chose."""

    weight: np.ndarray
    bias: np.ndarray
    ridge: float
    losses: tuple[tuple[float, float], ...]


def normalisation(vectors: np.ndarray, groups: Sequence[str], split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of each number, float32[D] each; a number that never changes has the spread 1.

    Raises:
        LeakError: an embedding is of a video that is not for training.
    """
    split.admit("normalisation", groups)
    spread = vectors.std(axis=0, dtype=np.float64)
    return vectors.mean(axis=0, dtype=np.float64).astype(np.float32), np.where(spread > 1e-6, spread, 1.0).astype(
        np.float32
    )


def fit_head(training: Embedded, validation: Embedded, classes: int, split: Split, ctx: JobContext) -> LinearHead:
    """Logistic regression with class weights, L-BFGS; the ridge with the lowest validation loss, 0.03 without any.

    Raises:
        LeakError: an embedding is of a video that does not belong where it is.
        Cancelled: `ctx` was cancelled.
    """
    split.admit("training", training.groups)
    split.admit("validation", validation.groups)
    mean, spread = normalisation(training.vectors, training.groups, split)
    # By the root of D too: the length of an input, and so the meaning of a ridge, is then the same for every backbone.
    spread = spread * np.float32(np.sqrt(training.vectors.shape[1]))
    inputs, tests = (torch.from_numpy((one.vectors - mean) / spread) for one in (training, validation))
    truth, expected = torch.from_numpy(training.labels), torch.from_numpy(validation.labels)
    criterion = nn.CrossEntropyLoss(class_weights(truth, classes))
    weight, bias = torch.zeros(classes, inputs.shape[1]), torch.zeros(classes)
    fits: list[tuple[float, float, Tensor, Tensor]] = []
    for ridge in _RIDGES if len(expected) else (0.03,):
        ctx.check()
        weight, bias = _fit(inputs, truth, criterion, ridge, weight, bias)
        loss = float(criterion(tests @ weight.T + bias, expected)) if len(expected) else float("inf")
        fits.append((loss, ridge, weight, bias))
    _, ridge, weight, bias = min(fits, key=lambda fit: fit[0])
    scaled = weight.numpy() / spread
    losses = tuple((fit[1], fit[0]) for fit in fits) if len(expected) else ()
    return LinearHead(scaled, bias.numpy() - scaled @ mean, ridge, losses)


def _fit(
    inputs: Tensor, truth: Tensor, criterion: nn.Module, ridge: float, weight: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """The best weights under a ridge, begun at others: the problem has one solution, the begin only saves time."""
    weight, bias = (part.clone().requires_grad_() for part in (weight, bias))
    search = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe", tolerance_grad=1e-6)

    def closure() -> Tensor:
        search.zero_grad()
        loss = criterion(inputs @ weight.T + bias, truth) + 0.5 * ridge * weight.square().mean()
        loss.backward()
        return loss

    search.step(closure)
    return weight.detach(), bias.detach()
