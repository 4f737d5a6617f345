"""Coders' orders: the same everywhere, different for everybody, blind to which video an item is from."""

from __future__ import annotations

import hashlib
import math
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.coder_order import (
    Showing,
    coder_seed,
    for_everybody,
    given_to,
    items_of,
    repeat_gap,
    showings,
    shuffled,
)

ROOT = Path(__file__).resolve().parents[3]
NAMES = st.text(min_size=1, max_size=8)
KEYS = st.sets(st.text(min_size=1, max_size=6), max_size=60)
COUNTS = (40, 10, 10, 25, 3, 12, 1, 60)


def keys_of(counts: Sequence[int] = COUNTS) -> list[str]:
    """Keys of items of several videos, as many of each as asked for."""
    return [f"b3-{video:02d}#{number}" for video, count in enumerate(counts) for number in range(count)]


def video_of(key: str) -> str:
    return key.partition("#")[0]


@given(NAMES, NAMES)
def test_the_seed_is_the_md5_of_coder_and_salt(coder: str, salt: str) -> None:
    digest = hashlib.md5(coder.encode() + salt.encode()).digest()
    assert coder_seed(coder, salt) == int.from_bytes(digest[-4:])


@given(KEYS, NAMES, NAMES, st.randoms())
def test_the_order_is_the_shuffle_of_the_sorted_keys_however_they_come(
    keys: set[str], coder: str, salt: str, anyhow: random.Random
) -> None:
    expected = sorted(keys)
    random.Random(int(hashlib.md5((coder + salt).encode()).hexdigest(), 16) % 2**32).shuffle(expected)
    mixed = list(keys)
    anyhow.shuffle(mixed)
    assert shuffled(mixed, coder, salt) == expected


