"""Times as people read them."""

from __future__ import annotations

import re
from fractions import Fraction

_CLOCK = re.compile(r"^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)$")


def format_time(seconds: float, decimals: int = 3) -> str:
    """`00:12:33.367`; rounding never yields 60 seconds, negative times keep their sign."""
    sign = "-" if seconds < 0 else ""
    scale = 10**decimals
    total = round(abs(seconds) * scale)
    whole, fraction = divmod(total, scale)
    clock = f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{clock}.{fraction:0{decimals}d}" if decimals else clock


def parse_time(text: str) -> float:
    """Seconds of `83.5`, `1:23.5` or `00:01:23.5`.

    Raises:
        ValueError: the text is none of these.
    """
    match = _CLOCK.match(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a time such as 83.5 or 1:23.5")
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds.replace(",", "."))


def frame_number(time_s: float, fps: Fraction) -> int:
    """The index of the frame on screen at `time_s` in a constant-rate video; times may be off by 1/20 frame."""
    return int(time_s * fps + 0.05)


def frame_count(duration_s: float, fps: Fraction) -> int:
    """Frames in a clip of `duration_s`: round(duration × fps), halves up, at least one."""
    return max(1, int(Fraction(duration_s).limit_denominator(1_000_000) * fps + Fraction(1, 2)))
