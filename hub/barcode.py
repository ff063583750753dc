"""Reads QR codes as a phone does."""

from io import BytesIO

from PIL import Image
import zxingcpp


def read_barcodes(content: bytes) -> list[zxingcpp.Barcode]:
    """Return every QR code in an image; raises OSError for other content.

    Rows of a QR code can look like a barcode of another kind.
    """
    image = Image.open(BytesIO(content)).convert("L")
    return zxingcpp.read_barcodes(
        image, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )


def read_codes(content: bytes) -> list[str]:
    """Return the text of every QR code in an image."""
    return [code.text for code in read_barcodes(content)]
