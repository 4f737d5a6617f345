"""The optional lanes: hidden they cost nothing, shown they paint what their provider gives, where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ui.theme import DARK, LIGHT, apply
from ui.timeline import TimelineScene, TimelineWidget
from ui.timeline.layers.spectrogram import HEIGHT_PX as SPECTROGRAM_PX
from ui.timeline.layers.spectrogram import SPECTROGRAM, SpectrogramLayer, ramp
from ui.timeline.layers.thumbnails import HEIGHT_PX as THUMBNAILS_PX
from ui.timeline.layers.thumbnails import THUMBNAILS, ThumbnailLayer

DURATION_S = 100.0


class HalfLoud:
    """Silent, and loud from 50 s on; remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float, int, int]] = []

    def image(self, start_s: float, end_s: float, columns: int, rows: int) -> np.ndarray:
        self.asked.append((start_s, end_s, columns, rows))
        middles = start_s + (np.arange(columns) + 0.5) * (end_s - start_s) / columns
        return np.broadcast_to(np.where(middles >= 50, 255, 0).astype(np.uint8), (rows, columns))


class Reds:
    """Ten pictures, one for each ten seconds, ever redder."""

    def __init__(self) -> None:
        self.times_s = np.arange(10) * 10 + 5.0
        self.pictures = np.zeros((10, 36, 64, 3), np.uint8)
        self.pictures[..., 0] = np.arange(10)[:, None, None] * 20 + 20
        self.aspect = 64 / 36

    def nearest(self, time_s: float) -> int:
        return int(np.abs(self.times_s - time_s).argmin())


@pytest.fixture
def lanes() -> tuple[ThumbnailLayer, SpectrogramLayer]:
    return ThumbnailLayer(), SpectrogramLayer()


@pytest.fixture
def timeline(qtbot: QtBot, qapp, lanes) -> Iterator[TimelineWidget]:
    apply(qapp, DARK)
    widget = TimelineWidget(layers=lanes)
    qtbot.addWidget(widget)
    widget.resize(1024, 300)
    widget.set_scene(TimelineScene(DURATION_S, frame_s=0.04))
    with qtbot.waitExposed(widget):
        widget.show()
    yield widget
    apply(qapp, DARK)


def show(timeline: TimelineWidget, layer: ThumbnailLayer | SpectrogramLayer, provider: object) -> None:
    layer.shown, layer.provider = True, provider
    timeline.relayout()


