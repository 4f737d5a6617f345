"""Thousands of regions at once: their rows as one array, from which a single row is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from core.domain.scan import Hit, RegionRow

ROW = np.dtype(
    [
        ("id", np.int64),
        ("start_s", np.float64),
        ("end_s", np.float64),
        ("score", np.float64),
        ("found_start_s", np.float64),
        ("found_end_s", np.float64),
        ("disabled", np.bool_),
        ("accepted", np.bool_),
        ("hidden", np.bool_),
        ("inherited_from", np.int64),
        ("by_hand", np.bool_),
    ]
)
"""A `RegionRow` in an array. `inherited_from` is 0 for nothing inherited, −1 where only that it was is known."""


class RegionColumns(Sequence[RegionRow]):
    """Rows of regions that are never changed. Use `of` where they may be plain rows.

    Args:
        table: [n] of dtype `ROW`.
    """

    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    @classmethod
    def of(cls, rows: Iterable[RegionRow]) -> RegionColumns:
        """These rows as columns; the same object where they are that already."""
        if isinstance(rows, RegionColumns):
            return rows
        return cls(np.array([_values(row) for row in rows], dtype=ROW))

    @property
    def ids(self) -> np.ndarray:
        """int64[n]"""
        return self.table["id"]

    @property
    def starts(self) -> np.ndarray:
        """float64[n], seconds; where they were trimmed to."""
        return self.table["start_s"]

    @property
    def ends(self) -> np.ndarray:
        """float64[n], seconds, never before their starts."""
        return np.maximum(self.table["end_s"], self.table["start_s"])

    @property
    def trimmed(self) -> np.ndarray:
        """bool[n]: whether they were trimmed."""
        found = self.table["found_start_s"], self.table["found_end_s"]
        return (self.table["start_s"] != found[0]) | (self.table["end_s"] != found[1])

    @property
    def decided(self) -> np.ndarray:
        """bool[n]: whether somebody decided something about them."""
        return self.table["disabled"] | self.table["accepted"] | self.trimmed

    @cached_property
    def extents(self) -> np.ndarray:
        """int64[n]: where they were found, equal for regions whose edges agree to the millisecond."""
        return extents_of(self.table["found_start_s"], self.table["found_end_s"])

    def among(self, ids: Collection[int]) -> np.ndarray:
        """bool[n]: whether their ids are among these."""
        return np.isin(self.table["id"], np.fromiter(ids, np.int64, len(ids)))

    def where(self, which: np.ndarray) -> RegionColumns:
        """Some of them, by bool[n] or in the order of int[m]."""
        return RegionColumns(self.table[which])

    def in_order(self) -> RegionColumns:
        """Sorted by start; those with the same one stay as they are."""
        if (self.starts[1:] >= self.starts[:-1]).all():
            return self
        return self.where(np.argsort(self.starts, kind="stable"))

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, place: int | slice) -> RegionRow | RegionColumns:
        if isinstance(place, slice):
            return RegionColumns(self.table[place])
        return _row(*self.table[place].item())

    def __iter__(self) -> Iterator[RegionRow]:
        return (_row(*values) for values in self.table.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RegionColumns):
            return np.array_equal(self.table, other.table)
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"RegionColumns of {list(self)!r}"


def extents_of(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """One int64 per pair of edges in seconds; the same for edges that agree to the millisecond."""
    return (np.rint(starts * 1000).astype(np.int64) << 32) + np.rint(ends * 1000).astype(np.int64)


def _values(row: RegionRow) -> tuple:
    return (
        row.id,
        row.start_s,
        row.end_s,
        row.hit.score,
        row.hit.start_s,
        row.hit.end_s,
        row.disabled,
        row.accepted,
        row.hidden,
        -1 if row.inherited else 0,
        row.by_hand,
    )


def _row(
    row_id: int,
    start_s: float,
    end_s: float,
    score: float,
    found_start_s: float,
    found_end_s: float,
    disabled: bool,
    accepted: bool,
    hidden: bool,
    inherited_from: int,
    by_hand: bool,
) -> RegionRow:
    hit = Hit(found_start_s, found_end_s, score)
    return RegionRow(row_id, hit, start_s, end_s, disabled, accepted, hidden, inherited_from != 0, by_hand)
