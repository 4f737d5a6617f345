"""What is seen of a crop: overlay, bar, page, keyframe list and end frame, each on its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.domain.crop import RATIOS, Crop, center_range, crop_rect
from core.domain.crop_plan import CropKeyframe
from core.domain.frame_size import kept_rect
from ui.crop.bar import CropBar
from ui.crop.end_frame import CAPTION_PX, EndFrameView
from ui.crop.keyframe_list import KeyframeList
from ui.crop.overlay import CropOverlay, Trim, kept_area
from ui.crop.page import CropOptions, CropPage

WIDE, NARROW = (1920, 1080), (1080, 2400)


@given(
    st.integers(16, 4000),
    st.integers(16, 4000),
    st.sampled_from(list(RATIOS)),
    st.floats(0, 1),
    st.floats(0.05, 3.0),
)
def test_the_overlay_leaves_clear_just_the_pixels_that_are_exported(
    width: int, height: int, ratio: str, center: float, scale: float
) -> None:
    crop, picture = Crop(ratio, center), QRectF(13.0, 7.0, width * scale, height * scale)
    kept, rect = kept_area(picture, (width, height), crop), crop_rect(width, height, crop)
    assert kept.left() == pytest.approx(13 + rect.x * scale, abs=1e-6 * width)
    assert kept.top() == pytest.approx(7 + rect.y * scale, abs=1e-6 * height)
    assert kept.width() == pytest.approx(rect.width * scale, rel=1e-6)
    assert kept.height() == pytest.approx(rect.height * scale, rel=1e-6)


@pytest.mark.parametrize("crop", [Crop("9:16", 0.2), Crop("1:1", 1.0), Crop("4:5", 0.5)])
def test_what_is_left_out_is_dimmed_to_the_pixel(qapp, crop: Crop) -> None:
    """Painted at the size of the source, the dimmed pixels are exactly those that ffmpeg drops."""
    size = (320, 180)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    overlay = CropOverlay()
    overlay.size, overlay.crop = size, crop
    painter = QPainter(image)
    overlay(painter, QRectF(0, 0, *size))
    painter.end()
    rect = crop_rect(*size, crop)
    row = [image.pixelColor(x, 30).lightness() for x in range(320)]
    dimmed = [x for x, light in enumerate(row) if light < 100]
    # The frame lies just outside of what is kept.
    assert set(dimmed) == set(range(320)) - set(range(max(0, rect.x - 2), rect.x + rect.width + 2))
    assert all(row[x] == 128 for x in range(rect.x + 1, rect.x + rect.width - 1))


def test_sides_that_are_trimmed_are_dimmed_too(qapp) -> None:
    """For a model that wants sides divisible by 32 the clip is smaller than its crop."""
    crop, picture = Crop("9:16", 0.5), QRectF(0, 0, 320, 180)
    kept = kept_area(picture, (320, 180), crop, Trim(None, 32))
    rect = kept_rect(320, 180, crop, None, 32)
    assert (kept.width(), kept.height()) == (rect.width, rect.height) == (96, 160)
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    overlay = CropOverlay(lambda: Trim(None, 32))
    overlay.size = (320, 180)
    painter = QPainter(image)
    overlay(painter, picture)
    painter.end()
    assert image.pixelColor(160, 3).lightness() < 100, "without a crop as well: 180 rows become 160"


def test_without_a_ratio_nothing_is_painted(qapp) -> None:
    image = QImage(32, 32, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    before = image.copy()
    overlay = CropOverlay()
    overlay.size = (320, 180)
    painter = QPainter(image)
    overlay(painter, QRectF(0, 0, 32, 32))
    overlay.size, overlay.crop = None, Crop("1:1")
    overlay(painter, QRectF(0, 0, 32, 32))
    painter.end()
    assert image == before


@pytest.fixture
def bar(qtbot: QtBot) -> CropBar:
    bar = CropBar()
    qtbot.addWidget(bar)
    bar.resize(402, 24)
    bar.show_crop(WIDE, Crop("9:16", 0.5))
    bar.show()
    bar.moved.connect(lambda center: bar.show_crop(WIDE, Crop("9:16", center)))
    return bar


def test_the_handle_is_where_the_crop_is(bar: CropBar) -> None:
    rect = crop_rect(*WIDE, Crop("9:16", 0.5))
    assert bar.handle().left() == pytest.approx(1 + 400 * rect.x / 1920)
    assert bar.handle().width() == pytest.approx(400 * rect.width / 1920)
    bar.show_crop(NARROW, Crop("1:1", 0.0))
    assert bar.handle().left() == 1
    assert "from the top" in bar.accessibleDescription()


def test_pushing_the_handle_moves_the_crop_as_far_as_the_edge(bar: CropBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.settled):
        QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(201, 12))
        QTest.mouseMove(bar, QPoint(241, 12))
        QTest.mouseMove(bar, QPoint(900, 12))
        QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(900, 12))
    assert bar._crop.center == pytest.approx(center_range(*WIDE, "9:16")[1])
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(101, 12))
    assert bar._crop.center == pytest.approx(0.25, abs=0.01), "beside the handle its middle jumps to the pointer"
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(121, 12))
    assert bar._crop.center == pytest.approx(0.25, abs=0.01), "a click on the handle itself moves nothing"


def test_the_bar_obeys_the_keyboard(bar: CropBar, qtbot: QtBot) -> None:
    for key, expected in (
        (Qt.Key.Key_Right, 0.51),
        (Qt.Key.Key_Up, 0.50),
        (Qt.Key.Key_PageDown, 0.60),
        (Qt.Key.Key_Home, center_range(*WIDE, "9:16")[0]),
        (Qt.Key.Key_End, center_range(*WIDE, "9:16")[1]),
    ):
        with qtbot.waitSignal(bar.settled):
            QTest.keyClick(bar, key)
        assert bar._crop.center == pytest.approx(expected)


def test_a_bar_that_cannot_move_says_why(bar: CropBar, qtbot: QtBot) -> None:
    for size, crop, text in (
        (WIDE, Crop(), "No crop"),
        ((1080, 1920), Crop("9:16"), "The whole picture"),
        (None, Crop("9:16"), ""),
    ):
        bar.show_crop(size, crop)
        assert not bar.isEnabled() and bar.accessibleDescription() == text
        assert not bar.grab().isNull()
        with qtbot.assertNotEmitted(bar.moved):
            bar.setEnabled(True)
            QTest.keyClick(bar, Qt.Key.Key_Right)


@pytest.fixture
def page(qtbot: QtBot) -> CropPage:
    page = CropPage()
    qtbot.addWidget(page)
    page.resize(1100, 130)
    page.set_ready(True)
    page.show()
    return page


def test_every_button_of_the_page_asks_for_its_own(page: CropPage, qtbot: QtBot) -> None:
    for ratio, button in page.ratios.items():
        with qtbot.waitSignal(page.ratio_chosen) as asked:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked.args == [ratio]
    for ratio, button in page.exports.items():
        with qtbot.waitSignal(page.export_requested) as asked:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked.args == [ratio]
    with qtbot.waitSignal(page.chance_chosen) as asked:
        page.square.click()
    assert asked.args == [False, True]
    assert page.scatter.isEnabled()
    for box in (page.scatter, page.moving):
        with qtbot.waitSignal(page.options_edited):
            box.click()
    with qtbot.waitSignals([page.options_edited] * 2):
        page.seed.setValue(7)
        page.max_speed.setValue(40)
    assert page.options == CropOptions(True, 7, True, 0.4)


def test_showing_is_no_edit(page: CropPage, qtbot: QtBot) -> None:
    signals = (page.ratio_chosen, page.chance_chosen, page.options_edited)
    for signal in signals:
        with qtbot.assertNotEmitted(signal):
            page.show_options(CropOptions(True, 3, True, 0.5))
            page.show_crop(WIDE, Crop("4:5", 0.4), CropKeyframe(12.3, "4:5", 0.4, True, True), True)
            page.show_batch((Crop("4:5"), Crop("4:5"), Crop()))
    assert page.ratios["4:5"].isChecked()
    assert page.scope.text() == "Ratio from 00:00:12.300 on"
    assert page.place.text().endswith("40 %")
    assert page.summary.text() == "2 × 4:5 · whole"
    assert page.portrait.isChecked() and page.square.isChecked()


def test_nothing_on_the_page_is_squeezed(page: CropPage) -> None:
    """In a narrow window it scrolls."""
    page.resize(420, 130)
    for widget in (*page.ratios.values(), *page.exports.values(), page.seed, page.max_speed, page.keyframes.track):
        assert widget.width() >= min(widget.sizeHint().width(), widget.maximumWidth())


@pytest.fixture
def rows(qtbot: QtBot) -> KeyframeList:
    rows = KeyframeList()
    qtbot.addWidget(rows)
    rows.set_ready(True)
    rows.show()
    return rows


KEYS = (CropKeyframe(1.0, "9:16", 0.3), CropKeyframe(4.0, "", 0.5, True, True), CropKeyframe(99.0, "1:1", 0.7))


def test_keyframes_are_listed_with_what_they_do(rows: KeyframeList) -> None:
    rows.show_keyframes(KEYS, KEYS[1], 60.0)
    assert [rows.rows.item(row).text() for row in range(3)] == [
        "00:00:01.000   9:16 at 30 %",
        "00:00:04.000   whole picture, by chance 9:16 or 1:1",
        "00:01:39.000   1:1 at 70 %   beyond the end",
    ]
    assert rows.rows.currentRow() == 1
    rows.show_keyframes((), None, 60.0)
    assert rows.empty.isVisible() and not rows.delete.isEnabled()


def test_its_buttons_ask(rows: KeyframeList, qtbot: QtBot) -> None:
    rows.show_keyframes(KEYS, KEYS[0], None)
    for button, signal in (
        (rows.add, rows.add_requested),
        (rows.move_here, rows.move_requested),
        (rows.delete, rows.delete_requested),
        (rows.track, rows.track_requested),
    ):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    for button, direction in ((rows.previous, -1), (rows.next, 1)):
        with qtbot.waitSignal(rows.step_requested) as asked:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked.args == [direction]
    with qtbot.waitSignal(rows.chosen) as asked:
        place = rows.rows.visualItemRect(rows.rows.item(1)).center()
        QTest.mouseClick(rows.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [4.0]


def test_proposals_are_kept_or_discarded(rows: KeyframeList, qtbot: QtBot) -> None:
    rows.show_proposals(3)
    assert rows.proposal.text() == "3 keyframes proposed" and not rows.add.isVisible()
    for button, signal in ((rows.keep, rows.keep_requested), (rows.discard, rows.discard_requested)):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    rows.show_proposals(0)
    assert rows.add.isVisible() and not rows.keep.isVisible()
    rows.set_tracking(True)
    assert not rows.track.isEnabled()


def test_the_end_frame_shows_the_picture_and_its_crop(qtbot: QtBot) -> None:
    view = EndFrameView()
    qtbot.addWidget(view)
    view.resize(320, 180 + CAPTION_PX)
    view.show()
    assert "Open a video" in view.caption
    rgb = np.full((90, 160, 3), 128, np.uint8)
    view.show_picture(rgb, (1920, 1080), 12.04, Crop("1:1", 0.5))
    assert view.caption == "Last frame  00:00:12.040  ·  1:1"
    assert view.picture_rect() == QRectF(0, 0, 320, 180)
    picture = view.grab().toImage()
    assert picture.pixelColor(160, 20).lightness() == 128
    assert picture.pixelColor(20, 90).lightness() < 80
    view.show_text("This file has no picture")
    assert view.caption == "This file has no picture"
    assert view.picture_rect().isEmpty() and not view.grab().isNull()
