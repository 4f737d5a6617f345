from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.timecode import format_time, frame_count, frame_number, parse_time

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "00:00:00.000"),
        (753.367, "00:12:33.367"),
        (59.9999, "00:01:00.000"),
        (36000.0, "10:00:00.000"),
        (-1.5, "-00:00:01.500"),
    ],
)
def test_times_read_like_a_clock(seconds: float, text: str) -> None:
    assert format_time(seconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("83.5", 83.5), ("1:23.5", 83.5), ("00:01:23,5", 83.5), ("2:00:00", 7200.0)]
)
def test_times_are_read_in_several_forms(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "abc", "1:2:3:4", "-5", "1e3", "12:"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_time(text)


@given(st.integers(0, 10**9))
def test_format_and_parse_are_inverse_to_the_millisecond(milliseconds: int) -> None:
    assert round(parse_time(format_time(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize(
    ("duration_s", "fps", "frames"),
    [
        (8.0, Fraction(25), 200),
        (8.0, NTSC, 240),
        (8.0, Fraction(24000, 1001), 192),
        (0.001, Fraction(25), 1),
        (2.5, Fraction(1), 3),
    ],
)
def test_a_clip_has_the_nearest_whole_number_of_frames(duration_s: float, fps: Fraction, frames: int) -> None:
    assert frame_count(duration_s, fps) == frames


@given(st.integers(0, 200_000), st.sampled_from([Fraction(25), NTSC, Fraction(60000, 1001), Fraction(24)]))
def test_every_frame_knows_its_number_from_its_rounded_pts(number: int, fps: Fraction) -> None:
    assert frame_number(round(float(number / fps), 6), fps) == number
    assert frame_number(round(float(number / fps), 3), fps) == number
