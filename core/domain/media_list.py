"""The lists of media a profile works through: tabs, their rows, and where a moved row goes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.domain.media import Media

STRIDE = 1 << 20
"""How far the places of neighbouring rows lie apart, so that a move rarely touches any row but its own."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class MediaList:
    """A tab. `folder` is where its exports go, empty while it has none of its own."""

    id: int
    name: str
    folder: str = ""


@dataclass(frozen=True)
class Separator:
    """A line between the media of a list, with or without a heading."""

    id: int
    text: str = ""


Entry = Media | Separator
EntryKey = tuple[str, int]
"""What names a row within its list: ("media", media id) or ("line", separator id)."""


def entry_key(entry: Entry) -> EntryKey:
    return ("line" if isinstance(entry, Separator) else "media", entry.id)


def move_block(order: Sequence[K], chosen: Collection[K], index: int) -> list[K]:
    """`order` with the `chosen` together where they were dropped: before what stands at `index` now.

    They keep their own order. What is not in the order is left out.
    """
    index = min(max(0, index), len(order))
    block = [key for key in order if key in chosen]
    before = [key for key in order[:index] if key not in chosen]
    after = [key for key in order[index:] if key not in chosen]
    return [*before, *block, *after]


def new_places(order: Sequence[K], places: Mapping[K, int], moved: Collection[K]) -> dict[K, int]:
    """New places for as few rows as possible, so that the rows stand in `order`.

    Args:
        order: all rows as they are to stand.
        places: where the rows stood; those of `moved` may be missing.
        moved: rows that stand together in `order`, the only ones out of place.
    """
    block = [key for key in order if key in moved]
    if not block:
        return {}
    start = order.index(block[0])
    end = start + len(block)
    low = places[order[start - 1]] if start else None
    high = places[order[end]] if end < len(order) else None
    room = STRIDE * (len(block) + 1)
    if low is None:
        low = (high if high is not None else room) - room
    if high is None:
        high = low + room
    step = (high - low) // (len(block) + 1)
    if step > 0:
        return {key: low + step * number for number, key in enumerate(block, start=1)}
    return {key: STRIDE * number for number, key in enumerate(order, start=1)}


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number from 2 on that makes it unlike all `taken` ones, whatever their case."""
    used = {name.casefold() for name in taken}
    name, number = wanted, 2
    while name.casefold() in used:
        name, number = f"{wanted} {number}", number + 1
    return name
