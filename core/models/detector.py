"""Finding people and things in pictures: torchvision's SSDlite with MobileNet v3 (Liu et al. 2016, Howard et al. 2019).

Trained on COCO; BSD-3-Clause. The network itself is torchvision's; its weights are fetched on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.tracking import Box
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.base import WeightFile
from core.models.device import choose_device
from core.models.weights import WeightStore, load_state

if TYPE_CHECKING:
    import numpy as np
    import torch

WEIGHTS = WeightFile(
    "ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
    "https://download.pytorch.org/models/ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
    14_069_355,
    "a79551df90c79834bcd3bb3845ef9d966b5449a3a9b2833ae8404778ca5d65d2",
)
# The number of "person" among the classes of COCO, and how many there are with the background.
PERSON, CLASSES = 1, 91
MIN_SCORE = 0.5
# The network scales pictures to this; more pixels would only be thrown away.
INPUT_PX = 320


@dataclass(frozen=True)
class Thing:
    """Something that was found: its number among the classes of COCO, and where it is."""

    label: int
    box: Box


class PersonDetector:
    """One loaded network.

    Args:
        network: torchvision's SSDlite with COCO's classes.
        device: as `choose_device` gives it.
        min_score: boxes that the network is less sure of are left out.
    """

    def __init__(self, network: torch.nn.Module, device: str, min_score: float = MIN_SCORE) -> None:
        self._network = network.eval().to(device)
        self._device = device
        self._min_score = min_score

    @classmethod
    def load(
        cls, store: WeightStore, ctx: JobContext | None = None, device: str = "auto", min_score: float = MIN_SCORE
    ) -> PersonDetector:
        """The trained detector.

        Raises:
            EnvironmentProblem: the weights are not there and cannot be fetched, or are not the right ones.
            Cancelled: `ctx` was cancelled.
        """
        path = store.obtain(WEIGHTS, ctx)
        network = build_network()
        try:
            network.load_state_dict(load_state(path))
        except RuntimeError as error:
            raise EnvironmentProblem(
                f"The weights file {path.name} does not fit its network", str(error)[:200], f"Remove {path}, try again"
            ) from error
        return cls(network, choose_device(device), min_score)

    def detect(self, pictures: Sequence[np.ndarray]) -> list[tuple[Box, ...]]:
        """The people in each picture (uint8, (height, width, 3), of any size), surest first."""
        return [tuple(thing.box for thing in things if thing.label == PERSON) for things in self.things(pictures)]

    def things(self, pictures: Sequence[np.ndarray]) -> list[tuple[Thing, ...]]:
        """Whatever of COCO's classes is in each picture (uint8, (height, width, 3), of any size), surest first."""
        import torch

        with torch.inference_mode():
            # Copied, because a picture that several look at may be locked against writing, which torch dislikes.
            tensors = [torch.tensor(picture).permute(2, 0, 1).to(self._device).float() / 255 for picture in pictures]
            results = self._network(tensors)
        return [self._sure(result, *picture.shape[1::-1]) for picture, result in zip(pictures, results, strict=True)]

    def _sure(self, result: dict[str, torch.Tensor], width: int, height: int) -> tuple[Thing, ...]:
        import torch

        wanted = result["scores"] >= self._min_score
        edges = result["boxes"][wanted] / torch.tensor([width, height, width, height], device=self._device)
        labels, scores = result["labels"][wanted].tolist(), result["scores"][wanted].tolist()
        found = zip(labels, edges.clamp(0, 1).tolist(), scores, strict=True)
        return tuple(
            sorted((Thing(label, Box(*edge, score)) for label, edge, score in found), key=lambda it: -it.box.score)
        )


def class_names() -> tuple[str, ...]:
    """COCO's names of what `Thing.label` numbers; number 0 is the background."""
    from torchvision.models.detection import SSDLite320_MobileNet_V3_Large_Weights

    return tuple(SSDLite320_MobileNet_V3_Large_Weights.COCO_V1.meta["categories"])


def build_network() -> torch.nn.Module:
    """The network with random weights; nothing is fetched."""
    from torchvision.models.detection import ssdlite320_mobilenet_v3_large

    return ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=CLASSES)
