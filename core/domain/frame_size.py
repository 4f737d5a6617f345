"""Clips whose sides must be multiples of more than two pixels: what is too much is cut off evenly at both ends.

Scaling to such a size instead would distort the picture.
"""

from __future__ import annotations

from fractions import Fraction

from core.domain.crop import Crop, PixelRect, crop_rect, cropped_size


def trimmed_size(size: tuple[int, int], step: int) -> tuple[int, int]:
    """The largest multiples of `step` within (width, height); a side shorter than `step` stays as it is."""
    width, height = (side // step * step or side for side in size)
    return width, height


def trim_offset(whole: int, part: int) -> int:
    """Where the middle `part` pixels of `whole` begin, on an even pixel."""
    return (whole - part) // 4 * 2


def clip_size(width: int, height: int, crop: Crop, short_side: int | None, step: int) -> tuple[int, int]:
    """Width and height in pixels of a clip of a picture of this size: cropped, resized, then trimmed."""
    return trimmed_size(cropped_size(width, height, crop.ratio, short_side), step)


def kept_rect(width: int, height: int, crop: Crop, short_side: int | None, step: int) -> PixelRect:
    """The pixels of the source's picture that a clip shows, at its start when the crop moves.

    Without trimming that is the rectangle of the crop.
    """
    rect = crop_rect(width, height, crop)
    size = cropped_size(width, height, crop.ratio, short_side)
    trimmed = trimmed_size(size, step)
    if trimmed == size:
        return rect
    x, kept_width = _kept(rect.width, size[0], trimmed[0])
    y, kept_height = _kept(rect.height, size[1], trimmed[1])
    return PixelRect(rect.x + x, rect.y + y, kept_width, kept_height)


def _kept(source: int, scaled: int, trimmed: int) -> tuple[int, int]:
    """Where the part begins in source pixels, and how long it is there."""
    scale = Fraction(source, scaled)
    begin, end = trim_offset(scaled, trimmed) * scale, (trim_offset(scaled, trimmed) + trimmed) * scale
    return round(begin), max(1, round(end) - round(begin))
