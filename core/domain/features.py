"""Figures of media from a corpus run, as the list shows, sorts and filters them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

Figure = int | float | bool | str
"""What a column may hold; nothing where a media has none."""

KINDS = ("int", "float", "bool", "str")
"""The kinds of columns that a list can show; longer things stay in the output folder."""

# How the name of a column says its unit.
_SAID = {"s": " s", "px": " px", "1/s": " per s"}
_CONDITION = re.compile(r"^(.+?)(<=|>=|!=|=|<|>)(.+)$")
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


@dataclass(frozen=True)
class FeatureColumn:
    """A column.

    Args:
        name: `extractor_figure`, such as "cuts_per_s".
        unit: "s", "1/s", "share", or "" for a plain count or text.
        kind: one of KINDS.
        about: one sentence for a person.
    """

    name: str
    unit: str
    kind: str
    about: str

    @property
    def title(self) -> str:
        """For a person: "cuts per s"."""
        return self.name.replace("_", " ")

    @property
    def unit_beside(self) -> str:
        """The unit where the title does not end in it already."""
        return "" if self.title.endswith(_SAID.get(self.unit, "\0")) else self.unit


@dataclass(frozen=True)
class MediaFigures:
    """What one extractor found in a media; `reason` says why it found nothing."""

    media_id: int
    extractor: str
    version: int
    figures: Mapping[str, Figure]
    reason: str = ""


@dataclass(frozen=True)
class Condition:
    """A question about a figure: `cuts_cuts>=10`."""

    column: str
    relation: str
    value: str

    def holds(self, figure: Figure | None) -> bool:
        """Whether a figure answers it; a media without one never does."""
        if figure is None:
            return False
        if isinstance(figure, bool):
            wanted = self.value.casefold()
            same = figure == (wanted in _YES)
            return (wanted in _YES or wanted in _NO) and same == (self.relation == "=")
        if isinstance(figure, str):
            return _compare(self.relation, figure.casefold(), self.value.casefold())
        try:
            return _compare(self.relation, float(figure), float(self.value.replace(",", ".")))
        except ValueError:
            return False


def _compare(relation: str, left: float | str, right: float | str) -> bool:
    return {
        "<": left < right,
        ">": left > right,
        "<=": left <= right,
        ">=": left >= right,
        "=": left == right,
        "!=": left != right,
    }[relation]


def parse_filter(text: str, columns: Collection[str]) -> tuple[tuple[str, ...], tuple[Condition, ...]]:
    """(words, conditions) of what a person typed. What names no column is a word, even with a `>` in it."""
    known = {name.casefold(): name for name in columns}
    words, conditions = [], []
    for part in text.casefold().split():
        match = _CONDITION.match(part)
        if match and match[1] in known:
            conditions.append(Condition(known[match[1]], match[2], match[3]))
        else:
            words.append(part)
    return tuple(words), tuple(conditions)


def in_order(ids: Collection[int], figures: Mapping[int, Figure], *, descending: bool) -> list[int]:
    """Media ids by a figure, those without one last either way; equals keep their order."""
    with_figure = [each for each in ids if each in figures]
    text = any(isinstance(figures[each], str) for each in with_figure)
    key: Callable[[int], float | str] = (
        (lambda each: str(figures[each]).casefold()) if text else (lambda each: float(figures[each]))
    )
    return sorted(with_figure, key=key, reverse=descending) + [each for each in ids if each not in figures]


def shown(figure: Figure | None) -> str:
    """A figure in few letters."""
    if figure is None:
        return ""
    if isinstance(figure, bool):
        return "yes" if figure else "no"
    if isinstance(figure, float):
        return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.3g}"
    return f"{figure:,}" if isinstance(figure, int) else figure
