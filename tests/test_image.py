"""The image of a screen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from sandbox import Fault, Sandbox

from .conftest import (
    Advance,
    account,
    act,
    clear,
    codes,
    device_id,
    entity_id,
    picture,
    screen,
    set_up,
    state_of,
)

type Expect = Callable[..., Awaitable[bytes]]


def image(hass: HomeAssistant, entry: MockConfigEntry) -> State:
    """Return the state of Till 1's image."""
    return state_of(hass, entry, "image", "qr_code")


async def test_through_the_proxy(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The image proxy always returns an image, with or without a session."""
    browser = await hass_client()
    stranger = await hass_client_no_auth()
    path = f"/api/image_proxy/{entity_id(hass, entry, 'image', 'qr_code')}"

    async def get() -> bytes:
        response = await browser.get(path)
        assert response.status == HTTPStatus.OK
        assert response.content_type == "image/png"
        content = await response.read()
        with Image.open(BytesIO(content)) as opened:
            assert opened.format == "PNG"
            assert min(opened.size) >= 800
        # The address in the state is good without a login, and only that one.
        by_token = await stranger.get(image(hass, entry).attributes["entity_picture"])
        assert by_token.status == HTTPStatus.OK
        assert await by_token.read() == content
        assert (await stranger.get(path)).status == HTTPStatus.FORBIDDEN
        return content

    idle = await get()
    assert codes(idle) == []
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert codes(await get()) == [session["url"]]
    await clear(hass, device_id(hass, entry))
    assert await get() == idle


async def test_signed_address_outlives_the_token(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    hass_client_no_auth: ClientSessionGenerator,
    advance: Advance,
) -> None:
    """The image's own address changes every five minutes; a signed one does not."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=3600))
    await set_up(hass, entry)
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    own = image(hass, entry).attributes["entity_picture"]
    path = f"/api/image_proxy/{entity_id(hass, entry, 'image', 'qr_code')}"
    signed = async_sign_path(hass, path, timedelta(days=1))
    display = await hass_client_no_auth()
    # The last token is good, too.
    for _ in range(2):
        await advance(301)
    assert (await display.get(own)).status == HTTPStatus.FORBIDDEN
    content = await (await display.get(signed)).read()
    assert codes(content) == [session["url"]]


@pytest.fixture
def expect(hass: HomeAssistant, entry: MockConfigEntry) -> Expect:
    """Expect that the image and its state changed together, or that neither did."""
    watched = entity_id(hass, entry, "image", "qr_code")
    changes: list[str] = []
    pictures: list[bytes] = []

    @callback
    def collect(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        if event.data["entity_id"] == watched and new and old:
            changes.extend({new.state} - {old.state})

    async def check(*, changed: bool) -> bytes:
        await hass.async_block_till_done()
        pictures.append(await picture(hass, entry))
        assert pictures[:-1] or not changed
        assert (pictures[-1] != pictures[-2:][0]) is changed
        assert len(changes) == changed
        if changed:
            assert image(hass, entry).state == changes.pop()
        return pictures[-1]

    hass.bus.async_listen("state_changed", collect)
    return check


async def test_state_changes_with_the_picture(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    expect: Expect,
) -> None:
    """The state changes when the image changes, and only then."""
    idle = await expect(changed=False)
    await clear(hass, device_id(hass, entry))
    await expect(changed=False)
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    await expect(changed=True)
    since = dt_util.parse_datetime(image(hass, entry).state)
    assert since is not None
    assert (dt_util.utcnow() - since).total_seconds() == pytest.approx(0, abs=1)

    await advance(6)  # a poll with nothing new
    await expect(changed=False)
    sandbox.identify(session["uuid"], "123")
    await advance(6)
    await expect(changed=False)
    sandbox.add_event(session["uuid"], "something_else")
    await act(hass, "get_portal_session", device_id(hass, entry))
    await expect(changed=False)
    sandbox.add_event(session["uuid"], "voucher_redeemed")
    await advance(6)
    await expect(changed=False)
    await advance(16)
    assert await expect(changed=True) == idle
    await advance(301)  # the access token is another one, the picture is not
    await expect(changed=False)


async def test_state_changes_within_a_tick(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    expect: Expect,
) -> None:
    """Two changes at the same time are two images."""
    device = device_id(hass, entry)
    idle = await expect(changed=False)
    await act(hass, "create_portal_session", device)
    await expect(changed=True)
    await act(hass, "create_portal_session", device)
    await expect(changed=True)
    sandbox.add_fault(Fault("code", code=1000))
    with pytest.raises(HomeAssistantError):
        await act(hass, "create_portal_session", device)
    await expect(changed=False)
    await clear(hass, device_id(hass, entry))
    assert await expect(changed=True) == idle


async def test_drawn_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """However many screens ask, at once or later, one URL is drawn once."""
    device = device_id(hass, entry)
    idle = await asyncio.gather(*(picture(hass, entry) for _ in range(3)))
    assert all(content is idle[0] for content in idle)

    session = await act(hass, "create_voucher_session", device)
    drawn = await asyncio.gather(*(picture(hass, entry) for _ in range(3)))
    assert all(content is drawn[0] for content in drawn)
    sandbox.identify(session["uuid"], "123")
    await advance(6)
    assert await picture(hass, entry) is drawn[0]

    await act(hass, "create_voucher_session", device)
    assert await picture(hass, entry) is not drawn[0]


async def test_exact_size(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, tmp_path: Path
) -> None:
    """A screen with a code size has an image of that size, without its logo."""
    (tmp_path / "www").mkdir()
    Image.new("RGB", (64, 64), "red").save(tmp_path / "www" / "logo.png")
    till = screen(shop_uuid, logo="/local/logo.png", code_size=200)
    entry = account(sandbox, till)
    await set_up(hass, entry)

    async def opened() -> Image.Image:
        with Image.open(BytesIO(await picture(hass, entry))) as content:
            content.load()
            return content

    idle = await opened()
    assert (idle.mode, idle.size, idle.getextrema()) == ("1", (200, 200), (255, 255))
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    code = await opened()
    assert (code.mode, code.size) == ("1", (200, 200))
    assert codes(await picture(hass, entry)) == [session["url"]]


async def test_cancelled_request(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A browser that disconnects while a code is drawn does not stop the others."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    leaving = asyncio.create_task(picture(hass, entry))
    staying = asyncio.create_task(picture(hass, entry))
    await asyncio.sleep(0)
    leaving.cancel()
    assert codes(await staying) == [session["url"]]
    with pytest.raises((asyncio.CancelledError, HomeAssistantError)):
        await leaving


async def test_failed_drawing_is_drawn_again(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a failure the next request draws the image again."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(Image, "frombytes", _fail)
        for _ in range(2):
            with pytest.raises(MemoryError):
                await picture(hass, entry)
    assert codes(await picture(hass, entry)) == [session["url"]]


def _fail(*_: object) -> None:
    """Raise MemoryError."""
    raise MemoryError


async def test_after_a_restart(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The code of an open session is shown again after a restart."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    before = await picture(hass, entry)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert await picture(hass, entry) == before
    assert codes(before) == [session["url"]]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/portal-sessions?uuid=d02c7730&x=%20+%C3%A9#there",
        "https://example.com/été/€/猪",
        "HTTP://EXAMPLE.COM/123",
        "https://example.com/" + "x" * 1200,
    ],
)
async def test_urls_are_drawn_as_they_are(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, url: str
) -> None:
    """The code contains exactly the URL."""
    sandbox.settings.url_for = url
    answer: dict[str, Any] = await act(
        hass, "create_voucher_session", device_id(hass, entry)
    )
    assert answer["url"] == url
    assert codes(await picture(hass, entry)) == [url]


async def test_two_screens(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Each shows its own session; an idle one shows none."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    session = await act(
        hass, "create_voucher_session", device_id(hass, entry, "Till 2")
    )
    assert codes(await picture(hass, entry)) == []
    assert codes(await picture(hass, entry, "Till 2")) == [session["url"]]
