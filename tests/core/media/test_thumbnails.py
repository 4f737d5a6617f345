"""Thumbnails: pictures of the right moments, upright, of the right shape."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.pts import frame_times
from core.media.thumbnails import MAX_COUNT, thumbnails
from tests.media_factory import MediaShelf, read_counter


@pytest.mark.parametrize(
    "kind, shape",
    [
        ("gop250_25", (60, 80, 3)),
        ("rotated90", (60, 45, 3)),
        ("anamorphic", (60, 107, 3)),
        ("tenbit", (60, 80, 3)),
        ("vfr", (60, 80, 3)),
        ("matroska", (60, 80, 3)),
        ("transport", (60, 80, 3)),
        ("late_video", (60, 80, 3)),
    ],
)
def test_each_shows_the_frame_of_its_time(media: MediaShelf, kind: str, shape: tuple[int, int, int]) -> None:
    times = frame_times(media(kind))
    made = list(thumbnails(media(kind), 12, 60))
    assert 1 <= len(made) <= 12
    assert [thumbnail.time_s for thumbnail in made] == sorted({thumbnail.time_s for thumbnail in made})
    for thumbnail in made:
        assert thumbnail.rgb.shape == shape
        assert thumbnail.rgb.dtype == np.uint8
        assert read_counter(thumbnail.rgb) == times.index(thumbnail.time_s)


@pytest.mark.parametrize("turn", [180, 270])
def test_other_turns_are_upright_too(media: MediaShelf, turn: int) -> None:
    first = next(thumbnails(media("tiny", turn=turn), 1, 60))
    assert first.rgb.shape == (60, 80, 3)
    assert read_counter(first.rgb) == frame_times(media("tiny", turn=turn)).index(first.time_s)


def test_the_count_is_bounded(media: MediaShelf) -> None:
    ctx = JobContext()
    next(thumbnails(media("tiny"), 10**9, 60, ctx))
    assert ctx.snapshot.total == MAX_COUNT
    assert len(list(thumbnails(media("tiny"), 0, 60))) == 1


def test_damage_leaves_gaps_not_errors(media: MediaShelf) -> None:
    assert list(thumbnails(media("damaged_middle"), 10, 60))
    assert list(thumbnails(media("cut_off"), 10, 60))


def test_without_video(media: MediaShelf) -> None:
    with pytest.raises(UserError, match="has no video"):
        list(thumbnails(media("audio_only"), 10))


def test_cancel(media: MediaShelf) -> None:
    ctx = JobContext()
    made = thumbnails(media("gop250_25"), 3, 60, ctx)
    next(made)
    ctx.cancel()
    with pytest.raises(Cancelled):
        next(made)