def test_another_process_makes_the_same_order() -> None:
    """Also where Python hashes texts differently, as it does in every process."""
    code = (
        "from core.domain.coder_order import *\n"
        "keys = {f'k{n}' for n in range(50)}\n"
        "order = shuffled(keys, 'Ånna', 'salt')\n"
        "mine = items_of('Ånna', keys, {'Ånna', 'bo', 'cleo'}, 'salt', 0.15, {})\n"
        "print(showings(mine, {'k3'}, order, 'Ånna', 'salt', 0.2))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert b"repeat=True" in found.pop()


def test_two_coders_orders_and_two_projects_orders_differ() -> None:
    keys = keys_of()
    orders = [shuffled(keys, coder, salt) for coder in ("anna", "bo") for salt in ("one", "two")]
    assert len({tuple(order) for order in orders}) == 4
    same_place = [sum(a == b for a, b in zip(orders[0], other, strict=True)) for other in orders[1:]]
    assert max(same_place) <= 6, "of 161 items about one is at the same place by chance"


def neighbours_of_one_video(order: Sequence[str]) -> float:
    pairs = list(pairwise(order))
    return sum(video_of(first) == video_of(second) for first, second in pairs) / len(pairs)


def test_neighbours_are_of_one_video_as_often_as_chance_gives() -> None:
    """Over 400 coders the mean share lies within four standard errors of the expected one; the names are fixed."""
    keys, total = keys_of(), sum(COUNTS)
    expected = sum(count * (count - 1) for count in COUNTS) / (total * (total - 1))
    shares = [neighbours_of_one_video(shuffled(keys, f"coder {number}", "salt")) for number in range(400)]
    error = statistics.stdev(shares) / math.sqrt(len(shares))
    assert abs(statistics.mean(shares) - expected) < 4 * error
    assert neighbours_of_one_video(sorted(keys)) > expected + 100 * error, "what grouping would look like"


def test_neighbours_in_a_whole_queue_are_as_chance_gives() -> None:
    """With overlap, three coders and a round's queue, part by part; what is expected follows from the part."""
    keys = keys_of()
    differences = []
    for number in range(400):
        coder = f"coder {number}"
        mine = items_of(coder, keys, {coder, "x", "y"}, "salt", 0.15, {})
        wanted = set(sorted(mine)[::4])
        queue = showings(mine, wanted, shuffled(keys, coder, "salt"), coder, "salt", 0.05)
        shown = [each.key for each in queue if not each.repeat]
        for part in (shown[: len(wanted)], shown[len(wanted) :]):
            counts = [sum(video_of(key) == video for key in part) for video in {video_of(key) for key in part}]
            expected = sum(count * (count - 1) for count in counts) / (len(part) * (len(part) - 1))
            differences.append(neighbours_of_one_video(part) - expected)
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    assert abs(statistics.mean(differences)) < 4 * error


def test_the_first_item_is_of_a_video_as_often_as_the_video_has_items() -> None:
    keys, coders, total = keys_of(), 1000, sum(COUNTS)
    firsts = [video_of(shuffled(keys, f"coder {number}", "salt")[0]) for number in range(coders)]
    squares = sum(
        (firsts.count(f"b3-{video:02d}") - coders * count / total) ** 2 / (coders * count / total)
        for video, count in enumerate(COUNTS)
    )
    assert squares < 24.3, "chi-square with 7 degrees of freedom, p = 0.001"


# -- who judges what ---------------------------------------------------------------------------------------------------


def within(found: int, total: int, share: float) -> bool:
    """Whether a count is within four standard deviations of a binomial one."""
    return abs(found - total * share) < 4 * math.sqrt(total * share * (1 - share))


@settings(max_examples=25)
@given(KEYS, st.sets(NAMES, min_size=1, max_size=5), NAMES, st.floats(0, 1))
def test_every_item_has_a_coder_and_only_the_overlap_has_more(
    keys: set[str], coders: set[str], salt: str, overlap: float
) -> None:
    given_out = {coder: items_of(coder, keys, coders, salt, overlap, {}) for coder in coders}
    for key in keys:
        judges = [coder for coder in coders if key in given_out[coder]]
        assert len(judges) == (len(coders) if for_everybody(key, salt, overlap) else 1)


def test_the_shares_are_those_asked_for() -> None:
    keys, coders = [f"item {number}" for number in range(4000)], ("anna", "bo", "cleo")
    everybody = [key for key in keys if for_everybody(key, "salt", 0.15)]
    assert within(len(everybody), len(keys), 0.15)
    rest = [key for key in keys if key not in set(everybody)]
    for coder in coders:
        assert within(sum(given_to(key, coders, "salt") == coder for key in rest), len(rest), 1 / 3)
    assert not any(for_everybody(key, "salt", 0.0) for key in keys)
    assert all(for_everybody(key, "salt", 1.0) for key in keys)


def test_a_single_coder_gets_everything() -> None:
    keys = keys_of()
    assert items_of("anna", keys, (), "salt", 0.15, {}) == set(keys)
    assert items_of("anna", keys, {"anna"}, "salt", 0.0, {}) == set(keys)


@settings(max_examples=25)
@given(KEYS, KEYS, st.sets(NAMES, min_size=1, max_size=4), NAMES)
def test_more_items_move_none(keys: set[str], more: set[str], coders: set[str], salt: str) -> None:
    for coder in coders:
        before = items_of(coder, keys, coders, salt, 0.15, {})
        assert items_of(coder, keys | more, coders, salt, 0.15, {}) & keys == before


@settings(max_examples=25)
@given(KEYS, st.sets(NAMES, min_size=1, max_size=4), NAMES, NAMES)
def test_another_coder_takes_items_and_moves_none_between_the_others(
    keys: set[str], coders: set[str], new: str, salt: str
) -> None:
    for coder in coders - {new}:
        before = items_of(coder, keys, coders - {new}, salt, 0.15, {})
        assert items_of(coder, keys, coders | {new}, salt, 0.15, {}) <= before


def test_another_coder_takes_an_even_share() -> None:
    keys = [f"item {number}" for number in range(3000)]
    moved = sum(given_to(key, ("a", "b"), "s") != given_to(key, ("a", "b", "c"), "s") for key in keys)
    assert within(moved, len(keys), 1 / 3)


def test_answered_items_stay_with_who_answered_them() -> None:
    keys = [f"item {number}" for number in range(300)]
    answered = {key: {"anna"} for key in keys[:100]}
    anna = items_of("anna", keys, {"anna", "bo", "cleo"}, "salt", 0.15, answered)
    bo = items_of("bo", keys, {"anna", "bo", "cleo"}, "salt", 0.15, answered)
    assert set(keys[:100]) <= anna
    assert {key for key in bo if key in answered} == {key for key in answered if for_everybody(key, "salt", 0.15)}


# -- repeats and rounds ------------------------------------------------------------------------------------------------


def queue_of(count: int, repeats: float = 0.05, first: Sequence[str] = (), coder: str = "anna") -> tuple[Showing, ...]:
    keys = [f"item {number}" for number in range(count)]
    return showings(set(keys), set(first), shuffled(keys, coder, "salt"), coder, "salt", repeats)


@settings(max_examples=40)
@given(st.integers(0, 400), st.floats(0, 0.5), NAMES)
def test_repeats_are_the_share_asked_for_and_far_behind(count: int, repeats: float, coder: str) -> None:
    queue = queue_of(count, repeats, coder=coder)
    places = {showing: place for place, showing in enumerate(queue)}
    again = [showing for showing in queue if showing.repeat]
    assert len(places) == len(queue), "every showing once"
    assert len(queue) - len(again) == count
    assert len(again) == (round(repeats * count) if count >= 3 else 0)
    for showing in again:
        between = queue[places[Showing(showing.key)] + 1 : places[showing]]
        assert sum(not each.repeat for each in between) >= repeat_gap(count)


def test_coders_repeat_different_items_all_along_the_queue() -> None:
    queues = [queue_of(1000, coder=coder) for coder in ("anna", "bo")]
    again = [{each.key for each in queue if each.repeat} for queue in queues]
    assert len(again[0] & again[1]) < 15, "of 50 and 50 of 1,000, two or three are in both by chance"
    quarters = [sum(each.repeat for each in queues[0][start : start + 263]) for start in range(0, 1050, 263)]
    assert all(within(found, 50, share) for found, share in zip(quarters, (0.15, 0.25, 0.25, 0.35), strict=True))


def test_a_repeat_that_was_answered_stays_in_the_queue() -> None:
    keys = [f"item {number}" for number in range(100)]
    order = shuffled(keys, "anna", "salt")
    for key in (order[0], order[50], order[-1]):
        queue = showings(set(keys), (), order, "anna", "salt", 0.05, {key})
        assert Showing(key, repeat=True) in queue
        assert sum(each.repeat for each in queue) == 5


def test_a_rounds_queue_comes_first_in_each_coders_own_order() -> None:
    first = [f"item {number}" for number in range(0, 100, 7)]
    orders = []
    for coder in ("anna", "bo"):
        shown = [each.key for each in queue_of(100, first=[*first, "unknown"], coder=coder) if not each.repeat]
        assert set(shown[: len(first)]) == set(first)
        assert len(shown) == 100
        orders.append(shown[: len(first)])
    assert orders[0] != orders[1]
    assert first not in orders
