"""The logo of a screen: where its file may be, and when it is read and checked."""

from io import BytesIO
import os
from pathlib import Path
import socket
from typing import Any

from PIL import Image, ImageDraw
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy import qr
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.logo_source import LogoSource
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from sandbox import DEFAULT_KEY, Sandbox

from .conftest import account, act, codes, device_id, picture, screen, set_up

RED = (200, 0, 0)
BLUE = (0, 0, 200)
WWW = "/local/logo.png"
MEDIA = "/media/local/shop/logo.png"
SOURCE = "media-source://media_source/local/shop/logo.png"
UPLOADED = "media-source://image_upload/0a1b2c3d"


def drawn(color: tuple[int, int, int] = RED, *, ring: bool = False) -> bytes:
    """Return a spot on white as a PNG. With a ring it is a finder pattern."""
    image = Image.new("RGB", (120, 120), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((45, 45, 75, 75), fill="black" if ring else color)
    if ring:
        draw.rectangle((15, 15, 105, 105), outline="black", width=14)
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def folders(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give Home Assistant a logo in `www`, in the media, and among its images."""
    media = tmp_path / "media"
    hass.config.media_dirs = {"local": str(media)}
    uploaded = tmp_path / "image" / "0a1b2c3d" / "original"
    for path in (tmp_path / "www" / "logo.png", media / "shop" / "logo.png", uploaded):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn())
    for name in ("secret.png", "original"):
        (tmp_path / name).write_bytes(drawn())
    (media / "link.png").symlink_to(tmp_path / "secret.png")
    return tmp_path


async def load(hass: HomeAssistant, logo: Any) -> Any:
    """Load a logo as a form does."""
    return await hass.async_add_executor_job(LogoSource(hass, logo).load)


def picked(address: str, **metadata: str) -> dict[str, Any]:
    """Return an image as the media selector does."""
    media = {"media_content_id": address, "media_content_type": "image/png"}
    return {**media, "metadata": metadata} if metadata else media


@pytest.mark.parametrize("address", [WWW, MEDIA, SOURCE, UPLOADED])
async def test_found(hass: HomeAssistant, folders: Path, address: str) -> None:
    """An image is found by its path, and as the media selector returns it."""
    for logo in (address, picked(address)):
        assert (await load(hass, logo)).getpixel((60, 60)) == RED


@pytest.mark.parametrize(
    "address",
    [
        "/local/",
        "/local/other.png",
        "/local/../secret.png",
        "/local//etc/passwd",
        "/media/local/link.png",
        "/media/local/../secret.png",
        "/media/local/shop",
        "/media/other/logo.png",
        "media-source://media_source/local/",
        "media-source://image_upload/",
        "media-source://image_upload/4e5f6071",
        "media-source://image_upload/..",
        "media-source://camera/camera.door",
        "/local/\0.png",
        "/local/\ud800.png",
        "logo.png",
        "https://example.com/logo.png",
        "/etc/passwd",
    ],
)
async def test_not_found(hass: HomeAssistant, folders: Path, address: str) -> None:
    """Only files in the two folders are read."""
    assert await load(hass, address) == "logo_not_found"


async def test_too_large(hass: HomeAssistant, folders: Path) -> None:
    """A file of more than 2 MiB is refused, whatever is in it."""
    path = folders / "www" / "logo.png"
    path.write_bytes(drawn() + bytes(2 * 1024 * 1024))
    assert await load(hass, WWW) == "logo_unreadable"


@pytest.mark.parametrize("name", ["fifo", "socket", "device"])
async def test_not_a_file(
    hass: HomeAssistant, folders: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A file that is not regular is refused without opening it, which could block."""
    os.mkfifo(folders / "www" / "fifo")
    monkeypatch.chdir(folders / "www")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    hass.config.media_dirs = {"dev": "/dev"}
    opened: list[Path] = []
    original = Path.open

    def note_and_open(path: Path, *arguments: Any, **options: Any) -> Any:
        assert path.is_file()
        opened.append(path)
        return original(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", note_and_open)
    address = "/media/dev/zero" if name == "device" else f"/local/{name}"
    assert await load(hass, address) == "logo_not_found"
    assert opened == []
    assert await load(hass, WWW) != "logo_not_found"
    assert opened == [folders / "www" / "logo.png"]


async def shown(hass: HomeAssistant, entry: MockConfigEntry) -> tuple[bytes, str]:
    """Start a session. Return the image on the screen and the session's URL."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    return await picture(hass, entry), session["url"]


def center(content: bytes) -> Any:
    """Return the color in the center of an image."""
    opened = Image.open(BytesIO(content)).convert("RGB")
    return opened.getpixel((opened.width // 2, opened.height // 2))


@pytest.fixture
async def with_logo(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, folders: Path
) -> MockConfigEntry:
    """Return an account that is set up, with a logo on its screen Till 1."""
    entry = account(sandbox, screen(shop_uuid, logo=WWW))
    await set_up(hass, entry)
    return entry


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the logos that were checked, in order."""
    checked: list[bytes] = []
    original = qr.load_logo

    def note_and_load(content: bytes) -> Any:
        checked.append(content)
        return original(content)

    monkeypatch.setattr(qr, "load_logo", note_and_load)
    return checked


async def test_drawn_in_the_code(
    hass: HomeAssistant, with_logo: MockConfigEntry
) -> None:
    """The logo is in the center of a code that scans."""
    content, url = await shown(hass, with_logo)
    assert center(content) == RED
    assert codes(content) == [url]


async def test_checked_once(
    hass: HomeAssistant,
    with_logo: MockConfigEntry,
    checks: list[bytes],
) -> None:
    """A logo is not checked again with every code."""
    for _ in range(3):
        content, _ = await shown(hass, with_logo)
        assert center(content) == RED
    assert checks == [drawn()]


async def test_checked_again(
    hass: HomeAssistant,
    with_logo: MockConfigEntry,
    folders: Path,
    checks: list[bytes],
) -> None:
    """A changed file is checked again."""
    path = folders / "www" / "logo.png"

    async def expect(color: tuple[int, int, int] | None, *checked: bytes) -> None:
        for _ in range(2):
            content, url = await shown(hass, with_logo)
            assert codes(content) == [url]
            assert color in {center(content), None}
            assert (center(content) in {RED, BLUE}) == (color is not None)
        assert checks == list(checked)
        checks.clear()

    path.write_bytes(drawn(BLUE))
    await expect(BLUE, drawn(BLUE))
    path.write_bytes(drawn(ring=True))
    await expect(None, drawn(ring=True))
    path.write_bytes(drawn())
    await expect(RED, drawn())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "is not found"),
        (b"not an image", "is unreadable"),
        (drawn(ring=True), "is unscannable"),
    ],
)
async def test_lost_later(
    hass: HomeAssistant,
    with_logo: MockConfigEntry,
    folders: Path,
    content: bytes | None,
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A logo that is missing or damaged is left out, with one warning."""
    path = folders / "www" / "logo.png"

    def warnings() -> list[str]:
        return [
            record.getMessage()
            for record in caplog.records
            if record.name.startswith("custom_components.piggy")
            and record.levelname == "WARNING"
        ]

    async def lose_it() -> None:
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        for _ in range(3):
            code, url = await shown(hass, with_logo)
            assert codes(code) == [url]

    await lose_it()
    (warning,) = warnings()
    assert WWW in warning
    assert reason in warning
    assert "Replace the file" in warning

    path.write_bytes(drawn())
    code, _ = await shown(hass, with_logo)
    assert center(code) == RED
    assert warnings() == [warning]
    await lose_it()
    assert warnings() == [warning, warning]


async def test_url_too_long_for_a_logo(
    hass: HomeAssistant, sandbox: Sandbox, with_logo: MockConfigEntry
) -> None:
    """A URL that does not fit beside a logo is shown without it."""
    sandbox.settings.url_for = f"https://example.com/{{uuid}}/{'x' * 1500}"
    content, url = await shown(hass, with_logo)
    assert codes(content) == [url]
    assert center(content) != RED


async def test_checked_when_it_is_set(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, folders: Path
) -> None:
    """The form says what is wrong with a logo, and accepts a valid one."""
    (folders / "www" / "ring.png").write_bytes(drawn(ring=True))
    (folders / "www" / "text.png").write_bytes(b"no picture")
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"api_key": DEFAULT_KEY, "advanced": {"url": sandbox.url}}
    )
    for logo, error in (
        ("/local/none.png", "logo_not_found"),
        ("/local/text.png", "logo_unreadable"),
        ("/local/ring.png", "logo_unscannable"),
    ):
        form = await hass.config_entries.flow.async_configure(
            form["flow_id"], {"shop": shop_uuid, "name": "Till 1", "logo": picked(logo)}
        )
        assert form["type"] is FlowResultType.FORM
        assert form["errors"] == {"logo": error}
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"shop": shop_uuid, "name": "Till 1", "logo": picked(UPLOADED)}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    entry = done["result"]
    (till,) = entry.subentries.values()
    assert till.data["logo"] == picked(UPLOADED)

    flow = hass.config_entries.subentries
    changed = await flow.async_init(
        (entry.entry_id, "screen"),
        context={"source": "reconfigure", "subentry_id": till.subentry_id},
    )
    changed = await flow.async_configure(
        changed["flow_id"], {"shop": shop_uuid, "logo": picked("/local/ring.png")}
    )
    assert changed["errors"] == {"logo": "logo_unscannable"}
    changed = await flow.async_configure(
        changed["flow_id"], {"shop": shop_uuid, "name": "Till 1"}
    )
    assert changed["reason"] == "reconfigure_successful"
    assert "logo" not in entry.subentries[till.subentry_id].data
    await hass.async_block_till_done()


async def test_a_path_of_an_older_release(
    hass: HomeAssistant, with_logo: MockConfigEntry
) -> None:
    """A path that was typed is kept, and the media selector shows it."""
    (till,) = with_logo.subentries.values()
    flow = hass.config_entries.subentries
    form = await flow.async_init(
        (with_logo.entry_id, "screen"),
        context={"source": "reconfigure", "subentry_id": till.subentry_id},
    )
    assert form["data_schema"] is not None
    (field,) = (key for key in form["data_schema"].schema if key == "logo")
    suggested = field.description["suggested_value"]
    assert suggested["media_content_id"] == WWW
    done = await flow.async_configure(
        form["flow_id"],
        {"shop": till.data["shop"], "name": "Till 1", "logo": suggested},
    )
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    content, _ = await shown(hass, with_logo)
    assert center(content) == RED
