"""A screen's logo: where it may be, and what becomes of it in the code."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import zxingcpp

from custom_components.piggy.const import DOMAIN
from custom_components.piggy.logo import LogoError
from custom_components.piggy.logo_file import async_check_logo, read_logo
from homeassistant.components.image import async_get_image
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from sandbox import DEFAULT_KEY, Sandbox

from .conftest import account, act, device_id, entity_id, screen, set_up

RED = (200, 0, 0)
WWW = "/local/logo.png"
MEDIA = "/media/local/shop/logo.png"
SOURCE = "media-source://media_source/local/shop/logo.png"


def drawn(*, ring: bool = False) -> bytes:
    """Return a red spot on white; with a ring it looks like a mark of a code."""
    picture = Image.new("RGB", (120, 120), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((45, 45, 75, 75), fill="black" if ring else RED)
    if ring:
        draw.rectangle((15, 15, 105, 105), outline="black", width=14)
    content = BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def folders(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give the hub a `www` and a media folder with a logo in each."""
    media = tmp_path / "media"
    hass.config.media_dirs = {"local": str(media)}
    for path in (tmp_path / "www" / "logo.png", media / "shop" / "logo.png"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn())
    (tmp_path / "secret.png").write_bytes(drawn())
    (media / "link.png").symlink_to(tmp_path / "secret.png")
    return tmp_path


@pytest.mark.parametrize("address", [WWW, MEDIA, SOURCE])
async def test_found(hass: HomeAssistant, folders: Path, address: str) -> None:
    """Both folders are reached by the addresses that the frontend shows."""
    await async_check_logo(hass, address)
    content = await hass.async_add_executor_job(read_logo, hass, address)
    assert content == drawn()


@pytest.mark.parametrize(
    "address",
    [
        "/local/",
        "/local/other.png",
        "/local/../secret.png",
        "/media/local/link.png",
        "/media/local/../secret.png",
        "/media/other/logo.png",
        "media-source://media_source/local/",
        "/local/\0.png",
        "logo.png",
        "https://example.com/logo.png",
        "/etc/passwd",
    ],
)
async def test_not_found(hass: HomeAssistant, folders: Path, address: str) -> None:
    """Nothing outside of the two folders is ever read."""
    with pytest.raises(LogoError) as raised:
        await async_check_logo(hass, address)
    assert raised.value.key == "logo_not_found"


async def shown(hass: HomeAssistant, entry: MockConfigEntry) -> tuple[bytes, str]:
    """Start a session; return the picture on the screen and the session's url."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    image = await async_get_image(hass, entity_id(hass, entry, "image", "qr_code"))
    return image.content, session["url"]


def middle(content: bytes) -> Any:
    """Return the colour in the middle of a picture."""
    picture = Image.open(BytesIO(content)).convert("RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


def decoded(content: bytes) -> str:
    """Return what a decoder reads in a picture."""
    code = zxingcpp.read_barcode(Image.open(BytesIO(content)).convert("RGB"))
    assert code is not None
    return code.text


async def test_stands_in_the_code(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, folders: Path
) -> None:
    """The logo is in the middle of a code that scans."""
    entry = account(sandbox, screen(shop_uuid, logo=WWW))
    await set_up(hass, entry)
    content, url = await shown(hass, entry)
    assert middle(content) == RED
    assert decoded(content) == url


@pytest.mark.parametrize("content", [None, b"no picture", drawn(ring=True)])
async def test_spoiled_later(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    folders: Path,
    content: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A logo that is gone or exchanged costs the logo, not the code."""
    entry = account(sandbox, screen(shop_uuid, logo=WWW))
    await set_up(hass, entry)
    path = folders / "www" / "logo.png"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    picture, url = await shown(hass, entry)
    assert decoded(picture) == url
    assert "can not be used any more" in caplog.text


async def test_url_too_long_for_a_logo(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, folders: Path
) -> None:
    """Where both do not fit, the url goes before the logo."""
    sandbox.url_for = f"https://example.com/{{uuid}}/{'x' * 1500}"
    entry = account(sandbox, screen(shop_uuid, logo=WWW))
    await set_up(hass, entry)
    content, url = await shown(hass, entry)
    assert decoded(content) == url
    assert middle(content) != RED


async def test_checked_when_it_is_set(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, folders: Path
) -> None:
    """The form names what is wrong with a logo, and takes one that is right."""
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
            form["flow_id"], {"shop": shop_uuid, "name": "Till 1", "logo": logo}
        )
        assert form["type"] is FlowResultType.FORM
        assert form["errors"] == {"logo": error}
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"shop": shop_uuid, "name": "Till 1", "logo": f" {WWW} "}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    entry = done["result"]
    (till,) = entry.subentries.values()
    assert till.data["logo"] == WWW

    flow = hass.config_entries.subentries
    changed = await flow.async_init(
        (entry.entry_id, "screen"),
        context={"source": "reconfigure", "subentry_id": till.subentry_id},
    )
    changed = await flow.async_configure(
        changed["flow_id"], {"shop": shop_uuid, "logo": "/local/ring.png"}
    )
    assert changed["errors"] == {"logo": "logo_unscannable"}
    changed = await flow.async_configure(
        changed["flow_id"], {"shop": shop_uuid, "name": "Till 1", "logo": ""}
    )
    assert changed["reason"] == "reconfigure_successful"
    assert "logo" not in entry.subentries[till.subentry_id].data
    await hass.async_block_till_done()
