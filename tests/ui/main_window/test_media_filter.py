"""What a long list shows, whatever happens to it and to the filter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QModelIndex, QPersistentModelIndex
from PyQt6.QtTest import QAbstractItemModelTester

from core.domain.media import Media
from core.domain.media_list import Entry, Separator
from ui.main_window.media_filter import ROWS_MIME, MediaFilter, stretches
from ui.main_window.media_list_model import Marks, MediaListModel, Role
from ui.main_window.media_list_view import dropped_rows

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
LINE = Separator(1, "night")
entries = st.lists(
    st.integers(0, 12).map(lambda number: Media(number, f"b3-{number}", f"/v/{'ab'[number % 2]} {number}.mp4"))
    | st.integers(0, 3).map(lambda number: Separator(number, f"line {number}")),
    max_size=12,
    unique_by=lambda entry: (type(entry), entry.id),
)
ids = st.frozensets(st.integers(0, 12))


class Shadow:
    """A copy kept by nothing but the filter's signals: what a view would believe."""

    def __init__(self, model: MediaFilter) -> None:
        self.model = model
        self.rows = self.read()
        model.rowsInserted.connect(self.came)
        model.rowsRemoved.connect(self.went)
        model.modelReset.connect(self.all_new)
        model.layoutChanged.connect(self.all_new)

    def read(self) -> list:
        return [self.model.index(row).data(Role.KEY) for row in range(self.model.rowCount())]

    def came(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = [self.model.index(row).data(Role.KEY) for row in range(first, last + 1)]

    def went(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def all_new(self) -> None:
        self.rows = self.read()


@pytest.fixture
def model(qapp: object) -> Iterator[MediaListModel]:
    yield MediaListModel()


def expected(rows: list[Entry], words: str, hide_exported: bool, show_hidden: bool, marks: Marks) -> list:
    found = []
    for row in rows:
        if isinstance(row, Separator):
            seen = not words.split()
        else:
            seen = all(word in row.name for word in words.split())
            seen &= not (hide_exported and marks.counts.get(row.id))
            seen &= show_hidden or row.id not in marks.hidden
        if seen:
            found.append(("line" if isinstance(row, Separator) else "media", row.id))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.just("rows"), entries)
        | st.tuples(st.just("shuffle"), st.randoms(use_true_random=False))
        | st.tuples(st.just("append"), entries)
        | st.tuples(st.just("splice"), st.tuples(st.integers(0, 12), st.integers(0, 3), entries))
        | st.tuples(st.just("words"), st.sampled_from(["", "a", "b 1", "zz"]))
        | st.tuples(st.just("exported"), st.booleans())
        | st.tuples(st.just("hidden"), st.booleans())
        | st.tuples(st.just("marks"), st.builds(Marks, ids.map(lambda found: dict.fromkeys(found, 1)), ids, ids, ids)),
        max_size=12,
    )
)
def test_the_view_is_told_of_every_change(qapp: object, steps: list) -> None:
    model = MediaListModel()
    seen = MediaFilter(model)
    QAbstractItemModelTester(model, FATAL, model)
    QAbstractItemModelTester(seen, FATAL, seen)
    shadow = Shadow(seen)
    rows, words, hide_exported, show_hidden, marks = [], "", False, False, Marks({})
    for what, value in steps:
        if what == "rows":
            rows = value
            model.show(rows)
        elif what == "shuffle":
            rows = list(rows)
            value.shuffle(rows)
            model.show(rows)
        elif what == "append":
            media = [each for each in value if isinstance(each, Media)]
            rows = [*rows, *(each for each in media if each.id not in {r.id for r in rows if isinstance(r, Media)})]
            model.append(media)
        elif what == "splice":
            start, gone, new = value
            rest = [*rows[:start], *rows[start + gone :]]
            new = [each for each in new if each not in rest]
            rows = [*rows[:start], *new, *rows[start + gone :]]
            model.show(rows)
        elif what == "words":
            words = value
            seen.set_text(words)
        elif what == "exported":
            hide_exported = value
            seen.set_hide_exported(value)
        elif what == "hidden":
            show_hidden = value
            seen.set_show_hidden(value)
        else:
            marks = value
            model.show_marks(marks)
        wanted = expected(rows, words, hide_exported, show_hidden, marks)
        assert shadow.read() == wanted
        assert shadow.rows == wanted
        assert seen.media_count == sum(kind == "media" for kind, _ in wanted)


def test_rows_at_the_end_are_added_without_touching_the_others(model: MediaListModel) -> None:
    media = [Media(number, f"b3-{number}", f"/v/{number}.mp4") for number in range(1000)]
    model.show(media[:900], 1)
    told: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: told.append((first, last)))
    model.modelReset.connect(lambda: told.append((-1, -1)))
    model.show(media, 1)
    model.append(media[990:])
    assert told == [(900, 999)]
    model.show(media, 2)
    assert told[-1] == (-1, -1), "another list is shown anew"


def test_an_index_that_is_held_follows_its_row_when_the_order_changes(model: MediaListModel) -> None:
    media = [Media(number, f"b3-{number}", f"/v/{number}.mp4") for number in range(5)]
    model.show(media)
    seen = MediaFilter(model)
    held = QPersistentModelIndex(seen.index(4))
    model.show([media[4], *media[:4]])
    assert (held.row(), held.data(Role.MEDIA)) == (0, media[4])


def test_a_separator_is_no_media(model: MediaListModel) -> None:
    model.show([Media(1, "b3-1", "/v/a.mp4"), LINE])
    index = model.index(1)
    assert index.data() == "night"
    assert (index.data(Role.LINE), index.data(Role.MEDIA), index.data(Role.KEY)) == (LINE, None, ("line", 1))
    assert model.media == (Media(1, "b3-1", "/v/a.mp4"),)
    assert model.media_count == 1


def test_what_is_dragged_says_which_rows_of_which_list(model: MediaListModel) -> None:
    model.show([Media(7, "b3-7", "/v/a.mp4"), LINE], 5)
    seen = MediaFilter(model)
    data = seen.mimeData([seen.index(1), seen.index(0)])
    assert dropped_rows(bytes(data.data(ROWS_MIME))) == (5, [("media", 7), ("line", 1)])


@given(st.sets(st.integers(0, 40)))
def test_stretches_cover_exactly_the_rows(rows: set[int]) -> None:
    found = stretches(sorted(rows))
    assert [row for first, last in found for row in range(first, last + 1)] == sorted(rows)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found))
