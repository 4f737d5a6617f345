"""Choosing the sets: whole videos, every class where it goes, the same again, and nothing ever moves."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.split import extend_split, majority, make_split
from core.errors import UserError

LABELS = st.lists(st.sampled_from(["near", "far", "NA"]), min_size=1, max_size=6)
VIDEOS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), LABELS, min_size=3, max_size=40)


@given(VIDEOS, st.integers(0, 99))
def test_every_video_has_one_place_and_the_shares_are_right(videos: dict[str, list[str]], seed: int) -> None:
    split = make_split(videos, seed=seed)
    assert split.known == videos.keys()
    assert len(split.train) + len(split.validation) + len(split.test) == len(videos)
    assert len(split.test) == max(1, min(round(0.2 * len(videos)), len(videos) - 2))
    assert len(split.validation) == max(1, min(round(0.2 * (len(videos) - len(split.test))), len(videos) - 1))
    assert split.train


@given(VIDEOS, st.randoms(use_true_random=False))
def test_the_order_of_videos_and_labels_plays_no_part(videos: dict[str, list[str]], rng: random.Random) -> None:
    names = list(videos)
    rng.shuffle(names)
    assert make_split({name: rng.sample(videos[name], len(videos[name])) for name in names}) == make_split(videos)


@given(st.dictionaries(st.sampled_from("xyz"), st.integers(5, 30), min_size=2), st.integers(0, 20))
def test_the_test_set_has_each_label_in_proportion(sizes: dict[str, int], seed: int) -> None:
    videos = {f"{label}{number}": [label] for label, size in sizes.items() for number in range(size)}
    split = make_split(videos, seed=seed)
    for part, share in ((split.test, 0.2), (split.train, 0.64)):
        counts = Counter(group[0] for group in part)
        for label, size in sizes.items():
            assert abs(counts[label] - share * size) < 2.01


@given(VIDEOS)
def test_the_only_video_of_a_label_is_learned_from(videos: dict[str, list[str]]) -> None:
    videos = {**videos, "rare": ["rare"]}
    counts = Counter(majority(labels) for labels in videos.values())
    common = sum(size - 1 for size in counts.values())
    split = make_split(videos)
    if common >= len(split.test) + len(split.validation):
        assert "rare" in split.train


@given(VIDEOS, st.lists(VIDEOS, max_size=4))
def test_later_rounds_move_nothing_and_never_add_to_the_test_set(
    videos: dict[str, list[str]], later: list[dict[str, list[str]]]
) -> None:
    split = make_split(videos)
    for new in later:
        videos = {**videos, **new}
        longer = extend_split(split, videos)
        assert longer.test == split.test
        assert split.train <= longer.train
        assert split.validation <= longer.validation
        assert longer.known == split.known | videos.keys()
        assert extend_split(longer, videos) == longer, "the same videos again change nothing"
        split = longer


def test_new_videos_keep_the_share_of_validation() -> None:
    split = make_split({f"v{number:03d}": ["a"] for number in range(25)})
    for size in range(26, 200):
        split = extend_split(split, {f"v{number:03d}": ["a"] for number in range(size)})
    assert abs(len(split.validation) - 0.2 * (len(split.train) + len(split.validation))) <= 1


def test_videos_without_labels_wait_for_their_place() -> None:
    videos = {"a": ["x"], "b": ["x"], "c": ["y"], "d": []}
    split = make_split(videos)
    assert "d" not in split.known
    assert "d" in extend_split(split, {**videos, "d": ["y"]}).known - split.test


@pytest.mark.parametrize("videos", [{}, {"a": ["x"], "b": ["y"]}, {"a": ["x"], "b": ["y"], "c": []}])
def test_too_few_videos_are_said_to_be(videos: dict[str, list[str]]) -> None:
    with pytest.raises(UserError, match="at least 3 videos"):
        make_split(videos)
