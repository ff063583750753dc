"""The brand images and the image of an idle screen."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops
import pytest
import zxingcpp

from artwork.__main__ import INTEGRATION, images
from tests.scannability.readers import READERS, Reader

RENDERED = dict(images())
BRAND = sorted(INTEGRATION.glob("brand/*"))
PLACEHOLDER = INTEGRATION / "placeholder.png"


@pytest.mark.parametrize("name", RENDERED, ids=str)
def test_rendered_again(name: Path) -> None:
    """An image in the integration has the pixels that scripts/brand renders."""
    with (
        Image.open(INTEGRATION / name) as shipped,
        Image.open(BytesIO(RENDERED[name])) as rendered,
    ):
        assert (shipped.format, shipped.mode) == ("PNG", "RGBA")
        assert shipped.info.get("interlace") == 1
        assert shipped.size == rendered.size
        difference = ImageChops.difference(shipped, rendered)
        assert difference.getbbox(alpha_only=False) is None


def test_brand_holds_what_is_served() -> None:
    """Every image that Home Assistant serves is there, and nothing else."""
    assert {path.name for path in BRAND} == {
        f"{theme}{kind}{density}.png"
        for theme in ("", "dark_")
        for kind in ("icon", "logo")
        for density in ("", "@2x")
    }


@pytest.mark.parametrize("path", BRAND, ids=lambda path: path.name)
def test_brand_images(path: Path) -> None:
    """Sizes, margins and weight are what Home Assistant's brands repository asks."""
    times = 2 if "@2x" in path.name else 1
    with Image.open(path) as image:
        width, height = image.size
        left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
    right, bottom = width - right, height - bottom
    assert (top, bottom) == (0, 0)
    assert left == right
    if "icon" in path.name:
        assert width == height == 256 * times
        assert left < 0.03 * width
    else:
        assert 128 * times <= height <= 256 * times < width
        assert left == 0
    assert path.stat().st_size < 50_000


@pytest.mark.parametrize("ground", ["white", "black", "#1c1c1c", "#fafafa"])
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_placeholder_is_no_code(reader: Reader, ground: str) -> None:
    """No code is read from an idle screen, in any theme, and the pig is visible."""
    with Image.open(PLACEHOLDER) as image:
        assert min(image.size) >= 800
        left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
        assert abs(left - (image.width - right)) <= 1
        assert abs(top - (image.height - bottom)) <= 1
        page = Image.new("RGBA", image.size, ground)
        seen = np.asarray(Image.alpha_composite(page, image).convert("L"))
    assert reader(seen) is None
    assert zxingcpp.read_barcodes(seen) == []
    assert np.ptp(seen) > 60, "the drawing stands out from the ground"
