"""The painters of the timeline, from the back to the front.

A new one is a class with `lane`, `at_top`, `wanted_px` and `paint` (see `ui.timeline.view.Layer`) in a list here.
"""

from __future__ import annotations

from ui.timeline.layers.batch import BatchOverlay
from ui.timeline.layers.coverage import CoverageLayer
from ui.timeline.layers.keyframes import KeyframeLayer
from ui.timeline.layers.lines import CursorOverlay, HoverOverlay, PlayheadOverlay
from ui.timeline.layers.markers import MarkerLayer
from ui.timeline.layers.notices import LockOverlay, NoticeLayer, ReadingOverlay
from ui.timeline.layers.regions import RegionLayer, RegionTintLayer, ResizeOverlay
from ui.timeline.layers.ruler import GroundLayer, RulerLayer
from ui.timeline.layers.waveform import WaveformLayer
from ui.timeline.view import Layer, Overlay


def static_layers(waveform: WaveformLayer, markers: MarkerLayer) -> list[Layer]:
    """What is cached as a picture."""
    return [
        GroundLayer(),
        RulerLayer(),
        RegionTintLayer(),
        waveform,
        RegionLayer(),
        KeyframeLayer(),
        CoverageLayer(),
        markers,
        NoticeLayer(),
    ]


def overlays() -> list[Overlay]:
    """What is painted over it."""
    return [
        BatchOverlay(),
        ReadingOverlay(),
        ResizeOverlay(),
        LockOverlay(),
        CursorOverlay(),
        PlayheadOverlay(),
        HoverOverlay(),
    ]


__all__ = ["MarkerLayer", "WaveformLayer", "overlays", "static_layers"]
