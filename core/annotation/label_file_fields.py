"""The values in a line of a label file, each checked: KeyError where one is missing, ValueError where it is none."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any


def text(row: dict[str, Any], name: str, *, empty: bool = False) -> str:
    """A text; an empty one only where that is allowed."""
    value = row[name]
    if not isinstance(value, str) or not (value or empty):
        raise ValueError(f"{name} is no text")
    return value


def flag(row: dict[str, Any], name: str) -> bool:
    """True or false."""
    if not isinstance(row[name], bool):
        raise ValueError(f"{name} is neither true nor false")
    return row[name]


def whole(row: dict[str, Any], name: str) -> int:
    """A whole number."""
    if not isinstance(row[name], int) or isinstance(row[name], bool):
        raise ValueError(f"{name} is no whole number")
    return row[name]


def number(row: dict[str, Any], name: str) -> float:
    """A finite number."""
    value = row[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} is no number")
    return float(value)


def share(row: dict[str, Any], name: str) -> float:
    """A number from 0 to 1."""
    value = number(row, name)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} is not between 0 and 1")
    return value


def moment(row: dict[str, Any], name: str, *, empty: bool = False) -> str:
    """A time as this program writes it, so that comparing texts compares times."""
    value = text(row, name, empty=empty)
    if value and datetime.fromisoformat(value).astimezone(UTC).isoformat(timespec="microseconds") != value:
        raise ValueError(f"{name} is no time in UTC to the microsecond")
    return value
