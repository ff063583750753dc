"""Shapes in units of the drawing, with smooth edges at any size."""

from collections.abc import Iterable
import math
from typing import Final

from PIL import Image, ImageDraw

FINER: Final = 8  # times in each direction, and averaged: this smooths the edges

type Point = tuple[float, float]
type Box = tuple[float, float, float, float]


class Canvas:
    """A transparent picture; places are in units, y grows downwards."""

    def __init__(self, width: float, height: float, pixels: int) -> None:
        """Initialize a canvas of so many units that is so many pixels high."""
        self._scale = pixels * FINER / height
        self.size = round(pixels * width / height), pixels
        self._picture = Image.new("RGBA", (self.size[0] * FINER, self.size[1] * FINER))
        self._pen = ImageDraw.Draw(self._picture)

    def _scaled(self, values: Iterable[float]) -> list[float]:
        return [value * self._scale for value in values]

    def ellipse(self, middle: Point, radii: Point, colour: str) -> None:
        """Draw a filled ellipse."""
        (x, y), (rx, ry) = middle, radii
        self._pen.ellipse(self._scaled((x - rx, y - ry, x + rx, y + ry)), fill=colour)

    def block(self, box: Box, radius: float, colour: str) -> None:
        """Draw a filled rectangle with round corners."""
        self._pen.rounded_rectangle(
            self._scaled(box), radius * self._scale, fill=colour
        )

    def polygon(self, points: Iterable[Point], colour: str) -> None:
        """Draw a filled polygon."""
        self._pen.polygon([tuple(self._scaled(p)) for p in points], fill=colour)

    def stroke(self, points: Iterable[Point], width: float, colour: str) -> None:
        """Draw a line with round ends and joints."""
        corners = [tuple(self._scaled(point)) for point in points]
        thickness = width * self._scale
        self._pen.line(corners, fill=colour, width=round(thickness))
        for x, y in corners:
            r = thickness / 2
            self._pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def finished(self) -> Image.Image:
        """Return the picture at its size."""
        return self._picture.reduce(FINER)


def arc(middle: Point, radius: float, start: float, end: float) -> list[Point]:
    """Return points of an arc; degrees, clockwise from the right."""
    steps = 48
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    x, y = middle
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
