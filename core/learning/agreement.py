"""How far coders agree: percent agreement, Cohen's kappa and Krippendorff's alpha, with bootstrap intervals by video.

All figures follow from tables of pairs of answers, and such tables add up: every video gets its own, a resampled set of
videos is their weighted sum, and a thousand resamples are one matrix product.

Sources: Cohen, A coefficient of agreement for nominal scales (1960); Light, Measures of response agreement (1971), for
kappa over more than two coders: the mean over pairs; Krippendorff, Computing Krippendorff's alpha-reliability (2011);
Cicchetti and Feinstein (1990) for the agreement on one class; Efron (1979) for the percentile bootstrap, with whole
videos drawn, because items of one video are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

RESAMPLES = 1000
MISSING = -1
_KEPT_VALUES = 4_000_000  # of the table of drawn videos: 32 MB
_LEVEL = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval; None where it is not defined, as kappa is when only one class was ever used."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Figures:
    """Agreement, of all classes or of one class against the rest.

    Args:
        percent: share of agreeing pairs of answers, 0–1; of one class: where a coder chose it, how often another did.
        kappa: Cohen's; for more than two coders Light's, the mean over the pairs.
        alpha: Krippendorff's, nominal.
    """

    percent: Estimate = Estimate()
    kappa: Estimate = Estimate()
    alpha: Estimate = Estimate()


@dataclass(frozen=True)
class Ratings:
    """Who said what.

    Args:
        codes: int[items, coders], indices into `classes`, MISSING where a coder did not answer.
        groups: int[items], the video of each item from 0.
    """

    codes: np.ndarray
    groups: np.ndarray
    classes: tuple[str, ...]
    coders: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """Figures of one table of answers.

    Args:
        by_class: class -> its figures, in the order of the classes.
        pairs: (coder, coder) -> figures; only pairs that share an item.
        pair_classes: (coder, coder) -> class -> figures.
        confusion: (coder, coder) -> int[classes, classes]; rows are the first coder's answers.
    """

    overall: Figures
    by_class: dict[str, Figures]
    pairs: dict[tuple[str, str], Figures]
    pair_classes: dict[tuple[str, str], dict[str, Figures]]
    confusion: dict[tuple[str, str], np.ndarray]


def ratings(labels: Mapping[str, Mapping[str, str]], groups: Mapping[str, str], classes: Sequence[str]) -> Ratings:
    """The table of coder -> item -> label. Labels that are none of the classes count as missing.

    Args:
        groups: item -> video.
    """
    coders = tuple(sorted(labels))
    items = tuple(sorted({item for answers in labels.values() for item in answers}))
    rows = {item: row for row, item in enumerate(items)}
    numbers = {label: number for number, label in enumerate(classes)}
    videos = {video: number for number, video in enumerate(sorted({groups[item] for item in items}))}
    codes = np.full((len(items), len(coders)), MISSING)
    for column, coder in enumerate(coders):
        for item, label in labels[coder].items():
            codes[rows[item], column] = numbers.get(label, MISSING)
    return Ratings(
        codes, np.array([videos[groups[item]] for item in items], dtype=np.int64), tuple(classes), coders, items
    )


def shared(table: Ratings) -> np.ndarray:
    """bool[items]: those that at least two coders answered."""
    return (table.codes != MISSING).sum(axis=1) >= 2


def agreement(
    table: Ratings, seed: int = 42, resamples: int = RESAMPLES, check: Callable[[], None] = lambda: None
) -> Agreement:
    """All figures of a table.

    Args:
        check: called now and then; may raise.
    """
    use = shared(table)
    if not use.any():
        return Agreement(Figures(), {name: Figures() for name in table.classes}, {}, {}, {})
    codes, count = table.codes[use], len(table.classes)
    groups = np.unique(table.groups[use], return_inverse=True)[1]
    videos = int(groups.max()) + 1
    resampled = _Resampled(videos, resamples, seed)
    both = resampled.of(coincidences(codes, groups, videos, count))
    pairs, pair_classes, confusion = {}, {}, {}
    kappas, class_kappas = [], []
    for first, second in combinations(range(len(table.coders)), 2):
        check()
        tables = pair_tables(codes[:, first], codes[:, second], groups, videos, count)
        if not tables.any():
            continue
        summed = resampled.of(tables)
        name = (table.coders[first], table.coders[second])
        kappas.append(kappa(summed))
        class_kappas.append(kappa(one_against_rest(summed)))
        symmetric = summed + summed.swapaxes(-1, -2)
        pairs[name] = _figures(symmetric, kappas[-1])
        pair_classes[name] = _by_class(table.classes, symmetric, class_kappas[-1])
        confusion[name] = tables.sum(axis=0).astype(np.int64)
    return Agreement(
        _figures(both, _mean(kappas)),
        _by_class(table.classes, both, _mean(class_kappas)),
        pairs,
        pair_classes,
        confusion,
    )


def consistency(
    first: Sequence[int], again: Sequence[int], groups: Sequence[int], classes: int, seed: int = 42
) -> Figures:
    """How far one coder's answers to silent repeats agree with the same coder's first answers."""
    videos = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)[1]
    if not len(videos):
        return Figures()
    count = int(videos.max()) + 1
    tables = pair_tables(np.asarray(first), np.asarray(again), videos, count, classes)
    summed = _Resampled(count, RESAMPLES, seed).of(tables)
    return _figures(summed + summed.swapaxes(-1, -2), kappa(summed))


def pair_tables(first: np.ndarray, second: np.ndarray, groups: np.ndarray, videos: int, classes: int) -> np.ndarray:
    """float[videos, classes, classes]: how often one coder said the row and the other the column."""
    both = (first != MISSING) & (second != MISSING)
    places = (groups[both] * classes + first[both]) * classes + second[both]
    return np.bincount(places, minlength=videos * classes**2).reshape(videos, classes, classes).astype(float)


def coincidences(codes: np.ndarray, groups: np.ndarray, videos: int, classes: int) -> np.ndarray:
    """float[videos, classes, classes]: Krippendorff's coincidence matrices, which add up over items."""
    counts = np.stack([(codes == label).sum(axis=1) for label in range(classes)], axis=1).astype(float)
    answers = counts.sum(axis=1)
    share = np.where(answers >= 2, 1.0 / np.maximum(answers - 1, 1), 0.0)
    found = np.zeros((videos, classes, classes))
    for row in range(classes):
        for column in range(classes):
            pairs = counts[:, row] * (counts[:, column] - (row == column))
            found[:, row, column] = np.bincount(groups, pairs * share, minlength=videos)
    return found


