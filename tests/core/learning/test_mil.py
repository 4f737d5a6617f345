"""The sound is found in the clips."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning.mil import Bag, locate

WIDTH, PLACE = 10, 6


def bags(rng: np.random.Generator, videos: int, clips: int, own: float) -> tuple[list[Bag], np.ndarray, np.ndarray]:
    """Every clip has the common sound at PLACE, and at its start a louder one that only its video has."""
    common = np.eye(WIDTH, dtype=np.float32)[0] * 5
    found, negatives, groups = [], [], []
    for number in range(videos):
        group = f"v{number}"
        for _ in range(clips):
            rows = rng.normal(size=(14, WIDTH)).astype(np.float32)
            rows[PLACE : PLACE + 2] += common
            rows[1:3] += own * np.eye(WIDTH, dtype=np.float32)[1 + number % (WIDTH - 1)]
            found.append(Bag(group, rows))
        negatives.append(rng.normal(size=(150, WIDTH)).astype(np.float32))
        groups += [group] * 150
    return found, np.concatenate(negatives), np.asarray(groups, object)


@pytest.mark.parametrize("seed", range(4))
def test_what_only_one_video_has_is_not_the_sound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = locate(*bags(rng, 5, 2, own=9.0), 0.5, rng)
    assert all(PLACE in rows or PLACE + 1 in rows for rows in found)
    assert all(not {1, 2} & set(rows.tolist()) for rows in found)


def test_with_one_video_each_clip_is_left_out_on_its_own() -> None:
    rng = np.random.default_rng(0)
    found = locate(*bags(rng, 1, 8, own=0.0), 0.5, rng)
    assert np.mean([PLACE in rows or PLACE + 1 in rows for rows in found]) >= 0.85


def test_a_single_clip_and_no_background_leave_the_whole_clip() -> None:
    rng = np.random.default_rng(0)
    clips, negatives, groups = bags(rng, 1, 1, own=0.0)
    assert [len(rows) for rows in locate(clips, negatives, groups, 0.5, rng)] == [14]
    assert [len(rows) for rows in locate(clips * 2, negatives[:0], groups[:0], 0.5, rng)] == [14, 14]


def test_a_stretch_is_short() -> None:
    rng = np.random.default_rng(1)
    found = locate(*bags(rng, 4, 3, own=0.0), 0.5, rng)
    assert all(1 <= len(rows) <= 5 and np.all(np.diff(rows) == 1) for rows in found)
