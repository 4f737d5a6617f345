"""What the families that run on torch have in common: loading, shared weights, and `embed` from its parts."""

from __future__ import annotations

import gc
import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.base import Grid, ModelSpec
from core.models.cpu_linear import use_onednn
from core.models.device import autocast, choose_device
from core.models.weights import WeightStore, load_state

log = logging.getLogger(__name__)


class LastBackbone:
    """Keeps the weights that were loaded last, so that a model and its `_ML` variant do not load them twice."""

    def __init__(self) -> None:
        self._key: tuple[str, str, str] | None = None
        self._network: nn.Module | None = None

    def get(self, key: tuple[str, str, str]) -> nn.Module | None:
        """The network that was kept under this key, or None."""
        return self._network if key == self._key else None

    def keep(self, key: tuple[str, str, str], network: nn.Module) -> None:
        """Keep this network instead of the one before."""
        self._key, self._network = key, network

    def drop(self) -> None:
        """Let go of the kept network, to give its memory back."""
        self._key = self._network = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


BACKBONES = LastBackbone()


class TorchEmbedding(ABC):
    """Base of the families. A family says what its network is and which part of `embed` it does where."""

    grid: ClassVar[Grid]

    def __init__(self, spec: ModelSpec, *, tiny: bool = False) -> None:
        self.spec = spec
        self.tiny = tiny
        self._device = "cpu"
        self._network: nn.Module | None = None

    @property
    def device(self) -> str:
        return self._device

    @property
    def network(self) -> nn.Module:
        """The loaded network.

        Raises:
            RuntimeError: `load` was not called; a bug of the caller.
        """
        if self._network is None:
            raise RuntimeError(f"{self.spec.name} is used before it is loaded")
        return self._network

    def load(self, device: str = "auto", store: WeightStore | None = None, ctx: JobContext | None = None) -> None:
        """See `EmbeddingModel.load`. A tiny model without a store of its own has seeded random weights."""
        self._device = choose_device(device)
        if self.spec.weights is None or (self.tiny and store is None):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                self._place(self.build())
            return
        path = (store or WeightStore.at()).obtain(self.spec.weights, ctx)
        key = (self.spec.backbone, self._device, str(path))
        kept = BACKBONES.get(key)
        if kept is None:
            BACKBONES.drop()
            if ctx:
                ctx.progress(0, 0, f"Loading {self.spec.name}")
            self._place(self._restored(path))
            BACKBONES.keep(key, self.network)
        else:
            self._network = kept

    def load_random(self, device: str = "cpu", seed: int = 0) -> None:
        """Place untrained weights of the real size: for benchmarks, where only the time counts."""
        self._device = choose_device(device)
        torch.manual_seed(seed)
        self._place(self.build())

    def _place(self, network: nn.Module) -> None:
        network = network.eval().requires_grad_(False).to(self._device)
        self._network = use_onednn(network) if self._device == "cpu" else network

    def _restored(self, path: Path) -> nn.Module:
        with torch.device("meta"):
            network = self.build()
        try:
            network.load_state_dict(self.state(path), strict=True, assign=True)
        except (RuntimeError, KeyError, TypeError) as error:
            raise EnvironmentProblem(
                f"The weights file {path.name} does not belong to {self.spec.name}",
                str(error).strip().splitlines()[0],
                f"Remove {path} and download it again",
            ) from error
        return network.float()

    def state(self, path: Path) -> dict[str, Tensor]:
        """The tensors of the weights file under the names of `build`'s network."""
        return load_state(path)

    @abstractmethod
    def build(self) -> nn.Module:
        """The network with untrained weights: the real size, or the tiny one."""

    @abstractmethod
    def front_end(self, audio: Tensor) -> Tensor:
        """See `EmbeddingModel.front_end`."""

    @abstractmethod
    def frames(self, features: Tensor) -> Tensor:
        """See `EmbeddingModel.frames`."""

    def summarise(self, frames: Tensor) -> Tensor:
        """The mean over time."""
        return frames.mean(dim=1)

    def summarise_grain(self, frames: Tensor) -> Tensor:
        """Mean and maximum over time, side by side."""
        return torch.cat([frames.mean(dim=1), frames.amax(dim=1)], dim=-1)

    def run(self, features: Tensor) -> Tensor:
        """`frames` in inference mode, in the device's number format; float32 again at the end."""
        with torch.inference_mode(), autocast(self._device):
            return self.frames(features).float()

    def embed(self, audio: np.ndarray) -> np.ndarray:
        """See `EmbeddingModel.embed`."""
        with torch.inference_mode():
            samples = torch.from_numpy(np.ascontiguousarray(audio, dtype=np.float32)).to(self._device)
            missing = self.grid.minimum_samples - samples.shape[1]
            if missing > 0:
                samples = nn.functional.pad(samples, (0, missing))
            return self.summarise(self.run(self.front_end(samples))).cpu().numpy()

    def close(self) -> None:
        """See `EmbeddingModel.close`. The weights stay for the next model that shares them, until another is loaded."""
        self._network = None
