"""Windows cut out to be judged: exact in time, equally loud, made once."""

from __future__ import annotations

import os
import re
import wave
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.media import cache_room
from core.media.identity import content_key
from core.media.probe import probe
from core.media.process import run
from core.media.tools import find_tool
from core.media.window_clip import PEAK_DB, RATE_HZ, TARGET_LUFS, gain_of, loudness_lufs, window_clip
from tests.media_factory import MediaShelf, beep_hz
from tests.sound_files import noise, write_wav


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, RATE_HZ)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2) / 32767


def tone(hz: float, level: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.repeat((level * np.sin(2 * np.pi * hz * time))[:, None], 2, axis=1).astype(np.float32)


def test_a_tone_has_the_loudness_the_standard_gives_it() -> None:
    """BS.1770: a sine of 997 Hz at full scale in one channel is -3.01 LKFS, so -23 dBFS in both is -23 LUFS."""
    alone = tone(997.0, 1.0)
    alone[:, 1] = 0.0
    assert loudness_lufs(alone) == pytest.approx(-3.01, abs=0.03)
    assert loudness_lufs(tone(997.0, 10 ** (-23 / 20))) == pytest.approx(-23.0, abs=0.05)
    assert loudness_lufs(np.zeros((1000, 2), np.float32)) == -np.inf


def test_windows_are_equally_loud_whatever_the_recording() -> None:
    for level in (0.003, 0.05, 0.5):
        sound = tone(500.0, level)
        assert loudness_lufs(sound * gain_of(sound)) == pytest.approx(TARGET_LUFS, abs=0.01)
    click = np.zeros((RATE_HZ, 2), np.float32)
    click[100] = 0.5
    assert np.abs(click * gain_of(click)).max() <= 10 ** (PEAK_DB / 20) + 1e-6
    assert gain_of(np.zeros((100, 2), np.float32)) == 1.0


def test_a_window_is_the_sound_of_its_time_made_once(media: MediaShelf, tmp_path: Path) -> None:
    path = window_clip(media("tiny"), "key", 1.0, 2.5, tmp_path)
    samples = samples_of(path)
    assert len(samples) == round(1.5 * RATE_HZ)
    spectrum = np.abs(np.fft.rfft(samples[: RATE_HZ // 10, 0]))
    assert spectrum.argmax() * 10 == pytest.approx(beep_hz(1), abs=10)
    before = path.stat().st_ino
    assert window_clip(media("tiny"), "key", 1.0, 2.5, tmp_path) == path
    assert path.stat().st_ino == before
    beyond = samples_of(window_clip(media("tiny"), "key", 2.5, 4.5, tmp_path))
    assert len(beyond) == 2 * RATE_HZ
    assert not beyond[-RATE_HZ // 2 :].any()


def test_with_its_picture_where_that_is_wanted(media: MediaShelf, tmp_path: Path) -> None:
    found = probe(window_clip(media("anamorphic"), "key", 1.0, 2.0, tmp_path, picture=True))
    assert found.video.width / found.video.height == pytest.approx(320 * 4 / 3 / 240, abs=0.02)
    assert found.duration_s == pytest.approx(1.0, abs=0.05)
    assert len(found.audio) == 1


def test_what_cannot_be_heard_is_said(media: MediaShelf, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        window_clip(media("no_audio"), "key", 0.0, 1.0, tmp_path)
    with pytest.raises(UserError):
        window_clip(tmp_path / "gone.mp4", "key", 0.0, 1.0, tmp_path)
    with pytest.raises(UserError):
        window_clip(media("tiny"), "key", 50.0, 51.0, tmp_path)
    assert not list(tmp_path.rglob("*.wav"))


def test_noise_is_as_loud_as_ffmpeg_finds_it(tmp_path: Path) -> None:
    samples = np.repeat(noise(5, rate_hz=RATE_HZ)[:, None], 2, axis=1)
    path = write_wav(tmp_path / "noise.wav", samples, RATE_HZ)
    asked = [str(find_tool("ffmpeg")), "-nostdin", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    heard = re.findall(r"I:\s+(-?[\d.]+) LUFS", run(asked).stderr)
    assert loudness_lufs(samples) == pytest.approx(float(heard[-1]), abs=0.2)


def test_another_file_in_its_place_is_not_taken_for_it(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "source.wav", noise(1), 16_000)
    key = content_key(source)
    write_wav(source, noise(1, seed=1), 16_000)
    with pytest.raises(UserError, match="is not the file it was"):
        window_clip(source, key, 0.0, 1.0, tmp_path)


def test_what_was_not_heard_for_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_wav(tmp_path / "source.wav", noise(4), 16_000)
    old, heard = (window_clip(source, "key", start, start + 1.0, tmp_path) for start in (0.0, 1.0))
    for path in (old, heard):
        os.utime(path, (1, 1))
    assert window_clip(source, "key", 1.0, 2.0, tmp_path) == heard
    monkeypatch.setattr(cache_room, "_COUNT_EVERY_S", 0.0)
    monkeypatch.setattr("core.media.window_clip.LIMIT_BYTES", 2 * heard.stat().st_size)
    new = window_clip(source, "key", 2.0, 3.0, tmp_path)
    assert [path.is_file() for path in (old, heard, new)] == [False, True, True]
