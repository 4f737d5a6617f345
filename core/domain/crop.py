"""The one geometry of cropping: what the overlay draws, the crop bar slides, the end-frame view shows and ffmpeg cuts.

Everything is in displayed coordinates: after rotation, with square pixels. A crop has a ratio and the place of its
centre along the free axis, as a fraction of the picture's width or height: 0 is the left or top edge, 1 the right or
bottom one. The rectangle always lies inside the picture, on even pixels, because pictures with halved colour planes
have no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import floor

# Width and height of each ratio, as people write it; "" is no crop.
RATIOS = {"9:16": (9, 16), "4:5": (4, 5), "1:1": (1, 1)}
MIDDLE = 0.5


class Axis(Enum):
    """The direction in which a crop can be moved."""

    ACROSS = "across"
    DOWN = "down"


@dataclass(frozen=True)
class PixelRect:
    """Whole pixels of the displayed picture; `x` and `y` count from the left and top edge."""

    x: int
    y: int
    width: int
    height: int

    def fractions(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge as fractions of a picture of this size."""
        return self.x / width, self.y / height, (self.x + self.width) / width, (self.y + self.height) / height


@dataclass(frozen=True)
class Crop:
    """How a clip is cropped. `ratio` is a key of RATIOS or "" for not at all.

    `path` is how the centre moves: (seconds from the clip's start, centre), ascending and straight in between; without
    points the crop stands still at `center`.
    """

    ratio: str = ""
    center: float = MIDDLE
    path: tuple[tuple[float, float], ...] = ()

    @property
    def moves(self) -> bool:
        return bool(self.ratio and self.path)

    def center_at(self, time_s: float) -> float:
        """Where the centre is `time_s` seconds after the clip's start."""
        if not self.path:
            return self.center
        before = self.path[0]
        for point in self.path:
            if point[0] > time_s:
                if point[0] <= before[0]:
                    return before[1]
                share = max(0.0, (time_s - before[0]) / (point[0] - before[0]))
                return before[1] + share * (point[1] - before[1])
            before = point
        return before[1]

    def at(self, time_s: float) -> Crop:
        """The crop as it stands at that moment."""
        return Crop(self.ratio, self.center_at(time_s))


NO_CROP = Crop()


def window_size(width: int, height: int, ratio: str) -> tuple[int, int]:
    """Width and height in pixels of a crop: the largest of its ratio that fits, both even.

    A picture narrower than the crop keeps its width and loses height instead. Without a ratio only an odd last row or
    column goes.

    Raises:
        ValueError: there is no such ratio.
    """
    if ratio and ratio not in RATIOS:
        raise ValueError(f"{ratio!r} is none of {', '.join(RATIOS)}")
    even_width, even_height = max(2, width // 2 * 2), max(2, height // 2 * 2)
    if not ratio:
        return even_width, even_height
    across, down = RATIOS[ratio]
    if even_width * down >= even_height * across:
        return min(even_width, _nearest_even(even_height * across / down)), even_height
    return even_width, min(even_height, _nearest_even(even_width * down / across))


def free_axis(width: int, height: int, ratio: str) -> Axis | None:
    """The direction in which a crop of this ratio can be moved; None when it covers the picture."""
    window = window_size(width, height, ratio)
    if width - window[0] >= 2:
        return Axis.ACROSS
    return Axis.DOWN if height - window[1] >= 2 else None


def crop_rect(width: int, height: int, crop: Crop) -> PixelRect:
    """The pixels that remain of a picture of this size, at the clip's start when the crop moves."""
    window = window_size(width, height, crop.ratio)
    axis, center = free_axis(width, height, crop.ratio), crop.center_at(0.0)
    x = even_offset(width, window[0], center) if axis is Axis.ACROSS else 0
    y = even_offset(height, window[1], center) if axis is Axis.DOWN else 0
    return PixelRect(x, y, *window)


def even_offset(whole: int, part: int, center: float) -> int:
    """Where a window of `part` pixels begins in `whole` ones when its centre should be at the fraction `center`."""
    return 2 * floor(min(max(center * whole - part / 2, 0.0), most_offset(whole, part)) / 2 + 0.5)


def most_offset(whole: int, part: int) -> int:
    """The largest even offset at which the window still lies inside."""
    return max(0, (whole - part) // 2 * 2)


def center_of_click(width: int, height: int, ratio: str, across: float, down: float) -> float:
    """The centre that a click at these fractions of the picture asks for, kept where the crop lies inside.

    Kept so, a crop at the edge follows the next drag at once.
    """
    axis = free_axis(width, height, ratio)
    if axis is None:
        return MIDDLE
    low, high = center_range(width, height, ratio)
    return min(high, max(low, across if axis is Axis.ACROSS else down))


def center_range(width: int, height: int, ratio: str) -> tuple[float, float]:
    """The smallest and largest centre at which the crop is not pushed back by an edge; both MIDDLE without an axis."""
    axis = free_axis(width, height, ratio)
    if axis is None:
        return MIDDLE, MIDDLE
    place = 0 if axis is Axis.ACROSS else 1
    half = window_size(width, height, ratio)[place] / (width, height)[place] / 2
    return (half, 1 - half) if half < MIDDLE else (MIDDLE, MIDDLE)


def output_size(width: int, height: int, short_side: int | None) -> tuple[int, int]:
    """Width and height in pixels of a picture of this size once its short side is resized; even, never larger.

    The short side is rounded down to even, the long side to the nearest even number. None or 0 keeps the size.
    """
    short = min(width, height)
    if not short_side or short_side >= short:
        return max(2, width // 2 * 2), max(2, height // 2 * 2)
    wanted = max(2, short_side // 2 * 2)
    other = max(2, _nearest_even(max(width, height) * wanted / short))
    return (wanted, other) if width <= height else (other, wanted)


def cropped_size(width: int, height: int, ratio: str, short_side: int | None) -> tuple[int, int]:
    """Width and height in pixels of a clip: cropped first, then resized by its own short side."""
    return output_size(*(window_size(width, height, ratio) if ratio else (width, height)), short_side)


def _nearest_even(value: float) -> int:
    return max(2, 2 * floor(value / 2 + 0.5))
