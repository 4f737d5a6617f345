"""The networks that look at frames: what they are, where their trained weights come from, how they are read.

ResNet-50 is He et al. 2016 in torchvision's form; its ImageNet weights are the first ones torchvision published, which
transfer better to other pictures than the later ones. Everything else comes from timm by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.models.base import WeightFile
from core.models.frame_options import IMAGENET, RANDOM, RESNET50, RESNET50_WEIGHTS, TIMM
from core.models.weights import WeightStore, load_state

_HUB = "https://huggingface.co/{}/resolve/main/model.safetensors"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Look:
    """How a backbone wants its pictures: mean and standard deviation of each of the three colours, 0–1."""

    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD


@dataclass(frozen=True)
class Origin:
    """Where the weights of a backbone lie that nothing was learned in, and what they are.

    Args:
        start: "imagenet", or the path of a file.
        sha256: as of `backbone_id`.
    """

    start: str
    sha256: str


class FrameNetwork(nn.Module):
    """A backbone and a linear head.

    Args:
        backbone: float32[B, 3, px, px] → float32[B, D].
        dim: D.
        classes: how many the head tells apart.
    """

    def __init__(self, backbone: nn.Module, dim: int, classes: int, look: Look) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(dim, classes)
        self.look = look

    @property
    def dim(self) -> int:
        return self.head.in_features

    def forward(self, pictures: Tensor) -> Tensor:
        """Normalised pictures to logits, float32[B, classes]."""
        return self.head(self.backbone(pictures))


def build_network(name: str, classes: int, seed: int = 0) -> FrameNetwork:
    """An untrained network; the same seed gives the same one.

    Raises:
        UserError: there is no such backbone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if name == RESNET50:
            from torchvision.models import resnet50

            backbone = resnet50(weights=None)
            dim = backbone.fc.in_features
            backbone.fc = nn.Identity()
            return FrameNetwork(backbone, dim, classes, Look())
        model = _timm_model(name)
        look = Look(tuple(model.pretrained_cfg["mean"]), tuple(model.pretrained_cfg["std"]))
        return FrameNetwork(model, model.num_features, classes, look)


def imagenet_file(name: str) -> WeightFile:
    """The file of a backbone's published weights.

    Raises:
        UserError: there is no such backbone, or none was published for it.
    """
    if name == RESNET50:
        return RESNET50_WEIGHTS
    with torch.device("meta"):
        published = _timm_model(name).pretrained_cfg
    hub = published.get("hf_hub_id")
    if not hub:
        raise UserError(f"No trained weights are published for {name}", "", "Choose another backbone, or name a file")
    return WeightFile(f"{hub.rpartition('/')[2]}.safetensors", _HUB.format(hub), 0)


def load_start(
    network: FrameNetwork, name: str, start: str | Path, store: WeightStore | None = None, ctx: JobContext | None = None
) -> str:
    """Place the weights to start from in the backbone; the head stays. Returns what they are, for the record.

    Args:
        start: "imagenet" for the published ones, fetched when they are not there; "random" for none at all; otherwise
            a file of tensors (.safetensors, .pth, .pt), by its path or by its name in the weights folder.

    Raises:
        EnvironmentProblem: the weights are not there and cannot be fetched, or belong to another network. There is no
            way round: only "random" starts at random.
        Cancelled: `ctx` was cancelled.
    """
    if start == RANDOM:
        return RANDOM
    store = store or WeightStore.at()
    if start == IMAGENET:
        path = store.obtain(imagenet_file(name), ctx)
    else:
        path = given_file(Path(start), store)
    _place(network.backbone, load_state(path), name, path)
    return IMAGENET if start == IMAGENET else path.name


def load_origin(
    network: FrameNetwork, name: str, origin: Origin, store: WeightStore | None = None, ctx: JobContext | None = None
) -> None:
    """Place the very weights that a head was learned on in the backbone.

    A file that is not where it was is looked for by its name in the weights folder.

    Raises:
        EnvironmentProblem: they are not there and cannot be fetched, or others are in their place.
        Cancelled: `ctx` was cancelled.
    """
    store = store or WeightStore.at()
    start = origin.start
    if start != IMAGENET and not Path(start).is_file():
        start = Path(start).name
        if not (store.folder / start).is_file():
            raise EnvironmentProblem(
                f"The weights of the backbone are not there: {start}",
                f"A head on a frozen {name} is kept without them, and neither {origin.start} nor "
                f"{store.folder / start} exists",
                f"Put that file back, or into {store.folder}",
            )
    load_start(network, name, start, store, ctx)
    found = backbone_id(network)
    if found != origin.sha256:
        raise EnvironmentProblem(
            f"The weights of the backbone are not those that the head was learned on: {start}",
            f"Their SHA-256 is {found}, it should be {origin.sha256}",
            f"Put the right file back, or into {store.folder}, or run the round again with --anew",
        )


def backbone_id(network: FrameNetwork) -> str:
    """A SHA-256 over the backbone's weights: equal ids give equal embeddings."""
    digest = hashlib.sha256()
    for key, tensor in sorted(network.backbone.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _timm_model(name: str) -> nn.Module:
    import timm

    plain = name.removeprefix(TIMM)
    if not name.startswith(TIMM) or not timm.is_model(plain):
        known = ", ".join(TIMM + one for one in timm.list_models(f"*{plain[:6]}*")[:5]) if plain else ""
        raise UserError(
            f"There is no backbone {name!r}",
            "",
            f"Choose {RESNET50}, or a network of timm" + (f" such as {known}" if known else f" as {TIMM}NAME"),
        )
    return timm.create_model(plain, pretrained=False, num_classes=0)


def given_file(path: Path, store: WeightStore) -> Path:
    """The file of weights that is meant by a path, or by a name in the weights folder.

    Raises:
        EnvironmentProblem: there is neither.
    """
    for candidate in (path.expanduser(), store.folder / path):
        if candidate.is_file():
            return candidate
    raise EnvironmentProblem(
        f"The weights to start from are not there: {path}",
        f"Neither that file nor {store.folder / path} exists",
        f"Name a .safetensors or .pth file, put it into {store.folder}, or start from {IMAGENET}",
    )


def _place(backbone: nn.Module, state: Mapping[str, Tensor], name: str, path: Path) -> None:
    """Copy by name. The classifier of the file's own task is left out; nothing else may be missing or too much."""
    wanted = backbone.state_dict()
    if any(key.startswith("backbone.") for key in state):
        state = {key.removeprefix("backbone."): tensor for key, tensor in state.items() if key.startswith("backbone.")}
    # Files of early versions do not count batches, and averages with a momentum do not look at the count.
    missing = [key for key in wanted if key not in state and not key.endswith("num_batches_tracked")]
    other = [key for key in wanted if key in state and state[key].shape != wanted[key].shape]
    if missing or other:
        example = f"{missing[0]} is missing" if missing else f"{other[0]} has another shape"
        raise EnvironmentProblem(
            f"The weights file {path.name} does not belong to {name}",
            f"{len(missing)} tensors are missing and {len(other)} have another shape: {example}",
            f"Name a file that belongs to {name}, or choose its backbone",
        )
    backbone.load_state_dict({key: state.get(key, tensor) for key, tensor in wanted.items()})
