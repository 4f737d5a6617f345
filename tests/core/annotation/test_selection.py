"""What is asked about next: never the test set, never twice, spread over videos, and each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.selection import (
    DIVERSE,
    STRATEGIES,
    TYPICAL,
    Known,
    Pool,
    Rules,
    normalised_entropy,
    select,
    select_first,
    uncertainty,
)
from core.domain.split import LeakError, Split
from core.errors import UserError

SPLIT = Split(frozenset(f"v{n}" for n in range(6)), frozenset({"v6", "v7"}), frozenset({"t0", "t1"}), 42)


def make_pool(sizes: Collection[int], seed: int = 0, groups: Collection[str] = ()) -> Pool:
    """Items of several videos, one a second, with embeddings in blobs by video."""
    rng = np.random.default_rng(seed)
    names = list(groups) or [f"v{number}" for number in range(len(sizes))]
    own = [name for name, size in zip(names, sizes, strict=True) for _ in range(size)]
    times = np.concatenate([np.arange(size, dtype=float) for size in sizes]) if sizes else np.zeros(0)
    centres = {name: rng.normal(size=12) * 3 for name in names}
    vectors = np.array([centres[name] + rng.normal(size=12) for name in own]).reshape(-1, 12)
    keys = tuple(f"{name}#{int(time)}" for name, time in zip(own, times, strict=True))
    return Pool(keys, tuple(own), times, rng.random(len(own)), rng.random(len(own)), vectors)


NOTHING_KNOWN = Known((), np.zeros(0), np.zeros((0, 12)))


def place_of(pool: Pool, key: str) -> int:
    return pool.keys.index(key)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.integers(0, 40), st.sampled_from(STRATEGIES))
def test_a_choice_has_no_doubles_and_is_as_large_as_it_can_be(sizes: list[int], count: int, strategy: str) -> None:
    pool = make_pool(sizes)
    chosen = select(pool, NOTHING_KNOWN, count, strategy, SPLIT, Rules(9, 0.0))
    keys = [entry.item_key for entry in chosen]
    assert len(set(keys)) == len(keys) == min(count, len(pool.keys))
    assert all(0.0 < entry.probability <= 1.0 for entry in chosen)
    assert all(entry.score == pool.uncertainty[place_of(pool, entry.item_key)] for entry in chosen)


@settings(max_examples=60)
@given(
    st.lists(st.integers(3, 9), min_size=1, max_size=5),
    st.integers(4, 40),
    st.integers(1, 4),
    st.sampled_from([1.5, 2.5]),
    st.sampled_from([0, 100]),
)
def test_a_mixed_choice_keeps_every_rule(
    sizes: list[int], count: int, per_video: int, apart_s: float, few: int
) -> None:
    pool = make_pool(sizes)
    chosen = select(pool, NOTHING_KNOWN, count, "mixed", SPLIT, Rules(per_video, apart_s, few))
    places = sorted(place_of(pool, entry.item_key) for entry in chosen)
    assert max(Counter(pool.groups[place] for place in places).values(), default=0) <= per_video
    for one, other in pairwise(places):
        if pool.groups[one] == pool.groups[other]:
            assert abs(pool.times_s[one] - pool.times_s[other]) >= apart_s


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.sampled_from(STRATEGIES), st.randoms())
def test_the_order_of_the_pool_means_nothing(sizes: list[int], strategy: str, random: object) -> None:
    pool = make_pool(sizes)
    order = list(range(len(pool.keys)))
    random.shuffle(order)
    turned = Pool(
        tuple(pool.keys[n] for n in order),
        tuple(pool.groups[n] for n in order),
        pool.times_s[order],
        pool.uncertainty[order],
        pool.high[order],
        pool.embeddings[order],
    )
    assert select(pool, NOTHING_KNOWN, 7, strategy, SPLIT) == select(turned, NOTHING_KNOWN, 7, strategy, SPLIT)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_test_video_among_the_items_is_an_alarm(strategy: str) -> None:
    clean, sneaked = make_pool((4, 4)), make_pool((4, 4), groups=("v0", "t1"))
    known = Known(("t0",), np.zeros(1), np.zeros((1, 12)))
    assert select(clean, NOTHING_KNOWN, 3, strategy, SPLIT)
    with pytest.raises(LeakError):
        select(sneaked, NOTHING_KNOWN, 3, strategy, SPLIT)
    with pytest.raises(LeakError):
        select(clean, known, 3, strategy, SPLIT)


def test_entropy_takes_the_most_uncertain_first() -> None:
    pool = make_pool((9, 9, 9))
    chosen = select(pool, NOTHING_KNOWN, 5, "entropy", SPLIT)
    assert [entry.score for entry in chosen] == sorted(pool.uncertainty, reverse=True)[:5]
    assert {entry.reason for entry in chosen} == {"uncertain"}


def test_mixed_gives_each_reason_its_share() -> None:
    chosen = select(make_pool((40,) * 8), NOTHING_KNOWN, 50, "mixed", SPLIT)
    assert Counter(entry.reason for entry in chosen) == {"uncertain": 30, "diverse": 10, "high score": 5, "random": 5}


def test_mixed_begins_with_the_typical() -> None:
    """Three blobs, one of them tiny, and an outlier that is the most uncertain of all."""
    rng = np.random.default_rng(1)
    sizes, centres = (30, 20, 6), np.eye(3) * 12
    vectors = np.concatenate([rng.normal(size=(size, 3)) + centre for size, centre in zip(sizes, centres, strict=True)])
    vectors = np.concatenate([vectors, [[40.0, 40.0, 40.0]]])
    count = len(vectors)
    unsure = np.r_[rng.random(count - 1), 5.0]
    pool = Pool(
        tuple(f"i{n:03}" for n in range(count)),
        tuple(f"v{n % 6}" for n in range(count)),
        np.arange(count, dtype=float),
        unsure,
        np.zeros(count),
        vectors,
    )
    known = Known((), np.zeros(0), np.zeros((0, 3)))
    few = select(pool, known, 4, "mixed", SPLIT, Rules(few=10))
    typical = [int(entry.item_key[1:]) for entry in few if entry.reason == "typical"]
    assert len(typical) == 2
    assert {int(place >= 30) for place in typical} == {0, 1}
    assert all(entry.item_key != "i056" or entry.reason != "typical" for entry in few)
    many = select(pool, known, 4, "mixed", SPLIT, Rules(few=0))
    assert many[0].item_key == "i056"
    assert many[0].reason == "uncertain"


def test_what_is_labelled_already_keeps_its_neighbours_away() -> None:
    pool = make_pool((10,))
    known = Known(("v0", "v1"), np.array([4.0, 9.0]), np.zeros((2, 12)))
    chosen = select(pool, known, 10, "mixed", SPLIT, Rules(per_video=10, apart_s=2.0))
    times = [pool.times_s[place_of(pool, entry.item_key)] for entry in chosen]
    assert times
    assert not {3.0, 4.0, 5.0} & set(times)


@pytest.mark.parametrize("reason", [TYPICAL, DIVERSE])
@settings(max_examples=20)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=6), count=st.integers(1, 20), random=st.randoms())
def test_a_first_choice_keeps_the_rules_whatever_the_order(
    reason: str, sizes: list[int], count: int, random: Random
) -> None:
    pool, rules = make_pool(sizes), Rules(per_video=3, apart_s=2.0)
    chosen = select_first(pool, count, reason, rules, 1)
    order = list(range(len(pool.keys)))
    random.shuffle(order)
    shuffled = Pool(
        tuple(pool.keys[at] for at in order),
        tuple(pool.groups[at] for at in order),
        *(column[order] for column in (pool.times_s, pool.uncertainty, pool.high, pool.embeddings)),
    )
    assert select_first(shuffled, count, reason, rules, 1) == chosen
    assert 1 <= len(chosen) <= count
    assert {entry.reason for entry in chosen} == {reason}
    for group in set(pool.groups):
        own = sorted(
            pool.times_s[place_of(pool, one.item_key)] for one in chosen if one.item_key.startswith(f"{group}#")
        )
        assert len(own) <= 3
        assert all(after - before >= 2.0 for before, after in pairwise(own))


def test_a_first_choice_finds_what_is_rare_or_typical() -> None:
    """One blob holds most of the items, where chance would stay; far apart meets the others at once."""
    pool = make_pool([190, 4, 4, 4], seed=3)
    far = select_first(pool, 8, DIVERSE, Rules(per_video=5), 0)
    assert {entry.item_key.partition("#")[0] for entry in far} == {"v0", "v1", "v2", "v3"}
    equal = make_pool([30, 30, 30, 30], seed=3)
    typical = select_first(equal, 4, TYPICAL, Rules(), 0)
    assert {entry.item_key.partition("#")[0] for entry in typical} == {"v0", "v1", "v2", "v3"}
    middles = {name: np.mean([equal.embeddings[at] for at, own in enumerate(equal.groups) if own == name], axis=0)
               for name in set(equal.groups)}  # fmt: skip
    distance = [
        float(np.linalg.norm(row - middles[own])) for row, own in zip(equal.embeddings, equal.groups, strict=True)
    ]
    assert max(distance[place_of(equal, entry.item_key)] for entry in typical) < np.median(distance)
    for reason in (TYPICAL, DIVERSE):
        assert select_first(make_pool(()), 5, reason, Rules()) == ()


def test_an_empty_pool_and_a_wrong_strategy() -> None:
    empty = make_pool(())
    for strategy in STRATEGIES:
        assert select(empty, NOTHING_KNOWN, 5, strategy, SPLIT) == ()
    with pytest.raises(UserError, match="no strategy 'best'"):
        select(empty, NOTHING_KNOWN, 5, "best", SPLIT)


def test_equal_items_and_items_without_doubt_can_still_be_drawn() -> None:
    pool = make_pool((8, 8))
    same = Pool(pool.keys, pool.groups, pool.times_s, np.zeros(16), np.zeros(16), np.ones((16, 12)))
    for few in (0, 100):
        chosen = select(same, NOTHING_KNOWN, 10, "mixed", SPLIT, Rules(per_video=8, few=few))
        assert len(chosen) == 10


@given(st.integers(2, 9), st.integers(0, 1000))
def test_entropy_lies_between_certain_and_all_alike(classes: int, seed: int) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.ones(classes), 5)
    found = normalised_entropy(np.concatenate([rows, np.eye(classes)[:1], np.full((1, classes), 1 / classes)]))
    assert ((found >= 0) & (found <= 1)).all()
    assert found[-2:] == pytest.approx([0.0, 1.0])


def test_uncertainty_adds_up_over_tasks_and_one_class_is_certain() -> None:
    two, one = np.full((3, 2), 0.5), np.ones((3, 1))
    assert uncertainty([two, two, one]) == pytest.approx([2.0, 2.0, 2.0])
