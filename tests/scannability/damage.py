"""Damage to a code between the screen and the reader."""

from collections.abc import Callable
from dataclasses import dataclass
import math
from typing import Final

import cv2
import numpy as np

from .readers import Picture

CAMERA: Final = 480  # pixels that a code is wide in a camera's picture
SMALL: Final = 120  # pixels
ALL: Final = 1.0
MOST: Final = 0.95

type Damage = Callable[[Picture, np.random.Generator], Picture]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One row of the table."""

    name: str
    says: str
    damage: Damage
    judged: float  # the share that zxing-cpp has to read
    second: float = 0.0  # the share that OpenCV has to read

    @property
    def required(self) -> dict[str, float]:
        """Return the share that each reader has to read: a phone reads all."""
        phone = ALL if self.judged else 0.0
        return {"zxing-cpp": self.judged, "WeChat": phone, "OpenCV": self.second}


def _resized(picture: Picture, width: int) -> Picture:
    """Return the picture as a browser or a camera scales it down."""
    return _grey(cv2.resize(picture, (width, width), interpolation=cv2.INTER_AREA))


def _grey(picture: np.ndarray) -> Picture:
    return np.clip(picture, 0, 255).astype(np.uint8)


def _noisy(picture: np.ndarray, random: np.random.Generator) -> Picture:
    """Return the picture with the noise of a camera's sensor."""
    return _grey(picture + random.normal(0, 2, picture.shape))


def _clean(picture: Picture, random: np.random.Generator) -> Picture:
    return picture


def _small(picture: Picture, random: np.random.Generator) -> Picture:
    return _resized(picture, SMALL)


def _blurred(picture: Picture, random: np.random.Generator) -> Picture:
    """Return the picture out of focus: a point becomes 1/160 of the width."""
    seen = _resized(picture, CAMERA)
    return _noisy(cv2.GaussianBlur(seen, (0, 0), CAMERA / 160), random)


def _tilted(picture: Picture, random: np.random.Generator) -> Picture:
    """Return the picture seen 30 degrees from the side, any side.

    The camera stands twice the code's width away.
    """
    seen = _resized(picture, CAMERA)
    axis = random.uniform(0, 2 * math.pi)
    turn, _ = cv2.Rodrigues(
        np.array([math.cos(axis), math.sin(axis), 0]) * math.radians(30)
    )
    half, distance = CAMERA / 2, 2.0 * CAMERA
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    placed = np.c_[corners, np.zeros(4)] @ turn.T
    flat = placed[:, :2] * distance / (distance + placed[:, 2:])
    frame = int(CAMERA * 1.3)
    matrix = cv2.getPerspectiveTransform(
        (corners + half).astype(np.float32), (flat + frame / 2).astype(np.float32)
    )
    wall = cv2.warpPerspective(
        seen, matrix, (frame, frame), flags=cv2.INTER_LINEAR, borderValue=(96,)
    )
    return _noisy(wall, random)


def _dim(picture: Picture, random: np.random.Generator) -> Picture:
    """Return the picture on a screen at 15 % of its brightness."""
    return _noisy(_resized(picture, CAMERA) * 0.15, random)


def _unevenly_lit(picture: Picture, random: np.random.Generator) -> Picture:
    """Return the picture with light that falls to a fifth across it."""
    seen = _resized(picture, CAMERA)
    angle = random.uniform(0, 2 * math.pi)
    rows, columns = np.mgrid[-1 : 1 : CAMERA * 1j, -1 : 1 : CAMERA * 1j]
    along = columns * math.cos(angle) + rows * math.sin(angle)
    reach = abs(math.cos(angle)) + abs(math.sin(angle))
    return _noisy(seen * (0.6 + 0.4 * along / reach), random)


