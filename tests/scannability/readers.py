"""The readers of the codes."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

QR_CODE: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

type Picture = npt.NDArray[np.uint8]
type Reader = Callable[[Picture], str | None]


def zxing(picture: Picture) -> str | None:
    """Return the text of the QR code in a grey picture, as zxing-cpp reads it."""
    found = zxingcpp.read_barcode(picture, QR_CODE)
    return found.text if found is not None and found.valid else None


def opencv(picture: Picture) -> str | None:
    """Return the text of the QR code in a grey picture, as OpenCV reads it."""
    content, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeBytes(picture)
    return bytes(content).decode(errors="replace") or None


READERS: Final[dict[str, Reader]] = {"zxing-cpp": zxing, "OpenCV": opencv}
