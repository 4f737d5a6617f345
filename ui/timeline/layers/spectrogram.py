"""The spectrogram lane: pitches from low (bottom) to high (top), loudness as brightness."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
from PyQt6.QtGui import QPainter

from ui.theme import Theme, qcolor
from ui.timeline.columns import draw_pixels
from ui.timeline.layers.lane_text import paint_ground, paint_text
from ui.timeline.scene import TimelineScene
from ui.timeline.view import View

SPECTROGRAM = "spectrogram"
HEIGHT_PX = 72
_RULE_PX = 1
# Tokens that the loudness runs through, and where: quiet is the ground, loud is the text's colour.
_RAMP = ((0.0, "waveform_back"), (0.4, "selection"), (0.6, "accent_pressed"), (0.8, "warning"), (1.0, "text"))


class Pitches(Protocol):
    """Where the spectrogram comes from."""

    def image(self, start_s: float, end_s: float, columns: int, rows: int) -> np.ndarray:
        """uint8 (rows, columns), high pitches at the top."""
        ...


class SpectrogramLayer:
    """A lane of its own under the waveform while it is `shown` and the media has sound."""

    lane = SPECTROGRAM
    at_top = False

    def __init__(self) -> None:
        self.shown = False
        self.provider: Pitches | None = None
        self.text = ""

    def wanted_px(self, scene: TimelineScene) -> int:
        return HEIGHT_PX if self.shown and scene.duration_s > 0 and scene.has_audio else 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane = view.lanes[SPECTROGRAM]
        if lane.height <= _RULE_PX:
            return
        paint_ground(painter, view, lane)
        if self.provider is None:
            paint_text(painter, view, lane, self.text)
            return
        left = max(view.left_px, view.snap(view.axis.x(0.0)))
        right = min(view.right_px, view.snap(view.axis.x(scene.duration_s)))
        columns, rows = round((right - left) * view.dpr), round((lane.height - _RULE_PX) * view.dpr)
        if columns <= 0:
            return
        start_s, column_s = view.axis.time(left), view.axis.seconds_per_px / view.dpr
        loudness = self.provider.image(start_s, start_s + columns * column_s, columns, rows)
        draw_pixels(painter, ramp(view.colours.theme).take(loudness), left, lane.top, view.dpr)


@lru_cache(maxsize=4)
def ramp(theme: Theme) -> np.ndarray:
    """uint32 (256,): the pixel of each loudness."""
    places = [place * 255 for place, _ in _RAMP]
    colours = [qcolor(getattr(theme, token)).getRgb()[:3] for _, token in _RAMP]
    channels = [np.interp(np.arange(256), places, [colour[part] for colour in colours]) for part in range(3)]
    red, green, blue = ((channel + 0.5).astype(np.uint32) for channel in channels)
    return np.uint32(255) << 24 | red << 16 | green << 8 | blue
