"""Which items to ask about next.

Three strategies: *random*; *entropy*, plain, the most uncertain first; and *mixed*. Mixed begins with typical items
while labels are few: the densest item of each large cluster that holds no label yet, after Hacohen, Dekel, Weinshall:
Active learning on a budget (TypiClust), 2022. Later about 60 % are uncertain, 20 % diverse, 10 % high scores, 10 %
random. Diverse are draws of k-means++ on embeddings weighted by uncertainty, in the manner of Ash et al.: BADGE, 2020.
Mixed also caps what comes from one video and keeps a distance within it; the plain strategies do neither.

The stored probability is the one with which the draw that took the item would take it, given what was taken before: 1
for what is taken by rank (typical, uncertain, high score); that of its own draw for a diverse one; the number of random
draws over the number of items they can choose from for a random one. Only random items are a fair sample of the pool.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from core.annotation.embedding_space import clusters, common_space, draw_far, squared_distances, typicality
from core.annotation.rows import Rows
from core.domain.annotation import QueueEntry
from core.errors import UserError

STRATEGIES = ("mixed", "entropy", "random")
TYPICAL, UNCERTAIN, DIVERSE, HIGH_SCORE, RANDOM = "typical", "uncertain", "diverse", "high score", "random"
_SHARES = ((UNCERTAIN, 0.6), (DIVERSE, 0.2), (HIGH_SCORE, 0.1), (RANDOM, 0.1))
_FEW_PER_CLASS = 5
_MOST_CLUSTERS = 500


class Admits(Protocol):
    """The split of videos, as far as selection asks it; `core.annotation.split.Split` is one."""

    def admit(self, stage: str, groups: Collection[str]) -> None:
        """Raises where one of the videos may not be used in this stage."""


@dataclass(frozen=True)
class Pool:
    """Items without a label, in any order.

    Args:
        keys: of the items; all different.
        groups: content keys of their videos.
        times_s: float[N], of the frame or the middle of the window.
        uncertainty: float[N], what they are ranked by; see `uncertainty`.
        high: float[N], the probability of what is looked for.
        embeddings: float[N, D], read in blocks.
    """

    keys: tuple[str, ...]
    groups: tuple[str, ...]
    times_s: np.ndarray
    uncertainty: np.ndarray
    high: np.ndarray
    embeddings: np.ndarray | Rows


@dataclass(frozen=True)
class Known:
    """Items with a label, none of the test set: embeddings float[M, D], their videos and times."""

    groups: tuple[str, ...]
    times_s: np.ndarray
    embeddings: np.ndarray | Rows


@dataclass(frozen=True)
class Rules:
    """What holds for the mixed strategy besides its shares.

    Args:
        per_video: items of one video at most; 0 for twice what an even spread would give.
        apart_s: items of one video are at least so far from each other and from labelled ones.
        few: with fewer labels than this the typical come first.
    """

    per_video: int = 0
    apart_s: float = 1.0
    few: int = 0


def normalised_entropy(probabilities: np.ndarray) -> np.ndarray:
    """float[N, C] → float64[N]: 0 where one class is certain, 1 where all are equally likely; 0 for a single class."""
    values = np.clip(np.asarray(probabilities, np.float64), 0.0, None)
    classes = values.shape[1]
    if classes < 2:
        return np.zeros(len(values))
    values = values / np.maximum(values.sum(axis=1, keepdims=True), 1e-300)
    terms = np.where(values > 0.0, values * np.log(np.maximum(values, 1e-300)), 0.0)
    return np.clip(-terms.sum(axis=1) / math.log(classes), 0.0, 1.0)


def uncertainty(by_task: Sequence[np.ndarray]) -> np.ndarray:
    """float64[N]: the normalised entropy of every task's probabilities float[N, C], summed over tasks."""
    return np.sum([normalised_entropy(probabilities) for probabilities in by_task], axis=0)


def few_labels(classes: int) -> int:
    """Below how many labels the typical come first: five per class of the task with most classes."""
    return _FEW_PER_CLASS * classes


