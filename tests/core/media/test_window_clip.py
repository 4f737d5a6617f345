"""A window cut out to be judged: its length, its loudness, and what stands in the way."""

from __future__ import annotations

import math
import re
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import UserError
from core.media.identity import content_key
from core.media.process import run
from core.media.tools import find_tool
from core.media.window_clip import CHANNELS, RATE_HZ, TARGET_LUFS, gain_of, loudness_lufs, window_clip
from tests.media_factory import MediaShelf
from tests.sound_files import write_wav

KEY = "a key that says nothing of content"


def noise(seconds: float, level: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, level, (round(seconds * RATE_HZ), CHANNELS)).astype(np.float32)


def sound_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE_HZ, CHANNELS)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, CHANNELS) / np.float32(32768)


def test_a_full_scale_tone_has_the_loudness_the_standard_gives_it() -> None:
    at_s = np.arange(RATE_HZ) / RATE_HZ
    tone = np.zeros((RATE_HZ, CHANNELS), np.float32)
    tone[:, 0] = np.sin(2 * math.pi * 997 * at_s)
    assert loudness_lufs(tone) == pytest.approx(-3.01, abs=0.02)


def test_noise_is_as_loud_as_ffmpeg_finds_it(tmp_path: Path) -> None:
    samples = noise(5, 0.05)
    path = write_wav(tmp_path / "noise.wav", samples, RATE_HZ)
    asked = [str(find_tool("ffmpeg")), "-nostdin", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    heard = re.findall(r"I:\s+(-?[\d.]+) LUFS", run(asked).stderr)
    assert loudness_lufs(samples) == pytest.approx(float(heard[-1]), abs=0.2)


@pytest.mark.parametrize("level", [0.002, 0.05, 0.3])
def test_quiet_and_loud_windows_become_equally_loud(level: float) -> None:
    samples = noise(1, level)
    assert loudness_lufs(samples * gain_of(samples)) == pytest.approx(TARGET_LUFS, abs=0.01)


def test_a_peak_is_never_clipped_and_silence_stays_silence() -> None:
    click = np.zeros((RATE_HZ, CHANNELS), np.float32)
    click[100] = 0.5
    assert np.abs(click * gain_of(click)).max() < 1.0
    assert gain_of(np.zeros((RATE_HZ, CHANNELS), np.float32)) == 1.0


def test_the_window_is_cut_where_it_lies_and_made_once(tmp_path: Path) -> None:
    samples = np.zeros((4 * RATE_HZ, CHANNELS), np.float32)
    samples[2 * RATE_HZ : 3 * RATE_HZ] = noise(1, 0.1)
    source = write_wav(tmp_path / "source.wav", samples, RATE_HZ)
    found = window_clip(source, KEY, 1.5, 3.5, tmp_path)
    heard = np.abs(sound_of(found))
    assert len(heard) == 2 * RATE_HZ
    half = RATE_HZ // 2
    assert heard[: half - 50].max() == heard[-half + 50 :].max() == 0.0
    assert heard[half : 3 * half].mean() > 0.01
    source.unlink()
    assert window_clip(source, KEY, 1.5, 3.5, tmp_path) == found


def test_a_window_that_reaches_past_the_end_goes_on_in_silence(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "source.wav", noise(1, 0.1), RATE_HZ)
    heard = np.abs(sound_of(window_clip(source, KEY, 0.5, 2.0, tmp_path)))
    assert len(heard) == 1.5 * RATE_HZ
    assert heard[: RATE_HZ // 2].max() > 0.01
    assert heard[RATE_HZ // 2 + 50 :].max() == 0.0
    with pytest.raises(UserError, match="cannot be heard there"):
        window_clip(source, KEY, 5.0, 6.0, tmp_path)


def test_with_its_picture_where_that_is_wanted(media: MediaShelf, tmp_path: Path) -> None:
    path = window_clip(media("h264_2997"), KEY, 1.0, 2.0, tmp_path, picture=True)
    with av.open(str(path)) as made:
        kinds = {stream.type for stream in made.streams}
        frames = sum(1 for _ in made.decode(video=0))
    assert kinds == {"video", "audio"}
    assert frames == pytest.approx(30, abs=1)


def test_another_file_in_its_place_and_one_without_sound_are_refused(media: MediaShelf, tmp_path: Path) -> None:
    source = write_wav(tmp_path / "source.wav", noise(1, 0.1), RATE_HZ)
    key = content_key(source)
    write_wav(source, noise(1, 0.2), RATE_HZ)
    with pytest.raises(UserError, match="is not the file it was"):
        window_clip(source, key, 0.0, 1.0, tmp_path)
    with pytest.raises(UserError, match="cannot be heard there"):
        window_clip(media("no_audio"), KEY, 0.0, 1.0, tmp_path)
    assert not list((tmp_path / "windows").glob("*"))
