"""The color and the logo of the account's brand kit at Piggy."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from io import BytesIO
import logging
from typing import Any

from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant
from sandbox import DEFAULT_KEY, Fault, Sandbox
from sandbox.api import PREFIX
from sandbox.settings import LOGO_PATH as LOGO

from .conftest import Advance, account, case, run_due, screen, set_up, state_of
from .qr.images import png

DAY = 24 * 60 * 60
COLOR = "#5b21b6"
KIT = f"{PREFIX}/brand-kit"
RED = (200, 0, 0, 255)


def brand(hass: HomeAssistant, entry: MockConfigEntry) -> tuple[str | None, str | None]:
    """Return the brand that Till 1 shows."""
    attributes = state_of(hass, entry, "image", "qr_code").attributes
    return attributes["brand_color"], attributes["brand_logo"]


@pytest.fixture
def logo(sandbox: Sandbox) -> Image.Image:
    """Give the account a color, and a logo: red on transparent."""
    sandbox.account.brand_kit.primary_color = COLOR
    image = Image.new("RGBA", (40, 20))
    image.paste(RED, (10, 5, 30, 15))
    sandbox.set_logo(png(image))
    return image


@pytest.fixture
async def branded(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    logo: Image.Image,
    advance: Advance,
) -> MockConfigEntry:
    """Return an account with a logo that is set up after the clock was frozen."""
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    await run_due(hass)
    return entry


async def test_shown(
    hass: HomeAssistant,
    sandbox: Sandbox,
    branded: MockConfigEntry,
    logo: Image.Image,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Every browser can load the logo from Home Assistant, which fetched it once."""
    color, path = brand(hass, branded)
    assert color == COLOR
    assert path is not None
    browser = await hass_client_no_auth()
    for _ in range(2):
        response = await browser.get(path)
        assert (response.status, response.content_type) == (HTTPStatus.OK, "image/png")
        assert "max-age" in response.headers["Cache-Control"]
        with Image.open(BytesIO(await response.read())) as served:
            assert served.tobytes() == logo.tobytes()
    assert len(sandbox.calls(path=KIT)) == len(sandbox.calls(path=LOGO)) == 1


async def test_the_key_stays_at_the_api(
    sandbox: Sandbox, branded: MockConfigEntry
) -> None:
    """The host of the logo does not receive the API key."""
    (kit,), (logo,) = sandbox.calls(path=KIT), sandbox.calls(path=LOGO)
    assert DEFAULT_KEY in kit.headers["Authorization"]
    assert DEFAULT_KEY not in str(logo.headers)


async def test_not_kept_in_the_history(
    hass: HomeAssistant, branded: MockConfigEntry
) -> None:
    """The recorder does not store the attributes."""
    state = state_of(hass, branded, "image", "qr_code")
    assert state.state_info is not None
    assert state.state_info["unrecorded_attributes"] >= {MATCH_ALL}


@pytest.mark.parametrize("path", ["", "0" * 64, "..", "None"])
async def test_other_logos(
    branded: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator, path: str
) -> None:
    """Nothing but the logo is served."""
    browser = await hass_client_no_auth()
    response = await browser.get(f"/api/{DOMAIN}/logo/{path}")
    assert response.status == HTTPStatus.NOT_FOUND


