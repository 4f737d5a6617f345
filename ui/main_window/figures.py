"""The figures of media that a list shows in columns, sorts and filters by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.features import Condition, FeatureColumn, Figure, in_order, shown
from core.domain.media import Media
from core.domain.media_list import Entry

NAME = "name"
"""What stands for the name of a file where a column is meant."""


@dataclass(frozen=True, eq=False)
class ShownFigures:
    """The chosen columns and what is in them.

    Args:
        columns: in the order they stand.
        values: by name of column, then by media id.
    """

    columns: tuple[FeatureColumn, ...] = ()
    values: Mapping[str, Mapping[int, Figure]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def texts(self, media_id: int) -> tuple[str, ...]:
        """The cells of a media."""
        return tuple(shown(self.values[name].get(media_id)) for name in self.names)

    def lines(self, media_id: int) -> list[str]:
        """The same for a tooltip, with names and units; columns without a figure are left out."""
        cells = zip(self.columns, self.texts(media_id), strict=True)
        return [f"{column.title}: {text} {column.unit_beside}".rstrip() for column, text in cells if text]

    def answer(self, media_id: int, conditions: Sequence[Condition]) -> bool:
        """Whether a media's figures answer all these questions."""
        return all(each.holds(self.values[each.column].get(media_id)) for each in conditions)


@dataclass(frozen=True)
class Order:
    """By what a list is sorted while it is looked at; its own order stays as it is."""

    column: str
    descending: bool = False


def sorted_rows(
    rows: Sequence[int], entries: Sequence[Entry], names: Sequence[str], figures: ShownFigures, order: Order
) -> list[int]:
    """Rows of media in an order; separators stand between nothing any more and are left out."""
    row_of = {entries[row].id: row for row in rows if isinstance(entries[row], Media)}
    if order.column == NAME:
        by_name: Mapping[int, Figure] = {media_id: names[row] for media_id, row in row_of.items()}
        return [row_of[each] for each in in_order(row_of, by_name, descending=order.descending)]
    values = figures.values.get(order.column, {})
    return [row_of[each] for each in in_order(row_of, values, descending=order.descending)]
