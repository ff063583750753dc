"""A shop's logo, for the middle of a QR code."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import combinations, groupby
from math import dist, isclose, sqrt
import struct
from typing import Final, Literal, NamedTuple
import zlib

from PIL import Image, ImageOps

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_PIXELS: Final = 2048 * 2048

# What Pillow raises on content that is cut short or made up.
DAMAGED: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)

# Readers find a QR code by the marks in three of its corners: on any line through the
# middle of a mark, dark, light, dark, light and dark are in this ratio (ISO/IEC 18004).
MARK: Final = (1, 1, 3, 1, 1)
# The smallest code has the middles of its marks this far apart.
CLOSEST: Final = 14  # modules
SLACK: Final = 0.25  # of a length; codes in pictures are seldom straight
LOOKED_AT: Final = 200  # pixels; more than a logo ever has in a code of 800
FINEST: Final = 2  # pixels; in a code, such a module is beyond readers
THRESHOLDS: Final = (64, 128, 192)  # of 255: where dark ends and light begins

type Problem = Literal["logo_unreadable", "logo_unscannable"]


class LogoError(Exception):
    """The logo can not be used; `key` says why."""

    def __init__(self, key: Problem) -> None:
        """Initialize the error."""
        super().__init__(key)
        self.key = key


def check_logo(logo: bytes) -> None:
    """Raise `LogoError` unless every code with this logo can be read.

    How much of a code is covered does not depend on the logo, and level H makes up for
    it whatever the logo shows. A logo that holds a QR code itself is another matter:
    readers take that one, or neither.
    """
    grey = within(opened(logo), LOOKED_AT).convert("L")
    for threshold in THRESHOLDS:
        if any(map(_is_code, combinations(_marks(grey, threshold), 3))):
            raise LogoError("logo_unscannable")


def opened(logo: bytes) -> Image.Image:
    """Return the logo, upright and on white.

    Raises `LogoError` when it is no picture, or larger than 2 MiB or 4 megapixels.
    """
    if len(logo) > MAX_BYTES:
        raise LogoError("logo_unreadable")
    try:
        # Opening reads no more than the header.
        with Image.open(BytesIO(logo), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise LogoError("logo_unreadable")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except DAMAGED as err:
        raise LogoError("logo_unreadable") from err
    white = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(white, upright).convert("RGB")


def within(picture: Image.Image, side: int) -> Image.Image:
    """Return the picture as large as a square of so many pixels allows."""
    factor = side / max(picture.size)
    width, height = (max(1, round(length * factor)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


class _Run(NamedTuple):
    """Pixels of one colour that follow each other in a line."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def middle(self) -> int:
        return (self.start + self.end) // 2


class _Mark(NamedTuple):
    """The middle square of what looks like a corner mark, 3 modules wide."""

    across: _Run
    down: _Run

    @property
    def middle(self) -> tuple[int, int]:
        return self.across.middle, self.down.middle

    def holds(self, x: int, y: int) -> bool:
        return x in range(*self.across) and y in range(*self.down)


def _lines(grey: Image.Image, threshold: int) -> list[list[_Run]]:
    """Return the runs of every row of the picture."""
    return [
        list(_runs(grey.crop((0, row, grey.width, row + 1)).tobytes(), threshold))
        for row in range(grey.height)
    ]


def _runs(row: bytes, threshold: int) -> Iterator[_Run]:
    end = 0
    for _, pixels in groupby(row, lambda level: level >= threshold):
        start, end = end, end + sum(1 for _ in pixels)
        yield _Run(start, end)


def _middles(line: list[_Run]) -> Iterator[_Run]:
    """Yield the middles of what may be corner marks, dark on light or light on dark.

    Half a module more or less is what readers allow.
    """
    for first in range(len(line) - len(MARK) + 1):
        runs = line[first : first + len(MARK)]
        module = (runs[-1].end - runs[0].start) / sum(MARK)
        if module >= FINEST and all(
            abs(run.length - share * module) <= share * module / 2
            for run, share in zip(runs, MARK, strict=True)
        ):
            yield runs[2]


def _marks(grey: Image.Image, threshold: int) -> list[_Mark]:
    """Return what looks like a corner mark along its row and its column."""
    turned = grey.transpose(Image.Transpose.TRANSPOSE)
    columns = [list(_middles(line)) for line in _lines(turned, threshold)]
    found: list[_Mark] = []
    for y, line in enumerate(_lines(grey, threshold)):
        for across in _middles(line):
            x = across.middle
            if any(mark.holds(x, y) for mark in found):
                continue
            downs = [down for down in columns[x] if down.start <= y < down.end]
            found += [_Mark(across, down) for down in downs]
    return found


def _is_code(marks: Iterable[_Mark]) -> bool:
    """Return whether three marks stand as in a QR code, turned any way."""
    one, two, three = marks
    short, long, across = sorted(
        dist(a.middle, b.middle) for a, b in ((one, two), (two, three), (three, one))
    )
    widths = [run.length for mark in (one, two, three) for run in mark]
    module = sum(widths) / len(widths) / MARK[2]
    return (
        isclose(min(widths), max(widths), rel_tol=0.6)
        and short > CLOSEST * module * (1 - SLACK)
        and isclose(short, long, rel_tol=SLACK)
        and isclose(across, sqrt(2) * long, rel_tol=SLACK)
    )
