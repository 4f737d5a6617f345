"""The transform is the same whether some grains are asked for or all."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning.features import Features, finite, usable
from tests.core.learning.worlds import Vectors


def recording(count: int, width: int, seed: int = 0) -> Vectors:
    rng = np.random.default_rng(seed)
    vectors = (rng.normal(size=(count, 3)) @ rng.normal(size=(3, width)) + rng.normal(size=(count, width))).astype("f2")
    return Vectors(np.arange(count) * 0.5, vectors, 2.0, count * 0.5 + 1.5)


@pytest.mark.parametrize(("count", "width"), [(1, 5), (3, 5), (700, 20), (2_500, 2_100)])
def test_some_rows_are_bit_by_bit_those_of_all(count: int, width: int) -> None:
    one = recording(count, width)
    features = Features.fit([one], np.random.default_rng(0))
    everything = features.all(one)
    chosen = np.unique(np.random.default_rng(1).integers(0, count, 40))
    assert np.array_equal(features.rows(one, chosen), everything[chosen])
    assert everything.dtype == np.float32


def test_rows_come_in_the_order_asked_for() -> None:
    one = recording(500, 20)
    features = Features.fit([one], np.random.default_rng(0))
    chosen = np.array([499, 3, 3, 250, 0])
    assert np.array_equal(features.rows(one, chosen), features.all(one)[chosen])
    assert features.rows(one, chosen[:0]).shape == (0, 40)


def test_every_half_precision_number_is_told_from_what_is_none() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)[:, None]
    assert np.array_equal(usable(every), np.isfinite(every[:, 0]))


def test_wide_vectors_are_reduced_and_narrow_ones_are_not() -> None:
    narrow, wide = recording(50, 2_048), recording(400, 2_049)
    assert Features.fit([narrow], np.random.default_rng(0)).all(narrow).shape == (50, 4_096)
    assert Features.fit([wide], np.random.default_rng(0)).all(wide).shape == (400, 256)


def test_components_keep_what_varies_most() -> None:
    one = recording(400, 2_049)
    own = Features.fit([one], np.random.default_rng(0)).all(one)[:, :128]
    centred = finite(one.vectors) - finite(one.vectors).mean(axis=0)
    kept = np.linalg.lstsq(own, centred, rcond=None)[1].sum()
    assert kept < 0.7 * (centred**2).sum()


def test_the_second_half_forgets_what_the_recording_always_sounds_like() -> None:
    one = recording(300, 6)
    louder = Vectors(one.starts_s, one.vectors + np.arange(6, dtype="f2"), one.span_s, one.duration_s)
    features = Features.fit([one], np.random.default_rng(0))
    assert features.all(one)[:, 6:] == pytest.approx(features.all(louder)[:, 6:], abs=0.02)
    assert np.abs(features.all(one)[:, 5] - features.all(louder)[:, 5]).min() > 4.9


def test_what_is_no_number_spoils_only_itself() -> None:
    one = recording(300, 6)
    features = Features.fit([one], np.random.default_rng(0))
    broken = one.vectors.copy()
    broken[40] = np.nan
    after = features.all(Vectors(one.starts_s, broken, one.span_s, one.duration_s))
    assert np.isfinite(after).all()
    assert np.delete(after, 40, axis=0) == pytest.approx(np.delete(features.all(one), 40, axis=0), abs=0.1)
