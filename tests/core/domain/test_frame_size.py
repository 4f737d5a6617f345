"""Trimmed sides: multiples, in the middle, and the same pixels in the source and in the clip."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.crop import Crop, crop_rect, cropped_size
from core.domain.frame_size import clip_size, kept_rect, trim_offset, trimmed_size

SIDES = st.integers(64, 4096)
STEPS = st.sampled_from([2, 8, 16, 32, 64])


@given(width=SIDES, height=SIDES, step=STEPS)
def test_as_little_as_possible_is_cut_off(width: int, height: int, step: int) -> None:
    size = trimmed_size((width, height), step)
    for whole, part in zip((width, height), size, strict=True):
        assert part % step == 0 and 0 <= whole - part < step
        x = trim_offset(whole, part)
        assert x % 2 == 0 and 0 <= x <= whole - part
        assert abs((whole - part - x) - x) <= 3, "the same at both ends, but for even pixels"


def test_a_side_shorter_than_the_step_stays() -> None:
    assert trimmed_size((30, 100), 32) == (30, 96)


@given(
    width=SIDES,
    height=SIDES,
    ratio=st.sampled_from(["", "9:16", "1:1"]),
    center=st.floats(0, 1),
    short_side=st.one_of(st.none(), st.integers(64, 1080)),
    step=STEPS,
)
def test_what_is_kept_lies_in_the_crop_and_has_the_clips_shape(
    width: int, height: int, ratio: str, center: float, short_side: int | None, step: int
) -> None:
    crop = Crop(ratio, center)
    outer, kept = crop_rect(width, height, crop), kept_rect(width, height, crop, short_side, step)
    assert outer.x <= kept.x and kept.x + kept.width <= outer.x + outer.width
    assert outer.y <= kept.y and kept.y + kept.height <= outer.y + outer.height
    whole = cropped_size(width, height, ratio, short_side)
    size = clip_size(width, height, crop, short_side, step)
    # The same share of each side remains, to a pixel of the source and rounding at both ends.
    assert abs(kept.width / outer.width - size[0] / whole[0]) <= 1.5 / outer.width
    assert abs(kept.height / outer.height - size[1] / whole[1]) <= 1.5 / outer.height
    if step == 2:
        assert kept == outer
