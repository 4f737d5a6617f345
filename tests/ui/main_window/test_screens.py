"""A window whose screen is gone comes back to one that is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QRect
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.main_window.screens import HOLD_PX, bring_into_sight, fitted

MAIN, SECOND = QRect(0, 0, 1920, 1080), QRect(1920, 200, 1280, 1024)


@pytest.mark.parametrize(
    ("window", "screens", "stays"),
    [
        (QRect(100, 100, 1360, 860), [MAIN], True),
        (QRect(2000, 300, 900, 700), [MAIN, SECOND], True),
        (QRect(2000, 300, 900, 700), [MAIN], False),
        (QRect(-5000, 100, 900, 700), [MAIN], False),
        (QRect(100, 1079, 900, 700), [MAIN], False),
        (QRect(100, -600, 900, 700), [MAIN], False),
        (QRect(1800, 100, 900, 700), [MAIN], True),
        (QRect(1900, 100, 900, 700), [MAIN], False),
        (QRect(0, 0, 10, 10), [], True),
    ],
)
def test_only_a_window_out_of_reach_moves(window: QRect, screens: list[QRect], stays: bool) -> None:
    assert (fitted(window, screens) == window) is stays


places = st.integers(-6000, 6000)


@given(places, places, st.integers(200, 5000), st.integers(200, 3000))
def test_one_can_always_take_hold_of_it(left: int, top: int, width: int, height: int) -> None:
    place = fitted(QRect(left, top, width, height), [MAIN, SECOND])
    edge = QRect(place.left(), place.top(), place.width(), HOLD_PX[1])
    seen = [screen.intersected(edge) for screen in (MAIN, SECOND)]
    assert any(part.width() >= min(HOLD_PX[0], place.width()) and part.height() >= HOLD_PX[1] for part in seen)
    assert fitted(place, [MAIN, SECOND]) == place


def test_a_real_window_is_brought_back(qtbot: QtBot, qapp) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(9000, 9000, 400, 300)
    bring_into_sight(window)
    assert any(screen.availableGeometry().contains(window.geometry()) for screen in qapp.screens())
