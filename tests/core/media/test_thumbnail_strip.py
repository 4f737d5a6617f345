"""The strip of thumbnails: kept by content, made anew when damaged, and each picture the nearest one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.thumbnail_strip import FOLDER, HEIGHT_PX, load, load_or_build
from tests.media_factory import MediaShelf


def test_pictures_in_order_of_time(media: MediaShelf, tmp_path: Path) -> None:
    strip = load_or_build(media("h264_2997"), "key", tmp_path)
    assert len(strip.times_s) == len(strip.pictures) > 1
    assert (np.diff(strip.times_s) > 0).all()
    assert strip.pictures.shape[1] == HEIGHT_PX
    assert strip.pictures.shape[3] == 3
    for index, time_s in enumerate(strip.times_s):
        assert strip.nearest(time_s + 0.001) == index
    assert strip.nearest(-5) == 0
    assert strip.nearest(1e6) == len(strip.times_s) - 1


def test_a_turned_video_has_upright_pictures(media: MediaShelf, tmp_path: Path) -> None:
    assert (
        load_or_build(media("rotated90"), "key", tmp_path).aspect
        < 1
        < load_or_build(media("tiny"), "other", tmp_path).aspect
    )


def test_the_cache_is_used_and_a_damaged_file_is_made_anew(media: MediaShelf, tmp_path: Path) -> None:
    made = load_or_build(media("tiny"), "key", tmp_path)
    known = load_or_build(tmp_path / "gone.mp4", "key", tmp_path)
    assert (known.pictures == made.pictures).all()
    file = tmp_path / FOLDER / "key.npz"
    file.write_bytes(file.read_bytes()[:-100])
    assert load(file) is None
    assert (load_or_build(media("tiny"), "key", tmp_path).times_s == made.times_s).all()
    np.savez(file, times_s=np.zeros(3), pictures=np.zeros((2, 4, 4, 3), np.uint8))
    assert load(file) is None


def test_a_file_without_a_picture_says_so(media: MediaShelf, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no video"):
        load_or_build(media("audio_only"), "key", tmp_path)


def test_cancelling_leaves_nothing_behind(media: MediaShelf, tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        load_or_build(media("tiny"), "key", tmp_path, ctx)
    assert not (tmp_path / FOLDER).exists()
