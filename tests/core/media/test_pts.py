"""Frame times: what they are, where zero is, and how one finds a frame by its time."""

from __future__ import annotations

import locale
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.pts import TOLERANCE_S, FrameTimes, frame_times, uneven
from core.media.source import open_source, zero_s
from tests.media_factory import RECIPES, MediaShelf, read_counter, vfr_times

KINDS_TO_SEEK = ["h264_2997", "vfr", "matroska", "late_video", "tenbit"]


def first_picture(path: Path, seek_s: float, width: int, height: int) -> int:
    """The number of the frame that `ffmpeg -ss` before `-i` begins with."""
    command = ["ffmpeg", "-v", "error", "-ss", f"{seek_s:.3f}", "-i", str(path), "-frames:v", "1"]
    done = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True, timeout=60
    )
    return read_counter(np.frombuffer(done.stdout, np.uint8).reshape(height, width))


def test_constant_rate(media: MediaShelf) -> None:
    times = frame_times(media("h264_2997"))
    assert times.times.dtype == np.float64
    np.testing.assert_allclose(times.times, np.arange(599) * 1001 / 30000, atol=1e-9)
    assert times.end_s == pytest.approx(599 * 1001 / 30000)
    assert not times.variable_rate


def test_variable_rate(media: MediaShelf) -> None:
    times = frame_times(media("vfr"))
    np.testing.assert_allclose(times.times, vfr_times(450), atol=1 / 90000)
    assert times.variable_rate


@pytest.mark.parametrize("kind", KINDS_TO_SEEK)
def test_zero_is_where_ffmpeg_counts_from(media: MediaShelf, kind: str) -> None:
    path, recipe = media(kind), RECIPES[kind]
    times = frame_times(path)
    assert len(times) == recipe.frames
    for number in (0, 1, 8, recipe.frames - 2):
        floored_s = int(times.times[number] * 1000) / 1000
        assert first_picture(path, floored_s, recipe.width, recipe.height) == number


@pytest.mark.parametrize("kind", ["h264_2997", "vfr", "matroska", "late_video", "transport"])
def test_mpv_shows_these_times(media: MediaShelf, kind: str) -> None:
    import mpv

    times = frame_times(media(kind))
    before = locale.setlocale(locale.LC_NUMERIC)
    locale.setlocale(locale.LC_NUMERIC, "C")
    # The offset is for the transport stream, whose demuxer seeks to any packet.
    options = {"demuxer": "lavf", "hr_seek_demuxer_offset": 2, "keep_open": "yes", "pause": True}
    player = mpv.MPV(vo="null", ao="null", **options)
    try:
        with player.prepare_and_wait_for_event("playback_restart", timeout=30):
            player.play(str(media(kind)))
        seen = [player.time_pos]
        for number in (1, 8, 100):
            with player.prepare_and_wait_for_event("playback_restart", timeout=30):
                player.command("seek", times.times[number], "absolute+exact")
            seen.append(player.time_pos)
    finally:
        player.terminate()
        locale.setlocale(locale.LC_NUMERIC, before)
    np.testing.assert_allclose(np.array(seen), times.times[[0, 1, 8, 100]], atol=1e-6)


def test_a_transport_stream_begins_at_zero_whatever_its_clock_says(media: MediaShelf) -> None:
    with open_source(media("transport")) as container:
        assert zero_s(container) > 1
    times = frame_times(media("transport"))
    assert times.start_s == pytest.approx(0.0213, abs=0.001)
    assert len(times) == 250


def test_pictures_that_an_edit_list_hides_are_left_out(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "part.mp4"
    command = ["ffmpeg", "-v", "error", "-ss", "4.1", "-i", str(media("gop250_25")), "-c", "copy", str(path)]
    subprocess.run(command, check=True, timeout=60)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough"]
    shown = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True, timeout=60
    )
    numbers = [read_counter(picture) for picture in np.frombuffer(shown.stdout, np.uint8).reshape(-1, 240, 320)]
    times = frame_times(path)
    assert len(times) == len(numbers)
    assert first_picture(path, int(times.times[30] * 1000) / 1000, 320, 240) == numbers[30]
    assert times.start_s >= 0


def test_a_damaged_file_yields_what_is_there(media: MediaShelf) -> None:
    whole = frame_times(media("damaged_middle"))
    assert len(whole) == 250
    cut = frame_times(media("cut_off"))
    assert 50 < len(cut) < 250
    np.testing.assert_allclose(cut.times[:50], whole.times[:50])


def test_without_video(media: MediaShelf) -> None:
    with pytest.raises(UserError, match=r"audio_only\.wav has no video"):
        frame_times(media("audio_only"))


def test_cancel_and_progress(media: MediaShelf) -> None:
    ctx = JobContext()
    frame_times(media("tiny"), ctx)
    assert ctx.snapshot.total == 75
    ctx.cancel()
    with pytest.raises(Cancelled):
        frame_times(media("tiny"), ctx)


def test_a_single_frame() -> None:
    times = FrameTimes(np.array([0.5]), 0.04)
    assert times.at(0) == times.at(9) == times.next(0.5) == times.previous(0.5) == 0.5
    assert times.end_s == 0.54
    assert not times.variable_rate
    with pytest.raises(ValueError, match="at least one frame"):
        FrameTimes(np.array([]), 0.04)


STEPS = st.lists(st.floats(0.003, 1.0), min_size=1, max_size=60)


@given(steps=STEPS, start=st.floats(0, 5), share=st.floats(-0.2, 1.2))
def test_finding_frames_agrees_with_looking_at_all(steps: list[float], start: float, share: float) -> None:
    times = FrameTimes(start + np.cumsum([0.0, *steps]), 0.04)
    time_s = times.start_s + share * (times.last_s - times.start_s)
    reached = [number for number, stamp in enumerate(times.times) if stamp <= time_s + TOLERANCE_S]
    index = reached[-1] if reached else 0
    assert times.index(time_s) == index
    assert times.at(time_s) == times.times[index]
    assert times.next(time_s) == times.times[min(index + 1, len(times) - 1)]
    assert times.previous(time_s) == times.times[max(index - 1, 0)]


@given(steps=STEPS, start=st.floats(0, 5))
def test_stepping_there_and_back(steps: list[float], start: float) -> None:
    times = FrameTimes(start + np.cumsum([0.0, *steps]), 0.04)
    for number, stamp in enumerate(times.times[:-1]):
        assert times.index(stamp) == number
        assert times.previous(times.next(stamp)) == stamp
    assert times.next(times.last_s) == times.last_s


@pytest.mark.parametrize(
    "steps, expected",
    [
        ([0.04] * 500, False),
        ([0.033, 0.033, 0.034] * 200, False),
        ([0.04] * 300 + [0.5] + [0.04] * 300, False),
        ([0.033, 0.033, 0.033, 0.05] * 50, True),
        ([0.04] * 300 + [0.02] * 300, True),
    ],
)
def test_what_counts_as_uneven(steps: list[float], expected: bool) -> None:
    assert uneven(np.cumsum(steps)) is expected
