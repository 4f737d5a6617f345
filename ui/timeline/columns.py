"""Many spans as one row of pixel columns: what 20,000 regions look like when they are narrower than a pixel."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QImage, QPainter


def coverage(first: np.ndarray, behind: np.ndarray, group: np.ndarray, groups: int, width: int) -> np.ndarray:
    """bool[groups, width]: the columns that spans `[first, behind)` of each group cover.

    `first` and `behind` are columns (clipped here, `behind` > `first`), `group` is 0…groups−1; all int of shape [n].
    """
    stride = width + 1
    base = group * stride
    opened = np.bincount(base + np.clip(first, 0, width), minlength=groups * stride)
    closed = np.bincount(base + np.clip(behind, 0, width), minlength=groups * stride)
    return (opened - closed).reshape(groups, stride).cumsum(axis=1)[:, :width] > 0


def strongest(first: np.ndarray, behind: np.ndarray, kind: np.ndarray, level: np.ndarray, shape: tuple[int, int, int]):
    """Which kind and level shows in each column, as (int[width], int[width]); kind −1 where there is nothing.

    `shape` is (kinds, levels, width). The highest kind wins, then its highest level.
    """
    kinds, levels, width = shape
    covered = coverage(first, behind, kind * levels + level, kinds * levels, width).reshape(kinds, levels, width)
    top_level = levels - 1 - covered[:, ::-1].argmax(axis=1)
    present = covered.any(axis=1)
    shown = kinds - 1 - present[::-1].argmax(axis=0)
    level_shown = np.take_along_axis(top_level, shown[None], axis=0)[0]
    return np.where(present.any(axis=0), shown, -1), level_shown


def premultiplied(colour: QColor, alpha: np.ndarray) -> np.ndarray:
    """uint32 pixels (premultiplied ARGB) of one colour at `alpha` (0–1, any shape)."""
    scale = np.clip(alpha, 0.0, 1.0) * colour.alphaF()
    parts = [(scale * channel + 0.5).astype(np.uint32) for channel in (255, *colour.getRgb()[:3])]
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]


def tinted(colour: QColor, alpha: np.ndarray) -> np.ndarray:
    """uint32 pixels (premultiplied ARGB) of one colour at `alpha` (uint8, any shape): one look-up a pixel."""
    return premultiplied(colour, np.arange(256) / 255).take(alpha)


def draw_pixels(painter: QPainter, pixels: np.ndarray, left_px: float, top_px: float, dpr: float) -> None:
    """Draw uint32[height, width] device pixels with their corner at a place in logical pixels."""
    pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(dpr)
    painter.drawImage(QPointF(left_px, top_px), image)
