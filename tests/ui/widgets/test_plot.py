"""The plot paints what it is given, where it belongs, and reads out the nearest point."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ui import theme
from ui.widgets.plot import Line, Mark, Plot


@pytest.fixture
def plot(qtbot: QtBot, qapp) -> Plot:
    theme.apply(qapp, theme.DARK)
    plot = Plot("Found", "Right")
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def near(image: QImage, point: QPointF, colour: str) -> bool:
    wanted = QColor(colour)
    for x in range(round(point.x()) - 2, round(point.x()) + 3):
        for y in range(round(point.y()) - 2, round(point.y()) + 3):
            found = image.pixelColor(x, y)
            if abs(found.red() - wanted.red()) + abs(found.green() - wanted.green()) < 40:
                return True
    return False


def test_a_line_goes_through_its_points_and_a_mark_sits_on_its_own(plot: Plot) -> None:
    plot.show_lines([Line(((0.0, 0.2), (1.0, 0.8)), "danger")], [Mark(0.5, 0.9, "best", "success")])
    image = plot.grab().toImage()
    for x, y in ((0.25, 0.35), (0.75, 0.65)):
        assert near(image, plot._at(plot._box(), x, y), theme.DARK.danger)
    assert near(image, plot._at(plot._box(), 0.5, 0.9), theme.DARK.success)
    assert not near(image, plot._at(plot._box(), 0.25, 0.8), theme.DARK.danger)


def test_the_nearest_point_is_read_out(plot: Plot) -> None:
    plot.show_lines([Line(((0.1, 0.1), (0.9, 0.9)), tips=("low", "high"))])
    at = plot._at(plot._box(), 0.9, 0.9)
    assert plot.tip_at(at + QPointF(5, -5)) == "high"
    assert plot.tip_at(plot._at(plot._box(), 0.5, 0.5)) == ""


def test_nothing_to_draw_is_said(plot: Plot) -> None:
    plot.show_lines([])
    empty = plot.grab().toImage()
    plot.show_lines([Line(())])
    assert plot.grab().toImage() == empty


@pytest.mark.parametrize(
    ("high", "expected"), [(3.5, [1, 2, 3]), (30.5, [5, 10, 15, 20, 25, 30]), (176.5, [50, 100, 150])]
)
def test_an_axis_that_counts_has_round_numbers(high: float, expected: list[int]) -> None:
    assert Plot._ticks((0.5, high), whole=True) == expected


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=3), st.sampled_from([150, 300]))
@example([(0.0, 0.875), (0.5, 0.375), (0.0, 0.75)], 150)
@example([(1.0, 0.0), (0.5, 0.0), (1.0, 0.375)], 150)
def test_the_words_beside_marks_never_touch_each_other_or_leave_the_axes(
    plot: Plot, points: list[tuple[float, float]], height: int
) -> None:
    plot.resize(320, height)
    plot.show_lines([], [Mark(x, y, f"{x:.2f} best balance") for x, y in points])
    labels, box = plot.mark_labels(), plot._box()
    assert len(labels) == len(points)
    for number, label in enumerate(labels):
        assert box.adjusted(-1, -1, 1, 1).contains(label)
        assert not any(label.intersects(other) for other in labels[:number])
