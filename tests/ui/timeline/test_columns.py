"""Spans as pixel columns, against brute force; the waveform's bars; wheel turns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtGui import QColor

from ui.timeline.columns import coverage, premultiplied, strongest, tinted
from ui.timeline.layers.waveform import column_alpha, joined
from ui.timeline.wheel import StepCounter, zoom_factor

WIDTH, KINDS, LEVELS = 20, 3, 4
spans = st.lists(
    st.tuples(st.integers(-5, 25), st.integers(1, 12), st.integers(0, KINDS - 1), st.integers(0, LEVELS - 1)),
    max_size=30,
)


def arrays(found: list[tuple[int, int, int, int]]) -> list[np.ndarray]:
    values = np.array(found, np.intp).reshape(-1, 4)
    return [values[:, 0], values[:, 0] + values[:, 1], values[:, 2], values[:, 3]]


@given(spans)
def test_coverage_is_what_painting_span_by_span_gives(found: list[tuple[int, int, int, int]]) -> None:
    first, behind, kind, _ = arrays(found)
    expected = np.zeros((KINDS, WIDTH), bool)
    for start, end, group in zip(first, behind, kind, strict=True):
        expected[group, max(0, start) : max(0, end)] = True
    assert np.array_equal(coverage(first, behind, kind, KINDS, WIDTH), expected)


@given(spans)
def test_the_highest_kind_and_then_the_highest_level_shows(found: list[tuple[int, int, int, int]]) -> None:
    shown, level = strongest(*arrays(found), (KINDS, LEVELS, WIDTH))
    for column in range(WIDTH):
        here = [(kind, score) for start, length, kind, score in found if start <= column < start + length]
        if here:
            assert (shown[column], level[column]) == max(here)
        else:
            assert shown[column] == -1


def test_pixels_are_premultiplied() -> None:
    colour = QColor(200, 100, 50)
    assert premultiplied(colour, np.array([0.0, 1.0])).tolist() == [0, 0xFFC86432]
    assert tinted(colour, np.array([[0, 255]], np.uint8)).tolist() == [[0, 0xFFC86432]]


def test_a_bar_covers_its_pixels_and_softens_its_ends() -> None:
    alpha = column_alpha(np.float32([-0.25]), np.float32([0.5]), 20, 10.0, 1.0)[:, 0]
    assert alpha[:5].tolist() == [0] * 5
    assert alpha[5:12].tolist() == [255] * 7
    assert alpha[12] == 127
    assert alpha[13:].tolist() == [0] * 7


def test_silence_is_a_line_and_too_loud_a_signal_stays_inside() -> None:
    silence = column_alpha(np.float32([0]), np.float32([0]), 21, 9.0, 1.0)[:, 0]
    assert silence.nonzero()[0].tolist() == [10]
    loud = column_alpha(np.float32([-7]), np.float32([7]), 20, 8.0, 1.0)[:, 0]
    assert loud.nonzero()[0].tolist() == list(range(2, 18))


def test_a_steep_slope_leaves_no_gap_between_columns() -> None:
    low, high = joined(np.float32([0.0, 0.5, -0.5]), np.float32([0.1, 0.6, -0.4]))
    assert low.tolist() == pytest.approx([0.1, -0.5])
    assert high.tolist() == pytest.approx([0.6, 0.5])


@given(st.lists(st.integers(1, 119), max_size=50))
def test_small_turns_in_one_direction_add_up(deltas: list[int]) -> None:
    counter = StepCounter()
    assert sum(counter.turn(delta) for delta in deltas) == sum(deltas) // 120


def test_a_change_of_direction_starts_from_nothing() -> None:
    counter = StepCounter()
    assert [counter.turn(delta) for delta in (110, -20, -100)] == [0, 0, -1]
    assert [counter.turn(delta) for delta in (120, 240, -120)] == [1, 2, -1]


def test_zooming_there_and_back_ends_where_it_began() -> None:
    assert zoom_factor(120) * zoom_factor(-120) == pytest.approx(1)
    assert zoom_factor(120) > 1
