"""Codes are read back; their bytes are nobody's business."""

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from random import Random
import zlib

from hypothesis import given, settings, strategies as st
import numpy as np
from PIL import Image, ImageDraw
import pytest
from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode
import zxingcpp

from custom_components.piggy import logo as logos, qr
from tests.scannability.readers import Picture, opencv, zxing
from tests.scannability.table import loaded

URL = "https://api.piggy.eu/portal-sessions?uuid=3f2b5c1a-8d4e-4f6a-9b7c-0d1e2f3a4b5c"


def _read(content: bytes) -> zxingcpp.Barcode:
    """Return the only code in a PNG."""
    found = zxingcpp.read_barcodes(loaded(content))
    assert len(found) == 1
    assert found[0].format == zxingcpp.BarcodeFormat.QRCode
    return found[0]


def _png(picture: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    content = BytesIO()
    picture.save(content, image_format, **options)
    return content.getvalue()


def _width(version: int) -> int:
    """Return how many modules wide a code is, quiet zone included."""
    return 17 + 4 * version + 8


@pytest.mark.parametrize("length", [1, 20, 78, 300, 1000, 2331])
def test_picture(length: int) -> None:
    """Test size, colours, quiet zone and whole pixels a module."""
    url = (URL * 40)[:length]
    content = qr.render(url)
    with Image.open(BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "1"
        assert "transparency" not in picture.info
    pixels = loaded(content)
    code = _read(content)
    assert code.text == url
    assert code.ec_level == "M"
    height, width = pixels.shape
    modules = _width(_version(pixels))
    scale, rest = divmod(width, modules)
    assert (height, rest) == (width, 0)
    assert 800 <= width < 800 + modules
    assert set(np.unique(pixels)) == {0, 255}
    dark = np.argwhere(pixels == 0)
    assert dark.min() == 4 * scale
    assert dark.max() == width - 4 * scale - 1
    cells = pixels[::scale, ::scale]
    assert np.array_equal(np.kron(cells, np.ones((scale, scale), np.uint8)), pixels)


def _version(pixels: Picture) -> int:
    """Return the version, from the width of the corner mark: 7 modules."""
    start = int(np.argmax(pixels.min(axis=1) == 0))
    mark = int(np.argmax(pixels[start, start:] == 255))
    return round((len(pixels) / (mark / 7) - 8 - 17) / 4)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200),
)
@settings(max_examples=40, deadline=None)
def test_any_url_is_read_back(path: str) -> None:
    """Test that what is in the code is the url, whatever is in the url."""
    url = f"https://api.piggy.eu/{path}"
    assert _read(qr.render(url)).bytes.decode() == url