def kappa(tables: np.ndarray) -> np.ndarray:
    """Cohen's kappa of float[…, classes, classes]; NaN where both coders only ever used one and the same class."""
    total = tables.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.trace(tables, axis1=-2, axis2=-1) / total
        expected = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1) / total**2
        return np.where(expected < 1.0 - 1e-12, (observed - expected) / (1.0 - expected), np.nan)


def alpha(matrices: np.ndarray) -> np.ndarray:
    """Krippendorff's nominal alpha of coincidence matrices float[…, classes, classes]; NaN where one class was used."""
    margins = matrices.sum(axis=-1)
    total = margins.sum(axis=-1)
    apart = total - np.trace(matrices, axis1=-2, axis2=-1)
    by_chance = total**2 - (margins**2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by_chance > 1e-9, 1.0 - (total - 1.0) * apart / by_chance, np.nan)


def one_against_rest(tables: np.ndarray) -> np.ndarray:
    """float[…, classes, 2, 2] from float[…, classes, classes]: each class against all others."""
    own = np.diagonal(tables, axis1=-2, axis2=-1)
    row, column = tables.sum(axis=-1) - own, tables.sum(axis=-2) - own
    rest = tables.sum(axis=(-2, -1))[..., None] - own - row - column
    return np.stack([np.stack([own, row], axis=-1), np.stack([column, rest], axis=-1)], axis=-2)


class _Resampled:
    """The sum over all videos, and over many sets of videos drawn with replacement; the same sets for every table."""

    def __init__(self, videos: int, resamples: int, seed: int) -> None:
        self._videos = videos
        # A single video says nothing about others.
        self._resamples = resamples if videos >= 2 else 0
        self._seed = seed
        fits = self._videos * self._resamples <= _KEPT_VALUES
        self._kept = tuple(self._draw()) if fits else None

    def of(self, tables: np.ndarray) -> np.ndarray:
        """float[1 + resamples, classes, classes]; the first is the plain sum."""
        flat = tables.reshape(self._videos, -1)
        sums = [flat.sum(axis=0, keepdims=True)]
        sums += [drawn @ flat for drawn in (self._draw() if self._kept is None else self._kept)]
        return np.concatenate(sums).reshape(-1, *tables.shape[1:])

    def _draw(self) -> Iterator[np.ndarray]:
        """float[some resamples, videos]: how often each video is in each set."""
        random = np.random.default_rng(self._seed)
        even = np.full(self._videos, 1.0 / self._videos)
        chunk = max(1, _KEPT_VALUES // self._videos)
        for start in range(0, self._resamples, chunk):
            size = min(chunk, self._resamples - start)
            yield random.multinomial(self._videos, even, size=size).astype(float)


def _figures(symmetric: np.ndarray, kappas: np.ndarray) -> Figures:
    total = symmetric.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        percent = np.trace(symmetric, axis1=-2, axis2=-1) / total
    return Figures(_estimate(percent), _estimate(kappas), _estimate(alpha(symmetric)))


def _by_class(classes: Sequence[str], symmetric: np.ndarray, kappas: np.ndarray) -> dict[str, Figures]:
    margins = symmetric.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.diagonal(symmetric, axis1=-2, axis2=-1)
        percent = own / margins
    alphas = alpha(one_against_rest(symmetric))
    return {
        name: Figures(_estimate(percent[:, each]), _estimate(kappas[:, each]), _estimate(alphas[:, each]))
        for each, name in enumerate(classes)
    }


def _mean(values: Sequence[np.ndarray]) -> np.ndarray:
    """The mean over pairs of coders of those that are defined."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, stacked, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)


def _estimate(values: np.ndarray) -> Estimate:
    """From [the figure, its resamples…]; no interval where less than half of the resamples have one."""
    if np.isnan(values[0]):
        return Estimate()
    resamples = values[1:][~np.isnan(values[1:])]
    if not len(resamples) or 2 * len(resamples) < len(values) - 1:
        return Estimate(float(values[0]))
    low, high = np.percentile(resamples, _LEVEL)
    return Estimate(float(values[0]), float(low), float(high))
