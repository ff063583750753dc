"""Decode a shop's logo, and decide whether it may be drawn in a QR code."""

from io import BytesIO
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFilter, ImageOps

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_PIXELS: Final = 2048 * 2048

KEPT_SIDE: Final = 256  # pixels; more than a code has for a logo
CHECKED_SIDE: Final = 100  # pixels; about ten for each module of a typical code
THRESHOLDS: Final = range(32, 256, 32)  # where dark ends and light begins, of 255

type LogoProblem = Literal["logo_not_found", "logo_unreadable", "logo_unscannable"]


def decode(content: bytes | bytearray) -> Image.Image | None:
    """Decode an image file as upright RGBA, or return None if it is unreadable."""
    if len(content) > MAX_BYTES:
        return None
    try:
        # Opening reads no more than the header.
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except Exception:  # noqa: BLE001 -- decoders raise any kind on damaged content
        return None


def load_logo(content: bytes) -> Image.Image | LogoProblem:
    """Decode a logo file, or return why it is unreadable or could break scanning.

    Level H restores what the plate covers, whatever the logo shows. But scanners locate
    a code by its finder patterns, which are dark within light within dark: a logo with
    such a pattern misleads them, and a logo that is a QR code itself would be read
    instead.
    """
    if (upright := decode(content)) is None:
        return "logo_unreadable"
    white = Image.new("RGBA", upright.size, "white")
    image = Image.alpha_composite(white, upright).convert("RGB")
    gray = ImageOps.expand(fit(image, CHECKED_SIDE).convert("L"), 1, fill=255)
    if any(_has_finder_pattern(gray, threshold) for threshold in THRESHOLDS):
        return "logo_unscannable"
    return fit(image, min(KEPT_SIDE, max(image.size)))


def fit(image: Image.Image, side: int) -> Image.Image:
    """Resize the image to fit a square of `side` pixels.

    Bilinear, because a sharper filter adds rings around spots: a finder pattern.
    """
    factor = side / max(image.size)
    width, height = (max(1, round(length * factor)) for length in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR)


def _has_finder_pattern(gray: Image.Image, threshold: int) -> bool:
    """Return whether a light-bordered image has a dark ring around a dark spot."""
    image = gray.point(lambda level: 255 if level >= threshold else 0)
    # Fill the light surroundings with dark, then the dark surroundings with light: what
    # is still dark was enclosed twice.
    ImageDraw.floodfill(image, (0, 0), 0)
    ImageDraw.floodfill(image, (0, 0), 255)
    # One pixel of dark is the edge of something, or noise.
    return image.filter(ImageFilter.MaxFilter(3)).getextrema()[0] == 0
