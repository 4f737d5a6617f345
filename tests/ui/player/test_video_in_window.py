"""The picture has a window of its own inside the main one: the rest is painted without it, and messages lie over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QColor, QPaintEvent
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui.main_window.video_stage import VideoStage
from ui.player.mpv_player import MpvPlayer
from ui.player.video_surface import VideoSurface
from ui.widgets.empty_state import EmptyState
from ui.widgets.toast import Toast

CARD, PICTURE = "#336699", "#22aa44"


class Label(QLabel):
    """Knows what it has painted."""

    painted = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted = self.text()


class Window(QWidget):
    """A label, and below it the stage with the real picture and the messages over it."""

    def __init__(self) -> None:
        super().__init__()
        self.player = MpvPlayer()
        self.surface = VideoSurface(self.player)
        self.stage = VideoStage(self.surface, EmptyState("Welcome", ""))
        self.stage.show_video()
        self.toast = Toast(self.stage)
        self.toast.setStyleSheet(f"#ToastCard {{ background: {CARD} }}")
        self.label = Label("")
        column = QVBoxLayout(self)
        column.addWidget(self.label)
        column.addWidget(self.stage, 1)
        self.resize(640, 480)

    def on_screen(self, point: QPoint) -> str:
        """The colour that a person sees at a point of the stage."""
        place = self.stage.mapToGlobal(point)
        return QColor(self.screen().grabWindow(0, place.x(), place.y(), 1, 1).toImage().pixelColor(0, 0)).name()


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    made = Window()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: made.surface.isValid())
    yield made
    made.player.shutdown()


def test_nothing_else_gets_a_window(window: Window) -> None:
    window.toast.show_message("Exported 3 clips")
    windows = {each for each in window.findChildren(QWidget) if each.windowHandle() is not None}
    assert windows == {window.surface, window.toast}


def test_painting_something_else_does_not_compose_the_picture(window: Window, qtbot) -> None:
    composed: list[int] = []
    window.surface.aboutToCompose.connect(lambda: composed.append(1))

    def without_the_picture(labels: int) -> bool:
        composed.clear()
        for number in range(labels):
            window.label.setText(f"{number} of {labels}")
            qtbot.waitUntil(lambda number=number: window.label.painted == f"{number} of {labels}")
        return not composed

    # The first pictures after a window opens come when they like.
    assert any(without_the_picture(labels) for labels in range(20, 30))


def test_messages_are_seen_over_the_picture_and_the_picture_between_them(window: Window, qtbot) -> None:
    window.surface.add_overlay(lambda painter, _rect: painter.fillRect(window.surface.rect(), QColor(PICTURE)))
    upper = window.toast.show_message("Exported 3 clips")
    lower = window.toast.show_message("Something is not as it was", "error")
    middle = window.stage.width() // 2

    def top(card: QWidget) -> int:
        return card.mapTo(window.stage, QPoint(0, 0)).y()

    qtbot.waitUntil(lambda: top(upper) + upper.height() < top(lower))
    between = QPoint(middle, (top(upper) + upper.height() + top(lower)) // 2)
    qtbot.waitUntil(lambda: window.on_screen(between) == PICTURE)
    places = [QPoint(middle, top(card) + 5) for card in (upper, lower)]
    for place in places:
        qtbot.waitUntil(lambda place=place: window.on_screen(place) == CARD)
    window.toast.clear()
    qtbot.waitUntil(lambda: window.on_screen(places[0]) == PICTURE)
