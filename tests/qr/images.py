"""Make logos, and read rendered codes."""

from io import BytesIO

import numpy as np
from PIL import Image
import zxingcpp

from custom_components.piggy import qr
from hub.barcode import read_barcodes
from tests.scannability.readers import Picture

URL = "https://api.piggy.eu/portal-sessions?uuid=3f2b5c1a-8d4e-4f6a-9b7c-0d1e2f3a4b5c"


def png(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    """Encode an image, as a PNG unless told otherwise."""
    content = BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def logo_of(
    image: Image.Image, image_format: str = "PNG", **options: object
) -> Image.Image:
    """Return an image as a logo that is accepted."""
    logo = qr.load_logo(png(image, image_format, **options))
    assert isinstance(logo, Image.Image), logo
    return logo


def read(content: bytes) -> zxingcpp.Barcode:
    """Return the only QR code in a PNG."""
    (found,) = read_barcodes(content)
    return found


def width_of(version: int) -> int:
    """Return how many modules wide a code is, quiet zone included."""
    return 17 + 4 * version + 8


def version_of(pixels: Picture) -> int:
    """Return the version, from the width of a finder pattern: 7 modules."""
    start = int(np.argmax(pixels.min(axis=1) == 0))
    mark = int(np.argmax(pixels[start, start:] == 255))
    return round((len(pixels) / (mark / 7) - 8 - 17) / 4)
