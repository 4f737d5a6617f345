"""Finding files again that were moved: what was missing, and what was found for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.amounts import count_text
from core.domain.media import Media

_KEY = re.compile(r"^b3-([0-9a-f]+)-")


def known_size(content_key: str) -> int | None:
    """Bytes of the file this key was made of; None for a media nobody has seen."""
    match = _KEY.match(content_key)
    return int(match[1], 16) if match else None


@dataclass(frozen=True)
class FoundFile:
    """A file for a missing media; `content_key` is that of the file."""

    media: Media
    path: str
    content_key: str


@dataclass(frozen=True)
class RelinkPlan:
    """What a search came to.

    Args:
        sure: the content is the same, or the media was only ever known by name and this file has it.
        likely: name and size are the same, the content is not: a person has to say.
        missing: nothing was found for these.
    """

    sure: tuple[FoundFile, ...] = ()
    likely: tuple[FoundFile, ...] = ()
    missing: tuple[Media, ...] = ()

    @property
    def text(self) -> str:
        parts = [f"{count_text(len(self.sure), 'file')} found again"]
        if self.likely:
            parts.append(f"{len(self.likely)} with the same name and size but other content")
        if self.missing:
            parts.append(f"{len(self.missing)} still missing")
        return ", ".join(parts)


def one_each(found: Iterable[FoundFile]) -> tuple[FoundFile, ...]:
    """The first file for each media."""
    firsts: dict[int, FoundFile] = {}
    for each in found:
        firsts.setdefault(each.media.id, each)
    return tuple(firsts.values())
