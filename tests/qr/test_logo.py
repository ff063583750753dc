"""Logos are refused, or leave every code readable."""

from collections.abc import Iterator
from io import BytesIO
from itertools import cycle, product
from random import Random
import zlib

from hypothesis import given, settings, strategies as st
import numpy as np
from PIL import Image, ImageDraw
import pytest
from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode

from custom_components.piggy import qr
from custom_components.piggy.qr import load_logo
from tests.scannability.readers import opencv, zxing
from tests.scannability.table import loaded

from .images import URL, logo_of, png, read, version_of, width_of


def _shapes() -> Iterator[tuple[str, Image.Image]]:
    """Yield logos of many shapes and colors."""
    for color in ("black", "white", "#e30613", "#003da5", "#808080"):
        yield color, Image.new("RGB", (120, 120), color)
    for size in ((600, 60), (60, 600), (1, 1), (2000, 1), (1, 2000), (2048, 2048)):
        yield f"{size[0]}x{size[1]}", Image.new("RGB", size, "#003da5")
    disc = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(disc).ellipse((10, 10, 290, 290), fill="#e30613")
    yield "disc on transparent", disc
    letter = Image.new("L", (140, 140), 255)
    ImageDraw.Draw(letter).ellipse((20, 20, 120, 120), outline=0, width=20)
    yield "dark letter o on white", letter
    bars = Image.new("L", (140, 140), 0)
    ImageDraw.Draw(bars).line((70, 20, 70, 120), fill=255, width=20)
    yield "light letter i on black", bars
    yield "bit", Image.new("1", (50, 50))
    yield "palette", disc.convert("P")
    yield "gray with alpha", disc.convert("LA")
    yield "deep gray", Image.new("I;16", (50, 50), 20_000)


SHAPES = dict(_shapes())


# Every code with a plate is as readable as the next: short, usual, and long.
URLS = ("https://q.nl/1234567", URL, URL + "&x=" + "y" * 300)


@pytest.mark.parametrize(
    ("shape", "url"), zip(SHAPES, cycle(URLS), strict=False), ids=SHAPES
)
def test_logo_is_accepted_and_read(shape: str, url: str) -> None:
    """Test that accepted logos leave codes readable, long and short ones."""
    content = qr.render(url, logo_of(SHAPES[shape]))
    code = read(content)
    assert (code.text, code.ec_level) == (url, "H")
    assert opencv(loaded(content)) == url


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_logo_formats(image_format: str) -> None:
    """Test every format that is accepted."""
    logo = logo_of(Image.new("RGB", (64, 64), "#e30613"), image_format)
    assert read(qr.render(URL, logo)).text == URL


