"""What is cut already, and whether the next batch fits: to its neighbours, and to its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core.domain.clip import Batch
from core.domain.timespan import Span, covered_s, merge

_WORD = re.compile(r"[^\W\d_]{3,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Folders of this name say nothing about what is in them.
GENERIC = frozenset(
    (
        "audio",
        "camera",
        "clip",
        "clips",
        "cut",
        "cuts",
        "data",
        "dataset",
        "dcim",
        "default",
        "desktop",
        "documents",
        "download",
        "downloads",
        "export",
        "exports",
        "file",
        "files",
        "footage",
        "home",
        "import",
        "incoming",
        "input",
        "material",
        "media",
        "movies",
        "new",
        "old",
        "originals",
        "output",
        "raw",
        "rec",
        "recordings",
        "share",
        "shared",
        "source",
        "sources",
        "temp",
        "tmp",
        "user",
        "users",
        "video",
        "videos",
        "work",
    )
)


def overlap_share(batch: Batch, cut: Iterable[Span]) -> float:
    """How much of what a batch covers is in `cut` already, 0–1."""
    wanted = merge(batch.spans)
    total = sum(span.length_s for span in wanted)
    taken = merge(cut)
    return sum(covered_s(span, taken) for span in wanted) / total if total else 0.0


def coverage(spans: Iterable[Span], duration_s: float) -> tuple[tuple[Span, ...], float]:
    """The union of `spans` within the media, and the seconds it covers."""
    inside = merge(
        Span(min(span.start_s, duration_s), min(span.end_s, duration_s)) for span in spans if span.start_s < duration_s
    )
    return tuple(inside), sum(span.length_s for span in inside)


def folder_fits(source_folder: str, export_folder: str) -> bool:
    """Whether the names of two folders have something in common, or one of them says nothing about its contents.

    Words of three letters and more count, without case and plural: `Dog barks 2024` fits `dogs`, `cats` does not.
    """
    source, target = _words(Path(source_folder).name), _words(Path(export_folder).name)
    if not source or not target:
        return True
    return any(one in other or other in one for one in source for other in target)


def _words(name: str) -> set[str]:
    words = (word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", name)))
    return {word.removesuffix("s") if len(word) > 3 else word for word in words if word not in GENERIC}
