"""Cuts at known frames are found where they are, and the scenes between them are as long as they are."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.corpus.extractor import Frame, Settings
from core.corpus.extractors.cuts import MIN_SCENE_FRAMES, Cuts
from tests.core.corpus.made_videos import facts, make_video, run_one

FPS = 25
SCENE_FRAMES = [23, 40, 12, 31, 18, 55, 11, 27, 36, 14, 29, 21, 33]


def scene(number: int) -> np.ndarray:
    """A picture of its own: neighbours differ in colour and in what is where."""
    colours = np.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.kron(colours, np.ones((10, 10, 1), np.uint8))


def cut_frames(lengths: list[int]) -> list[int]:
    return np.cumsum(lengths)[:-1].tolist()


def test_twelve_cuts_at_known_times(tmp_path: Path) -> None:
    pictures = (scene(number) for number, length in enumerate(SCENE_FRAMES) for _ in range(length))
    row = run_one(Cuts(Settings()), make_video(tmp_path / "cuts.mkv", pictures, FPS))
    total_s = sum(SCENE_FRAMES) / FPS
    assert row["count"] == 12
    assert row["stamps_s"] == pytest.approx([frame / FPS for frame in cut_frames(SCENE_FRAMES)], abs=0.001)
    assert row["per_s"] == pytest.approx(12 / total_s, rel=1e-3)
    assert row["scene_mean_s"] == pytest.approx(total_s / 13, rel=1e-3)
    assert row["scene_min_s"] == pytest.approx(11 / FPS, abs=0.002)
    assert row["scene_max_s"] == pytest.approx(55 / FPS, abs=0.002)
    assert row["duration_s"] == pytest.approx(total_s, abs=0.002)
    assert row["fps"] == FPS


def test_a_video_without_a_cut_is_one_scene(tmp_path: Path) -> None:
    row = run_one(Cuts(Settings()), make_video(tmp_path / "still.mkv", [scene(1)] * 20, FPS))
    assert row["count"] == 0 and row["stamps_s"] == [] and row["per_s"] == 0
    assert row["scene_min_s"] == row["scene_max_s"] == row["scene_mean_s"] == pytest.approx(0.8, abs=0.002)


def test_a_scene_shorter_than_ten_frames_makes_no_cut_of_its_own(tmp_path: Path) -> None:
    """A flash of four frames: one cut at most, not two."""
    lengths = [30, 4, 30]
    pictures = [scene(number) for number, length in enumerate(lengths) for _ in range(length)]
    row = run_one(Cuts(Settings()), make_video(tmp_path / "flash.mkv", pictures, FPS))
    assert row["count"] == 1
    assert row["scene_min_s"] >= MIN_SCENE_FRAMES / FPS


@settings(max_examples=8)
@given(st.lists(st.integers(MIN_SCENE_FRAMES, 40), min_size=1, max_size=8), st.integers(0, 99))
def test_scenes_fill_the_video_wherever_it_is_cut(lengths: list[int], seed: int) -> None:
    jitter = random.Random(seed)
    times_s = np.cumsum([jitter.uniform(0.02, 0.05) for _ in range(sum(lengths))]).tolist()
    numbers = [number for number, length in enumerate(lengths) for _ in range(length)]
    frames = (
        Frame(index, time_s, scene(number)) for index, (time_s, number) in enumerate(zip(times_s, numbers, strict=True))
    )
    duration_s = times_s[-1] - times_s[0] + 0.04
    row = Cuts(Settings()).extract(frames, facts(duration_s=duration_s))
    assert row["stamps_s"] == pytest.approx([times_s[frame] for frame in cut_frames(lengths)], abs=1e-5)
    assert row["scene_mean_s"] * len(lengths) == pytest.approx(duration_s)
