"""Which clips share an encode, and that each clip keeps its own frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.export import PlannedClip
from core.domain.timecode import frame_count
from core.media.pts import FrameTimes
from core.media.takes import (
    MAX_CLIPS_TOGETHER,
    MAX_ENCODERS_TOGETHER,
    groups,
    latest_start_s,
    picture_takes,
    sound_takes,
)

NTSC = Fraction(30000, 1001)


def even_times(frames: int, fps: Fraction) -> FrameTimes:
    return FrameTimes(np.arange(frames) / float(fps), float(1 / fps))


def clips(count: int, spread_s: float, duration_s: float = 8.0, start_s: float = 10.0) -> list[PlannedClip]:
    return [PlannedClip(index, start_s + index * spread_s, duration_s, f"{index}.mp4") for index in range(count)]


def test_overlapping_clips_are_one_take_with_key_frames_at_both_ends_of_each() -> None:
    (take,) = picture_takes(clips(3, 3.0), even_times(2000, Fraction(25)), Fraction(25), False)
    assert [piece.first_frame for piece in take.pieces] == [0, 75, 150]
    assert [piece.frames for piece in take.pieces] == [200, 200, 200]
    assert take.frames == 350
    assert take.key_frames == (75, 150, 200, 275)
    assert take.length_s == pytest.approx(14.0)


def test_clips_that_lie_apart_are_takes_of_their_own() -> None:
    takes = picture_takes(clips(3, 30.0), even_times(5000, Fraction(25)), Fraction(25), False)
    assert [len(take.pieces) for take in takes] == [1, 1, 1]
    assert all(not take.key_frames for take in takes)


def test_a_variable_rate_never_shares() -> None:
    takes = picture_takes(clips(3, 3.0), even_times(2000, Fraction(25)), Fraction(25), True)
    assert [len(take.pieces) for take in takes] == [1, 1, 1]


def test_a_clip_that_starts_off_the_grid_gets_a_take_of_its_own() -> None:
    times = np.arange(2000) / 25
    times[320:] += 0.02
    takes = picture_takes(clips(3, 3.0), FrameTimes(times, 0.04), Fraction(25), False)
    assert [[piece.clip.index for piece in take.pieces] for take in takes] == [[0], [1, 2]]


def test_a_long_last_frame_of_a_variable_rate_is_repeated_only_as_often_as_needed() -> None:
    times = FrameTimes(np.array([0.0, 0.1, 0.2, 0.3, 2.0]), 1.0)
    (take,) = picture_takes([PlannedClip(0, 0.0, 3.0, "x")], times, Fraction(10), True)
    assert take.frames == 30
    assert take.frozen_frames == 11


def test_groups_stay_small() -> None:
    apart = picture_takes(clips(9, 30.0), even_times(9000, Fraction(25)), Fraction(25), False)
    assert [len(group) for group in groups(apart)] == [4, 4, 1]
    close = picture_takes(clips(99, 0.5), even_times(9000, Fraction(25)), Fraction(25), False)
    assert max(len(take.pieces) for take in close) == MAX_CLIPS_TOGETHER
    assert all(len(group) == 1 for group in groups(close)[:-1])
    assert groups([]) == []


def test_sound_shares_decoding_while_clips_overlap() -> None:
    assert [len(take.pieces) for take in sound_takes(clips(3, 3.0))] == [3]
    assert [len(take.pieces) for take in sound_takes(clips(3, 30.0))] == [1, 1, 1]


@pytest.mark.parametrize("fps", [Fraction(25), NTSC, Fraction(24000, 1001), Fraction(60)])
@pytest.mark.parametrize("duration_s", [2.0, 8.0, 7.3])
def test_the_latest_start_leaves_exactly_enough_frames(fps: Fraction, duration_s: float) -> None:
    times = even_times(1000, fps)
    assert times.index(latest_start_s(times, fps, duration_s)) == 1000 - frame_count(duration_s, fps)


@given(
    count=st.integers(1, 40),
    spread_s=st.floats(0.5, 30),
    duration_s=st.floats(2, 30),
    start_s=st.floats(0, 20),
    fps=st.sampled_from([Fraction(25), NTSC, Fraction(24000, 1001), Fraction(60), Fraction(15)]),
    milliseconds=st.booleans(),
)
def test_every_clip_is_in_one_take_with_its_own_frames(
    count: int, spread_s: float, duration_s: float, start_s: float, fps: Fraction, milliseconds: bool
) -> None:
    exact = np.arange(90_000) / float(fps)
    times = FrameTimes(np.round(exact, 3) if milliseconds else exact, float(1 / fps))
    asked = clips(count, spread_s, duration_s, start_s)
    takes = picture_takes(asked, times, fps, False)
    pieces = [(take, piece) for take in takes for piece in take.pieces]
    assert [piece.clip for _, piece in pieces] == asked
    for take, piece in pieces:
        assert piece.frames == frame_count(duration_s, fps)
        assert piece.start_s == times.at(piece.clip.start_s)
        assert times.index(take.start_s) + piece.first_frame == times.index(piece.start_s)
        assert piece.first_frame + piece.frames <= take.frames
    made = groups(takes)
    assert [take for group in made for take in group] == takes
    assert all(len(group) <= MAX_ENCODERS_TOGETHER for group in made)
