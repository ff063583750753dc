"""Brand images and the picture of an idle screen."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageChops
import pytest
import zxingcpp

from artwork.__main__ import INTEGRATION, pictures
from tests.scannability.readers import READERS, Reader

DRAWN = dict(pictures())
BRAND = sorted(INTEGRATION.glob("brand/*"))
PLACEHOLDER = INTEGRATION / "placeholder.png"


@pytest.mark.parametrize("name", DRAWN, ids=str)
def test_script_draws_what_ships(name: Path) -> None:
    """Test that a picture in the integration is the one that the script draws."""
    with Image.open(INTEGRATION / name) as shipped:
        assert (shipped.format, shipped.mode) == ("PNG", "RGBA")
        assert shipped.size == DRAWN[name].size
        assert (
            ImageChops.difference(shipped, DRAWN[name]).getbbox(alpha_only=False)
            is None
        )


def test_brand_holds_what_is_served() -> None:
    """Test that every image that Home Assistant serves is there, and nothing else."""
    assert {path.name for path in BRAND} == {
        f"{theme}{kind}{density}.png"
        for theme in ("", "dark_")
        for kind in ("icon", "logo")
        for density in ("", "@2x")
    }


@pytest.mark.parametrize("path", BRAND, ids=lambda path: path.name)
def test_brand_images(path: Path) -> None:
    """Test sizes, transparency and weight."""
    times = 2 if "@2x" in path.name else 1
    with Image.open(path) as picture:
        if "icon" in path.name:
            assert picture.size == (256 * times, 256 * times)
        else:
            assert 128 * times <= picture.height <= 256 * times < picture.width
        alpha = picture.getchannel("A")
        assert alpha.getextrema() == (0, 255)
        corners = [(0, 0), (picture.width - 1, 0), (0, picture.height - 1)]
        assert [alpha.getpixel(corner) for corner in corners] == [0, 0, 0]
        left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
    trimmed = 0.05 * picture.height
    assert max(left, top, picture.width - right, picture.height - bottom) < trimmed
    assert path.stat().st_size < 40_000


@pytest.mark.parametrize("ground", ["white", "black", "#1c1c1c", "#fafafa"])
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_placeholder_is_no_code(reader: Reader, ground: str) -> None:
    """Test that nothing is read in an idle screen, in whatever theme."""
    with Image.open(PLACEHOLDER) as picture:
        assert min(picture.size) >= 800
        page = Image.new("RGBA", picture.size, ground)
        seen = np.asarray(Image.alpha_composite(page, picture).convert("L"))
    assert reader(seen) is None
    assert zxingcpp.read_barcodes(seen) == []
    assert np.ptp(seen) > 60, "the drawing stands out from the ground"