async def test_not_served_without_the_account(
    hass: HomeAssistant,
    branded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The logo goes with its account."""
    _, path = brand(hass, branded)
    await hass.config_entries.async_unload(branded.entry_id)
    response = await (await hass_client_no_auth()).get(str(path))
    assert response.status == HTTPStatus.NOT_FOUND


async def test_every_day(
    hass: HomeAssistant, sandbox: Sandbox, branded: MockConfigEntry, advance: Advance
) -> None:
    """A new brand is shown the next day, and one that is gone is not."""
    kit = sandbox.account.brand_kit
    _, before = brand(hass, branded)
    kit.primary_color = "#facc15"
    sandbox.set_logo(png(Image.new("RGB", (30, 30), "blue")))
    await advance(DAY - 60)
    assert brand(hass, branded) == (COLOR, before)
    await advance(60)
    color, after = brand(hass, branded)
    assert color == "#facc15"
    assert after not in (before, None)
    kit.primary_color = kit.large_logo_url = None
    await advance(DAY)
    assert brand(hass, branded) == (None, None)


async def test_no_longer_read_after_an_unload(
    hass: HomeAssistant, sandbox: Sandbox, branded: MockConfigEntry, advance: Advance
) -> None:
    """An account that is not loaded asks for nothing."""
    await hass.config_entries.async_unload(branded.entry_id)
    await advance(DAY)
    assert len(sandbox.calls(path=KIT)) == 1


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"small_logo_url": LOGO, "large_logo_url": None}, True),
        ({"small_logo_url": LOGO, "large_logo_url": ""}, True),
        ({"small_logo_url": "https://127.0.0.1/small.png"}, True),
        ({"large_logo_url": None}, False),
        ({"large_logo_url": "http://example.com/logo.png"}, False),
        ({"large_logo_url": "file:///etc/passwd"}, False),
        ({"large_logo_url": "https://["}, False),
        ({"large_logo_url": "https://127.0.0.1:1/logo.png"}, False),
    ],
)
async def test_which_logo(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    logo: Image.Image,
    *,
    shown: Mapping[str, Any],
    expected: bool,
) -> None:
    """The large logo is preferred to the small one."""
    for name, value in shown.items():
        setattr(sandbox.account.brand_kit, name, value)
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    await run_due(hass)
    assert bool(brand(hass, entry)[1]) is expected


FAULTS = (
    Fault("status", status=500),
    Fault("status", status=401),
    Fault("status", status=429),
    Fault("code", code=7011),
    Fault("no_data"),
    Fault("html"),
    Fault("reset_before", times=2),
    Fault("truncate"),
    Fault("redirect", location="/elsewhere"),
)


@pytest.mark.parametrize("path", [KIT, LOGO])
async def test_failure(
    hass: HomeAssistant,
    sandbox: Sandbox,
    branded: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    """The brand stays as it is after a failure, of which only a debug line tells."""
    before = brand(hass, branded)
    for fault in FAULTS:
        sandbox.add_fault(replace(fault, path=path))
        caplog.clear()
        await advance(DAY)
        with case(fault):
            assert not sandbox.faults
            assert not [row for row in caplog.records if row.levelno > logging.DEBUG]
            if path == LOGO and fault.kind in ("html", "no_data", "redirect"):
                # That is what is there now.
                assert brand(hass, branded) == (before[0], None)
            else:
                assert brand(hass, branded) == before
                assert "The brand could not be read" in caplog.text
            assert sandbox.url not in caplog.text
        await advance(DAY)
        assert brand(hass, branded) == before
    assert not hass.config_entries.flow.async_progress()
    assert branded.runtime_data.account.paused_until == 0
    await advance(DAY)
    assert brand(hass, branded) == before


@pytest.mark.parametrize("path", [KIT, LOGO])
async def test_set_up_does_not_wait(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    logo: Image.Image,
    path: str,
) -> None:
    """An account is loaded before its brand is there, and can be unloaded again."""
    sandbox.add_fault(Fault("stall", path=path))
    entry = account(sandbox, screen(shop_uuid))
    entry.add_to_hass(hass)
    async with asyncio.timeout(5):
        await hass.config_entries.async_setup(entry.entry_id)
        await sandbox.wait_for_calls(path=path)
        assert entry.state is ConfigEntryState.LOADED
        assert brand(hass, entry)[1] is None
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_redirect_is_not_followed(
    hass: HomeAssistant, sandbox: Sandbox, branded: MockConfigEntry, advance: Advance
) -> None:
    """A redirect does not lead Home Assistant to another address."""
    async with Sandbox() as other:
        other.set_logo(sandbox.settings.logo)
        elsewhere = f"{other.url}{LOGO}"
        sandbox.add_fault(Fault("redirect", path=LOGO, location=elsewhere))
        await advance(DAY)
        assert brand(hass, branded) == (COLOR, None)
        sandbox.account.brand_kit.large_logo_url = elsewhere
        await advance(DAY)
        assert brand(hass, branded) == (COLOR, None)
        assert other.calls(path=LOGO) == []


def huge(size: tuple[int, int]) -> bytes:
    """Return a small file of a large image."""
    return png(Image.new("1", size))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        png(Image.new("RGB", (9, 9)), "BMP"),
        png(Image.new("RGB", (9, 9)))[:-30],
        huge((2049, 2048)),
    ],
    ids=["empty", "SVG", "BMP", "half", "bomb"],
)
async def test_no_image(
    hass: HomeAssistant,
    sandbox: Sandbox,
    branded: MockConfigEntry,
    advance: Advance,
    content: bytes,
) -> None:
    """A file that is not an image of a known format is not shown."""
    sandbox.set_logo(content)
    await advance(DAY)
    assert brand(hass, branded) == (COLOR, None)


async def test_too_large(
    hass: HomeAssistant, sandbox: Sandbox, branded: MockConfigEntry, advance: Advance
) -> None:
    """A file is read up to 2 MiB and not one byte further."""
    before = brand(hass, branded)
    content = png(Image.new("RGB", (9, 9))).ljust(2 * 1024 * 1024)
    sandbox.set_logo(content + b" ")
    await advance(DAY)
    assert brand(hass, branded) == before
    sandbox.set_logo(content)
    await advance(DAY)
    assert brand(hass, branded)[1] not in (None, before[1])


async def test_drawn_again(
    hass: HomeAssistant,
    sandbox: Sandbox,
    branded: MockConfigEntry,
    advance: Advance,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Browsers get an image of 512 pixels with nothing of the file but its pixels."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "smuggled"  # turned by 90 degrees, with a text
    image = Image.new("RGB", (1024, 512), "blue")
    content = png(image, "JPEG", exif=exif, icc_profile=b"smuggled", comment="smuggled")
    sandbox.set_logo(content + b"smuggled")
    await advance(DAY)
    browser = await hass_client_no_auth()
    served = await (await browser.get(str(brand(hass, branded)[1]))).read()
    assert b"smuggled" in content
    assert b"smuggled" not in served
    with Image.open(BytesIO(served)) as opened:
        assert (opened.format, opened.size) == ("PNG", (256, 512))
        assert set(opened.info) == set()


async def test_of_two_accounts(
    hass: HomeAssistant,
    sandbox: Sandbox,
    branded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Each account has its own brand."""
    browser = await hass_client_no_auth()
    async with Sandbox() as other:
        other.account.uuid = "another"
        other.account.brand_kit.primary_color = "#112233"
        other.set_logo(png(Image.new("RGB", (5, 5), "green")))
        entry = account(other, screen(next(iter(other.shops))))
        await set_up(hass, entry)
        await run_due(hass)
        for shown, color, size in (
            (branded, COLOR, (40, 20)),
            (entry, "#112233", (5, 5)),
        ):
            found, path = brand(hass, shown)
            assert found == color
            response = await browser.get(str(path))
            with Image.open(BytesIO(await response.read())) as opened:
                assert opened.size == size
