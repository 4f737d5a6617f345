"""A timeline of a hundred seconds in a visible window, with markers, regions and a waveform of known peaks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.domain.clip import Batch
from core.domain.timespan import Span
from ui.theme import DARK, apply
from ui.timeline import RegionState, SceneMarker, SceneRegion, TimelineScene, TimelineWidget

DURATION_S = 100.0


class LevelPeaks:
    """Silence, then from 50 s on a signal of ±0.5; remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float, int]] = []

    def peaks(self, start_s: float, end_s: float, columns: int) -> tuple[np.ndarray, np.ndarray]:
        self.asked.append((start_s, end_s, columns))
        middles = start_s + (np.arange(columns) + 0.5) * (end_s - start_s) / columns
        high = np.where(middles >= 50, 0.5, 0.0).astype(np.float32)
        return -high, high


@pytest.fixture
def scene() -> TimelineScene:
    markers = (
        SceneMarker("m1", 20.0, Span(20, 34), "1", "Batch 1: 3 clips"),
        SceneMarker("m2", 60.0, Span(60, 74), "2", "Batch 2: 3 clips", 1, own=False),
        SceneMarker("m3", 60.4, Span(60.4, 74), "3", "Batch 3: 3 clips"),
    )
    regions = (
        SceneRegion("r1", 5.0, 9.0, 0.9),
        SceneRegion("r2", 40.0, 44.0, 0.5, RegionState.NEGATIVE),
        SceneRegion("r3", 80.0, 90.0, 0.7, RegionState.EXPORTED, 78.0, 92.0),
    )
    return TimelineScene(DURATION_S, 10.0, Batch(10.0, 3, 3.0, 8.0), markers, regions)


@pytest.fixture
def peaks() -> LevelPeaks:
    return LevelPeaks()


@pytest.fixture
def timeline(qtbot: QtBot, qapp, scene: TimelineScene, peaks: LevelPeaks) -> Iterator[TimelineWidget]:
    apply(qapp, DARK)
    widget = TimelineWidget()
    qtbot.addWidget(widget)
    widget.resize(1024, 160)
    widget.set_scene(scene)
    widget.set_waveform(peaks)
    with qtbot.waitExposed(widget):
        widget.show()
    yield widget
    widget.hide()
