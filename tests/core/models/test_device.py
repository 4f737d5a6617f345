"""Batches that fit: halved when memory runs out, in order, and with a clear word when nothing fits."""

from __future__ import annotations

import pytest
import torch

from core.errors import EnvironmentProblem, UserError
from core.models.device import CPU_BATCH, BatchSizer, choose_device


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(UserError, match="auto, cuda, mps, cpu"):
        choose_device("tpu")
    assert choose_device("cpu") == "cpu"
    assert choose_device() in ("cuda", "mps", "cpu")


def test_a_device_that_is_not_there_is_an_understandable_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EnvironmentProblem, match="CUDA"):
        choose_device("cuda")


@pytest.mark.allow_warnings
def test_out_of_memory_halves_the_batch_and_keeps_the_order() -> None:
    sizes = []

    def doubled(part: torch.Tensor) -> torch.Tensor:
        if len(part) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate")
        sizes.append(len(part))
        return part * 2

    sizer = BatchSizer("cpu", 16)
    pieces = torch.arange(11.0)
    assert torch.equal(sizer.run(doubled, pieces), pieces * 2)
    assert sizer.size == 2
    assert max(sizes) == 2


@pytest.mark.allow_warnings
def test_a_model_that_does_not_fit_says_so() -> None:
    def never(part: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    with pytest.raises(EnvironmentProblem, match="does not fit"):
        BatchSizer("cpu", 8).run(never, torch.zeros(5))


def test_a_cpu_takes_small_batches() -> None:
    assert BatchSizer("cpu").size == CPU_BATCH
    assert BatchSizer("cpu", 9).size == 9
