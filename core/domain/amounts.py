"""How many and how large, as a person reads it."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB")


def count_text(number: int, one: str, many: str = "") -> str:
    """`1 clip`, `1,204 clips`; `many` where another s does not make it more than one."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size_text(size_bytes: float) -> str:
    """`0 B`, `812 kB`, `1.4 MB`, `23 GB`: decimal units, as file managers show them."""
    size, unit = float(size_bytes), 0
    while size >= 999.5 and unit + 1 < len(_UNITS):
        size, unit = size / 1000, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit and size < 9.95 else f"{size:.0f} {_UNITS[unit]}"