def _mirrored(
    picture: Picture, lamp: tuple[float, float], random: np.random.Generator
) -> Picture:
    """Return the picture with a window and a lamp mirrored in it.

    The window is a soft bar of half white, the lamp white over 1/16 of the width
    with a halo as wide again.
    """
    seen = _resized(picture, CAMERA)
    rows, columns = np.mgrid[:CAMERA, :CAMERA]
    rows, columns = rows - lamp[0] * CAMERA, columns - lamp[1] * CAMERA
    angle = random.uniform(0, 2 * math.pi)
    across = (columns * math.cos(angle) + rows * math.sin(angle)) / (CAMERA / 5)
    window = 0.5 * np.exp(-(across**2) / 2)
    spot = np.clip(2 - np.hypot(rows, columns) / (CAMERA / 32), 0, 1)
    return _noisy(seen * 0.9 + 255 * (window + spot), random)


def _lamp_anywhere(picture: Picture, random: np.random.Generator) -> Picture:
    row, column = random.uniform(0.1, 0.9, 2)
    return _mirrored(picture, (row, column), random)


def _glare(picture: Picture, random: np.random.Generator) -> Picture:
    """Return the picture with a lamp mirrored in it, on none of the corner marks."""
    width = len(picture)
    start = int(np.argmin(picture.min(axis=1)))
    mark = int(np.argmax(picture[start, start:])) / width  # 7 modules
    edge = start / width
    near, far = edge + mark * 8 / 7 + 1 / 32, 1 - edge - mark * 8 / 7 - 1 / 32
    while True:
        row, column = random.uniform(edge, 1 - edge, 2)
        if not (
            (row < near and (column < near or column > far))
            or (row > far and column < near)
        ):
            return _mirrored(picture, (row, column), random)


def _compressed(picture: Picture, random: np.random.Generator) -> Picture:
    """Return the picture as a JPEG of quality 30."""
    seen = _resized(picture, CAMERA)
    _, content = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, 30])
    loaded = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)
    assert loaded is not None
    return _grey(loaded)


def _screenshot(picture: Picture, random: np.random.Generator) -> Picture:
    """Return a page in a dark theme, 1280x800, with the picture on a card."""
    page = np.full((800, 1280), 17, np.uint8)
    cv2.rectangle(page, (0, 0), (1280, 56), (30,), cv2.FILLED)
    cv2.rectangle(page, (380, 90), (900, 770), (28,), cv2.FILLED)
    cv2.rectangle(page, (380, 90), (900, 770), (70,), 1)
    for text, at in (("Till 1", (24, 38)), ("4:59", (590, 690))):
        cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1, (225,), 2, cv2.LINE_AA)
    cv2.rectangle(page, (420, 715), (860, 755), (150,), cv2.FILLED)
    page[130 : 130 + CAMERA, 400 : 400 + CAMERA] = _resized(picture, CAMERA)
    return page


CONDITIONS: Final = (
    Condition(
        name="clean",
        says="as rendered",
        damage=_clean,
        judged=ALL,
        second=ALL,
    ),
    Condition(
        name="screenshot",
        says="480 px on a dark page of 1280x800",
        damage=_screenshot,
        judged=ALL,
        second=ALL,
    ),
    Condition(
        name="scaled",
        says="120 px, quiet zone included",
        damage=_small,
        judged=ALL,
    ),
    Condition(
        name="blur",
        says="Gaussian, sigma 3 px at 480 px",
        damage=_blurred,
        judged=MOST,
    ),
    Condition(
        name="perspective",
        says="30 degrees about any axis in the plane",
        damage=_tilted,
        judged=MOST,
    ),
    Condition(
        name="brightness",
        says="15 %, with a sensor's noise",
        damage=_dim,
        judged=MOST,
    ),
    Condition(
        name="uneven light",
        says="falls to a fifth across the code",
        damage=_unevenly_lit,
        judged=MOST,
    ),
    Condition(
        name="glare",
        says="a window, and a lamp beside the corner marks",
        damage=_glare,
        judged=MOST,
    ),
    Condition(
        name="JPEG",
        says="quality 30",
        damage=_compressed,
        judged=MOST,
    ),
    # No error correction helps a reader that cannot find the code: the customer has to
    # move. This row has no requirement.
    Condition(
        name="lamp anywhere",
        says="the same, corner marks not spared",
        damage=_lamp_anywhere,
        judged=0.0,
    ),
)
