"""Decisions that survive a rescan, and versions side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.scan import Decision, Hit
from core.domain.timespan import Span
from core.scan.decisions import compare, inherit

hits = st.lists(
    st.builds(lambda start, length: Hit(start, start + length, 0.5), st.floats(0, 100), st.floats(0.1, 20)), max_size=8
)


def decided(start: float, end: float, number: int = 1, **what: object) -> Decision:
    times = what.pop("times", (start, end))
    return Decision(Span(start, end), *times, region_id=number, **what)


def test_the_decision_with_the_most_overlap_is_inherited() -> None:
    old = [decided(0, 10, 1, disabled=True), decided(12, 30, 2, accepted=True)]
    (new,) = inherit([Hit(8, 20, 0.9)], old)
    assert (new.accepted, new.disabled, new.inherited_from) == (True, False, 2)
    assert (new.start_s, new.end_s) == (8, 20)


def test_what_does_not_overlap_or_was_not_decided_is_not_inherited() -> None:
    (new,) = inherit([Hit(10, 20, 0.9)], [decided(20, 30, disabled=True), decided(0, 15)])
    assert new.inherited_from is None
    assert not new.disabled


def test_trimmed_times_come_once() -> None:
    trimmed = decided(0, 20, times=(1.0, 19.0))
    small, large = inherit([Hit(2, 5, 0.9), Hit(8, 18, 0.9)], [trimmed])
    assert (large.start_s, large.end_s) == (1.0, 19.0)
    assert (small.start_s, small.end_s) == (2, 5)
    assert small.inherited_from == large.inherited_from == 1


def test_a_region_moved_by_hand_is_found_at_both_places() -> None:
    moved = decided(0, 4, times=(10.0, 14.0), disabled=True)
    assert inherit([Hit(11, 13, 0.9)], [moved])[0].disabled
    assert inherit([Hit(1, 3, 0.9)], [moved])[0].disabled


def test_versions_are_paired_by_overlap() -> None:
    old = [Hit(0, 4, 0.9), Hit(10, 14, 0.9), Hit(30, 34, 0.9)]
    new = [Hit(0.1, 4.1, 0.9), Hit(12, 18, 0.8), Hit(50, 54, 0.9)]
    found = compare(old, new)
    assert found.kept == ((old[0], new[0]),)
    assert found.moved == ((old[1], new[1]),)
    assert found.gained == (new[2],)
    assert found.lost == (old[2],)


@given(hits, hits)
def test_every_region_is_counted_once(old: list[Hit], new: list[Hit]) -> None:
    found = compare(old, new)
    pairs = [*found.moved, *found.kept]
    assert sorted([*found.lost, *(pair[0] for pair in pairs)], key=repr) == sorted(old, key=repr)
    assert sorted([*found.gained, *(pair[1] for pair in pairs)], key=repr) == sorted(new, key=repr)
    back = compare(new, old)
    assert (len(back.gained), len(back.lost)) == (len(found.lost), len(found.gained))


@given(hits)
def test_a_version_against_itself_is_the_same(old: list[Hit]) -> None:
    found = compare(old, old)
    assert not found.gained
    assert not found.lost


@given(hits, hits)
def test_inheriting_keeps_what_was_found(new: list[Hit], old: list[Hit]) -> None:
    decisions = [decided(hit.start_s, hit.end_s, number, disabled=True) for number, hit in enumerate(old)]
    made = inherit(new, decisions)
    assert [region.hit for region in made] == new
    for region in made:
        touching = {number for number, hit in enumerate(old) if hit.span.overlap_s(region.hit.span) > 0}
        assert region.disabled == bool(touching)
        assert region.inherited_from is None or region.inherited_from in touching
