"""Frames as PNG files: the right ones, decoded once, bounded, and errors that name what failed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media import cache_room, frame_cache
from core.media.frame_cache import FrameCache, WantedFrame
from core.media.identity import content_key
from core.media.png import read_png
from core.media.probe import probe
from core.media.pts import frame_times
from tests.media_factory import RECIPES, MediaShelf, read_counter

KEY = "a key that says nothing of content"


MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-q:v", "3", "-pix_fmt", "yuv420p")


def wanted(path: Path, frames: list[int], key: str = KEY) -> list[WantedFrame]:
    times = frame_times(path).times
    return [WantedFrame(path, key, frame, float(times[frame])) for frame in frames]


@pytest.mark.parametrize(
    "kind", ["h264_2997", "gop250_25", "vfr", "rotated90", "anamorphic", "transport", "matroska", "late_video"]
)
def test_a_frame_is_the_one_of_its_number_as_displayed(media: MediaShelf, tmp_path: Path, kind: str) -> None:
    source = media(kind)
    last, video = len(frame_times(source)) - 1, probe(source).video
    frames = [0, 1, 75, 137, last]
    found = FrameCache(tmp_path).prefetch(wanted(source, frames), JobContext())
    assert not found.failed
    for one, path in found.pictures.items():
        assert read_counter(read_png(path)) == one.frame
        assert read_png(path).shape == (video.height, video.width, 3)


def test_frames_that_refer_to_the_group_before_theirs(media: MediaShelf, tmp_path: Path) -> None:
    """Shown before a key frame, stored behind it: they need that one and the group before, wanted or not."""
    source = media("h264_2997", video=MPEG2, audio=None, seconds=8, suffix=".ts")
    found = FrameCache(tmp_path).prefetch(wanted(source, list(range(0, 240, 7))), JobContext())
    assert not found.failed
    assert [read_counter(read_png(path)) for path in found.pictures.values()] == [one.frame for one in found.pictures]


def test_a_stream_without_key_frames_is_decoded_from_further_back(media: MediaShelf, tmp_path: Path) -> None:
    """After a seek its decoder shows nothing until the whole picture was refreshed, which takes some seconds."""
    source = media("h264_2997", video=(*RECIPES["h264_2997"].video, "-intra-refresh", "1", "-g", "50"), audio=None)
    for number in (84, 210, 401):
        (one,) = wanted(source, [number])
        assert read_counter(read_png(FrameCache(tmp_path).path(source, KEY, number, one.time_s))) == number


def test_one_frame_alone_and_without_its_time(media: MediaShelf, tmp_path: Path) -> None:
    source = media("vfr")
    cache = FrameCache(tmp_path)
    time_s = float(frame_times(source).times[200])
    assert read_counter(read_png(cache.path(source, KEY, 200, time_s))) == 200
    assert read_counter(read_png(cache.path(source, KEY, 201, 201 / 30))) == 201, (
        "the number decides, not a guessed time"
    )


def test_a_picture_is_decoded_once(media: MediaShelf, tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(media("tiny").read_bytes())
    cache = FrameCache(tmp_path / "cache")
    assert cache.known(KEY, 30) is None
    items = wanted(source, [10, 30])
    first = cache.prefetch(items, JobContext())
    source.unlink()
    assert cache.prefetch(items, JobContext()) == first
    assert cache.known(KEY, 30) == cache.path(source, KEY, 30, 1.2) == first.pictures[items[1]]
    assert not list((tmp_path / "cache").rglob("*.partial"))


def test_each_video_is_read_once_and_gaps_are_sought_over(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[str, int]] = []
    original = frame_cache.frames_starting_at

    def counted(path: Path, times_s: list[float], ctx: JobContext, *, whole: bool) -> object:
        read.append((path.stem, len(times_s)))
        return original(path, times_s, ctx, whole=whole)

    monkeypatch.setattr(frame_cache, "frames_starting_at", counted)
    near, far = wanted(media("h264_2997"), [3, 90, 200], "near"), wanted(media("gop250_25"), [0, 10, 600], "far")
    mixed = [one for pair in zip(far, near, strict=True) for one in pair]
    found = FrameCache(tmp_path).prefetch([*mixed, *mixed], JobContext())
    assert read == [("gop250_25", 2), ("gop250_25", 1), ("h264_2997", 3)]
    assert len(found.pictures) == 6


def test_large_pictures_become_smaller(media: MediaShelf, tmp_path: Path) -> None:
    source = media("tiny", width=1920, height=1080, seconds=0.2)
    assert read_png(FrameCache(tmp_path).path(source, KEY, 3, 0.12)).shape == (720, 1280, 3)


def test_what_cannot_be_decoded_names_file_and_frame(media: MediaShelf, tmp_path: Path) -> None:
    cache = FrameCache(tmp_path)
    with pytest.raises(UserError, match=r"Frame 99999 of tiny\.mp4 cannot be decoded"):
        cache.path(media("tiny"), KEY, 99_999, 4000.0)
    with pytest.raises(UserError, match=r"gone\.mp4"):
        cache.path(tmp_path / "gone.mp4", KEY, 0, 0.0)
    with pytest.raises(UserError, match=r"audio_only\.wav"):
        cache.path(media("audio_only"), KEY, 0, 0.0)
    with pytest.raises(UserError, match=r"text\.mp4"):
        cache.path(media("text"), KEY, 0, 0.0)


@pytest.mark.parametrize("kind", ["damaged_middle", "cut_off"])
def test_a_damaged_video_gives_right_frames_or_none(media: MediaShelf, tmp_path: Path, kind: str) -> None:
    items = [WantedFrame(media(kind), KEY, frame, frame / 25) for frame in range(0, 250, 7)]
    other = WantedFrame(media("tiny"), content_key(media("tiny")), 5, 0.2)
    found = FrameCache(tmp_path).prefetch([*items, other], JobContext())
    assert found.pictures.keys() | found.failed.keys() == {*items, other}
    assert other in found.pictures, "one bad video does not keep the others from being read"
    assert found.failed
    assert len(found.pictures) > 10
    for one, path in found.pictures.items():
        assert read_counter(read_png(path)) == one.frame
    assert all(f"Frame {one.frame} of {one.path.name}" in str(error) for one, error in found.failed.items())


def test_nothing_to_decode_leaves_nothing_behind(media: MediaShelf, tmp_path: Path) -> None:
    one = WantedFrame(media("text"), KEY, 0, 0.0)
    assert FrameCache(tmp_path / "cache").prefetch([one], JobContext()).failed.keys() == {one}
    assert not (tmp_path / "cache").exists()


def test_cancelling_stops_between_frames(media: MediaShelf, tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        FrameCache(tmp_path).prefetch(wanted(media("tiny"), [3]), ctx)
    assert not list(tmp_path.rglob("*.png"))


def test_the_oldest_pictures_make_room(media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_room, "_COUNT_EVERY_S", 0.0)
    old, asked, new, more, last = wanted(media("tiny"), [1, 2, 3, 4, 5])
    full = FrameCache(tmp_path).prefetch([old, asked, new], JobContext()).pictures
    for age, one in ((9000, old), (8000, asked), (7000, new)):
        before = full[one].stat().st_mtime - age
        os.utime(full[one], (before, before))
    full.update(FrameCache(tmp_path).prefetch([asked, more], JobContext()).pictures)
    assert all(path.exists() for path in full.values()), "nothing goes below the limit"
    size = sum(path.stat().st_size for path in full.values())
    full.update(FrameCache(tmp_path, size).prefetch([asked, last], JobContext()).pictures)
    assert [full[one].exists() for one in (old, asked, new, more, last)] == [False, True, True, True, True]
    monkeypatch.setattr(cache_room, "_IN_USE_S", 1e6)
    FrameCache(tmp_path, 1).prefetch([asked, old], JobContext())
    assert full[new].exists(), "what was used lately stays, whatever the limit"


def test_a_window_that_goes_step_by_step_does_not_count_each_time(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = wanted(media("tiny"), [1, 2, 3])
    pictures = FrameCache(tmp_path).prefetch([first], JobContext()).pictures
    os.utime(pictures[first], (1, 1))
    FrameCache(tmp_path, 1).prefetch([second], JobContext())
    assert pictures[first].exists(), "counted a moment ago"
    monkeypatch.setattr(cache_room, "_COUNT_EVERY_S", 0.0)
    FrameCache(tmp_path, 1).prefetch([second], JobContext())
    assert pictures[first].exists(), "nothing new came"
    FrameCache(tmp_path, 1).prefetch([third], JobContext())
    assert not pictures[first].exists()
