"""Where items lie: equal spread, length one, dense items typical, seeds far apart."""

from __future__ import annotations

import numpy as np
import pytest

from core.annotation.embedding_space import clusters, common_space, draw_far, nearest, squared_distances, typicality


def test_rows_have_length_one_and_keep_what_is_near() -> None:
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(size=(200, 300)) + 4 * side for side in (0, 1)]) * rng.uniform(1, 1000, 300)
    rows[0, 0] = np.nan
    space = common_space(rows)
    assert space.shape == (400, 64)
    assert np.linalg.norm(space, axis=1) == pytest.approx(np.ones(400), abs=1e-5)
    places, _ = nearest(space, space, 6)
    assert np.mean((places >= 200) == (np.arange(400) >= 200)[:, None]) > 0.99


def test_few_and_equal_rows() -> None:
    assert common_space(np.zeros((0, 5))).shape == (0, 5)
    assert np.isfinite(common_space(np.ones((3, 5)))).all()
    assert typicality(np.ones((1, 2))).tolist() == [1.0]
    assert len(set(clusters(np.ones((5, 2), np.float32), 3, np.random.default_rng(0)))) == 1


def test_distances_are_those_of_the_plain_formula() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(40, 7)), rng.normal(size=(30, 7))
    plain = ((one[:, None] - other) ** 2).sum(axis=2)
    assert squared_distances(one, other) == pytest.approx(plain)
    places, distances = nearest(one, other, 5)
    assert np.sort(distances, axis=1) == pytest.approx(np.sqrt(np.sort(plain, axis=1)[:, :5]))
    assert np.take_along_axis(plain, places, axis=1) == pytest.approx(distances**2)


def test_blobs_are_found_and_their_middles_are_typical() -> None:
    rng = np.random.default_rng(2)
    rows = np.concatenate([rng.normal(size=(60, 2)) + centre for centre in ((0, 0), (30, 0), (0, 30))]).astype("f4")
    member = clusters(rows, 3, rng)
    assert sorted(np.bincount(member)) == [60, 60, 60]
    far = typicality(np.concatenate([rows[:60], [[9.0, 9.0]]]))
    assert far.argmin() == 60


def test_a_draw_prefers_what_is_far_and_takes_what_is_left() -> None:
    rng = np.random.default_rng(3)
    free, reached = np.array([True, True, False]), np.array([1.0, 3.0, 100.0])
    drawn = [draw_far(free, reached, rng) for _ in range(2000)]
    assert {place for place, _ in drawn} == {0, 1}
    assert np.mean([place == 1 for place, _ in drawn]) == pytest.approx(0.75, abs=0.04)
    assert dict(drawn)[1] == pytest.approx(0.75)
    assert draw_far(free, np.zeros(3), rng)[1] == 0.5
    assert draw_far(np.zeros(3, bool), reached, rng) is None


@pytest.mark.parametrize(("rows", "width"), [(30, 12), (200, 90)])
def test_rows_that_are_only_placed_change_nothing_for_the_others(rows: int, width: int) -> None:
    rng = np.random.default_rng(3)
    known, test = rng.normal(size=(rows, width)), rng.normal(5.0, 9.0, size=(rows, width))
    alone = common_space(known)
    together = common_space(np.concatenate([known, test]), rows)
    np.testing.assert_allclose(together[:rows], alone, atol=1e-5)
    assert together.shape == (2 * rows, alone.shape[1])
    assert not np.allclose(common_space(np.concatenate([known, test]))[:rows], alone, atol=1e-3)