def select(
    pool: Pool,
    known: Known,
    count: int,
    strategy: str,
    split: Admits,
    rules: Rules | None = None,
    seed: int = 0,
) -> tuple[QueueEntry, ...]:
    """The items to ask about, in the order they were taken: `count`, or fewer where the pool or the rules allow fewer.

    The same items in another order give the same choice.

    Raises:
        UserError: there is no such strategy.
        LeakError: a video of the test set is among pool or known items.
    """
    if strategy not in STRATEGIES:
        raise UserError(f"There is no strategy {strategy!r}", "", "Choose one of " + ", ".join(STRATEGIES))
    split.admit("selection", {*pool.groups, *known.groups})
    if len(set(pool.keys)) != len(pool.keys):
        raise ValueError("an item is in the pool twice")
    rng = np.random.default_rng((seed, len(pool.keys)))
    pool = _sorted(pool)
    rules = rules or Rules()
    picked = _Picked(pool)
    if strategy == "random":
        _random(picked, count, rng)
    elif strategy == "entropy":
        _by_rank(picked, count, pool.uncertainty, UNCERTAIN)
    else:
        _mixed(picked, known, count, rules, rng)
    return tuple(picked.entries)


def select_first(pool: Pool, count: int, reason: str, rules: Rules, seed: int = 0) -> tuple[QueueEntry, ...]:
    """The items to begin with, where nothing has a label and no test set is frozen yet.

    The same items in another order give the same choice.

    Args:
        reason: TYPICAL for the densest of each large cluster; DIVERSE for each as far as can be from those before
            (Gonzalez 1985; as k-center greedy of Sener, Savarese: A core-set approach, 2018).
    """
    picked = _Picked(_sorted(pool))
    picked.spread(rules, count)
    rows = common_space(picked.pool.embeddings)
    rng = np.random.default_rng((seed, len(rows)))
    if reason == TYPICAL and len(rows):
        _typical(picked, rows, rows[:0], count, rng)
    elif len(rows):
        _far_apart(picked, rows, count, rng)
    return tuple(picked.entries)


def _far_apart(picked: _Picked, rows: np.ndarray, count: int, rng: np.random.Generator) -> None:
    place, probability = int(rng.integers(len(rows))), 1.0 / len(rows)
    reached = np.full(len(rows), np.inf)
    for _ in range(count):
        picked.take(place, DIVERSE, probability)
        if not picked.free.any():
            return
        reached = np.minimum(reached, squared_distances(rows, rows[[place]])[:, 0])
        place, probability = int(np.where(picked.free, reached, -1.0).argmax()), 1.0


@dataclass
class _Picked:
    """What was taken so far, and what may still be."""

    pool: Pool
    per_video: int = 0
    apart_s: float = 0.0
    entries: list[QueueEntry] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free = np.ones(len(self.pool.keys), bool)
        self._groups = np.asarray(self.pool.groups, object)
        self._taken: dict[str, int] = {}

    def spread(self, rules: Rules, count: int) -> None:
        """Take no more of one video than the rules say, and nothing too near."""
        self.per_video = rules.per_video or max(1, math.ceil(2 * count / max(1, len(set(self.pool.groups)))))
        self.apart_s = rules.apart_s

    def keep_away(self, group: str, time_s: float) -> None:
        """Nothing of that video nearer than the distance."""
        if self.apart_s > 0:
            near = np.abs(self.pool.times_s - time_s) < self.apart_s - 1e-9
            self.free[near & (self._groups == group)] = False

    def take(self, place: int, reason: str, probability: float) -> None:
        pool, group = self.pool, self.pool.groups[place]
        self.free[place] = False
        self.places.append(place)
        self._taken[group] = self._taken.get(group, 0) + 1
        if self._taken[group] == self.per_video:
            self.free[self._groups == group] = False
        self.keep_away(group, float(pool.times_s[place]))
        self.entries.append(QueueEntry(pool.keys[place], float(pool.uncertainty[place]), reason, probability))


