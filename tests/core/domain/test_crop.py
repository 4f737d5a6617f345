"""The geometry of cropping: inside, even, of its ratio, where it was clicked, and reversible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.crop import (
    MIDDLE,
    RATIOS,
    Axis,
    Crop,
    center_of_click,
    center_range,
    crop_rect,
    cropped_size,
    free_axis,
    output_size,
    window_size,
)

sides = st.integers(min_value=2, max_value=8200)
ratios = st.sampled_from(["", *RATIOS])
real_ratios = st.sampled_from(list(RATIOS))
places = st.floats(min_value=0.0, max_value=1.0)


@given(sides, sides, ratios, places)
def test_a_crop_lies_inside_on_even_pixels(width: int, height: int, ratio: str, center: float) -> None:
    rect = crop_rect(width, height, Crop(ratio, center))
    assert rect.x >= 0 and rect.x + rect.width <= width
    assert rect.y >= 0 and rect.y + rect.height <= height
    assert all(value % 2 == 0 for value in (rect.x, rect.y, rect.width, rect.height))
    assert min(rect.width, rect.height) >= 2


@given(sides, sides, real_ratios)
def test_a_crop_has_its_ratio_and_is_as_large_as_can_be(width: int, height: int, ratio: str) -> None:
    window = window_size(width, height, ratio)
    across, down = RATIOS[ratio]
    full_width, full_height = width // 2 * 2, height // 2 * 2
    assert window[0] == full_width or window[1] == full_height
    wanted_width, wanted_height = window[1] * across / down, window[0] * down / across
    # One side is exact, the other the nearest even number to what the ratio asks for.
    assert abs(window[0] - wanted_width) <= 1 or abs(window[1] - wanted_height) <= 1 or 2 in window


@pytest.mark.parametrize(
    ("size", "ratio", "rect"),
    [
        ((1920, 1080), "9:16", (656, 0, 608, 1080)),
        ((1920, 1080), "1:1", (420, 0, 1080, 1080)),
        ((1920, 1080), "4:5", (528, 0, 864, 1080)),
        ((1080, 1920), "9:16", (0, 0, 1080, 1920)),
        ((1080, 1920), "1:1", (0, 420, 1080, 1080)),
        ((400, 1000), "9:16", (0, 144, 400, 712)),
        ((1919, 1079), "", (0, 0, 1918, 1078)),
    ],
)
def test_known_sizes(size: tuple[int, int], ratio: str, rect: tuple[int, int, int, int]) -> None:
    found = crop_rect(*size, Crop(ratio))
    assert (found.x, found.y, found.width, found.height) == rect


def test_a_picture_narrower_than_the_crop_is_cropped_the_other_way() -> None:
    assert free_axis(1920, 1080, "9:16") is Axis.ACROSS
    assert free_axis(400, 1000, "9:16") is Axis.DOWN
    assert free_axis(1080, 1920, "9:16") is None
    assert free_axis(1000, 1000, "1:1") is None


@given(sides, sides, real_ratios, places, places)
def test_a_click_centres_the_crop_on_the_click(width: int, height: int, ratio: str, across: float, down: float) -> None:
    axis = free_axis(width, height, ratio)
    center = center_of_click(width, height, ratio, across, down)
    rect = crop_rect(width, height, Crop(ratio, center))
    if axis is None:
        assert center == MIDDLE
        return
    start, part, whole, clicked = (
        (rect.x, rect.width, width, across) if axis is Axis.ACROSS else (rect.y, rect.height, height, down)
    )
    low, high = center_range(width, height, ratio)
    if low <= clicked <= high:
        assert abs(start + part / 2 - clicked * whole) <= 2
    else:
        assert start <= 1 or start + part >= whole - 2


@given(sides, sides, real_ratios, places)
def test_a_crop_kept_inside_stays_where_it_is(width: int, height: int, ratio: str, place: float) -> None:
    low, high = center_range(width, height, ratio)
    assert 0.0 <= low <= high <= 1.0
    kept = center_of_click(width, height, ratio, place, place)
    assert crop_rect(width, height, Crop(ratio, kept)) == crop_rect(width, height, Crop(ratio, place))
    assert center_of_click(width, height, ratio, kept, kept) == kept


@given(sides, sides, real_ratios, places, places)
def test_moving_the_centre_on_never_moves_the_crop_back(
    width: int, height: int, ratio: str, one: float, other: float
) -> None:
    first, second = (crop_rect(width, height, Crop(ratio, center)) for center in sorted((one, other)))
    assert first.x <= second.x and first.y <= second.y


@given(sides, sides, ratios, st.none() | st.integers(min_value=0, max_value=4400))
def test_a_resize_never_enlarges_and_keeps_the_shape(
    width: int, height: int, ratio: str, short_side: int | None
) -> None:
    window = window_size(width, height, ratio)
    size = cropped_size(width, height, ratio, short_side)
    assert size[0] <= window[0] and size[1] <= window[1]
    assert size[0] % 2 == size[1] % 2 == 0
    if short_side and 2 <= short_side < min(window):
        assert min(size) == short_side // 2 * 2
        assert abs(max(size) - max(window) * min(size) / min(window)) <= 1.5 * max(window) / min(window) + 1
    else:
        assert output_size(*window, None) == window


@given(st.lists(st.tuples(st.floats(0, 30), places), min_size=1, max_size=6, unique_by=lambda point: point[0]))
def test_a_path_goes_through_its_points_and_stays_between_them(points: list[tuple[float, float]]) -> None:
    points = sorted(points)
    crop = Crop("1:1", 0.5, tuple(points))
    for time, center in points:
        assert crop.center_at(time) == pytest.approx(center)
    assert crop.center_at(points[0][0] - 1) == points[0][1]
    assert crop.center_at(points[-1][0] + 1) == points[-1][1]
    low, high = min(center for _, center in points), max(center for _, center in points)
    assert low - 1e-9 <= crop.center_at(7.3) <= high + 1e-9


def test_an_unknown_ratio_is_refused() -> None:
    with pytest.raises(ValueError, match="3:7"):
        window_size(100, 100, "3:7")
