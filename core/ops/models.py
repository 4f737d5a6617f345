"""Trained classifiers and embedding models: find, list, fetch, restore."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.changes import Changes, Kind
from core.errors import UserError
from core.models.frame_options import RESNET50, RESNET50_WEIGHTS
from core.models.registry import MODELS, model_names, model_spec
from core.models.weights import WeightStore
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.job import JobContext
    from core.learning.model_store import ModelStore, ModelVersion
    from core.learning.trained import Trained


@dataclass(frozen=True)
class EmbeddingState:
    """An embedding model as the table shows it. `present` is True where no file is missing."""

    name: str
    dim: int
    licence: str
    source: str
    size_bytes: int
    present: bool


@dataclass(frozen=True)
class Classifier:
    """A trained model, ready to scan.

    Args:
        name: its file's name without suffix.
        label: what its scans are called, without the profile: "LOGMEL", "LOGMEL_bark".
        version: its time stamp, "" where it has none.
    """

    name: str
    label: str
    version: str
    path: Path
    trained: Trained


def model_store(paths: DataPaths) -> ModelStore:
    """The classifiers of a data folder."""
    from core.learning.model_store import ModelStore

    return ModelStore(paths.models)


def embedding_models(paths: DataPaths) -> list[EmbeddingState]:
    """Every embedding model, and whether its weights are there."""
    store = WeightStore.at(paths)
    return [
        EmbeddingState(
            spec.name,
            spec.dim,
            spec.licence,
            spec.source,
            spec.weights.size if spec.weights else 0,
            spec.weights is None or store.present(spec.weights),
        )
        for spec in MODELS
    ]


def picture_networks(paths: DataPaths) -> list[EmbeddingState]:
    """The networks that look at frames, and whether their weights are there. Those of timm are known by name only."""
    store = WeightStore.at(paths)
    return [
        EmbeddingState(RESNET50, 2048, "BSD-3-Clause", "ResNet-50 on ImageNet, torchvision", RESNET50_WEIGHTS.size,
                       store.present(RESNET50_WEIGHTS)),
    ]  # fmt: skip


def fetch(paths: DataPaths, name: str, ctx: JobContext) -> Path | None:
    """Bring the weights of an embedding model or of a network for frames here; None where it needs none.

    Raises:
        UserError: there is no such model.
        EnvironmentProblem: no network, no space, or the wrong file.
    """
    weights = RESNET50_WEIGHTS if name == RESNET50 else model_spec(name).weights
    return WeightStore.at(paths).obtain(weights, ctx) if weights else None


def classifiers(paths: DataPaths) -> list[str]:
    """The names of the trained classifiers."""
    return [path.stem for path in model_store(paths).models()]


def classifier_path(paths: DataPaths, name: str) -> Path:
    """The file a person means: its name, the path of a file, or the end of a name where only one has it.

    Raises:
        UserError: there is none, or several.
    """
    direct = Path(name).expanduser()
    if direct.is_file():
        return direct.absolute()
    known = model_store(paths).models()
    for path in known:
        if name in (path.stem, path.name):
            return path
    ending = [path for path in known if path.stem.endswith("_" + name)]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UserError(f"Several classifiers end in {name}", "", "Choose " + " or ".join(path.stem for path in ending))
    names = ", ".join(path.stem for path in known)
    fix = f"There are: {names}" if names else "Train one first: 8cut.sh train --help"
    raise UserError(f"There is no classifier {name}", "", fix)


def open_classifier(paths: DataPaths, name: str) -> Classifier:
    """Load a classifier.

    Raises:
        UserError: there is none of that name, or its file was tampered with or is no model of 8-cut.
        NewerDataError: a newer 8-cut wrote it.
    """
    path = classifier_path(paths, name)
    trained = model_store(paths).load(path)
    if trained is None:
        raise UserError(f"There is no classifier {name}", f"{path} has gone", "Train it again")
    return as_classifier(path, trained)


def as_classifier(path: Path, trained: Trained) -> Classifier:
    """A trained model under the names that scans use."""
    meta = trained.meta
    model = str(meta.get("model") or trained.embedding.get("model") or path.stem)
    label = f"{model}_{meta['name']}" if meta.get("name") else model
    return Classifier(path.stem, label, str(meta.get("version", "")), path, trained)


def name_in_label(label: str) -> str:
    """The person's own part of a label: "bark" of "HUBERT_BASE_ML_bark", "" of "LOGMEL"."""
    models = [name for name in model_names() if label == name or label.startswith(name + "_")]
    return label[len(max(models, key=len)) + 1 :] if models else ""


def history(paths: DataPaths, name: str) -> list[ModelVersion]:
    """All versions of a classifier, newest first.

    Raises:
        UserError: there is no such classifier.
    """
    return model_store(paths).history(classifier_path(paths, name))


def restore(paths: DataPaths, name: str, stamp: str) -> tuple[Classifier, Changes]:
    """Make an older version of a classifier the current one.

    Raises:
        UserError: there is no such classifier or version.
    """
    path = classifier_path(paths, name)
    trained = model_store(paths).restore(path, stamp)
    return as_classifier(path, trained), Changes.of(Kind.MODELS)


def pin(paths: DataPaths, name: str, stamp: str, pinned: bool = True) -> Changes:
    """Keep a version whatever is pruned, or let it go again.

    Raises:
        UserError: there is no such classifier or version.
    """
    model_store(paths).pin(classifier_path(paths, name), stamp, pinned)
    return Changes.of(Kind.MODELS)
