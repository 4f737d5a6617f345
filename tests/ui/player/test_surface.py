"""Where the picture lies, what is painted over it, and clicks; on the real surface and on the one without video."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor

from tests.ui.player.conftest import Stage
from ui.player.surface import fit

sizes = st.integers(min_value=1, max_value=8000)


@given(sizes, sizes, sizes, sizes)
def test_the_picture_fits_and_keeps_its_shape(width: int, height: int, across: int, down: int) -> None:
    area = QRectF(0, 0, across, down)
    picture = fit((width, height), area)
    assert picture.width() <= across * (1 + 1e-9) and picture.height() <= down * (1 + 1e-9)
    assert picture.width() == pytest.approx(across) or picture.height() == pytest.approx(down)
    assert picture.width() * height == pytest.approx(picture.height() * width)
    assert picture.center().x() == pytest.approx(area.center().x())


@pytest.mark.parametrize("size", [None, (0, 10), (10, 0)])
def test_no_picture_no_rectangle(size) -> None:
    assert fit(size, QRectF(0, 0, 100, 100)).isEmpty()


def test_overlays_are_painted_over_the_picture_in_order(stage: Stage, media) -> None:
    stage.open(media("tiny"))
    rects: list[QRectF] = []

    def below(painter, rect: QRectF) -> None:
        rects.append(rect)
        painter.translate(1000, 1000)  # must not move the next overlay
        painter.fillRect(QRectF(-1000, -1000, 10000, 10000), QColor("#ff0000"))

    def above(painter, rect: QRectF) -> None:
        painter.fillRect(QRectF(rect.left(), rect.top(), 20, 20), QColor("#00ff00"))

    stage.surface.add_overlay(below)
    stage.surface.add_overlay(above)
    image = stage.surface.grab().toImage()
    left = round(stage.surface.video_rect().left())
    assert rects[-1] == stage.surface.video_rect()
    assert image.pixelColor(left + 5, 5).name() == "#00ff00"
    assert image.pixelColor(left + 100, 100).name() == "#ff0000"
    stage.surface.remove_overlay(above)
    assert stage.surface.grab().toImage().pixelColor(left + 5, 5).name() == "#ff0000"


def test_clicks_are_fractions_of_the_picture(stage: Stage, media, qtbot) -> None:
    stage.open(media("tiny"))
    rect = stage.surface.video_rect()
    assert rect == QRectF(80, 0, 480, 360)
    clicks = []
    stage.surface.clicked.connect(lambda across, down: clicks.append((across, down)))
    qtbot.mouseClick(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(80 + 120, 270))
    qtbot.mouseClick(stage.surface, Qt.MouseButton.RightButton, pos=QPoint(300, 100))
    qtbot.mouseClick(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    assert clicks == [(0.25, 0.75)]
    assert stage.surface.widget_position(0.25, 0.75) == QPointF(200, 270)
    assert stage.surface.picture_position(QPointF(200, 270)) == (0.25, 0.75)
    with qtbot.waitSignal(stage.surface.double_clicked):
        qtbot.mouseDClick(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))


def test_a_drag_that_began_on_the_picture_is_followed_beyond_its_edges(stage: Stage, media, qtbot) -> None:
    stage.open(media("tiny"))
    moves, ends = [], []
    stage.surface.dragged.connect(lambda across, down: moves.append((across, down)))
    stage.surface.released.connect(lambda: ends.append(len(moves)))
    qtbot.mouseMove(stage.surface, QPoint(300, 100))
    qtbot.mousePress(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(80 + 120, 270))
    qtbot.mouseMove(stage.surface, QPoint(80 + 240, 90))
    qtbot.mouseMove(stage.surface, QPoint(10, 180))
    qtbot.mouseRelease(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(10, 180))
    qtbot.mouseMove(stage.surface, QPoint(300, 100))
    assert (0.5, 0.25) in moves and moves[-1] == (0.0, 0.5)
    assert ends == [len(moves)]
    qtbot.mousePress(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    qtbot.mouseRelease(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    assert len(ends) == 1, "a press beside the picture begins nothing"


def test_without_a_file_it_is_empty_and_clicks_are_not_its_business(stage: Stage, qtbot) -> None:
    clicks = []
    stage.surface.clicked.connect(lambda *position: clicks.append(position))
    qtbot.mouseClick(stage.surface, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert not clicks and stage.surface.video_rect().isEmpty()
    assert stage.surface.picture_position(QPointF(10, 10)) is None


def test_the_picture_goes_when_the_file_closes(real, media) -> None:
    real.open(media("tiny"))
    real.until(lambda: real.surface.grabFramebuffer().pixelColor(320, 5).lightness() > 100)
    real.player.close()
    assert real.surface.grabFramebuffer().pixelColor(320, 5) == QColor("#000000")
    assert real.surface.video_rect().isEmpty()
