"""The readers of the codes."""

from collections.abc import Callable
from functools import cache
import json
from pathlib import Path
import struct
import subprocess
import sys
from threading import Lock
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

QR_CODE: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
NODE: Final = Path(sys.executable).with_name("node")
# A phone looks at many frames, and the hand that holds it moves: scales and degrees.
FRAMES: Final = ((1, 0), (0.9, 10), (0.8, -10), (0.7, 15), (0.7, -10), (0.6, -15))

_wechat_lock = Lock()

type Picture = npt.NDArray[np.uint8]
type Reader = Callable[[Picture], str | None]


def zxing(picture: Picture) -> str | None:
    """Return the text of the QR code in a grey picture, as zxing-cpp reads it."""
    found = zxingcpp.read_barcode(picture, QR_CODE)
    return found.text if found is not None and found.valid else None


def wechat(picture: Picture) -> str | None:
    """Return the text of the QR code in a grey picture, as a phone with WeChat does."""
    for scale, turn in FRAMES:
        if (text := _wechat_frame(_moved(picture, scale, turn))) is not None:
            return text
    return None


def opencv(picture: Picture) -> str | None:
    """Return the text of the QR code in a grey picture, as OpenCV reads it."""
    content, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeBytes(picture)
    return bytes(content).decode(errors="replace") or None


def _moved(picture: Picture, scale: float, turn: float) -> Picture:
    """Return the picture as seen from further away, by a camera that is turned."""
    height, width = picture.shape
    frame = (round(width * scale), round(height * scale))
    matrix: npt.NDArray[np.float64] = np.asarray(
        cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale), np.float64
    )
    matrix[:, 2] += (frame[0] - width) / 2, (frame[1] - height) / 2
    return cv2.warpAffine(
        picture, matrix, frame, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def _wechat_frame(frame: Picture) -> str | None:
    height, width = frame.shape
    with _wechat_lock:
        node = _wechat_process()
        assert node.stdin
        assert node.stdout
        node.stdin.write(struct.pack("<II", width, height) + frame.tobytes())
        node.stdin.flush()
        text: str | None = json.loads(node.stdout.readline())
    return text


@cache
def _wechat_process() -> subprocess.Popen[bytes]:
    """Start the reader, which ends when this process does."""
    script = Path(__file__).with_name("wechat.js")
    return subprocess.Popen(  # noqa: S603
        [NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


# The environment of the oldest supported Home Assistant has no node.
READERS: Final[dict[str, Reader]] = {
    "zxing-cpp": zxing,
    **({"WeChat": wechat} if NODE.exists() else {}),
    "OpenCV": opencv,
}
