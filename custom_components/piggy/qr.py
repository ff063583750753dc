"""A url as a QR code."""

from io import BytesIO
from typing import Final

from PIL import Image
import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M

from .logo import opened, within

MIN_PIXELS: Final = 800
QUIET_ZONE: Final = 4  # modules, as ISO/IEC 18004 asks
# What version 40 holds at level M and H in byte mode (ISO/IEC 18004).
CAPACITY: Final = 2331  # bytes
CAPACITY_WITH_LOGO: Final = 1273  # bytes
# A logo's plate is at most 1/5 as wide as the code without its quiet zone.
PLATE: Final = 5


class UrlTooLongError(ValueError):
    """No code can hold the url."""

    def __init__(self) -> None:
        """Say so without the url."""
        super().__init__("The url is too long for a code")


def fits(url: str, *, logo: bool = False) -> bool:
    """Return whether a code, with a logo or without, can hold the url."""
    return len(url.encode()) <= (CAPACITY_WITH_LOGO if logo else CAPACITY)


def render(url: str, logo: bytes | None = None) -> bytes:
    """Return a PNG of at least 800 pixels square: black on opaque white.

    A module is a whole number of pixels, so that no edge is blurred. A logo stands in
    the middle, and raises the error correction from level M to H. Raises `LogoError`
    when the logo is no picture, `UrlTooLongError` when the url does not fit.
    """
    if not fits(url, logo=logo is not None):
        raise UrlTooLongError
    level = ERROR_CORRECT_M if logo is None else ERROR_CORRECT_H
    code = qrcode.QRCode(error_correction=level, border=QUIET_ZONE)
    code.add_data(url.encode(), optimize=0)
    code.make(fit=False)  # the version is still open, and found but once this way
    modules = code.get_matrix()
    levels = bytes(0 if dark else 255 for row in modules for dark in row)
    width = len(modules)
    scale = -(-MIN_PIXELS // width)
    # One bit a pixel: half the bytes, and half the time to pack them.
    picture = Image.frombytes("L", (width, width), levels).convert("1")
    picture = picture.resize((width * scale, width * scale), Image.Resampling.NEAREST)
    if logo is not None:
        picture = _with_logo(picture, opened(logo), scale)
    content = BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def _with_logo(code: Image.Image, logo: Image.Image, scale: int) -> Image.Image:
    """Return the code with the logo on a white plate in its middle.

    A code is an odd number of modules wide, and so is the plate: it covers modules
    whole. Half a module of it stays white around the logo.
    """
    modules = (code.width // scale - 2 * QUIET_ZONE) // PLATE
    plate = (modules - 1 + modules % 2) * scale
    start = (code.width - plate) // 2
    drawn = within(logo, plate - scale)
    picture = code.convert("RGB")
    picture.paste("white", (start, start, start + plate, start + plate))
    middle = ((code.width - drawn.width) // 2, (code.height - drawn.height) // 2)
    picture.paste(drawn, middle)
    return picture
