"""The stream of samples: right in time, whatever the source's rate, channels, start, holes and damages."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.audio_reader import AudioBlocks, BlockCutter, read_blocks
from tests.media_factory import MediaShelf, beep_hz, sound

RATE_HZ = 16_000


def ffmpeg(*args: object, data: bytes | None = None) -> None:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, args)]
    subprocess.run(command, input=data, check=True, timeout=60, capture_output=True)


def whole(blocks: AudioBlocks) -> np.ndarray:
    return np.concatenate(list(blocks))


def onset_s(samples: np.ndarray, near_s: float) -> float:
    """Where the beep near this time begins."""
    begin = round((near_s - 0.4) * RATE_HZ)
    loud = np.flatnonzero(np.abs(samples[begin : begin + round(0.8 * RATE_HZ)]) > 0.08)
    return (begin + int(loud[0])) / RATE_HZ


def pitch_hz(samples: np.ndarray, at_s: float) -> float:
    part = samples[round(at_s * RATE_HZ) :][: round(0.09 * RATE_HZ)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 16))
    return float(np.argmax(spectrum)) * RATE_HZ / (1 << 16)


@pytest.mark.parametrize("kind", ["h264_2997", "audio_only", "audio51", "vfr", "late_video"])
def test_beeps_are_where_they_belong(media: MediaShelf, kind: str) -> None:
    samples = whole(read_blocks(media(kind)))
    assert samples.dtype == np.float32
    for second in (1, 5, 9):
        assert onset_s(samples, second) == pytest.approx(second, abs=0.001)
        assert pitch_hz(samples, second) == pytest.approx(beep_hz(second), abs=3)


@pytest.mark.parametrize("rate, channels", [(8000, 1), (192_000, 2), (44_100, 8), (96_000, 3), (48_000, 16)])
def test_any_rate_and_any_number_of_channels(media: MediaShelf, rate: int, channels: int) -> None:
    path = media("audio_only", seconds=3, audio_rate_hz=rate, channels=channels)
    samples = whole(read_blocks(path))
    assert len(samples) == 3 * RATE_HZ
    np.testing.assert_allclose(samples, sound(3, RATE_HZ), atol=0.06)


def test_the_sources_own_rate_is_not_touched(media: MediaShelf) -> None:
    samples = whole(read_blocks(media("audio_only", seconds=2), 48_000))
    np.testing.assert_allclose(samples, sound(2), atol=2 / 32767)


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "sides.wav"
    sides = np.tile([[0.5, -0.25]], (8000, 1)).astype("<f4")
    ffmpeg("-f", "f32le", "-ar", 16000, "-ac", 2, "-i", "pipe:0", "-c:a", "pcm_s16le", path, data=sides.tobytes())
    np.testing.assert_allclose(whole(read_blocks(path)), 0.125, atol=1e-4)


@pytest.mark.parametrize("block_s", [0.01, 0.37, 100.0])
def test_blocks_are_of_one_length_and_make_the_same_whole(media: MediaShelf, block_s: float) -> None:
    path = media("tiny")
    blocks = list(read_blocks(path, block_s=block_s))
    assert {len(block) for block in blocks[:-1]} <= {round(block_s * RATE_HZ)}
    assert 0 < len(blocks[-1]) <= round(block_s * RATE_HZ)
    np.testing.assert_array_equal(np.concatenate(blocks), whole(read_blocks(path)))


def test_a_late_track_begins_with_silence(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "late.mp4"
    late = ["-itsoffset", 0.5, "-i", media("audio_only", seconds=3), "-map", "0:v", "-map", "1:a"]
    ffmpeg("-i", media("tiny"), *late, "-c:v", "copy", "-c:a", "aac", path)
    samples = whole(read_blocks(path))
    assert np.abs(samples[: round(0.45 * RATE_HZ)]).max() < 0.01
    assert onset_s(samples, 1.5) == pytest.approx(1.5, abs=0.002)


def test_a_hole_is_filled_with_silence(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "hole.mkv"
    moved = "asetpts=PTS+gte(T\\,2.5)*1.25/TB"
    ffmpeg("-i", media("audio_only", seconds=5), "-af", moved, "-c:a", "pcm_s16le", path)
    samples = whole(read_blocks(path))
    assert onset_s(samples, 2) == pytest.approx(2, abs=0.002)
    assert onset_s(samples, 4.25) == pytest.approx(4.25, abs=0.022)
    assert pitch_hz(samples, 4.27) == pytest.approx(beep_hz(3), abs=5)
    assert len(samples) == pytest.approx(6.25 * RATE_HZ, abs=0.03 * RATE_HZ)


def test_of_overlapping_pieces_the_later_gives_way() -> None:
    cutter = BlockCutter(4)
    made = list(cutter.place(0, np.full(5, 1.0)))
    made += cutter.place(3, np.full(4, 2.0))
    made += cutter.place(2, np.full(3, 3.0))
    made += cutter.place(9, np.full(1, 4.0))
    made += cutter.rest()
    assert [block.tolist() for block in made] == [[1, 1, 1, 1], [1, 2, 2, 0], [0, 4]]
    assert cutter.placed == 10


def test_damage_in_the_middle_is_skipped_and_counted(media: MediaShelf, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "core.media.audio_reader"):
        blocks = read_blocks(media("damaged_middle"))
        samples = whole(blocks)
    assert blocks.skipped_packets > 0
    assert f"skipped {blocks.skipped_packets} damaged packets" in caplog.text
    for second in (1, 8, 9):
        assert onset_s(samples, second) == pytest.approx(second, abs=0.001)


def test_what_is_no_number_is_silence_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    source = np.full(4000, 0.25, "<f4")
    source[[10, 1500, 1501]] = np.nan, np.inf, -np.inf
    ffmpeg("-f", "f32le", "-ar", 16000, "-ac", 1, "-i", "pipe:0", "-c:a", "copy", path, data=source.tobytes())
    blocks = read_blocks(path)
    expected = np.where(np.isfinite(source), source, 0)
    np.testing.assert_array_equal(whole(blocks), expected)
    assert blocks.replaced_samples == 3
    assert np.isfinite(whole(read_blocks(path, 8000))).all()


def test_the_second_track(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    inputs = ["-i", media("audio_only", seconds=2), "-f", "lavfi", "-i", "anullsrc=d=2"]
    ffmpeg(*inputs, "-map", "1", "-map", "0", "-c:a", "flac", path)
    assert np.abs(whole(read_blocks(path, track=0))).max() == 0
    assert np.abs(whole(read_blocks(path, track=1))).max() > 0.4
    with pytest.raises(UserError, match="has no audio track 3"):
        whole(read_blocks(path, track=2))


def test_without_audio(media: MediaShelf) -> None:
    with pytest.raises(UserError, match=r"no_audio\.mp4 has no audio"):
        whole(read_blocks(media("no_audio")))


def test_nothing_but_damage(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "noise.m4a"
    ffmpeg("-i", media("audio_only", seconds=3), "-c:a", "alac", path)
    data = bytearray(path.read_bytes())
    begin, end = data.index(b"mdat") + 4, data.rindex(b"moov") - 4
    data[begin:end] = b"\xff" * (end - begin)
    path.write_bytes(data)
    with pytest.raises(UserError, match="cannot be decoded"):
        whole(read_blocks(path))


def test_cancel_and_progress(media: MediaShelf) -> None:
    ctx = JobContext()
    whole(read_blocks(media("h264_2997"), ctx=ctx))
    assert ctx.snapshot.fraction > 0.8
    ctx = JobContext()
    blocks = iter(read_blocks(media("h264_2997"), block_s=0.5, ctx=ctx))
    next(blocks)
    ctx.cancel()
    with pytest.raises(Cancelled):
        list(blocks)
