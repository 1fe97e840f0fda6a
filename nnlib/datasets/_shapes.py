"""Draw smooth-edged shapes into an array: each shape is its distance to every pixel.

The distance to a shape's edge is negative inside and positive outside. Where it passes through
zero, the share of the pixel that the shape covers is close to ``0.5 - distance``: an edge without
steps, in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]


@dataclass
class Canvas:
    """A picture and the place where shapes are drawn: centre, scale, angle.

    Parameters
    ----------
    pixels : float array, shape (height, width, 3)
        Drawn on in place.
    centre : (x, y)
        Where the shapes' origin lies, in pixels from the upper left corner.
    scale : float
        Pixels per unit.
    angle : float
        Clockwise turn in radians.
    """

    pixels: np.ndarray
    centre: Point
    scale: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        height, width, _ = self.pixels.shape
        y, x = np.mgrid[:height, :width] + 0.5
        x, y = (x - self.centre[0]) / self.scale, (y - self.centre[1]) / self.scale
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        # x points right and y points down, as in every picture array.
        self.x, self.y = cos * x + sin * y, cos * y - sin * x

    def paint(self, distance: np.ndarray, colour: np.ndarray) -> None:
        """Lay ``colour`` over the pixels that a shape covers."""
        cover = np.clip(0.5 - self.scale * distance, 0.0, 1.0)[..., None]
        self.pixels += cover * (colour - self.pixels)

    def ellipse(self, centre: Point, radii: Point, colour: np.ndarray, tilt: float = 0.0) -> None:
        """Draw a filled ellipse, its axes turned clockwise by ``tilt`` radians."""
        cos, sin = np.cos(tilt), np.sin(tilt)
        x, y = self.x - centre[0], self.y - centre[1]
        x, y = (cos * x + sin * y) / radii[0], (cos * y - sin * x) / radii[1]
        # First-order distance: f / |grad f| for f = sqrt(x^2 + y^2) - 1.
        level = np.hypot(x, y)
        slope = np.hypot(x / radii[0], y / radii[1]) / np.maximum(level, 1e-9)
        self.paint((level - 1) / np.maximum(slope, 1e-9), colour)

    def polygon(self, corners: Sequence[Point] | np.ndarray, colour: np.ndarray) -> None:
        """Draw a filled convex polygon."""
        start = np.asarray(corners, dtype=float)
        end = np.roll(start, -1, axis=0)
        (x0, y0), (dx, dy) = start.T, (end - start).T
        turn = np.sign(np.sum(x0 * end[:, 1] - y0 * end[:, 0]))
        length = turn * np.hypot(dx, dy)
        # Outside of the polygon is outside of at least one of its sides.
        x, y = self.x[..., None] - x0, self.y[..., None] - y0
        self.paint(((dy * x - dx * y) / length).max(axis=-1), colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: np.ndarray) -> None:
        """Draw a filled rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, start: Point, end: Point, width: float, colour: np.ndarray) -> None:
        """Draw a straight line with round ends."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        x, y = self.x - start[0], self.y - start[1]
        along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0.0, 1.0)
        self.paint(np.hypot(x - along * dx, y - along * dy) - width / 2, colour)
