"""The lists of a profile and where the person left off."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.db import ProcessedDB
from core.domain.media_list import EntryKey, MediaList, entry_key, move_block
from core.errors import UserError


def media_ids(db: ProcessedDB, count: int) -> list[int]:
    return [db.media.register(f"b3-{i}", f"/v/{i}.mp4").id for i in range(count)]


def listed(db: ProcessedDB, profile: str = "default") -> list[int]:
    return [media.id for media in db.lists.entries(profile)]


def test_order_is_kept_and_changed(db: ProcessedDB) -> None:
    a, b, c = media_ids(db, 3)
    assert listed(db) == []
    for media_id in (a, b, c, b):
        db.lists.add("default", media_id)
    assert listed(db) == [a, b, c]
    shown = db.list_tabs.shown("default")
    db.lists.move_rows(shown, [("media", c)], 0)
    assert listed(db) == [c, a, b]
    db.lists.take_out(shown, [("media", a)])
    assert listed(db) == [c, b]
    db.lists.add("default", a)
    assert listed(db) == [c, b, a]


def test_every_profile_has_its_own(db: ProcessedDB) -> None:
    a, b = media_ids(db, 2)
    db.lists.add("default", a)
    db.lists.add("other", b)
    assert (listed(db), listed(db, "other"), listed(db, "none")) == ([a], [b], [])


def test_the_last_place_is_remembered_per_profile_and_media(db: ProcessedDB) -> None:
    a, b = media_ids(db, 2)
    assert db.lists.last("default") is None
    db.lists.remember("default", a, 1.5)
    db.lists.remember("default", b, 2.5)
    db.lists.remember("other", a, 9.0)
    assert db.lists.last("default") == (b, 2.5)
    db.lists.remember("default", a, 3.5)
    assert db.lists.last("default") == (a, 3.5)
    assert db.lists.position("default", b) == 2.5
    assert db.lists.position("default", 99) == 0.0
    assert db.lists.last("other") == (a, 9.0)


class ListHistory(RuleBasedStateMachine):
    """Any mix of adding, moving, taking out and separators, then everything undone: back to the start."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.db = ProcessedDB(Path(self.folder.name) / "history.db")
        self.list_id = self.db.list_tabs.ensure("default")
        self.media = media_ids(self.db, 8)
        self.order: list[EntryKey] = []
        self.undo: list[tuple[Callable[[], None], list[EntryKey]]] = []

    def teardown(self) -> None:
        while self.undo:
            back, before = self.undo.pop()
            back()
            self.order = before
            self.the_rows_are_those_expected()
        self.db.close()
        self.folder.cleanup()

    def did(self, back: Callable[[], None], after: list[EntryKey]) -> None:
        self.undo.append((back, self.order))
        self.order = after

    @rule(ids=st.lists(st.integers(0, 7), max_size=4))
    def add(self, ids: list[int]) -> None:
        new = [("media", each) for each in self.db.lists.add_many(self.list_id, [self.media[i] for i in ids])]
        self.did(lambda: self.db.lists.take_out(self.list_id, new), [*self.order, *new])

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.order or [("media", -1)]), max_size=4))
        index = data.draw(st.integers(0, len(self.order)))
        before = self.db.lists.move_rows(self.list_id, chosen, index)
        self.did(
            lambda: self.db.lists.set_places(self.list_id, before), move_block(self.order, frozenset(chosen), index)
        )

    @rule(data=st.data())
    def take_out(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.order or [("media", -1)]), max_size=3))
        places = {key: place for key, place in self.db.lists.places(self.list_id).items() if key in chosen}
        self.db.lists.take_out(self.list_id, chosen)
        self.did(
            lambda: self.db.lists.put_back(self.list_id, places),
            [key for key in self.order if key not in chosen],
        )

    @rule(data=st.data())
    def separate(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.order)))
        key = ("line", self.db.lists.add_separator(self.list_id, "x", index).id)
        after = [*self.order[:index], key, *self.order[index:]]
        self.did(lambda: self.db.lists.take_out(self.list_id, [key]), after)

    @invariant()
    def the_rows_are_those_expected(self) -> None:
        assert [entry_key(row) for row in self.db.lists.rows(self.list_id)] == self.order


TestListHistory = ListHistory.TestCase
TestListHistory.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)


def test_tabs_have_names_folders_an_order_and_come_back(db: ProcessedDB) -> None:
    tabs = db.list_tabs
    first = tabs.ensure("default")
    second = tabs.create("default", "Night", "/out/night")
    assert tabs.create("default", "night").name == "night 2"
    assert [tab.name for tab in tabs.tabs("default")] == ["List 1", "Night", "night 2"]
    assert tabs.shown("default") == first
    tabs.show("default", second.id)
    tabs.pin("default", first)
    assert (tabs.shown("default"), tabs.pinned("default")) == (second.id, first)
    tabs.delete(second.id)
    assert tabs.shown("default") == first
    tabs.delete(first)
    assert tabs.pinned("default") is None
    tabs.restore(second.id)
    tabs.restore(first)
    assert (tabs.shown("default"), tabs.pinned("default")) == (second.id, first)
    tabs.set_order([second.id, first])
    assert [tab.id for tab in tabs.tabs("default")][:2] == [second.id, first]
    tabs.rename(first, " Day ")
    tabs.set_folder(first, "/out/day")
    assert tabs.get(first) == MediaList(first, "Day", "/out/day")
    with pytest.raises(UserError):
        tabs.rename(first, "  ")
    tabs.delete(first)
    with pytest.raises(UserError):
        tabs.get(first)


def test_what_is_added_goes_to_the_list_that_is_open(db: ProcessedDB) -> None:
    a, b = media_ids(db, 2)
    db.lists.add("default", a)
    other = db.list_tabs.create("default", "Other")
    db.list_tabs.show("default", other.id)
    db.lists.add("default", b)
    assert listed(db) == [b]
    assert [media.id for media in db.lists.rows(db.list_tabs.tabs("default")[0].id)] == [a]
    assert db.lists.lists_with("default", b) == [other.id]


def test_a_copy_of_a_list_has_its_rows_and_changes_alone(db: ProcessedDB) -> None:
    a, b = media_ids(db, 2)
    list_id = db.list_tabs.ensure("default")
    db.lists.add_many(list_id, [a, b])
    db.lists.add_separator(list_id, "part two", 1)
    copy = db.list_tabs.duplicate(list_id, "List 1")
    assert copy.name == "List 1 2"
    assert [getattr(row, "text", row.id) for row in db.lists.rows(copy.id)] == [a, "part two", b]
    db.lists.take_out(copy.id, [("media", a)])
    assert listed(db) == [a, b]


def test_a_row_of_a_long_list_moves_alone(db: ProcessedDB) -> None:
    list_id = db.list_tabs.ensure("default")
    with db.write():
        ids = media_ids(db, 300)
        db.lists.add_many(list_id, ids)
    changed = db.lists.move_rows(list_id, [("media", ids[-1])], 0)
    assert changed.keys() == {("media", ids[-1])}
    assert listed(db)[:2] == [ids[-1], ids[0]]
