"""A url as a QR code."""

from io import BytesIO
from typing import Final

from PIL import Image
import qrcode
from qrcode.constants import ERROR_CORRECT_M

MIN_PIXELS: Final = 800
QUIET_ZONE: Final = 4  # modules, as ISO/IEC 18004 asks
# What version 40 holds at level M in byte mode (ISO/IEC 18004).
CAPACITY: Final = 2331  # bytes


def fits(url: str) -> bool:
    """Return whether a code can hold the url."""
    return len(url.encode()) <= CAPACITY


def render(url: str) -> bytes:
    """Return a PNG of at least 800 pixels square: black on opaque white.

    A module is a whole number of pixels, so that no edge is blurred. Raises
    `qrcode.exceptions.DataOverflowError` when the url does not fit.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(url.encode(), optimize=0)
    modules = code.get_matrix()
    picture = Image.new("1", (len(modules), len(modules)))
    picture.putdata([0 if dark else 255 for row in modules for dark in row])
    scale = -(-MIN_PIXELS // len(modules))
    content = BytesIO()
    picture.resize(
        (len(modules) * scale, len(modules) * scale), Image.Resampling.NEAREST
    ).save(content, "PNG")
    return content.getvalue()
