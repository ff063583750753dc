"""A shop's logo, for the middle of a QR code."""

from io import BytesIO
import struct
from typing import Final, Literal
import zlib

from PIL import Image, ImageDraw, ImageFilter, ImageOps

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

LOOKED_AT: Final = 100  # pixels; about ten a module of a usual code
THRESHOLDS: Final = range(32, 256, 32)  # where dark ends and light begins, of 255

type Problem = Literal["logo_not_found", "logo_unreadable", "logo_unscannable"]


class LogoError(Exception):
    """The logo can not be used; `key` says why."""

    def __init__(self, key: Problem) -> None:
        """Initialize the error."""
        super().__init__(key)
        self.key = key


def check_logo(logo: bytes) -> None:
    """Raise `LogoError` unless every code with this logo can be read.

    How much of a code is covered does not depend on the logo, and level H makes up for
    it whatever the logo shows. But a dark spot ringed by light ringed by dark is how a
    reader knows the marks of a code: one in the logo leads it astray, and a logo that
    is a code itself would be read instead.
    """
    grey = ImageOps.expand(within(opened(logo), LOOKED_AT).convert("L"), 1, fill=255)
    if any(_holds_mark(grey, threshold) for threshold in THRESHOLDS):
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
    """Return the picture as large as a square of so many pixels allows.

    Bilinear: a sharper filter rings, and a ring around a spot is a mark.
    """
    factor = side / max(picture.size)
    width, height = (max(1, round(length * factor)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.BILINEAR)


def _holds_mark(grey: Image.Image, threshold: int) -> bool:
    """Return whether there is dark within light within dark; the edge is white."""
    picture = grey.point(lambda level: 255 if level >= threshold else 0)
    # The light around everything becomes dark, then what is dark around everything
    # becomes light. Only the innermost dark is left.
    ImageDraw.floodfill(picture, (0, 0), 0)
    ImageDraw.floodfill(picture, (0, 0), 255)
    # What is a pixel thin is the edge of something, or noise.
    return picture.filter(ImageFilter.MaxFilter(3)).getextrema()[0] == 0
