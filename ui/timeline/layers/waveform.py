"""The waveform: one column per device pixel, its ends softened by how much of the last pixel they cover."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter

from ui.timeline.columns import draw_pixels, tinted
from ui.timeline.scene import TimelineScene
from ui.timeline.view import BODY, View

_MARGIN_PX = 5
_THINNEST_PX = 1.0


class Peaks(Protocol):
    """Where the waveform comes from."""

    def peaks(self, start_s: float, end_s: float, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """(lowest, highest) sample of each of `columns` equal parts of the time, float32 in [−1, 1]."""
        ...


class WaveformLayer:
    """The body's background, its zero line, and the peaks of `provider` (None: not read yet)."""

    lane = BODY
    at_top = False

    def __init__(self) -> None:
        self.provider: Peaks | None = None

    def wanted_px(self, scene: TimelineScene) -> int:
        return 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        left = max(view.left_px, view.snap(view.axis.x(0.0)))
        right = min(view.right_px, view.snap(view.axis.x(scene.duration_s)))
        if scene.duration_s <= 0 or right <= left or not scene.has_audio:
            return
        body = view.body
        middle = view.snap((body.top + body.bottom) / 2)
        painter.fillRect(QRectF(left, middle, right - left, 1 / view.dpr), view.colours["waveform", 0.35])
        if self.provider is not None:
            self._peaks(painter, view, left, right)

    def _peaks(self, painter: QPainter, view: View, left: float, right: float) -> None:
        body, dpr = view.body, view.dpr
        columns = round((right - left) * dpr)
        column_s = view.axis.seconds_per_px / dpr
        # One column more on the left joins this strip to the one beside it.
        start_s = view.axis.time(left)
        low, high = self.provider.peaks(start_s - column_s, start_s + columns * column_s, columns + 1)
        low, high = joined(np.asarray(low, np.float32), np.asarray(high, np.float32))
        height = round(body.height * dpr)
        half = max(1.0, (height / 2) - _MARGIN_PX * dpr)
        alpha = column_alpha(low, high, height, half, _THINNEST_PX * dpr)
        draw_pixels(painter, tinted(view.colours["waveform"], alpha), left, body.top, dpr)


def joined(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each column stretched to meet the one before it, so that a steep slope is a line and not dots.

    Takes n + 1 columns and gives n: the first only joins.
    """
    return np.minimum(low[1:], high[:-1]), np.maximum(high[1:], low[:-1])


def column_alpha(low: np.ndarray, high: np.ndarray, height: int, half_px: float, thinnest_px: float) -> np.ndarray:
    """uint8[height, n]: how much of each pixel the bar from `low` to `high` covers, 0–255.

    A sample of ±1 is `half_px` from the middle; a bar is at least `thinnest_px` thick.
    """
    middle = height / 2
    top = middle - np.clip(high, -1.0, 1.0) * half_px
    bottom = middle - np.clip(low, -1.0, 1.0) * half_px
    missing = np.maximum(0.0, thinnest_px - (bottom - top)) / 2
    rows = np.arange(height, dtype=np.float32)[:, None]
    covered = np.minimum(rows + 1, (bottom + missing).astype(np.float32))
    covered -= np.maximum(rows, (top - missing).astype(np.float32))
    covered *= 255.0
    return np.clip(covered, 0.0, 255.0, out=covered).astype(np.uint8)
