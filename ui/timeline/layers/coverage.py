"""What is cut already, in any profile: a thin line along the bottom of the body."""

from __future__ import annotations

import numpy as np
from PyQt6.QtGui import QPainter

from ui.timeline.columns import draw_pixels, premultiplied
from ui.timeline.layers.regions import device_columns
from ui.timeline.scene import TimelineScene
from ui.timeline.view import BODY, View

HEIGHT_PX = 4


class CoverageLayer:
    """Paints `scene.coverage`; it has no lane of its own, so nothing jumps when the first clip is cut."""

    lane = BODY
    at_top = False

    def wanted_px(self, scene: TimelineScene) -> int:
        return 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        if not scene.coverage:
            return
        starts = np.fromiter((span.start_s for span in scene.coverage), np.float64, len(scene.coverage))
        ends = np.fromiter((span.end_s for span in scene.coverage), np.float64, len(scene.coverage))
        first, behind = device_columns(view, starts, ends)
        pixels = np.zeros(view.columns, np.uint32)
        colour = premultiplied(view.colours["success"], np.float32(0.85))
        for left, right in zip(first, behind, strict=True):
            if right > 0 and left < view.columns:
                pixels[max(0, left) : right] = colour
        height = max(1, round(HEIGHT_PX * view.dpr))
        rows = np.broadcast_to(pixels, (height, view.columns))
        draw_pixels(painter, rows, view.left_px, view.body.bottom - HEIGHT_PX, view.dpr)
