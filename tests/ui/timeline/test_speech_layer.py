"""The band of speech: where it is said, nowhere else, and only while it is wanted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from core.domain.timespan import Span
from ui.theme import DARK, LIGHT, Theme, apply, qcolor
from ui.timeline import TimelineScene, TimelineWidget
from ui.timeline.layers.speech import HEIGHT_PX, SpeechLayer
from ui.timeline.view import BODY

SPOKEN = (Span(20.0, 30.0), Span(60.0, 60.01))


@pytest.fixture(params=[DARK, LIGHT], ids=lambda theme: theme.name)
def theme(request: pytest.FixtureRequest, qapp) -> Iterator[Theme]:
    apply(qapp, request.param)
    yield request.param
    apply(qapp, DARK)


@pytest.fixture
def layer() -> SpeechLayer:
    return SpeechLayer()


@pytest.fixture
def timeline(qtbot: QtBot, theme: Theme, layer: SpeechLayer) -> TimelineWidget:
    widget = TimelineWidget(layers=[layer])
    qtbot.addWidget(widget)
    widget.resize(1024, 300)
    widget.set_scene(TimelineScene(100.0, frame_s=0.04))
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def pixel(timeline: TimelineWidget, time_s: float, below_px: int = HEIGHT_PX // 2) -> QColor:
    top = timeline._lanes[BODY].top
    return timeline.grab().toImage().pixelColor(round(timeline.axis.x(time_s)), round(top) + below_px)


def show(timeline: TimelineWidget, layer: SpeechLayer, spans: tuple[Span, ...]) -> None:
    layer.shown = True
    layer.set_spans(spans)
    timeline.invalidate()


def test_it_is_painted_where_somebody_speaks(timeline: TimelineWidget, layer: SpeechLayer, theme: Theme) -> None:
    before = pixel(timeline, 25.0), pixel(timeline, 25.0, 40)
    show(timeline, layer, SPOKEN)
    assert pixel(timeline, 25.0) == qcolor(theme.info)
    assert pixel(timeline, 60.0) == qcolor(theme.info), "the shortest word takes a pixel"
    assert pixel(timeline, 35.0) == before[0]
    assert pixel(timeline, 25.0, 40) != before[1], "a tint lies over the waveform"
    layer.shown = False
    timeline.invalidate()
    assert (pixel(timeline, 25.0), pixel(timeline, 25.0, 40)) == before


def test_nothing_jumps_when_it_comes(timeline: TimelineWidget, layer: SpeechLayer) -> None:
    lanes = dict(timeline._lanes)
    show(timeline, layer, SPOKEN)
    assert timeline.lanes_px == 0
    assert timeline._lanes == lanes


def test_what_there_is_to_say_is_written(timeline: TimelineWidget, layer: SpeechLayer) -> None:
    show(timeline, layer, ())
    empty = timeline.grab().toImage()
    layer.text = "Nobody speaks here"
    timeline.invalidate()
    assert timeline.grab().toImage() != empty
