"""Models of items that are vectors: windows of sound as embeddings of their grains. The heads are those of scanning.

One head per class against all others, each calibrated on videos it had not seen; together they add up to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.domain.annotation import Item
from core.errors import UserError
from core.learning.calibration import Calibration, calibrate
from core.learning.features import Features, finite
from core.learning.folds import MOST_FOLDS, place_groups
from core.learning.heads import KINDS, Pool, fit_heads
from core.learning.model_file import read_record, write_record
from core.learning.scorers import Blend, Forest, Head, Linear, Projected

if TYPE_CHECKING:
    from core.scan.embedding import Embedded

_RATIO = 3.0
_FLOOR = 1e-6


@dataclass(frozen=True)
class ItemModel:
    """From vectors to a probability per class.

    Args:
        classes: those it learned, in the order of the columns.
        heads, calibrations: one per class; a single one, of the first class, where there are two.
        kind: of the heads, one of `core.learning.heads.KINDS`.
        dim: numbers in a vector.
    """

    classes: tuple[str, ...]
    heads: tuple[Head, ...]
    calibrations: tuple[Calibration, ...]
    kind: str
    dim: int

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """float[N, D] → float64[N, C]; every row adds up to one.

        Raises:
            UserError: the vectors are not of the kind it learned from.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise UserError(
                "The model cannot judge these items",
                f"It learned from vectors of {self.dim} numbers, these have {vectors.shape[-1]}",
                "Run the round with the embedding model of the round before",
            )
        rows = finite(vectors)
        return _joined(np.stack([head.logit(rows) for head in self.heads], axis=1), self.calibrations)


_RECORDS = {record.__name__: record for record in (ItemModel, Calibration, Linear, Forest, Projected, Blend)}


@dataclass(frozen=True)
class Fitted:
    """A model and what it says about its own training items while their videos were left out.

    Args:
        out_of_fold: float64[N, C]; for items of a single video, or of classes that only one video has, as seen.
    """

    model: ItemModel
    out_of_fold: np.ndarray


def fit(
    vectors: np.ndarray,
    labels: Sequence[str],
    groups: Sequence[str],
    kind: str = "blend",
    seed: int = 0,
    check: Callable[[], None] = lambda: None,
) -> Fitted:
    """Learn from labelled vectors.

    Args:
        vectors: float[N, D].
        labels: of at least two classes.
        groups: content keys of the videos; calibration never sees a video's own head.
        kind: of heads, one of `core.learning.heads.KINDS`.
        check: called between fits; may raise to stop.

    Raises:
        UserError: there is only one class, or no such kind of heads.
    """
    if kind not in KINDS:
        raise UserError(f"There is no head {kind!r}", "", "Choose one of " + ", ".join(KINDS))
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise UserError(
            "There is nothing to tell apart",
            f"All {len(labels)} labels say {classes[0]!r}" if classes else "There are no labels",
            "Label items of another class too",
        )
    from threadpoolctl import threadpool_limits

    # Threads wait for each other longer than the small matrices take.
    with threadpool_limits(1):
        return _fit(finite(vectors), np.asarray(labels, object), groups, classes, kind, seed, check)


def _fit(
    rows: np.ndarray,
    truth: np.ndarray,
    groups: Sequence[str],
    classes: tuple[str, ...],
    kind: str,
    seed: int,
    check: Callable[[], None],
) -> Fitted:
    wanted = classes[:1] if len(classes) == 2 else classes
    yes = np.stack([truth == name for name in wanted], axis=1)
    fold = _folds(groups)
    logits = np.full(yes.shape, np.nan)
    for number in np.unique(fold):
        check()
        inside = fold == number
        for column, head in enumerate(_heads(rows[~inside], yes[~inside], kind, seed)):
            if head is not None:
                logits[inside, column] = head.logit(rows[inside])
    check()
    heads = tuple(head for head in _heads(rows, yes, kind, seed) if head is not None)
    calibrations = []
    for column in range(len(wanted)):
        unseen = np.isfinite(logits[:, column])
        calibrations.append(calibrate(logits[unseen, column], yes[unseen, column]))
        logits[~unseen, column] = heads[column].logit(rows[~unseen])
    model = ItemModel(classes, heads, tuple(calibrations), kind, rows.shape[1])
    return Fitted(model, _joined(logits, model.calibrations))


