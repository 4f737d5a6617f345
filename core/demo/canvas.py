"""A picture to draw soft-edged shapes on, with a camera that may be tilted and shifted. Nothing but numpy."""

from __future__ import annotations

import numpy as np

Colour = tuple[float, float, float]
Point = tuple[float, float]


class Canvas:
    """Points are (x, y) in heights of the picture: y runs from 0 at the top to 1, x from 0 to width / height.

    Args:
        width, height: in pixels.
        roll: degrees the camera is turned by, clockwise.
        shift: how far the camera moved, in heights.
    """

    def __init__(self, width: int, height: int, roll: float = 0.0, shift: Point = (0.0, 0.0)) -> None:
        self.rgb = np.zeros((height, width, 3), dtype=np.float32)
        self._height = height
        self._middle = np.array([width / height / 2, 0.5])
        turn = np.deg2rad(roll)
        self._turn = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        self._shift = np.array(shift)

    @property
    def aspect(self) -> float:
        """Width in heights."""
        return self.rgb.shape[1] / self._height

    def horizon(self, y: float, above: Colour, below: Colour) -> None:
        """Fill everything: wall or sky above `y`, ground below; both a little darker towards the bottom."""
        columns, rows = self._grid(0, 0, self.rgb.shape[1], self.rgb.shape[0])
        x, y = self._pixels((self._middle[0], y)).tolist()
        right, down = (self._turn @ np.array([0.0, -1.0])).tolist()
        share = np.clip(0.5 + (columns - x) * right + (rows - y) * down, 0, 1)[..., None]
        # In single precision throughout: these are all the pixels of the picture.
        ground, over = np.array(below, np.float32), np.array(above, np.float32) - np.array(below, np.float32)
        self.rgb[:] = (ground + share * over) * (1.08 - 0.25 / self._height * rows)[..., None]

    def ellipse(self, middle: Point, radii: Point, colour: Colour, tilt: float = 0.0) -> None:
        """`tilt` in degrees, clockwise."""
        centre = self._pixels(middle)
        wide, tall = (max(radius * self._height, 0.3) for radius in radii)
        turn = np.deg2rad(tilt)
        axes = self._turn @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        box = self._box(centre, centre, max(wide, tall))
        if box is None:
            return
        columns, rows = self._grid(*box)
        x, y = columns - float(centre[0]), rows - float(centre[1])
        (a, b), (c, d) = axes.tolist()
        along, across = x * a + y * c, x * b + y * d
        distance = (np.hypot(along / wide, across / tall) - 1) * min(wide, tall)
        self._blend(box, distance, colour)

    def limb(self, start: Point, end: Point, radius: float, colour: Colour, end_radius: float | None = None) -> None:
        """A line with round ends, as thick as `radius` at its start and `end_radius` at its end."""
        a, b = self._pixels(start), self._pixels(end)
        first = max(radius * self._height, 0.3)
        last = first if end_radius is None else max(end_radius * self._height, 0.3)
        box = self._box(a, b, max(first, last))
        if box is None:
            return
        columns, rows = self._grid(*box)
        (x, y), (way_x, way_y) = a.tolist(), (b - a).tolist()
        along = ((columns - x) * way_x + (rows - y) * way_y) / max(way_x**2 + way_y**2, 1e-6)
        along = np.clip(along, 0, 1)
        distance = np.hypot(columns - x - along * way_x, rows - y - along * way_y)
        self._blend(box, distance - (first + along * (last - first)), colour)

    def finished(self, rng: np.random.Generator, noise: float, light: float) -> np.ndarray:
        """uint8 (height, width, 3): with more or less light, and the noise of a camera in levels of 0–255."""
        grain = noise * rng.standard_normal(self.rgb.shape[:2], dtype=np.float32)
        return np.clip(self.rgb * (255 * light) + grain[..., None], 0, 255).astype(np.uint8)

    def _pixels(self, point: Point) -> np.ndarray:
        return (self._turn @ (np.array(point) - self._middle + self._shift) + self._middle) * self._height

    def _box(self, a: np.ndarray, b: np.ndarray, reach: float) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom of what a shape may touch; None outside of the picture."""
        left, top = np.floor(np.minimum(a, b) - reach - 1).astype(int)
        right, bottom = np.ceil(np.maximum(a, b) + reach + 2).astype(int)
        left, top = max(0, left), max(0, top)
        right, bottom = min(self.rgb.shape[1], right), min(self.rgb.shape[0], bottom)
        return (left, top, right, bottom) if left < right and top < bottom else None

    @staticmethod
    def _grid(left: int, top: int, right: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
        """Middles of the pixels: float32[1, w] and float32[h, 1]."""
        columns = np.arange(left, right, dtype=np.float32)[None, :] + 0.5
        return columns, np.arange(top, bottom, dtype=np.float32)[:, None] + 0.5

    def _blend(self, box: tuple[int, int, int, int], distance: np.ndarray, colour: Colour) -> None:
        left, top, right, bottom = box
        share = np.clip(0.5 - distance, 0, 1)[..., None]
        part = self.rgb[top:bottom, left:right]
        part += share * (np.array(colour, dtype=np.float32) - part)