@pytest.mark.parametrize(
    ("logo", "capacity", "level"), [(False, 2331, "M"), (True, 1273, "H")]
)
@pytest.mark.parametrize("letter", ["a", "7", "é", "🐷"])
def test_capacity(letter: str, *, logo: bool, capacity: int, level: str) -> None:
    """Test that a url fits exactly when it can be rendered: bytes count."""
    picture = _png(Image.new("RGB", (9, 9), "red")) if logo else None
    size = len(letter.encode())
    start = "https://q.nl/" + "x" * ((capacity - 13) % size)
    longest = start + letter * ((capacity - len(start)) // size)
    assert len(longest.encode()) == capacity
    assert qr.fits(longest, logo=logo)
    code = _read(qr.render(longest, picture))
    assert (code.bytes.decode(), code.ec_level) == (longest, level)
    assert not qr.fits(longest + "x", logo=logo)
    with pytest.raises(ValueError, match="too long"):
        qr.render(longest + "x", picture)


def _shapes() -> Iterator[tuple[str, Image.Image]]:
    """Yield logos of many shapes and colours."""
    for colour in ("black", "white", "#e30613", "#003da5", "#808080"):
        yield colour, Image.new("RGB", (120, 120), colour)
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
    yield "grey with alpha", disc.convert("LA")
    yield "deep grey", Image.new("I;16", (50, 50), 20_000)


SHAPES = dict(_shapes())


@pytest.mark.parametrize("shape", SHAPES)
def test_logo_is_accepted_and_read(shape: str) -> None:
    """Test that what is accepted leaves codes readable, long and short ones."""
    logo = _png(SHAPES[shape])
    logos.check_logo(logo)
    for url in (URL, "https://q.nl/1234567", (URL + "&x=" + "y" * 300)):
        content = qr.render(url, logo)
        code = _read(content)
        assert (code.text, code.ec_level) == (url, "H")
        assert opencv(loaded(content)) == url


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_logo_formats(image_format: str) -> None:
    """Test every format that is accepted."""
    logo = _png(Image.new("RGB", (64, 64), "#e30613"), image_format)
    logos.check_logo(logo)
    assert _read(qr.render(URL, logo)).text == URL


def test_logo_keeps_its_place() -> None:
    """Test size, plate, margin and shape of a wide logo."""
    logo = _png(Image.new("RGB", (200, 100), "#ff0000"))
    with Image.open(BytesIO(qr.render(URL, logo))) as picture:
        assert picture.mode == "RGB"
        pixels = np.asarray(picture).astype(int)
    width = len(pixels)
    grey = np.asarray(Image.fromarray(pixels.astype(np.uint8)).convert("L"))
    scale = width // _width(_version(grey))
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
    assert logos.opened(_png(photo, "JPEG", exif=exif)).size == (50, 100)


def test_transparent_logo_is_on_white() -> None:
    """Test that nothing of the code shows through a logo."""
    opened = logos.opened(_png(Image.new("RGBA", (10, 10), (0, 0, 0, 0))))
    assert (opened.mode, opened.getextrema()) == ("RGB", ((255, 255),) * 3)


def _header(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is, and holds nothing of it."""
    content = bytearray(_png(Image.new("1", (1, 1))))
    content[16:24] = width.to_bytes(4) + height.to_bytes(4)
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    return bytes(content)


UNREADABLE = {
    "nothing": b"",
    "text": b"not a picture",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "bitmap": _png(Image.new("RGB", (9, 9)), "BMP"),
    "cut short": _png(Image.effect_noise((99, 99), 50))[:2000],
    "heavy": _png(Image.new("L", (9, 9))) + bytes(2 * 1024 * 1024),
    "large": _png(Image.new("1", (2049, 2048))),
    "bomb": _header(20_000, 20_000),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_unreadable_logo(what: str) -> None:
    """Test that what is no picture, or too large a one, is refused in words."""
    with pytest.raises(logos.LogoError) as refused:
        logos.check_logo(UNREADABLE[what])
    assert refused.value.key == "logo_unreadable"
    with pytest.raises(logos.LogoError):
        qr.render(URL, UNREADABLE[what])


@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]),
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_damaged_logo(image_format: str, place: int, junk: bytes) -> None:
    """Test that a damaged picture is read or refused, and nothing else."""
    noise = Image.fromarray(
        np.random.default_rng(1).integers(0, 255, (24, 24, 3)).astype(np.uint8)
    )
    content = bytearray(_png(noise, image_format))
    place %= len(content)
    content[place : place + len(junk)] = junk
    with suppress(logos.LogoError):
        assert logos.opened(bytes(content)).mode == "RGB"


def _refused(logo: bytes) -> str:
    with pytest.raises(logos.LogoError) as refused:
        logos.check_logo(logo)
    return refused.value.key


@pytest.mark.parametrize("turned", [0, 12, 45, 90])
@pytest.mark.parametrize(
    "colours", [("black", "white"), ("white", "black"), ("#003da5", "#ffd65f")]
)
@pytest.mark.parametrize("length", [5, 60, 150])
def test_code_as_logo(length: int, colours: tuple[str, str], turned: int) -> None:
    """Test that a logo that is a code itself, and would be read instead, is refused."""
    dark, light = colours
    code = QRCode(border=4)
    code.add_data(b"x" * length, optimize=0)
    drawn = code.make_image(fill_color=dark, back_color=light).get_image()
    logo = _png(drawn.convert("RGB").rotate(turned, expand=True, fillcolor=light))
    assert _refused(logo) == "logo_unscannable"


@pytest.mark.parametrize("place", [(50, 50), (130, 60), (100, 100)])
@pytest.mark.parametrize("size", [20, 40])
def test_mark_as_logo(place: tuple[int, int], size: int) -> None:
    """Test that what looks like a mark of a code is refused, wherever it is."""
    picture = Image.new("L", (200, 200), 0)
    x, y = place
    box = (x - size, y - size, x + size, y + size)
    ImageDraw.Draw(picture).ellipse(box, outline=255, width=size // 2)
    assert _refused(_png(picture)) == "logo_unscannable"


def _collage(random: Random) -> Image.Image:
    """Return a picture of a few shapes in a few greys."""
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
    """Test that no logo is accepted that a code with it can not be read with."""
    random = Random(20261122)  # noqa: S311
    accepted = 0
    for _ in range(40):
        logo = _png(_collage(random))
        with suppress(logos.LogoError):
            logos.check_logo(logo)
            accepted += 1
            assert zxing(loaded(qr.render(URL, logo))) == URL
    assert 10 <= accepted <= 35


def _lengths() -> Iterator[tuple[int, int]]:
    """Yield every version from 2 with the most bytes it holds at level H."""
    for version in range(2, 41):
        bits = util.BIT_LIMIT_TABLE[ERROR_CORRECT_H][version]
        yield version, (bits - 4 - (8 if version < 10 else 16)) // 8


def _codewords(version: int) -> np.ndarray:
    """Return which codeword each module belongs to; -1 for a module of the frame.

    The library is asked to place the bits of every codeword's number, one by one.
    """
    code = QRCode(version=version, error_correction=ERROR_CORRECT_H)
    code.add_data(b"x", optimize=0)
    count = sum(block.total_count for block in base.rs_blocks(version, ERROR_CORRECT_H))

    def placed(values: list[int]) -> np.ndarray:
        code.data_cache = values
        code.makeImpl(test=True, mask_pattern=0)
        return np.array(code.modules, dtype=int)

    nothing = placed([0] * count)
    used = placed([255] * count) != nothing
    numbers = sum(
        (placed([255 * (n >> bit & 1) for n in range(count)]) != nothing) << bit
        for bit in range(12)
    )
    return np.where(used, numbers, -1)


@pytest.mark.parametrize(("version", "length"), _lengths())
def test_logo_covers_less_than_is_restored(version: int, length: int) -> None:
    """Test, with every covered module wrong, what no logo can exceed.

    Level H restores half as many codewords of a block as it adds; of these, the plate
    may cost half.
    """
    random = Random(version)  # noqa: S311
    url = "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=length))
    plain = loaded(qr.render(url, _png(Image.new("RGB", (9, 9), "white"))))
    width = _width(version)
    scale = len(plain) // width
    assert len(plain) % width == 0
    code = QRCode(error_correction=ERROR_CORRECT_H, border=4)
    code.add_data(url.encode(), optimize=0)
    light = ~np.array(code.get_matrix(), dtype=bool)
    cells = plain[scale // 2 :: scale, scale // 2 :: scale] == 255
    plate = (width - 8) // 5
    plate -= 1 - plate % 2
    square = slice((width - plate) // 2, (width + plate) // 2)
    outside = np.ones_like(light)
    outside[square, square] = False
    assert np.array_equal(cells[outside], light[outside])
    assert cells[square, square].all()

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
    # The codewords are numbered without the quiet zone.
    inner = slice(square.start - 4, square.stop - 4)
    covered = np.unique(_codewords(version)[inner, inner])
    lost = np.bincount(owners[covered[covered >= 0]], minlength=len(blocks))
    assert lost.max() <= extra // 2 / 2

    wrong = light.copy()
    wrong[square, square] ^= True
    picture = np.kron(wrong, np.ones((scale, scale), np.uint8)).astype(np.uint8) * 255
    assert zxing(picture) == url
