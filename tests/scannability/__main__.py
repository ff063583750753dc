"""Prints the table for every error correction level and every mask."""

from collections.abc import Iterator
import sys
from typing import Final

import numpy as np
import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q

from . import corpus
from .readers import Picture
from .table import measure, written

LEVELS: Final = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
MASKS: Final = (None, *range(8))
PIXELS: Final = 800


def codes(level: int, mask: int | None) -> Iterator[tuple[str, Picture]]:
    """Yield every url with its code, drawn apart from the integration."""
    for url in corpus.urls():
        code = qrcode.QRCode(error_correction=level, border=4, mask_pattern=mask)
        code.add_data(url.encode(), optimize=0)
        light = ~np.array(code.get_matrix(), dtype=bool)
        scale = -(-PIXELS // len(light))
        yield url, np.kron(light, np.ones((scale, scale))).astype(np.uint8) * 255


def main() -> int:
    """Print the tables of the levels, or of the masks when the argument says so."""
    variants: list[tuple[str, int | None]] = (
        [("M", mask) for mask in MASKS]
        if sys.argv[1:] == ["masks"]
        else [(level, None) for level in LEVELS]
    )
    for level, mask in variants:
        chosen = "chosen by its score" if mask is None else mask
        table = written(measure(codes(LEVELS[level], mask)))
        print(f"\nlevel {level}, mask {chosen}\n\n{table}", flush=True)  # noqa: T201
    return 0


sys.exit(main())
