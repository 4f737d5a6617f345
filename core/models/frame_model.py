"""A trained model of frames: probabilities and embeddings of pictures, and the one file it is kept in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from core.errors import NewerDataError, UserError
from core.job import JobContext
from core.media.cache_file import written_beside
from core.media.small_pictures import small_pictures
from core.models.device import BatchSizer, autocast, choose_device
from core.models.frame_backbone import FrameNetwork, Origin, backbone_id, build_network, load_origin
from core.models.frame_set import normalised
from core.models.temperature import softmax

if TYPE_CHECKING:
    from core.models.frame_embeddings import FrameEmbeddings
    from core.models.weights import WeightStore

SUFFIX = ".safetensors"
_FORMAT, _NOTE = 2, "8cut frame model"
_WHOLE, _HEAD = 1, "head."
# Pictures that are handed to the device together; on a graphics card `BatchSizer` finds out how many fit at once.
_CPU_BATCH, _HELD = 16, 256


@dataclass(frozen=True)
class Scores:
    """What a model makes of N pictures; rows of pictures that cannot be read are NaN.

    Args:
        probabilities: float32[N, C], calibrated.
        embeddings: float32[N, D].
    """

    probabilities: np.ndarray
    embeddings: np.ndarray

    @property
    def readable(self) -> np.ndarray:
        """bool[N]."""
        return ~np.isnan(self.probabilities[:, 0])


@dataclass(frozen=True, eq=False)
class FrameModel:
    """One task's model.

    Args:
        classes: in the order of the columns of its probabilities.
        backbone: its name in `FrameTraining`.
        temperature: what its logits are divided by.
        report: JSON-able; what `core.models.frame_classifier.train` tells about the training.
        origin: where the weights of a frozen backbone come from, which the file of the model then does without.
    """

    classes: tuple[str, ...]
    backbone: str
    image_px: int
    temperature: float
    network: FrameNetwork
    report: dict[str, Any] = field(default_factory=dict)
    origin: Origin | None = None

    @property
    def device(self) -> str:
        return self.network.head.weight.device.type

    @property
    def embedding_id(self) -> str:
        """Equal ids give equal embeddings of equal pictures on one kind of device."""
        return f"{backbone_id(self.network)[:32]}-{self.image_px}"

    def probabilities(self, images: Sequence[Path], ctx: JobContext | None = None) -> np.ndarray:
        """float32[N, C], calibrated; NaN for a picture that cannot be read, which the job's log names.

        Raises:
            Cancelled: `ctx` was cancelled.
        """
        return self.score(images, ctx).probabilities

    def embed(self, images: Sequence[Path], ctx: JobContext | None = None) -> np.ndarray:
        """float32[N, D]; NaN and errors as of `probabilities`."""
        return self._backbone(images, ctx or JobContext())

    def score(
        self, images: Sequence[Path], ctx: JobContext | None = None, known: FrameEmbeddings | None = None
    ) -> Scores:
        """Probabilities and embeddings, each picture through the network once.

        Args:
            known: embeddings kept from before; what is missing is computed and added.

        Raises:
            Cancelled: `ctx` was cancelled; what was computed is in `known`.
        """
        ctx = ctx or JobContext()
        vectors = self._backbone(images, ctx) if known is None else known.of(self, images, ctx)
        return Scores(softmax(self.logits(vectors), self.temperature), vectors)

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        """float32[N, D] embeddings → float32[N, C], not calibrated."""
        head = self.network.head
        weight, bias = (part.detach().float().cpu().numpy() for part in (head.weight, head.bias))
        return vectors @ weight.T + bias

    def _backbone(self, images: Sequence[Path], ctx: JobContext) -> np.ndarray:
        vectors = np.full((len(images), self.network.dim), np.nan, dtype=np.float32)
        size = _CPU_BATCH if self.device == "cpu" else _HELD
        sizer = BatchSizer(self.device, _CPU_BATCH if self.device == "cpu" else None)
        held: list[tuple[int, np.ndarray]] = []
        for at, picture in enumerate(small_pictures(images, self.image_px, ctx)):
            if picture is not None:
                held.append((at, picture))
            if held and (len(held) == size or at == len(images) - 1):
                pixels = torch.from_numpy(np.stack([one for _, one in held])).permute(0, 3, 1, 2)
                vectors[[place for place, _ in held]] = sizer.run(self._embedded, pixels).numpy()
                held.clear()
                ctx.progress(at + 1, len(images), "Looking at frames")
        return vectors

    def _embedded(self, pixels: Tensor) -> Tensor:
        self.network.eval()
        with torch.inference_mode(), autocast(self.device):
            return self.network.backbone(normalised(pixels.to(self.device), self.network.look)).float().cpu()

    def save(self, path: Path) -> None:
        """Write or replace the file in one step: tensors and JSON, nothing that runs.

        Raises:
            EnvironmentProblem: the disk is full or the folder cannot be written to; an older file is as it was.
        """
        from safetensors.torch import save

        note = {
            "format": _FORMAT if self.origin else _WHOLE,
            "classes": self.classes,
            "backbone": self.backbone,
            "image_px": self.image_px,
            "temperature": self.temperature,
            "report": self.report,
        }
        if self.origin:
            note["origin"] = asdict(self.origin)
        tensors = {
            key: tensor.detach().cpu().contiguous()
            for key, tensor in self.network.state_dict().items()
            if not self.origin or key.startswith(_HEAD)
        }
        content = save(tensors, {_NOTE: json.dumps(note, allow_nan=False)})
        with written_beside(path, "model") as file:
            file.write(content)

    @classmethod
    def load(
        cls, path: Path, device: str = "auto", store: WeightStore | None = None, ctx: JobContext | None = None
    ) -> FrameModel:
        """The model in a file.

        Args:
            store: where the weights of a frozen backbone are looked for; the person's own folder by default.

        Raises:
            UserError: the file is missing, or is none that `save` wrote.
            NewerDataError: a newer 8-cut wrote it.
            EnvironmentProblem: there is no such device here, or the weights of a frozen backbone are missing or others.
            Cancelled: `ctx` was cancelled.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        note = read_note(path)
        try:
            classes, origin = tuple(note["classes"]), Origin(**note["origin"]) if "origin" in note else None
            network = build_network(note["backbone"], len(classes))
            tensors = load_file(path)
            if origin is None:
                network.load_state_dict(tensors)
            else:
                network.head.load_state_dict({key.removeprefix(_HEAD): tensor for key, tensor in tensors.items()})
            model = cls(
                classes,
                note["backbone"],
                note["image_px"],
                note["temperature"],
                network,
                note.get("report", {}),
                origin,
            )
        except (SafetensorError, OSError, RuntimeError, KeyError, TypeError) as error:
            raise _refused(path, str(error).splitlines()[0]) from error
        if origin is not None:
            load_origin(network, model.backbone, origin, store, ctx)
        network.to(choose_device(device), memory_format=torch.channels_last).eval()
        return model


def read_note(path: Path) -> dict[str, Any]:
    """What a model's file says about it, without its tensors: classes, backbone, image_px, temperature, report.

    Raises:
        UserError: the file is missing, or is none that `FrameModel.save` wrote.
        NewerDataError: a newer 8-cut wrote it.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            note = json.loads((file.metadata() or {})[_NOTE])
    except FileNotFoundError as error:
        raise UserError(f"There is no model {path.name}", f"{path} does not exist", "Run the round again") from error
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise _refused(path, str(error).splitlines()[0]) from error
    if note["format"] > _FORMAT:
        raise NewerDataError(f"The model {path.name} is from a newer 8-cut", "", "Update 8-cut to use it")
    return note


def is_model(path: Path) -> bool:
    """Whether this is a file that `FrameModel.save` wrote."""
    if path.suffix != SUFFIX or not path.is_file():
        return False
    try:
        read_note(path)
    except UserError:
        return False
    return True


def _refused(path: Path, why: str) -> UserError:
    return UserError(
        f"The model file {path.name} is refused", f"It is not a model of frames of 8-cut: {why}", "Run the round again"
    )