def pixel(timeline: TimelineWidget, lane: str, time_s: float) -> QColor:
    top, bottom = timeline._lanes[lane]
    image: QImage = timeline.grab().toImage()
    return image.pixelColor(round(timeline.axis.x(time_s)), (top + bottom) // 2)


def test_hidden_lanes_take_no_room(timeline: TimelineWidget) -> None:
    assert timeline.lanes_px == 0
    assert timeline._lanes[SPECTROGRAM].height == timeline._lanes[THUMBNAILS].height == 0


def test_shown_lanes_make_the_timeline_higher(timeline: TimelineWidget, lanes) -> None:
    least, hint = timeline.minimumHeight(), timeline.sizeHint().height()
    for layer in lanes:
        show(timeline, layer, None)
    assert timeline.lanes_px == SPECTROGRAM_PX + THUMBNAILS_PX
    assert timeline.minimumHeight() == least + timeline.lanes_px
    assert timeline.sizeHint().height() == hint + timeline.lanes_px
    assert timeline._lanes[THUMBNAILS].bottom <= timeline._lanes["body"].top
    assert timeline._lanes[SPECTROGRAM].top >= timeline._lanes["body"].bottom
    for layer in lanes:
        layer.shown = False
    timeline.relayout()
    assert timeline.minimumHeight() == least


def test_a_media_without_sound_or_picture_has_no_such_lane(timeline: TimelineWidget, lanes) -> None:
    for layer in lanes:
        show(timeline, layer, None)
    timeline.set_scene(TimelineScene(DURATION_S, has_audio=False, frame_s=None))
    assert timeline.lanes_px == 0
    timeline.set_scene(TimelineScene())
    assert timeline.lanes_px == 0


def test_the_spectrogram_stands_at_its_times(timeline: TimelineWidget, lanes) -> None:
    provider = HalfLoud()
    show(timeline, lanes[1], provider)
    quiet, loud = (QColor.fromRgb(int(ramp(DARK)[level])) for level in (0, 255))
    assert pixel(timeline, SPECTROGRAM, 25) == quiet
    assert pixel(timeline, SPECTROGRAM, 75) == loud
    timeline.zoom_to(49, 51)
    assert pixel(timeline, SPECTROGRAM, 49.9) == quiet
    assert pixel(timeline, SPECTROGRAM, 50.1) == loud
    start_s, end_s, columns, rows = provider.asked[-1]
    assert rows == round((SPECTROGRAM_PX - 1) * timeline.devicePixelRatioF())
    assert columns >= timeline.width() - 30
    assert end_s - start_s == pytest.approx(columns * timeline.axis.seconds_per_px / timeline.devicePixelRatioF())


def test_a_scrolled_picture_equals_a_fresh_one(timeline: TimelineWidget, lanes) -> None:
    show(timeline, lanes[0], Reds())
    show(timeline, lanes[1], HalfLoud())
    timeline.zoom_to(40, 60)
    timeline.grab()
    timeline.pan(-37)
    scrolled = timeline.grab().toImage()
    timeline.invalidate()
    assert timeline.grab().toImage() == scrolled


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_louder_is_never_nearer_to_the_ground(theme) -> None:
    """In the dark loud is bright, in the light loud is dark: the ramp goes one way."""
    brightness = [QColor.fromRgb(int(value)).lightnessF() for value in ramp(theme)[:: 255 // 15]]
    steps = np.diff(brightness)
    assert (steps > -0.02).all() if theme.dark else (steps < 0.02).all()
    assert abs(brightness[-1] - brightness[0]) > 0.6


def test_a_thumbnail_is_the_one_nearest_to_its_place(timeline: TimelineWidget, lanes) -> None:
    show(timeline, lanes[0], Reds())
    for time_s in (5, 45, 95):
        place_s = 84 * timeline.axis.seconds_per_px  # a picture and the gap behind it
        middle_s = (time_s // place_s + 0.5) * place_s
        assert pixel(timeline, THUMBNAILS, time_s).red() == lanes[0].provider.nearest(middle_s) * 20 + 20


def test_a_pan_moves_pictures_and_does_not_change_them(timeline: TimelineWidget, lanes) -> None:
    show(timeline, lanes[0], Reds())
    timeline.zoom_to(40, 60)
    before = pixel(timeline, THUMBNAILS, 50)
    timeline.pan(-101)
    assert pixel(timeline, THUMBNAILS, 50) == before


def test_words_while_there_is_nothing_to_show(timeline: TimelineWidget, lanes) -> None:
    show(timeline, lanes[1], None)
    empty = timeline.grab().toImage()
    lanes[1].text = "Draw the spectrogram…"
    timeline.invalidate()
    assert timeline.grab().toImage() != empty


def test_another_theme_repaints_the_lane(timeline: TimelineWidget, lanes, qapp) -> None:
    show(timeline, lanes[1], HalfLoud())
    dark = pixel(timeline, SPECTROGRAM, 75)
    apply(qapp, LIGHT)
    assert pixel(timeline, SPECTROGRAM, 75) != dark


def test_the_scene_may_change_under_a_lane(timeline: TimelineWidget, lanes) -> None:
    show(timeline, lanes[0], Reds())
    timeline.set_scene(replace(timeline.scene, duration_s=12.0))
    assert timeline.grab().toImage().width() == timeline.width()
