"""Single frames and samples of a stretch: the right ones, as displayed."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.probe import probe
from core.media.pts import frame_times
from core.media.sampled import sampled_frames
from core.media.still import still
from tests.media_factory import MediaShelf, read_counter


@pytest.mark.parametrize("kind", ["h264_2997", "gop250_25", "vfr", "rotated90", "anamorphic", "transport", "matroska"])
def test_the_frame_that_is_shown_there(media: MediaShelf, kind: str) -> None:
    source = media(kind)
    video, times = probe(source).video, frame_times(source)
    for number in (0, 137, len(times.times) - 1):
        middle = float(times.times[number]) + 0.4 / float(video.fps)
        found = still(source, middle)
        assert found.rgb.shape == (video.height, video.width, 3)
        assert read_counter(found.rgb) == number
        assert found.time_s == pytest.approx(times.times[number], abs=0.002)


def test_before_the_first_and_after_the_last(media: MediaShelf) -> None:
    assert read_counter(still(media("late_video"), 0.0).rgb) == 0
    assert read_counter(still(media("tiny"), 99.0).rgb) == 74


def test_it_is_made_smaller_but_never_larger(media: MediaShelf) -> None:
    assert still(media("rotated90"), 1.0, max_px=160).rgb.shape == (160, 120, 3)
    assert still(media("rotated90"), 1.0, max_px=4000).rgb.shape == (320, 240, 3)


def test_what_has_no_picture_is_said_in_words(media: MediaShelf, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no video"):
        still(media("audio_only"), 1.0)
    with pytest.raises(UserError, match="no video"):
        list(sampled_frames(media("audio_only"), 0, 1, 0.5, 100, JobContext()))
    with pytest.raises(UserError, match="not there"):
        still(tmp_path / "gone.mp4", 1.0)


def test_samples_lie_evenly_over_the_stretch(media: MediaShelf) -> None:
    found = list(sampled_frames(media("gop250_25"), 12.0, 15.0, 0.25, 160, JobContext()))
    assert [read_counter(each.rgb) for each in found] == [300 + ceil(6.25 * number) for number in range(13)]
    assert all(max(each.rgb.shape) == 160 for each in found)


def test_looking_can_be_cancelled(media: MediaShelf) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        still(media("tiny"), 1.0, ctx)
    with pytest.raises(Cancelled):
        list(sampled_frames(media("tiny"), 0, 1, 0.5, 100, ctx))
