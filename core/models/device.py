"""Where a model runs: the device, its number format, and how many pieces fit on it at once."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.errors import EnvironmentProblem, UserError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from core.models.base import EmbeddingModel

log = logging.getLogger(__name__)
DEVICES = ("auto", "cuda", "mps", "cpu")
# A CPU gains nothing from large batches and loses its caches to them.
CPU_BATCH = 4
MAX_BATCH = 256
_FREE_SHARE = 0.7


def choose_device(wanted: str = "auto") -> str:
    """The device to run on: what was asked for, or the fastest there is.

    Raises:
        UserError: no such kind of device.
        EnvironmentProblem: this machine has none of that kind.
    """
    import torch

    if wanted not in DEVICES:
        raise UserError(f"There is no device {wanted!r}", "", "Choose one of " + ", ".join(DEVICES))
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[wanted]:
        raise EnvironmentProblem(
            f"This machine has no {wanted.upper()} device that torch can use", "", "Choose the device auto or cpu"
        )
    return wanted


def precision(device: str) -> str:
    """ "bf16" or "fp16" on CUDA, "fp32" elsewhere. It changes the numbers a little, so it belongs into a cache key."""
    import torch

    if device != "cuda":
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def autocast(device: str) -> contextlib.AbstractContextManager:
    """Arithmetic in the device's `precision`."""
    import torch

    dtypes = {"bf16": torch.bfloat16, "fp16": torch.float16}
    chosen = dtypes.get(precision(device))
    return torch.autocast(device, dtype=chosen) if chosen else contextlib.nullcontext()


@contextlib.contextmanager
def threads_for(model: EmbeddingModel) -> Iterator[None]:
    """Run a model without a network on one thread: its steps are so small that more would mostly wait for each other.

    On two cores that others were using LOGMEL was 10 times faster so, and took a tenth of the processor time.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1 if model.spec.family == "logmel" else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class BatchSizer:
    """Runs a function over a batch in parts that fit into memory.

    On CUDA the first part is a single piece; what it took decides how many fit into the free memory. Out of memory
    halves the number and tries again; it stays halved.

    Args:
        size: pieces at once, or None to find out.
    """

    def __init__(self, device: str, size: int | None = None) -> None:
        self._device = device
        self._measure = size is None and device == "cuda"
        default = {"cpu": CPU_BATCH, "mps": 8}.get(device, MAX_BATCH)
        self.size = size or default

    def run(self, function: Callable[[Tensor], Tensor], pieces: Tensor) -> Tensor:
        """`function(pieces)` along the first axis, in parts.

        Raises:
            EnvironmentProblem: not even a single piece fits.
        """
        import torch

        results, done = [], 0
        while done < len(pieces):
            count = 1 if self._measure else self.size
            try:
                if self._measure:
                    results.append(self._measured(function, pieces[done : done + 1]))
                else:
                    results.append(function(pieces[done : done + count]))
            except torch.OutOfMemoryError as error:
                self._halve(error)
                continue
            done += count
        return results[0] if len(results) == 1 else torch.cat(results)

    def _measured(self, function: Callable[[Tensor], Tensor], piece: Tensor) -> Tensor:
        import torch

        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        result = function(piece)
        torch.cuda.synchronize()
        needed = max(1, torch.cuda.max_memory_allocated() - before)
        free = torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        self.size = int(min(MAX_BATCH, max(1, _FREE_SHARE * free / needed)))
        self._measure = False
        log.info("A piece takes %d MB of %d MB free: batches of %d", needed >> 20, free >> 20, self.size)
        return result

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        import torch

        if self.size == 1 or self._measure:
            raise EnvironmentProblem(
                "The model does not fit into the memory of the graphics card",
                str(error).split(". ")[0],
                "Close other programs that use it, choose a smaller model, or the device cpu",
            ) from error
        self.size //= 2
        log.warning("Out of memory: batches of %d from now on", self.size)
        if self._device == "cuda":
            torch.cuda.empty_cache()
