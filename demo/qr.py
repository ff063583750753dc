"""Reads a QR code as a phone would."""

from io import BytesIO

from PIL import Image, UnidentifiedImageError
import zxingcpp

from .errors import CheckError


def decode(picture: bytes) -> str:
    """Return the text of the one code in a picture; raises CheckError."""
    try:
        image = Image.open(BytesIO(picture))
        image.load()
    except UnidentifiedImageError as err:
        msg = f"{len(picture)} bytes that are no picture"
        raise CheckError(msg) from err
    codes = zxingcpp.read_barcodes(image.convert("RGB"))
    if len(codes) != 1:
        msg = f"The picture holds {len(codes)} codes, not one"
        raise CheckError(msg)
    return codes[0].text
