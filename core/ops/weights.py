"""The trained weights of embedding models: what is here, fetched, checked, taken from a file, removed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from core.models.registry import MODELS, model_spec
from core.models.weights import WeightStore
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.job import JobContext
    from core.models.base import WeightFile


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
        file_name, url: of the file; empty where nothing is needed.
        place: where the file lies or belongs.
        size_bytes: about, until it is here.
    """

    models: tuple[str, ...]
    source: str
    licence: str
    file_name: str
    url: str
    place: Path
    size_bytes: int
    state: WeightState

    @property
    def title(self) -> str:
        """The names of its models."""
        return ", ".join(self.models)


def weights(paths: DataPaths) -> list[WeightRow]:
    """Every file once, in the order of the table of models. Looks at names only, not into the files."""
    store = WeightStore.at(paths)
    names: dict[WeightFile | None, list[str]] = {}
    for spec in MODELS:
        names.setdefault(spec.weights, []).append(spec.name)
    return [_row(store, file, tuple(models)) for file, models in names.items()]


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
    file = model_spec(row.models[0]).weights
    if file is None:
        raise ValueError(f"{row.title} needs no weights")
    return file


def _row(store: WeightStore, file: WeightFile | None, models: tuple[str, ...]) -> WeightRow:
    spec = model_spec(models[0])
    if file is None:
        return WeightRow(models, spec.source, spec.licence, "", "", store.folder, 0, WeightState.BUILT_IN)
    place, size, state = store.path(file), file.size, WeightState.MISSING
    if store.present(file):
        size, state = place.stat().st_size, WeightState.HERE
    elif store.refused(file).is_file():
        state = WeightState.REFUSED
    return WeightRow(models, spec.source, spec.licence, file.name, file.url, place, size, state)
