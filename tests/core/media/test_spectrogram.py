"""The spectrogram: tones stand where they belong, at every zoom; kept by content, made anew when damaged."""

from __future__ import annotations

import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media import spectrogram
from core.media.spectrogram import BANDS, HIGHEST_HZ, HOP, LOWEST_HZ, RATE_HZ, Spectrogram, load, load_or_build
from tests.media_factory import MediaShelf

SECONDS = 30
ROWS = 160


def write_wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def mel(hz: float) -> float:
    return 2595 * np.log10(1 + hz / 700)


def row_of(hz: float, rows: int = ROWS) -> float:
    """Where the picture should show this pitch, counted from the top."""
    place = (mel(hz) - mel(LOWEST_HZ)) / (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) * (BANDS + 1) - 1
    return rows - (place + 0.5) / BANDS * rows


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Spectrogram:
    """Half a minute: 1 kHz for ten seconds, silence for ten, 6 kHz for ten."""
    folder = tmp_path_factory.mktemp("tones")
    time_s = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    samples = np.where(time_s < 10, np.sin(2 * np.pi * 1000 * time_s), 0.0)
    samples = np.where(time_s >= 20, np.sin(2 * np.pi * 6000 * time_s), samples)
    return load_or_build(write_wav(folder / "tones.wav", samples * 0.9), "key", folder)


def test_it_is_as_long_as_the_sound(tones: Spectrogram) -> None:
    assert tones.duration_s == pytest.approx(SECONDS, abs=HOP / RATE_HZ)


@pytest.mark.parametrize(("start_s", "end_s"), [(0.1, 9.8), (2, 4), (5, 5.2), (5.003, 5.013)])
@pytest.mark.parametrize(("offset_s", "hz"), [(0, 1000), (20, 6000)])
def test_a_tone_is_a_line_at_its_pitch_at_every_zoom(
    tones: Spectrogram, start_s: float, end_s: float, offset_s: float, hz: float
) -> None:
    image = tones.image(start_s + offset_s, end_s + offset_s, 50, ROWS)
    assert image.shape == (ROWS, 50)
    assert image.dtype == np.uint8
    assert np.abs(image.argmax(axis=0) - row_of(hz)).max() <= 2.5
    assert image.max(axis=0).min() > 230, "a tone of nearly full scale is nearly as bright as can be"


def test_silence_and_what_is_outside_are_dark(tones: Spectrogram) -> None:
    assert tones.image(12, 18, 40, ROWS).max() == 0
    outside = tones.image(-20, 50, 70, ROWS)
    assert outside[:, :19].max() == outside[:, 51:].max() == 0
    assert outside[:, 21:29].max(axis=0).min() > 200


@pytest.mark.parametrize("columns", [7, 100, 1700])
def test_an_edge_stands_where_it_sounds(tones: Spectrogram, columns: int) -> None:
    bright = tones.image(0, SECONDS, columns, ROWS).max(axis=0) > 120
    assert abs(int(np.flatnonzero(~bright)[0]) - columns / 3) <= 1.5
    assert abs(int(np.flatnonzero(bright[columns // 2 :])[0]) + columns // 2 - columns * 2 / 3) <= 1.5


def test_neighbouring_strips_make_the_whole(tones: Spectrogram) -> None:
    """The timeline paints what a pan uncovers and keeps the rest: the parts must fit together."""
    whole = tones.image(0, 24, 480, 64)
    parts = [tones.image(start, start + 6, 120, 64) for start in (0, 6, 12, 18)]
    assert np.abs(whole.astype(int) - np.hstack(parts).astype(int)).max() <= 1


@pytest.mark.parametrize(("columns", "rows"), [(0, 10), (10, 0)])
def test_no_pixels_are_no_problem(tones: Spectrogram, columns: int, rows: int) -> None:
    assert tones.image(0, 5, columns, rows).shape == (rows, columns)
    assert tones.image(5, 5, 4, 4).max() == 0


def test_the_cache_is_used_and_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav", np.sin(np.arange(RATE_HZ) / 5))
    made = load_or_build(source, "key", tmp_path).image(0, 1, 20, 20)
    source.unlink()
    assert (load_or_build(source, "key", tmp_path).image(0, 1, 20, 20) == made).all()
    file = tmp_path / spectrogram.FOLDER / "key.mel"
    content = bytearray(file.read_bytes())
    content[200] ^= 255
    file.write_bytes(content)
    assert load(file) is None
    file.write_bytes(content[:30])
    assert load(file) is None
    with pytest.raises(UserError):
        load_or_build(source, "key", tmp_path)


def test_a_sound_shorter_than_a_window_has_a_picture(tmp_path: Path) -> None:
    made = load_or_build(write_wav(tmp_path / "a.wav", np.sin(np.arange(100) / 5)), "key", tmp_path)
    assert made.image(0, 0.01, 5, 20).max() > 0


def test_a_file_without_sound_says_so(media: MediaShelf, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no audio"):
        load_or_build(media("no_audio"), "key", tmp_path)


def test_cancelling_leaves_nothing_behind(media: MediaShelf, tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        load_or_build(media("tiny"), "key", tmp_path, ctx)
    assert list((tmp_path / spectrogram.FOLDER).iterdir()) == []


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    peaks = []
    for seconds in (30, 120):
        source = write_wav(tmp_path / f"{seconds}.wav", np.zeros(seconds * RATE_HZ))
        tracemalloc.start()
        load_or_build(source, str(seconds), tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2
