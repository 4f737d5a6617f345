"""An audit finds what is wrong with a clip, and only that."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.domain.export import PlannedClip
from core.job import JobContext
from core.media.audit import FirstFrame, audit_clip, first_frame_problem
from core.media.probe import probe
from core.media.pts import frame_times
from core.media.source_frames import seek_time_s, source_thumbs
from core.media.takes import Piece
from tests.media_factory import MediaShelf

FPS = Fraction(25)


def whole(path: Path, frames: int) -> Piece:
    return Piece(PlannedClip(0, 0.0, frames / 25, str(path)), 0.0, frames / 25, 0, frames)


def first_frame(path: Path, frame: int) -> FirstFrame:
    times = frame_times(path).times[[frame, max(0, frame - 1), frame + 1]]
    thumbs = source_thumbs(path, probe(path).video, times, JobContext())
    return FirstFrame(thumbs[times[0]], tuple(thumbs[time] for time in times[1:] if time != times[0]))


def test_a_good_file_passes(media: MediaShelf) -> None:
    path = media("tiny")
    audit = audit_clip(path, whole(path, 75), FPS, True, first_frame(path, 0))
    assert audit.ok, audit.problems
    assert (audit.frames, audit.expected_frames, audit.video_end_s) == (75, 75, 3.0)


def test_every_way_to_be_wrong(media: MediaShelf, tmp_path: Path) -> None:
    path = media("tiny")
    first = first_frame(path, 0)

    def problems(piece: Piece, sound: bool = True, expected: FirstFrame | None = first) -> str:
        return " ".join(audit_clip(path, piece, FPS, sound, expected).problems)

    assert problems(whole(path, 74)) == "It has 75 frames instead of 74"
    assert problems(whole(path, 75), sound=False) == "It has sound though none was asked for"
    assert problems(whole(path, 75), expected=first_frame(path, 1)) == (
        "It begins with another frame than the one asked for"
    )
    assert "cannot be decoded" in problems(whole(path, 75), expected=None)
    silent = media("tiny", audio=None)
    assert audit_clip(silent, whole(silent, 75), FPS, True, first).problems == ("It has no sound",)
    sound_only = Piece(PlannedClip(0, 0.0, 2.0, ""), 0.0, 2.0)
    audio = media("audio_only", seconds=3)
    assert audit_clip(audio, sound_only, None, True, None).problems == ("Its sound ends 1000 ms later than asked for",)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.98])
@pytest.mark.parametrize("index_first", [False, True], ids=["index last", "index first"])
def test_a_file_that_was_cut_short_is_found(media: MediaShelf, tmp_path: Path, share: float, index_first: bool) -> None:
    source = media("tiny", muxer=("-movflags", "+faststart")) if index_first else media("tiny")
    data = source.read_bytes()
    short = tmp_path / "short.mp4"
    short.write_bytes(data[: int(len(data) * share)])
    assert not audit_clip(short, whole(short, 75), FPS, True, first_frame(source, 0)).ok


def test_a_scene_that_stands_still_passes() -> None:
    picture = np.full((90, 160), 100, np.float32)
    noise = np.random.default_rng(1).normal(0, 0.5, picture.shape).astype(np.float32)
    assert first_frame_problem(picture + noise, FirstFrame(picture, (picture + 0.3, picture - 0.3))) is None


def test_one_small_moving_thing_tells_frames_apart() -> None:
    def scene(place: int) -> np.ndarray:
        picture = np.full((90, 160), 100, np.float32)
        picture[40:44, place : place + 4] = 140
        return picture

    noise = np.random.default_rng(1).normal(0, 1.0, (90, 160)).astype(np.float32)
    expected = FirstFrame(scene(50), (scene(48), scene(52)))
    assert first_frame_problem(scene(50) + noise, expected) is None
    assert "another frame" in first_frame_problem(scene(52) + noise, expected)
    assert "another frame" in first_frame_problem(scene(48) + noise, expected)


def test_other_levels_on_purpose_do_not_matter() -> None:
    ramp = np.tile(np.linspace(0, 200, 160, dtype=np.float32), (90, 1))
    moved = np.roll(ramp, 3, axis=1)
    brighter = ramp * 0.5 + 90
    assert "at that time" in first_frame_problem(brighter, FirstFrame(ramp, (moved,)))
    assert first_frame_problem(brighter, FirstFrame(ramp, (moved,), regraded=True)) is None
    assert "another frame" in first_frame_problem(moved * 0.5 + 90, FirstFrame(ramp, (moved,), regraded=True))


@pytest.mark.parametrize("kind", ["gop250_25", "transport", "vfr", "rotated90", "late_video"])
def test_thumbs_show_the_frames_asked_for(kind: str, media: MediaShelf) -> None:
    path = media(kind)
    video, times = probe(path).video, frame_times(path).times
    numbers = [0, 1, 31, 32, 33, 101, 170]
    thumbs = source_thumbs(path, video, times[numbers], JobContext())
    assert list(thumbs) == list(times[numbers])
    width, height = replace(video).width, video.height
    for number, time in zip(numbers, times[numbers], strict=True):
        assert abs(thumbs[time].shape[1] / thumbs[time].shape[0] - width / height) < 0.03
        level = thumbs[time].mean(axis=1)
        rows = level[((np.arange(16) + 0.5) * len(level) / 16).astype(int)]
        bits = rows[2:15] > (rows[0] + rows[1]) / 2
        assert int("".join("1" if bit else "0" for bit in bits), 2) == number


def test_a_file_with_an_index_is_decoded_from_the_key_frame_itself(media: MediaShelf) -> None:
    path = media("gop250_25")
    assert seek_time_s(path, 8.0) == 8.0


def test_a_stream_without_index_is_decoded_from_earlier(media: MediaShelf) -> None:
    path = media("transport")
    start = float(frame_times(path).times[30])
    assert seek_time_s(path, start) < start
