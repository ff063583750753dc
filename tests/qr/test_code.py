"""Rendered codes are read back, and measured. Their bytes are not compared."""

from io import BytesIO

from hypothesis import given, settings, strategies as st
import numpy as np
from PIL import Image
import pytest

from custom_components.piggy import qr
from tests.scannability.readers import READERS
from tests.scannability.table import loaded

from .images import URL, logo_of, read, version_of, width_of


@pytest.mark.parametrize("length", [1, 20, 78, 300, 1000, 2331])
def test_picture(length: int) -> None:
    """Test size, colors, quiet zone and whole pixels for each module."""
    url = (URL * 40)[:length]
    content = qr.render(url)
    with Image.open(BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "1"
        assert "transparency" not in picture.info
    pixels = loaded(content)
    code = read(content)
    assert code.text == url
    assert code.ec_level == "M"
    height, width = pixels.shape
    modules = width_of(version_of(pixels))
    scale, rest = divmod(width, modules)
    assert (height, rest) == (width, 0)
    assert 800 <= width < 800 + modules
    assert set(np.unique(pixels)) == {0, 255}
    dark = np.argwhere(pixels == 0)
    assert dark.min() == 4 * scale
    assert dark.max() == width - 4 * scale - 1
    cells = pixels[::scale, ::scale]
    assert np.array_equal(np.kron(cells, np.ones((scale, scale), np.uint8)), pixels)


@pytest.mark.parametrize("size", [128, 200, 384, 801, 2000])
def test_exact_size(size: int) -> None:
    """Test that a display that cannot scale gets as many pixels as it has."""
    content = qr.render(URL, size=size)
    with Image.open(BytesIO(content)) as picture:
        assert picture.mode == "1"
        assert picture.size == (size, size)
    pixels = loaded(content)
    assert {name: reader(pixels) for name, reader in READERS.items()} == dict.fromkeys(
        READERS, URL
    )
    dark = np.argwhere(pixels == 0)
    modules = width_of(version_of(loaded(qr.render(URL))))
    scale = size // modules
    assert scale >= 2
    # In the center, with at least the quiet zone around it.
    assert dark.max() - dark.min() + 1 == scale * (modules - 8)
    assert abs(dark.min() - (size - 1 - dark.max())) <= 1
    assert dark.min() >= 4 * scale


def test_size_that_is_too_small() -> None:
    """Test that a code that needs more pixels than there are is still complete."""
    content = qr.render(URL, size=20)
    pixels = loaded(content)
    assert pixels.shape == (45, 45)
    assert np.argwhere(pixels == 0).min() == 4
    assert read(content).text == URL


def test_blank() -> None:
    """Test that a blank picture is white."""
    with Image.open(BytesIO(qr.blank(128))) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "1", (128, 128))
        assert picture.getextrema() == (255, 255)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200),
)
@settings(max_examples=40, deadline=None)
def test_any_url_is_read_back(path: str) -> None:
    """Test that a reader gets the URL, whatever characters are in it."""
    url = f"https://api.piggy.eu/{path}"
    assert read(qr.render(url)).bytes.decode() == url


@pytest.mark.parametrize(
    ("logo", "capacity", "level"), [(False, 2331, "M"), (True, 1273, "H")]
)
@pytest.mark.parametrize("letter", ["a", "7", "é", "🐷"])
def test_capacity(letter: str, *, logo: bool, capacity: int, level: str) -> None:
    """Test that `fits` and rendering agree on the longest URL, counted in bytes."""
    picture = logo_of(Image.new("RGB", (9, 9), "red")) if logo else None
    size = len(letter.encode())
    start = "https://q.nl/" + "x" * ((capacity - 13) % size)
    longest = start + letter * ((capacity - len(start)) // size)
    assert len(longest.encode()) == capacity
    assert qr.fits(longest, logo=logo)
    code = read(qr.render(longest, picture))
    assert (code.bytes.decode(), code.ec_level) == (longest, level)
    assert not qr.fits(longest + "x", logo=logo)
    with pytest.raises(ValueError, match="Invalid version") as refused:
        qr.render(longest + "x", picture)
    assert "x" * 9 not in str(refused.value)
