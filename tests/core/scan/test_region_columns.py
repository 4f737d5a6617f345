"""Rows as an array are the rows that went in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.domain.scan import Hit, RegionRow
from core.scan.region_columns import RegionColumns, extents_of

ROWS = (
    RegionRow(7, Hit(1.0, 5.0, 0.9), 1.0, 5.0),
    RegionRow(8, Hit(10.0, 15.0, 0.8), 11.0, 15.0, disabled=True, inherited=True),
    RegionRow(9, Hit(20.0, 25.0, 0.7), 20.0, 25.0, accepted=True, by_hand=True, hidden=True),
)


def test_rows_come_out_as_they_went_in() -> None:
    columns = RegionColumns.of(ROWS)
    assert tuple(columns) == ROWS
    assert [columns[place] for place in range(-1, 3)] == [ROWS[2], *ROWS]
    assert columns == ROWS
    assert columns[1:] == RegionColumns.of(ROWS[1:])
    assert columns != RegionColumns.of([*ROWS[:2], replace(ROWS[2], accepted=False)])
    assert RegionColumns.of(columns) is columns
    assert len(RegionColumns.of(())) == 0


def test_questions_about_all_of_them() -> None:
    columns = RegionColumns.of(ROWS)
    assert columns.trimmed.tolist() == [row.trimmed for row in ROWS]
    assert columns.decided.tolist() == [row.decision.decided for row in ROWS]
    assert columns.among({8, 100}).tolist() == [False, True, False]
    assert columns.among(frozenset()).tolist() == [False] * 3
    assert [row.id for row in columns.where(np.array([2, 0]))] == [9, 7]


def test_edges_that_agree_to_the_millisecond_are_the_same() -> None:
    starts, ends = np.array([1.0, 1.0004, 1.002, 86_400.0]), np.array([2.0, 2.0, 2.0, 86_401.0])
    extents = extents_of(starts, ends)
    assert (extents[0] == extents[1], len(set(extents.tolist()))) == (True, 3)
