"""Scenes hold what their truth says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.demo.scenes import BACKGROUNDS, make_background, make_distractor, mark_clips, mix_scene
from core.demo.sounds import SAMPLE_RATE_HZ, make_sound


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", BACKGROUNDS)
def test_backgrounds_are_of_equal_power(kind: str) -> None:
    sound = make_background(kind, 20.0, rng())
    assert len(sound) == 20 * SAMPLE_RATE_HZ
    assert np.sqrt(np.mean(sound.astype(float) ** 2)) == pytest.approx(0.02, rel=0.01)


@pytest.mark.parametrize("seed", range(8))
def test_distractors_are_short_and_finite(seed: int) -> None:
    sound = make_distractor(rng(seed))
    assert np.isfinite(sound).all()
    assert 0.2 <= len(sound) / SAMPLE_RATE_HZ <= 1.8


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 6), st.integers(0, 4))
def test_events_are_in_order_apart_and_inside(seed: int, count: int, distractors: int) -> None:
    sounds = [("bell", make_sound("bell", number, 0)) for number in range(count)]
    scene = mix_scene(sounds, 60.0, "room", rng(seed), distractors=distractors)
    assert len(scene.events) == len(scene.of_kind("bell")) == count
    assert scene.duration_s == 60.0
    assert np.abs(scene.audio).max() <= 1.0
    for event in scene.events:
        assert 2.0 <= event.span.start_s < event.span.end_s <= 58.0
    for before, after in pairwise(scene.events):
        assert after.span.start_s - before.span.end_s >= 0.99


def test_the_level_is_what_the_truth_says() -> None:
    tone = np.sin(np.arange(2 * SAMPLE_RATE_HZ) * 0.3).astype(np.float32)
    for level in (0.0, 10.0):
        quiet = mix_scene([], 30.0, "machine", rng(5), snr_db=(level, level))
        loud = mix_scene([("tone", tone)], 30.0, "machine", rng(5), snr_db=(level, level))
        (event,) = loud.events
        span = slice(round(event.span.start_s * SAMPLE_RATE_HZ), round(event.span.end_s * SAMPLE_RATE_HZ))
        added = (loud.audio - quiet.audio)[span]
        power = 20 * np.log10(np.sqrt(np.mean(added.astype(float) ** 2)) / 0.02)
        assert power == pytest.approx(event.snr_db, abs=0.1)
        assert event.snr_db == level
        outside = np.delete(loud.audio - quiet.audio, np.r_[span])
        assert not outside.any()


def test_too_much_does_not_fit() -> None:
    with pytest.raises(ValueError, match="do not fit into 10 s"):
        mix_scene([("bell", make_sound("bell", number, 0)) for number in range(9)], 10.0, "room", rng())


def test_marked_clips_hold_their_event() -> None:
    scene = mix_scene([("horn", make_sound("horn", number, 0)) for number in range(5)], 60.0, "rain", rng(1))
    for event, clip in zip(scene.events, mark_clips(scene.events, scene.duration_s, rng(2)), strict=True):
        assert clip.length_s == pytest.approx(8.0)
        assert 0.0 <= clip.start_s <= event.span.start_s
        assert event.span.end_s <= clip.end_s + 1e-9
        assert clip.end_s <= 60.0 + 1e-9
