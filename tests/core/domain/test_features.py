"""Figures of media: what a person may ask of them, in which order they stand, and how they look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.features import Condition, FeatureColumn, in_order, parse_filter, shown

COLUMNS = ("cuts_count", "text_Any", "density_flow_px")


@pytest.mark.parametrize(
    ("text", "words", "conditions"),
    [
        ("", (), ()),
        ("Kitchen 2", ("kitchen", "2"), ()),
        ("cuts_count>=10", (), (Condition("cuts_count", ">=", "10"),)),
        ("CUTS_COUNT<3 kitchen", ("kitchen",), (Condition("cuts_count", "<", "3"),)),
        ("text_any=Yes", (), (Condition("text_Any", "=", "yes"),)),
        ("a>b.mp4 cuts_count>", ("a>b.mp4", "cuts_count>"), ()),
        ("cuts_count!=0", (), (Condition("cuts_count", "!=", "0"),)),
    ],
)
def test_what_names_a_column_is_a_condition(text: str, words: tuple, conditions: tuple) -> None:
    assert parse_filter(text, COLUMNS) == (words, conditions)


@pytest.mark.parametrize(
    ("relation", "value", "figure", "holds"),
    [
        (">", "2.5", 3, True),
        (">", "2,5", 2, False),
        ("=", "3", 3.0, True),
        ("!=", "3", 3.0, False),
        ("<", "much", 3.0, False),
        ("=", "yes", True, True),
        ("=", "no", True, False),
        ("!=", "no", True, True),
        ("=", "perhaps", True, False),
        ("=", "indoor", "Indoor", True),
        ("<", "b", "a", True),
        ("=", "0", None, False),
    ],
)
def test_conditions(relation: str, value: str, figure: object, holds: bool) -> None:
    assert Condition("x", relation, value).holds(figure) is holds


@given(st.dictionaries(st.integers(0, 30), st.one_of(st.integers(-5, 5), st.floats(-5, 5)), max_size=20), st.booleans())
def test_order_keeps_everyone_and_puts_those_without_a_figure_last(figures: dict, descending: bool) -> None:
    ids = list(range(31))
    order = in_order(ids, figures, descending=descending)
    assert sorted(order) == ids
    with_figure = [figures[each] for each in order[: len(figures)]]
    assert with_figure == sorted(with_figure, reverse=descending)
    assert order[len(figures) :] == [each for each in ids if each not in figures]


def test_figures_are_short_and_columns_have_names_for_people() -> None:
    assert [shown(each) for each in (None, True, False, 3, 12345, 0.123456, 12345.6, "indoor")] == [
        "", "yes", "no", "3", "12,345", "0.123", "12,346", "indoor"]  # fmt: skip
    assert FeatureColumn("cuts_per_s", "1/s", "float", "").title == "cuts per s"
