"""Render a URL as a QR code."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps
import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M

from .logo import fit

MIN_PIXELS: Final = 800
QUIET_ZONE: Final = 4  # modules, as ISO/IEC 18004 requires
# What version 40 holds at levels M and H in byte mode (ISO/IEC 18004).
CAPACITY: Final = 2331  # bytes
CAPACITY_WITH_LOGO: Final = 1273  # bytes
# A logo's white plate is at most 1/5 as wide as the code without its quiet zone.
PLATE_SHARE: Final = 5


def fits(url: str, *, logo: bool) -> bool:
    """Return whether a QR code, with or without a logo, can hold the URL."""
    return len(url.encode()) <= (CAPACITY_WITH_LOGO if logo else CAPACITY)


def blank(size: int) -> bytes:
    """Return a PNG of a white square with sides of `size` pixels."""
    return _png(Image.new("1", (size, size), 1))


def render(url: str, logo: Image.Image | None = None, size: int = 0) -> bytes:
    """Render the URL as a PNG: black on opaque white, at least 800 pixels square.

    A module is a whole number of pixels, so that edges are sharp. A logo is drawn in
    the center, and raises the error correction from level M to H. The URL must fit.
    With `size`, the sides have as many pixels, or one for each module if that is more.
    """
    level = ERROR_CORRECT_M if logo is None else ERROR_CORRECT_H
    code = qrcode.QRCode(error_correction=level, border=QUIET_ZONE)
    code.add_data(url.encode(), optimize=0)
    # The version is open, so it is searched for; `fit=True` would search twice.
    code.make(fit=False)
    modules = code.get_matrix()
    levels = bytes(0 if dark else 255 for row in modules for dark in row)
    width = len(modules)
    scale = max(1, size // width) if size else -(-MIN_PIXELS // width)
    # One bit a pixel: half the bytes, and half the time to compress them.
    image = Image.frombytes("L", (width, width), levels).convert("1")
    image = image.resize((width * scale, width * scale), Image.Resampling.NEAREST)
    if logo is not None:
        image = _with_logo(image, logo, scale)
    side = max(size, image.width)
    margin = -(-(side - image.width) // 2)
    return _png(ImageOps.expand(image, margin, 1).crop((0, 0, side, side)))


def _png(image: Image.Image) -> bytes:
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _with_logo(code: Image.Image, logo: Image.Image, scale: int) -> Image.Image:
    """Draw the logo on a white plate in the center of the code.

    The code is an odd number of modules wide, and so is the plate: it covers whole
    modules. Half a module of the plate stays white around the logo.
    """
    modules = (code.width // scale - 2 * QUIET_ZONE) // PLATE_SHARE
    plate = (modules - 1 + modules % 2) * scale
    start = (code.width - plate) // 2
    drawn = fit(logo, plate - scale)
    image = code.convert("RGB")
    image.paste("white", (start, start, start + plate, start + plate))
    center = ((code.width - drawn.width) // 2, (code.height - drawn.height) // 2)
    image.paste(drawn, center)
    return image
