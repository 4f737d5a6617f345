"""Who judges which items, in which order, and which of them twice.

Everything follows from names and keys by hashing: the same on any machine, with nothing to store. A coder's order is
a shuffle of all items of all videos, so what stands beside an item says nothing about the video it is from.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

_SHARE_BITS = 64
_FARTHEST = 4


@dataclass(frozen=True)
class Showing:
    """One place of a coder's queue: an item's key, for the first time or as a silent repeat."""

    key: str
    repeat: bool = False


def coder_seed(coder: str, salt: str) -> int:
    """The seed of a coder's order: `int(md5(coder + salt)) mod 2**32`."""
    return int(hashlib.md5((coder + salt).encode(), usedforsecurity=False).hexdigest(), 16) % 2**32


def shuffled(keys: Iterable[str], coder: str, salt: str) -> list[str]:
    """All keys in this coder's order."""
    order = sorted(keys)
    random.Random(coder_seed(coder, salt)).shuffle(order)
    return order


def for_everybody(key: str, salt: str, overlap: float) -> bool:
    """Whether this item is of the share that every coder judges."""
    return _fraction("overlap", key, salt) < overlap


def given_to(key: str, coders: Collection[str], salt: str) -> str:
    """The one coder who judges an item that not everybody does.

    Rendezvous hashing (Thaler and Ravishankar, 1998): each coder draws a number for the item and the highest wins, so
    another coder takes an even share from everybody and nothing else moves. `coders` holds at least one.
    """
    return max(sorted(coders), key=lambda coder: _fraction("given", key, coder, salt))


def items_of(
    coder: str,
    keys: Iterable[str],
    coders: Collection[str],
    salt: str,
    overlap: float,
    answered_by: Mapping[str, Collection[str]],
) -> frozenset[str]:
    """The keys this coder judges.

    Args:
        coders: everybody who labels; `coder` counts among them in any case.
        overlap: share of items that everybody judges, 0–1.
        answered_by: key -> coders who answered it; such an item stays with them.
    """
    everybody = {*coders, coder}
    return frozenset(
        key
        for key in keys
        if for_everybody(key, salt, overlap) or coder in (answered_by.get(key) or (given_to(key, everybody, salt),))
    )


def shares(
    keys: Iterable[str],
    team: Collection[str],
    away: Collection[str],
    salt: str,
    overlap: float,
    answered_by: Mapping[str, Collection[str]],
) -> dict[str, set[str]]:
    """What `items_of` gives each coder, of the team and of those who are away: all at once, each number drawn once."""
    found: dict[str, set[str]] = {coder: set() for coder in (*team, *away)}
    for key in keys:
        if for_everybody(key, salt, overlap):
            holders: Iterable[str] = found
        elif answered_by.get(key):
            holders = found.keys() & answered_by[key]
        else:
            holders = [coder for coder in away if given_to(key, {*team, coder}, salt) == coder]
            if team:
                holders.append(given_to(key, team, salt))
        for coder in holders:
            found[coder].add(key)
    return found


def showings(
    keys: Collection[str],
    first: Collection[str],
    order: Sequence[str],
    coder: str,
    salt: str,
    repeats: float,
    repeated: Collection[str] = (),
) -> tuple[Showing, ...]:
    """A coder's queue.

    Args:
        keys: the items this coder judges.
        first: those that a round wants judged first; they keep the coder's order among themselves.
        order: all items in the coder's order, as `shuffled` gives them.
        repeats: share of the coder's items that come back.
        repeated: keys whose repeat was answered; they keep it whatever the share says now.
    """
    wanted = set(first)
    own = [key for key in order if key in keys]
    line = [key for key in own if key in wanted] + [key for key in own if key not in wanted]
    back = _coming_back(line, coder, salt, repeats, repeated)
    queue: list[Showing] = []
    for position, key in enumerate(line):
        queue.append(Showing(key))
        queue += [Showing(again, repeat=True) for again in back.get(position, ())]
    return tuple(queue)


def repeat_gap(count: int) -> int:
    """How many other items stand at least between a showing and its repeat, in a queue of `count` items.

    Fifty are enough to forget a picture by; a short queue does with a third of itself.
    """
    return min(50, count // 3)


def repeats_of(count: int, repeated: int, share: float) -> int | None:
    """How many of `count` items come back, of which the repeats of some were answered; None where that is a matter of
    the order: an item near the end does not come back, so that there may be too few others.
    """
    more = max(0, round(share * count) - repeated)
    gap = repeat_gap(count)
    if not gap:
        return repeated
    return repeated + more if more <= count - gap - repeated else None


def _coming_back(
    line: Sequence[str], coder: str, salt: str, repeats: float, repeated: Collection[str]
) -> dict[int, list[str]]:
    """Position in the line -> the keys that come back after it.

    The items with the smallest numbers of their own come back, so that the share is exact and a longer queue keeps most
    of them. Only one with enough behind it can. It comes back between one and _FARTHEST gaps later, so that a coder who
    is a quarter through has had a quarter of the repeats.
    """
    gap = repeat_gap(len(line))
    wanted = round(repeats * len(line))
    pinned = set(repeated)
    again = [key for key in line if key in pinned]
    last = len(line) - gap
    able = [key for position, key in enumerate(line) if position < last and key not in pinned] if gap else []
    able.sort(key=lambda key: _fraction("repeat", key, coder, salt))
    again += able[: max(0, wanted - len(again))]
    places = {key: position for position, key in enumerate(line)}
    back: dict[int, list[str]] = {}
    for key in again:
        earliest = min(places[key] + gap, len(line) - 1)
        free = min(len(line) - earliest, (_FARTHEST - 1) * gap + 1)
        place = earliest + int(_fraction("place", key, coder, salt) * free)
        back.setdefault(place, []).append(key)
    return back


def _fraction(*words: str) -> float:
    """A number in [0, 1) that follows from the words and is as good as random."""
    text = "\x1f".join(words).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=_SHARE_BITS // 8).digest()) / 2**_SHARE_BITS
