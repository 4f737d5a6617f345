"""Made-up sounds: usable, repeatable, different by source and a little by take."""

from __future__ import annotations

import numpy as np
import pytest

from core.demo.sounds import KINDS, SAMPLE_RATE_HZ, make_sound


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_sound_of_half_a_second_to_four(kind: str) -> None:
    for source in range(4):
        sound = make_sound(kind, source, source % 2)
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() == pytest.approx(1.0)
        assert 0.5 <= len(sound) / SAMPLE_RATE_HZ <= 4.0
        assert abs(float(sound.mean())) < 0.05


def spectrum(sound: np.ndarray) -> np.ndarray:
    """Power in 30 bands, of length one."""
    power = np.abs(np.fft.rfft(sound, 4 * SAMPLE_RATE_HZ)) ** 2
    bands = np.add.reduceat(power, np.unique(np.geomspace(200, len(power) - 1, 30).astype(int))) ** 0.5
    return bands / np.linalg.norm(bands)


def test_the_same_names_give_the_same_sound_and_others_another() -> None:
    assert np.array_equal(make_sound("bell", 1, 2), make_sound("bell", 1, 2))
    for other in (("bell", 2, 2), ("bell", 1, 3), ("horn", 1, 2)):
        assert not np.array_equal(make_sound("bell", 1, 2), make_sound(*other))
    assert not np.array_equal(make_sound("bell", 1, 2), make_sound("bell", 1, 2, seed=1))


def test_takes_are_alike_and_sources_less() -> None:
    takes, sources = [], []
    for kind in ("bell", "horn", "whistle", "bird"):
        for source in range(6):
            first = spectrum(make_sound(kind, source, 0))
            takes.append(first @ spectrum(make_sound(kind, source, 1)))
            sources.append(first @ spectrum(make_sound(kind, source + 1, 0)))
    assert np.mean(takes) > np.mean(sources) + 0.05
