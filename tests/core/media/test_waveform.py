"""The peak pyramid: true at every scale, kept by content, made anew when damaged."""

from __future__ import annotations

import os
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, EnvironmentProblem, UserError
from core.job import JobContext
from core.media import waveform
from core.media.waveform import BASE_SAMPLES, ENTRIES_PER_COLUMN, RATE_HZ, WaveformPyramid, load, load_or_build
from tests.media_factory import MediaShelf

SECONDS = 40
QUANTUM = 1.01 / 32767


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> tuple[WaveformPyramid, np.ndarray]:
    """The pyramid of a sound of bursts, and its samples."""
    folder = tmp_path_factory.mktemp("noise")
    random = np.random.default_rng(3)
    loudness = np.repeat(random.uniform(0, 1, SECONDS * 50), RATE_HZ // 50)
    samples = (random.uniform(-1, 1, SECONDS * RATE_HZ) * loudness * 32767).astype("<i2")[: -BASE_SAMPLES // 2]
    with wave.open(str(folder / "noise.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return load_or_build(folder / "noise.wav", "key", folder), samples / 32768


@given(start=st.floats(-5, SECONDS + 2), length=st.floats(0.001, 60), columns=st.integers(1, 700))
def test_peaks_are_those_of_the_samples(
    noise: tuple[WaveformPyramid, np.ndarray], start: float, length: float, columns: int
) -> None:
    pyramid, samples = noise
    low, high = pyramid.peaks(start, start + length, columns)
    assert low.dtype == high.dtype == np.float32
    assert low.shape == high.shape == (columns,)
    reach = max(BASE_SAMPLES, length / columns * RATE_HZ / ENTRIES_PER_COLUMN)
    edges = (start + np.arange(columns + 1) * (length / columns)) * RATE_HZ
    for column in np.linspace(0, columns - 1, min(columns, 12)).astype(int):
        inner = samples[max(0, round(edges[column])) : max(0, round(edges[column + 1]))]
        outer = samples[max(0, int(edges[column] - reach) - 1) : max(0, int(edges[column + 1] + reach) + 2)]
        if len(inner):
            assert high[column] >= inner.max() - QUANTUM
            assert low[column] <= inner.min() + QUANTUM
        if len(outer):
            assert high[column] <= max(0, outer.max()) + QUANTUM
            assert low[column] >= min(0, outer.min()) - QUANTUM
        else:
            assert low[column] == high[column] == 0


def test_zoomed_in_it_shows_single_entries(noise: tuple[WaveformPyramid, np.ndarray]) -> None:
    pyramid, samples = noise
    low, high = pyramid.peaks(1.0, 1.0 + 100 * BASE_SAMPLES / RATE_HZ, 100)
    blocks = samples[RATE_HZ : RATE_HZ + 100 * BASE_SAMPLES].reshape(100, BASE_SAMPLES)
    np.testing.assert_allclose(high, blocks.max(axis=1), atol=2 * QUANTUM)
    np.testing.assert_allclose(low, blocks.min(axis=1), atol=2 * QUANTUM)


@pytest.mark.parametrize("span", [(0, 0), (5, 3), (100, 200), (-9, -1)])
def test_spans_without_sound_are_flat(noise: tuple[WaveformPyramid, np.ndarray], span: tuple[float, float]) -> None:
    low, high = noise[0].peaks(*span, 10)
    assert not low.any()
    assert not high.any()
    assert len(noise[0].peaks(0, 1, 0)[0]) == 0


def test_beeps_stand_where_they_sound(media: MediaShelf, tmp_path: Path) -> None:
    pyramid = load_or_build(media("h264_2997"), "beeps", tmp_path)
    assert pyramid.duration_s == pytest.approx(20, abs=0.03)
    low, high = pyramid.peaks(0, 20, 2000)
    for second in range(20):
        assert high[second * 100 + 5] > 0.4
        assert low[second * 100 + 5] < -0.4
        assert high[second * 100 + 50] < 0.02


def test_a_short_last_entry_is_not_mixed_with_silence(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "flat.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(np.full(BASE_SAMPLES + 10, 16384, "<i2").tobytes())
    low, high = load_or_build(tmp_path / "flat.wav", "k", tmp_path).peaks(0, 2 * BASE_SAMPLES / RATE_HZ, 2)
    np.testing.assert_allclose([low, high], 0.5, atol=QUANTUM)


def test_the_second_time_comes_from_the_cache(media: MediaShelf, tmp_path: Path) -> None:
    path = media.copy("tiny", tmp_path / "a.mp4")
    first = load_or_build(path, "b3-1-2", tmp_path / "cache")
    path.unlink()
    second = load_or_build(path, "b3-1-2", tmp_path / "cache")
    np.testing.assert_array_equal(first.peaks(0, 3, 300), second.peaks(0, 3, 300))
    assert [entry.name for entry in (tmp_path / "cache" / "waveforms").iterdir()] == ["b3-1-2.peaks"]


@pytest.mark.parametrize("damage", ["flip", "cut", "header", "empty", "version"])
def test_a_damaged_file_is_made_anew(media: MediaShelf, tmp_path: Path, damage: str) -> None:
    good = load_or_build(media("tiny"), "k", tmp_path).peaks(0, 3, 300)
    cached = tmp_path / "waveforms" / "k.peaks"
    data = bytearray(cached.read_bytes())
    if damage == "flip":
        data[-5] ^= 0x40
    elif damage == "header":
        data[16] ^= 1
    elif damage == "version":
        data[7] = ord("9")
    cached.write_bytes({"cut": data[:-2], "empty": b""}.get(damage, data))
    assert load(cached) is None
    np.testing.assert_array_equal(load_or_build(media("tiny"), "k", tmp_path).peaks(0, 3, 300), good)


def test_without_audio(media: MediaShelf, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no audio"):
        load_or_build(media("no_audio"), "k", tmp_path)
    assert not list((tmp_path / "waveforms").iterdir())


def test_cancel_leaves_nothing(media: MediaShelf, tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        load_or_build(media("tiny"), "k", tmp_path, ctx)
    assert not list((tmp_path / "waveforms").iterdir())


def test_a_cache_that_cannot_be_written(media: MediaShelf, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    with pytest.raises(EnvironmentProblem, match="The waveform cannot be saved"):
        load_or_build(media("tiny"), "k", tmp_path / "cache")


def test_leavings_of_a_crash_are_removed(media: MediaShelf, tmp_path: Path) -> None:
    folder = tmp_path / "waveforms"
    folder.mkdir()
    old, fresh = folder / ".k-old.partial", folder / ".k-fresh.partial"
    for leftover in (old, fresh):
        leftover.write_bytes(b"half")
    os.utime(old, (1, 1))
    load_or_build(media("tiny"), "k", tmp_path)
    assert not old.exists()
    assert fresh.exists()


def test_a_sound_longer_than_a_read(media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = load_or_build(media("h264_2997"), "whole", tmp_path).peaks(0, 20, 999)
    monkeypatch.setattr(waveform, "_READ_BLOCKS", 7)
    np.testing.assert_array_equal(load_or_build(media("h264_2997"), "pieces", tmp_path).peaks(0, 20, 999), expected)
    shutil.rmtree(tmp_path / "waveforms")
