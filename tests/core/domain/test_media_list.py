"""Where moved rows go, with as few changes as possible."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.domain.media_list import STRIDE, free_name, move_block, new_places

orders = st.lists(st.integers(0, 30), unique=True, max_size=12)


@given(order=orders, chosen=st.sets(st.integers(0, 30)), index=st.integers(-2, 15))
def test_a_moved_block_stands_together_and_the_rest_keeps_its_order(
    order: list[int], chosen: set[int], index: int
) -> None:
    moved = move_block(order, chosen, index)
    assert sorted(moved) == sorted(order)
    assert [row for row in moved if row not in chosen] == [row for row in order if row not in chosen]
    block = [row for row in order if row in chosen]
    if block:
        start = moved.index(block[0])
        assert moved[start : start + len(block)] == block
        before = [row for row in order[: max(0, index)] if row not in chosen]
        assert moved[:start] == before, "dropped between the rows that the pointer was between"


@given(
    order=orders.filter(bool),
    gaps=st.lists(st.integers(0, 3), min_size=12, max_size=12),
    chosen=st.sets(st.integers(0, 30)),
    index=st.integers(0, 12),
)
def test_places_put_the_rows_in_order_whatever_room_there_is(
    order: list[int], gaps: list[int], chosen: set[int], index: int
) -> None:
    places, place = {}, 0
    for row, gap in zip(order, gaps, strict=False):
        place += gap
        places[row] = place
    wanted = move_block(order, chosen, index)
    changed = new_places(wanted, places, chosen)
    after = places | changed
    if chosen & set(order):
        touched = [row for row in wanted if row in changed]
        assert all(after[a] < after[b] for a, b in pairwise(touched))
        assert len(changed) in (len(chosen & set(order)), len(order)), "only those that moved, or all"
    else:
        assert changed == {}


@given(order=orders.filter(bool), chosen=st.sets(st.integers(0, 30)), index=st.integers(0, 12))
def test_with_room_only_the_moved_rows_change(order: list[int], chosen: set[int], index: int) -> None:
    places = {row: STRIDE * number for number, row in enumerate(order, start=1)}
    wanted = move_block(order, chosen, index)
    changed = new_places(wanted, places, chosen)
    assert changed.keys() == chosen & set(order)
    assert sorted(order, key=lambda row: (places | changed)[row]) == wanted


def test_a_free_name_counts_on_whatever_the_case() -> None:
    assert free_name("List", []) == "List"
    assert free_name("List", ["list", "LIST 2"]) == "List 3"