def _mixed(picked: _Picked, known: Known, count: int, rules: Rules, rng: np.random.Generator) -> None:
    picked.spread(rules, count)
    for group, time_s in zip(known.groups, known.times_s, strict=True):
        picked.keep_away(group, float(time_s))
    if not len(picked.pool.keys):
        return
    rows = common_space(Rows.of(picked.pool.embeddings).and_then(Rows.of(known.embeddings)))
    own, labelled = rows[: len(picked.pool.keys)], rows[len(picked.pool.keys) :]
    left = count
    for reason, share in _SHARES:
        last = reason == _SHARES[-1][0]
        number = min(left, count - len(picked.entries) if last else round(share * count))
        left -= number
        if reason == UNCERTAIN and len(known.groups) < rules.few:
            _typical(picked, own, labelled, number, rng)
        elif reason == UNCERTAIN:
            _by_rank(picked, number, picked.pool.uncertainty, UNCERTAIN)
        elif reason == DIVERSE:
            _diverse(picked, own, number, rng)
        elif reason == HIGH_SCORE:
            _by_rank(picked, number, picked.pool.high, HIGH_SCORE)
        else:
            _random(picked, number, rng)


def _by_rank(picked: _Picked, count: int, score: np.ndarray, reason: str) -> None:
    """The highest first; equal ones in the order of their keys."""
    for place in np.argsort(-score, kind="stable"):
        if count <= 0:
            return
        if picked.free[place]:
            picked.take(int(place), reason, 1.0)
            count -= 1


def _random(picked: _Picked, count: int, rng: np.random.Generator) -> None:
    chance = min(1.0, count / max(1, int(picked.free.sum())))
    for _ in range(count):
        left = np.flatnonzero(picked.free)
        if not len(left):
            return
        picked.take(int(rng.choice(left)), RANDOM, chance)


def _diverse(picked: _Picked, rows: np.ndarray, count: int, rng: np.random.Generator) -> None:
    """Far from each other, from what was taken, and from the origin, where what is certain lies."""
    uncertain = picked.pool.uncertainty
    weighted = (rows * (uncertain / max(float(uncertain.max(initial=0.0)), 1e-9))[:, None]).astype(np.float32)
    if not float(uncertain.max(initial=0.0)) > 0.0:
        weighted = rows
    reached = (weighted**2).sum(axis=1)
    for place in picked.places:
        reached = np.minimum(reached, squared_distances(weighted, weighted[[place]])[:, 0])
    for _ in range(count):
        drawn = draw_far(picked.free, reached, rng)
        if drawn is None:
            return
        picked.take(drawn[0], DIVERSE, drawn[1])
        reached = np.minimum(reached, squared_distances(weighted, weighted[[drawn[0]]])[:, 0])


def _typical(picked: _Picked, rows: np.ndarray, labelled: np.ndarray, count: int, rng: np.random.Generator) -> None:
    """The densest free item of each cluster; those with fewest labels first, among them the largest."""
    if count <= 0:
        return
    member = clusters(np.concatenate([rows, labelled]), min(len(labelled) + count, _MOST_CLUSTERS), rng)
    own, covered = member[: len(rows)], np.bincount(member[len(rows) :], minlength=member.max() + 1)
    density = np.zeros(len(rows))
    for cluster in np.unique(own):
        inside = own == cluster
        density[inside] = typicality(rows[inside])
    sizes = np.bincount(own, minlength=len(covered))
    goal = len(picked.entries) + count
    while len(picked.entries) < goal:
        free = np.bincount(own[picked.free], minlength=len(covered))
        open_ = np.flatnonzero(free)
        if not len(open_):
            return
        cluster = min(open_, key=lambda one: (covered[one], -sizes[one], one))
        inside = np.flatnonzero((own == cluster) & picked.free)
        picked.take(int(inside[np.argmax(density[inside])]), TYPICAL, 1.0)
        covered[cluster] += 1


def _sorted(pool: Pool) -> Pool:
    order = np.argsort(np.asarray(pool.keys, object), kind="stable")
    return Pool(
        tuple(pool.keys[place] for place in order),
        tuple(pool.groups[place] for place in order),
        np.asarray(pool.times_s, np.float64)[order],
        np.asarray(pool.uncertainty, np.float64)[order],
        np.asarray(pool.high, np.float64)[order],
        Rows.of(pool.embeddings).those(order),
    )