def write_model(path: Path, model: ItemModel) -> None:
    """Write or replace the file in one step; arrays and JSON, nothing that runs.

    Raises:
        EnvironmentProblem: it cannot be written; an older file is as it was.
    """
    write_record(path, model)


def read_model(path: Path) -> ItemModel | None:
    """The model in a file that has been checked; None where there is none.

    Raises:
        UserError: it is no such file, or was changed after it was written.
        NewerDataError, EnvironmentProblem: as `core.learning.model_file.read`.
    """
    found = read_record(path, _RECORDS)
    if found is not None and not isinstance(found, ItemModel):
        raise UserError(f"The model file {path.name} is refused", "It holds no model of items", "Run the round again")
    return found


def window_vectors(embedded: Embedded, items: Sequence[Item]) -> np.ndarray:
    """float32[N, W]: mean and maximum of the grains inside each window, and how both differ from the surroundings.

    A window between two grains has the nearest one. What the surroundings are is a matter of the recording alone, so no
    video's numbers depend on another's.

    Raises:
        UserError: the recording is too short for a single grain.
    """
    if not len(embedded.vectors):
        raise UserError("The recording is too short", "It holds not a single window", "Leave it out")
    middles = embedded.starts_s + embedded.span_s / 2
    inside = [_grains(middles, item) for item in items]
    if not inside:
        return np.zeros((0, 4 * embedded.vectors.shape[1]), np.float32)
    wanted = np.unique(np.concatenate(inside))
    rows = Features(np.zeros(0, np.float32), np.zeros((0, 0), np.float32)).rows(embedded, wanted)
    own = [rows[np.searchsorted(wanted, grains)] for grains in inside]
    return np.stack([np.concatenate([one.mean(axis=0), one.max(axis=0)]) for one in own])


def _grains(middles: np.ndarray, item: Item) -> np.ndarray:
    found = np.flatnonzero((middles >= item.start_s) & (middles <= item.end_s))
    return found if len(found) else np.array([np.argmin(np.abs(middles - (item.start_s + item.end_s) / 2))])


def in_columns(probabilities: np.ndarray, learned: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Columns of `learned` as columns of `classes`; a class that was not learned has probability 0."""
    found = np.zeros((len(probabilities), len(classes)))
    place: Mapping[str, int] = {name: number for number, name in enumerate(classes)}
    for column, name in enumerate(learned):
        found[:, place[name]] = probabilities[:, column]
    return found


def _heads(rows: np.ndarray, yes: np.ndarray, kind: str, seed: int) -> list[Head | None]:
    """A head per column of `yes`; None for one that has nothing to tell apart."""
    found: list[Head | None] = []
    for column in range(yes.shape[1]):
        own = yes[:, column]
        if not own.any() or own.all():
            found.append(None)
            continue
        others = rows[~own]
        pool = Pool(rows[own], others, np.ones(len(others)), np.zeros((0, rows.shape[1]), np.float32))
        found.append(fit_heads((kind,), pool, _RATIO, np.random.default_rng((seed, column)))[kind])
    return found


def _folds(groups: Sequence[str]) -> np.ndarray:
    """int[N]; none at all, so no fold, where there is a single video."""
    sizes = {
        group: float(count) for group, count in zip(*np.unique(np.asarray(groups), return_counts=True), strict=True)
    }
    if len(sizes) < 2:
        return np.zeros(0, int)
    place = place_groups(sizes, min(MOST_FOLDS, len(sizes)))
    return np.array([place[group] for group in groups])


def _joined(logits: np.ndarray, calibrations: Sequence[Calibration]) -> np.ndarray:
    """Calibrated heads (N, H) as probabilities (N, C) that add up to one."""
    found = np.stack([one.apply(logits[:, column]) for column, one in enumerate(calibrations)], axis=1)
    if found.shape[1] == 1:
        return np.concatenate([found, 1.0 - found], axis=1)
    found = np.maximum(found, _FLOOR)
    return found / found.sum(axis=1, keepdims=True)
