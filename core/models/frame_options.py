"""How a model of frames is trained: the settings, free of every heavy import."""

from __future__ import annotations

from dataclasses import dataclass

from core.models.base import WeightFile

IMAGENET, RANDOM = "imagenet", "random"
RESNET50, TIMM = "resnet50", "timm:"
# BSD-3-Clause as torchvision itself; ImageNet's pictures are for research.
RESNET50_WEIGHTS = WeightFile(
    "resnet50-0676ba61.pth",
    "https://download.pytorch.org/models/resnet50-0676ba61.pth",
    102_530_333,
    "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
)


@dataclass(frozen=True)
class FrameTraining:
    """Settings of one training.

    Args:
        backbone: "resnet50" of torchvision, or "timm:NAME" for any network of timm, such as "timm:convnext_tiny".
        frozen: keep the backbone as it is and learn a logistic head on its embeddings: seconds on a CPU.
        epochs: at most so many.
        lr: of Adam; a tenth of it after every `lr_epochs` epochs.
        image_px: pictures are scaled to a square of this side, whatever their shape, so that no edge is cut off.
        patience: epochs without a better validation loss after which training stops.
        augment: flip, turn by up to 10°, change of brightness, contrast and saturation by up to 0.2.
    """

    backbone: str = RESNET50
    frozen: bool = False
    epochs: int = 30
    batch: int = 32
    lr: float = 1e-4
    lr_epochs: int = 10
    image_px: int = 224
    patience: int = 5
    augment: bool = True
    seed: int = 42

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or self.image_px < 32 or self.patience < 1 or self.lr <= 0:
            raise ValueError("a training has at least one epoch of one picture of 32 pixels, and a positive rate")

    def lr_at(self, epoch: int) -> float:
        """The rate of an epoch, counted from 0."""
        return self.lr * 0.1 ** (epoch // self.lr_epochs)
