"""The thumbnail strip: pictures of the video side by side, each the one nearest to the middle of its place."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter

from ui.timeline.layers.lane_text import paint_ground, paint_text
from ui.timeline.scene import TimelineScene
from ui.timeline.view import Lane, View

THUMBNAILS = "thumbnails"
HEIGHT_PX = 48
_GAP_PX = 1
_NARROWEST_PX = 16


class Pictures(Protocol):
    """Where the strip comes from: as `core.media.thumbnail_strip.ThumbnailStrip` provides it."""

    pictures: np.ndarray

    @property
    def aspect(self) -> float: ...

    def nearest(self, time_s: float) -> int: ...


class ThumbnailLayer:
    """A lane of its own over the waveform while it is `shown` and the media has a picture.

    Places are counted from the start of the media and not from the edge of the view, so that a pan moves pictures and
    does not change them.
    """

    lane = THUMBNAILS
    at_top = True

    def __init__(self) -> None:
        self.shown = False
        self.provider: Pictures | None = None
        self.text = ""

    def wanted_px(self, scene: TimelineScene) -> int:
        return HEIGHT_PX if self.shown and scene.duration_s > 0 and scene.frame_s is not None else 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        lane = view.lanes[THUMBNAILS]
        if lane.height <= _GAP_PX:
            return
        paint_ground(painter, view, lane)
        if self.provider is None:
            paint_text(painter, view, lane, self.text)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width_px = max(_NARROWEST_PX, round((lane.height - _GAP_PX) * self.provider.aspect)) + _GAP_PX
        place_s = width_px * view.axis.seconds_per_px
        first = max(0, math.floor(view.start_s / place_s) - 1)
        last = math.ceil(min(view.end_s, scene.duration_s) / place_s)
        end_px = view.axis.x(scene.duration_s)
        for place in range(first, last):
            left = view.snap(view.axis.x(place * place_s))
            if left < end_px:
                self._picture(painter, lane, left, min(width_px - _GAP_PX, end_px - left), (place + 0.5) * place_s)

    def _picture(self, painter: QPainter, lane: Lane, left: float, width: float, time_s: float) -> None:
        pixels = self.provider.pictures[self.provider.nearest(time_s)]
        height, full_width = pixels.shape[:2]
        image = QImage(pixels.data, full_width, height, full_width * 3, QImage.Format.Format_RGB888)
        place = QRectF(left, lane.top, width, lane.height - _GAP_PX)
        # The last picture is cut off where the media ends, not squeezed.
        part = min(1.0, width / (place.height() * full_width / height))
        painter.drawImage(place, image, QRectF(0, 0, full_width * part, height))
