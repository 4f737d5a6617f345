"""A list with columns of figures: what is seen and in which order, whatever happens to rows, figures and filter."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester

from core.domain.features import FeatureColumn
from core.domain.media import Media
from core.domain.media_list import Separator
from tests.ui.main_window.test_media_filter import FATAL, Shadow, entries
from ui.main_window.figure_header import FigureHeader
from ui.main_window.figures import NAME, Order, ShownFigures
from ui.main_window.media_filter import MediaFilter
from ui.main_window.media_list_model import MediaListModel, Role

COLUMN = FeatureColumn("cuts_count", "", "int", "number of cuts")
FLOW = FeatureColumn("density_flow_px", "px", "float", "movement")
ORDERS = [None, Order(COLUMN.name), Order(COLUMN.name, True), Order(NAME)]
values = st.dictionaries(st.integers(0, 12), st.integers(0, 9), max_size=13)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.just("rows"), entries)
        | st.tuples(st.just("append"), entries)
        | st.tuples(st.just("figures"), values)
        | st.tuples(st.just("text"), st.sampled_from(["", "a", "cuts_count>4", "b cuts_count<=7"]))
        | st.tuples(st.just("order"), st.sampled_from(ORDERS)),
        max_size=12,
    )
)
def test_the_view_is_told_of_every_change(qapp: object, steps: list) -> None:
    model = MediaListModel()
    seen = MediaFilter(model)
    QAbstractItemModelTester(model, FATAL, model)
    QAbstractItemModelTester(seen, FATAL, seen)
    shadow = Shadow(seen)
    figures: dict[int, int] = {}
    text, order = "", None
    for what, value in steps:
        if what == "rows":
            model.show(value)
        elif what == "append":
            model.append([each for each in value if isinstance(each, Media)])
        elif what == "figures":
            figures = value
            model.show_figures(ShownFigures((COLUMN,), {COLUMN.name: value}))
        elif what == "text":
            text = value
            seen.set_text(text)
        else:
            order = value
            seen.set_order(order)
        known = bool(model.figures.columns)
        passed = [row for row in model.rows if _passes(row, text, figures, known) and not (order and _is_line(row))]
        if order is not None and order.column == NAME:
            passed.sort(key=lambda row: row.name.casefold())
        elif order is not None:
            missing = [row for row in passed if row.id not in figures]
            there = [row for row in passed if row.id in figures]
            passed = [*sorted(there, key=lambda row: figures[row.id], reverse=order.descending), *missing]
        wanted = [("line" if _is_line(row) else "media", row.id) for row in passed]
        assert shadow.read() == shadow.rows == wanted
        for place, key in enumerate(wanted):
            assert seen.row_of_source(model.row_of_key(key)) == place


def _is_line(row: object) -> bool:
    return isinstance(row, Separator)


def _passes(row: Media | Separator, text: str, figures: dict[int, int], known: bool) -> bool:
    if not text:
        return True
    if _is_line(row):
        return False
    for word in text.split():
        if known and word.startswith("cuts_count"):
            figure = figures.get(row.id)
            if figure is None or not (figure > 4 if ">" in word else figure <= 7):
                return False
        elif word not in row.name:
            return False
    return True


def test_a_row_tells_its_figures(qapp: object) -> None:
    model = MediaListModel()
    model.show([Media(1, "b3-1", "/v/a.mp4"), Separator(1, "night")])
    model.show_figures(ShownFigures((COLUMN, FLOW), {COLUMN.name: {1: 12345}, FLOW.name: {}}))
    assert model.index(0).data(Role.FIGURES) == ("12,345", "")
    assert "cuts count: 12,345" in model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "cuts count: 12,345" in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "flow" not in model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(1).data(Role.FIGURES) is None


@pytest.fixture
def header(qtbot) -> FigureHeader:
    made = FigureHeader()
    qtbot.addWidget(made)
    made.resize(500, 28)
    return made


def test_the_heads_share_the_room_and_leave_some_for_the_name(header: FigureHeader) -> None:
    assert header.isHidden() and header.wanted_px == 0
    header.show_columns([COLUMN, FLOW], {FLOW.name: 90})
    assert not header.isHidden()
    (first, width), (second, flow) = header.spans
    assert flow == 90 and second == first + width and second + flow == header.viewport().width()
    header.resize(200, 28)
    assert header.spans[0][0] >= 100, "the name keeps some room"
    told = []
    header.widths_changed.connect(told.append)
    header.resizeSection(1, 70)
    assert told[-1] == {COLUMN.name: 70, FLOW.name: 90}
    header.show_columns([], {})
    assert header.isHidden() and header.spans == []


def test_the_menu_of_a_head(header: FigureHeader, qtbot) -> None:
    header.show_columns([COLUMN], {})
    header.show_order(Order(COLUMN.name, True))
    orders, filters = [], []
    header.order_changed.connect(orders.append)
    header.filter_requested.connect(filters.append)
    menu = header.menu_at(header.viewport().rect().center())
    assert [action.text() for action in menu.actions() if action.text()] == ["The list's own order", "Columns…"]
    menu.actions()[0].trigger()
    assert orders == [None]
    position = header.viewport().rect().center()
    position.setX(header.sectionViewportPosition(1) + 5)
    menu = header.menu_at(position)
    menu.actions()[0].trigger()
    assert filters == ["cuts_count>"]
