"""The images of the documentation."""

from pathlib import Path
import re

import cv2
import numpy as np
from PIL import Image
import pytest

from .conftest import ROOT
from .scannability.readers import READERS

IMAGES = ROOT / "docs" / "images"
KIOSK = IMAGES / "kiosk.png"
MOST_BYTES = 150_000


def test_the_first_picture_is_a_screen_that_scans() -> None:
    """The code in the README's first image can be scanned."""
    first = re.search(r"!\[[^]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert first is not None
    assert ROOT / first[1] == KIOSK
    with Image.open(KIOSK) as picture:
        assert picture.size == (1280, 800)
        grey = np.array(picture.convert("L"))
    read = {name: reader(grey) for name, reader in READERS.items()}
    assert len(set(read.values())) == 1
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/\S*uuid=[\w-]+", read["zxing-cpp"] or ""
    )


@pytest.mark.parametrize("path", IMAGES.glob("*.png"), ids=lambda path: path.stem)
def test_pictures_are_small(path: Path) -> None:
    """The images of the documentation are small."""
    assert path.stat().st_size < MOST_BYTES


@pytest.mark.parametrize(
    "name", ["idle", "thanks", "device", "config-flow", "overview"]
)
def test_other_pictures_lead_nowhere(name: str) -> None:
    """Only the image of the kiosk has a code that can be scanned."""
    picture = cv2.imread(str(IMAGES / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert READERS["zxing-cpp"](picture.astype(np.uint8)) is None
