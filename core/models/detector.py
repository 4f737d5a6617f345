"""Finding people in pictures: SSDlite with MobileNet v3 from torchvision (Liu et al. 2016, Howard et al. 2019).

Trained on COCO; BSD-3-Clause. The network itself is torchvision's; its weights are fetched on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
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
        import torch

        found = []
        with torch.inference_mode():
            tensors = [
                torch.from_numpy(picture).permute(2, 0, 1).to(self._device).float() / 255 for picture in pictures
            ]
            for picture, result in zip(pictures, self._network(tensors), strict=True):
                height, width = picture.shape[:2]
                wanted = (result["labels"] == PERSON) & (result["scores"] >= self._min_score)
                edges = result["boxes"][wanted] / torch.tensor([width, height, width, height], device=self._device)
                scores = result["scores"][wanted].tolist()
                boxes = (Box(*edge, score) for edge, score in zip(edges.clamp(0, 1).tolist(), scores, strict=True))
                found.append(tuple(sorted(boxes, key=lambda box: -box.score)))
        return found


def build_network() -> torch.nn.Module:
    """The network with random weights; nothing is fetched."""
    from torchvision.models.detection import ssdlite320_mobilenet_v3_large

    return ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=CLASSES)