def test_logo_keeps_its_place() -> None:
    """Test size, plate, margin and shape of a wide logo."""
    logo = logo_of(Image.new("RGB", (200, 100), "#ff0000"))
    with Image.open(BytesIO(qr.render(URL, logo))) as picture:
        assert picture.mode == "RGB"
        pixels = np.asarray(picture).astype(int)
    width = len(pixels)
    gray = np.asarray(Image.fromarray(pixels.astype(np.uint8)).convert("L"))
    scale = width // width_of(version_of(gray))
    symbol = width - 8 * scale
    red = np.argwhere((pixels == [255, 0, 0]).all(axis=2))
    (top, left), (bottom, right) = red.min(axis=0), red.max(axis=0) + 1
    assert 0.1 * symbol < right - left <= symbol / 5
    assert right - left == pytest.approx(2 * (bottom - top), abs=1)
    assert left + right == pytest.approx(width, abs=1)
    assert top + bottom == pytest.approx(width, abs=1)
    plate = pixels[top - scale // 2 : bottom + scale // 2, left - scale // 2 : left]
    assert (plate == 255).all()


def test_logo_stands_upright() -> None:
    """Test that a photo's orientation is followed."""
    photo = Image.new("RGB", (100, 50), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    assert logo_of(photo, "JPEG", exif=exif).size == (50, 100)


def test_transparent_logo_is_on_white() -> None:
    """Test that the code does not show through a logo."""
    logo = logo_of(Image.new("RGBA", (10, 10), (0, 0, 0, 0)))
    assert (logo.mode, logo.getextrema()) == ("RGB", ((255, 255),) * 3)


@pytest.mark.parametrize("side", [100, 2000])
def test_kept_logo_is_small_and_sharp(side: int) -> None:
    """Test that no more of a logo is kept than a code of any version can show."""
    most = max(loaded(qr.render("x" * size)).shape[0] for size in (1, 1200, 2300)) // 5
    kept = logo_of(Image.new("RGB", (side, side), "red"))
    assert min(side, most) <= kept.width <= 2 * most


def _header(width: int, height: int) -> bytes:
    """Return a PNG that has a size in its header, and no pixels."""
    content = bytearray(png(Image.new("1", (1, 1))))
    content[16:24] = width.to_bytes(4) + height.to_bytes(4)
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    return bytes(content)


UNREADABLE = {
    "nothing": b"",
    "text": b"not a picture",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "bitmap": png(Image.new("RGB", (9, 9)), "BMP"),
    "cut short": png(Image.effect_noise((99, 99), 50))[:2000],
    "heavy": png(Image.new("L", (9, 9))) + bytes(2 * 1024 * 1024),
    "large": png(Image.new("1", (2049, 2048))),
    "bomb": _header(20_000, 20_000),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_unreadable_logo(what: str) -> None:
    """Test that a file that is not an image, or too large, is refused."""
    assert load_logo(UNREADABLE[what]) == "logo_unreadable"


@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]),
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_damaged_logo(image_format: str, place: int, junk: bytes) -> None:
    """Test that a damaged image is read or refused, without any other error."""
    # A strip: what is decoded is checked at its longer side, pixel by pixel.
    noise = Image.fromarray(
        np.random.default_rng(1).integers(0, 255, (8, 72, 3)).astype(np.uint8)
    )
    content = bytearray(png(noise, image_format))
    place %= len(content)
    content[place : place + len(junk)] = junk
    logo = load_logo(bytes(content))
    assert isinstance(logo, str) or logo.mode == "RGB"


@pytest.mark.parametrize(
    ("length", "colors", "turned"),
    [
        (5, ("black", "white"), 0),
        (5, ("white", "black"), 45),
        (5, ("#003da5", "#ffd65f"), 12),
        (60, ("black", "white"), 12),
        (60, ("white", "black"), 0),
        (60, ("#003da5", "#ffd65f"), 90),
        (150, ("black", "white"), 45),
        (150, ("white", "black"), 90),
        (150, ("#003da5", "#ffd65f"), 0),
    ],
)
def test_code_as_logo(length: int, colors: tuple[str, str], turned: int) -> None:
    """Test that a QR code is refused as a logo: it would be read instead."""
    dark, light = colors
    code = QRCode(border=4)
    code.add_data(b"x" * length, optimize=0)
    drawn = code.make_image(fill_color=dark, back_color=light).get_image()
    logo = png(drawn.convert("RGB").rotate(turned, expand=True, fillcolor=light))
    assert load_logo(logo) == "logo_unscannable"


@pytest.mark.parametrize("place", [(50, 50), (130, 60), (100, 100)])
@pytest.mark.parametrize("size", [20, 40])
def test_finder_pattern_as_logo(place: tuple[int, int], size: int) -> None:
    """Test that a finder pattern is refused, wherever it is."""
    picture = Image.new("L", (200, 200), 0)
    x, y = place
    box = (x - size, y - size, x + size, y + size)
    ImageDraw.Draw(picture).ellipse(box, outline=255, width=size // 2)
    assert load_logo(png(picture)) == "logo_unscannable"


def _collage(random: Random) -> Image.Image:
    """Return an image of a few shapes in a few grays."""
    picture = Image.new("L", (400, 400), random.choice((255, 255, 0, 200)))
    pen = ImageDraw.Draw(picture)
    for _ in range(random.randint(1, 12)):
        x, y = random.uniform(0, 350), random.uniform(0, 350)
        box = (x, y, x + random.uniform(20, 150), y + random.uniform(20, 150))
        random.choice((pen.ellipse, pen.rectangle))(
            box,
            fill=random.randrange(256),
            outline=random.randrange(256),
            width=random.randint(1, 30),
        )
    return picture


def test_accepted_logos_are_read() -> None:
    """Test that a code with any accepted logo can be read."""
    random = Random(20261122)  # noqa: S311
    accepted = 0
    for _ in range(20):
        logo = load_logo(png(_collage(random)))
        if isinstance(logo, Image.Image):
            accepted += 1
            assert zxing(loaded(qr.render(URL, logo))) == URL
    assert 5 <= accepted <= 18


# The smallest and the largest, and some with more blocks and marks than the one before.
RENDERED = (2, 3, 6, 7, 10, 14, 21, 28, 35, 40)


def _length(version: int) -> int:
    """Return a version's capacity in bytes at level H."""
    bits = util.BIT_LIMIT_TABLE[ERROR_CORRECT_H][version]
    return (bits - 4 - (8 if version < 10 else 16)) // 8


def _plate(width: int) -> slice:
    """Return the rows, and columns, that the plate covers, without the quiet zone."""
    plate = width // 5
    plate -= 1 - plate % 2
    return slice((width - plate) // 2, (width + plate) // 2)


def _codewords(version: int) -> np.ndarray:
    """Return which codeword each module belongs to, -1 for function patterns.

    The modules are in the standard's order: by two columns, up and down.
    """
    code = QRCode(version=version, error_correction=ERROR_CORRECT_H)
    code.add_data(b"x", optimize=0)
    count = sum(block.total_count for block in base.rs_blocks(version, ERROR_CORRECT_H))

    def placed(values: list[int]) -> np.ndarray:
        code.data_cache = values
        code.makeImpl(test=True, mask_pattern=0)
        return np.array(code.modules, dtype=bool)

    nothing = placed([0] * count)
    used = placed([255] * count) != nothing
    width = len(used)
    numbers = np.full((width, width), -1)
    bit = 0
    for turn, right in enumerate([*range(width - 1, 6, -2), *range(5, 0, -2)]):
        rows = range(width) if turn % 2 else range(width - 1, -1, -1)
        for row, column in product(rows, (right, right - 1)):
            if used[row, column]:
                numbers[row, column] = bit // 8
                bit += 1
    # The library agrees: every second codeword is dark.
    odd = placed([255 * (number % 2) for number in range(count)]) != nothing
    assert np.array_equal(odd, used & (numbers % 2 == 1))
    return numbers


@pytest.fixture(scope="module")
def white() -> Image.Image:
    """Return a white logo, decoded and checked once."""
    return logo_of(Image.new("RGB", (9, 9), "white"))


@pytest.mark.parametrize("version", range(2, 41))
def test_logo_covers_less_than_is_restored(version: int) -> None:
    """Test that the plate may use up half of what each block restores.

    Level H restores half as many codewords of a block as it adds.
    """
    blocks = base.rs_blocks(version, ERROR_CORRECT_H)
    shortest = min(block.data_count for block in blocks)
    data = [
        index
        for place in range(shortest + 1)
        for index, block in enumerate(blocks)
        if place < block.data_count
    ]
    extra = blocks[0].total_count - blocks[0].data_count
    owners = np.array(data + list(range(len(blocks))) * extra)
    numbers = _codewords(version)
    square = _plate(len(numbers))
    covered = np.unique(numbers[square, square])
    lost = np.bincount(owners[covered[covered >= 0]], minlength=len(blocks))
    assert lost.max() <= extra // 2 / 2


@pytest.mark.parametrize("version", RENDERED)
def test_worst_logo_is_read(version: int, white: Image.Image) -> None:
    """Test that a code is read whose every covered module is wrong."""
    random = Random(version)  # noqa: S311
    url = "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=_length(version)))
    plain = loaded(qr.render(url, white))
    width = width_of(version)
    scale = len(plain) // width
    assert len(plain) % width == 0
    code = QRCode(error_correction=ERROR_CORRECT_H, border=4)
    code.add_data(url.encode(), optimize=0)
    light = ~np.array(code.get_matrix(), dtype=bool)
    cells = plain[scale // 2 :: scale, scale // 2 :: scale] == 255
    inner = _plate(width - 8)
    square = slice(inner.start + 4, inner.stop + 4)
    outside = np.ones_like(light)
    outside[square, square] = False
    assert np.array_equal(cells[outside], light[outside])
    assert cells[square, square].all()

    wrong = light.copy()
    wrong[square, square] ^= True
    picture = np.kron(wrong, np.ones((scale, scale), np.uint8)).astype(np.uint8) * 255
    assert zxing(picture) == url
