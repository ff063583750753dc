"""Diagnostics contain the details for support, and no secrets."""

from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.piggy.const import DOMAIN
from custom_components.piggy.settings import NUMBER_DEFAULTS
from homeassistant.const import __version__ as ha_version
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import Advance, act, device_id, screen, set_up

KEY = "canary-key-4711"
EMAIL = "canary@example.com"
CARD = "canary-card-0815"
CONTACT = "canary-contact-2342"
REFERENCE = "canary-reference-1234"
URL = "https://portal.example/canary-url/{uuid}"
REDACTED = "**REDACTED**"
NOW = "2026-11-22T12:00:00+00:00"


@pytest.fixture
async def client(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, socket_enabled: None
) -> TestClient[Any, Any]:
    """Return a client with the frontend's access."""
    assert await async_setup_component(hass, "diagnostics", {})
    return await hass_client()


@pytest.fixture
async def secretive(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    freezer: FrozenDateTimeFactory,
    advance: Advance,
) -> MockConfigEntry:
    """Return an account full of canaries, with two sessions on one of its two screens.

    One is shown and one is followed. Since then, polls failed with a message that is
    full of canaries.
    """
    freezer.move_to(NOW)
    sandbox.add_key(KEY)
    sandbox.settings.url_for = URL
    sandbox.add_identifier(CARD, sandbox.add_contact(EMAIL, uuid=CONTACT))
    made = MockConfigEntry(
        domain=DOMAIN,
        title="Piggy Sandbox",
        unique_id=sandbox.account.uuid,
        data={"api_key": KEY, "url": sandbox.url},
        subentries_data=[
            screen(
                shop_uuid,
                defaults={"scanner_type": "hand_scanner"},
                staff_pin=PIN,
            ),
            screen("gone", "Till 2"),
        ],
    )
    await set_up(hass, made)
    freezer.tick(1)
    customer = {"contact_identifier": CARD, "reference": REFERENCE}
    device = device_id(hass, made)
    await act(hass, "create_voucher_session", device, **customer)
    redeem = "create_redeem_giftcard_session"
    session = await act(hass, redeem, device, amount_in_cents=250, **customer)
    sandbox.add_event(
        session["uuid"], "giftcard_transaction", {"amount_in_cents": -250, "to": EMAIL}
    )
    await act(hass, "get_portal_session", device_id(hass, made))
    sandbox.add_fault(Fault("code", "GET", code=1000, message=f"{EMAIL} {CARD} {KEY}"))
    await advance(6)
    return made


PIN = "90210417"


async def download(
    client: TestClient[Any, Any], entry: MockConfigEntry, device: str | None = None
) -> tuple[dict[str, Any], str]:
    """Return a download, parsed and as it is."""
    path = f"/api/diagnostics/config_entry/{entry.entry_id}"
    answer = await client.get(f"{path}/device/{device}" if device else path)
    assert answer.status == HTTPStatus.OK
    parsed: dict[str, Any] = await answer.json()
    return parsed, await answer.text()


async def test_account(
    secretive: MockConfigEntry,
    client: TestClient[Any, Any],
    sandbox: Sandbox,
    shop_uuid: str,
) -> None:
    """A download has the settings and the state of an account."""
    payload, _ = await download(client, secretive)
    data = payload["data"]
    assert data["state"] == "loaded"
    assert data["rate_limit_remaining"] is None
    assert data["entry"]["title"] == "Piggy Sandbox"
    assert data["entry"]["version"] == 1
    assert data["entry"]["options"] == {}
    assert data["entry"]["data"] == {"api_key": REDACTED, "url": sandbox.url}
    assert "subentries" not in data["entry"]

    first, second = data["screens"]
    assert first["title"] == "Till 1"
    assert first["settings"] == {
        "shop": shop_uuid,
        **NUMBER_DEFAULTS,
        "defaults": {"scanner_type": "hand_scanner"},
        "staff_pin": REDACTED,
    }
    shown, left = first["coordinator"]["session"], first["coordinator"]["followed"][0]
    common = {
        "uuid": REDACTED,
        "url": REDACTED,
        "url_length": len(URL) - len("{uuid}") + 36,
        "reference": REDACTED,
        "contact_uuid": REDACTED,
    }
    assert shown == {
        **common,
        "type": "redeem_giftcard",
        "session_id": shown["session_id"],
        "created_at": shown["created_at"],
        "status": "completed",
        "expires_at": "2026-11-22T12:00:16+00:00",
        "follow_until": None,
        "purchase_amount_in_cents": 250,
        "allow_multiple_giftcards": True,
        "outcome": ["giftcard_transaction"],
        "seen": 1,
    }
    assert left == {
        **common,
        "type": "voucher",
        "session_id": left["session_id"],
        "created_at": left["created_at"],
        "status": "identified",
        "expires_at": None,
        "follow_until": "2026-11-22T12:10:01+00:00",
        "purchase_amount_in_cents": None,
        "allow_multiple_giftcards": True,
        "outcome": [],
        "seen": 0,
    }
    assert first["coordinator"] == {
        "shop": {"uuid": shop_uuid, "name": "Sesame Street"},
        "session": shown,
        "followed": [left],
        "image_last_updated": first["coordinator"]["image_last_updated"],
        "last_poll_success": False,
        "last_poll_error": {"type": "PiggyApiError", "code": 1000},
    }
    assert second["title"] == "Till 2"
    assert second["coordinator"] == {
        "shop": None,
        "session": None,
        "followed": [],
        "image_last_updated": NOW,
        "last_poll_success": True,
        "last_poll_error": None,
    }


async def test_device(
    hass: HomeAssistant, secretive: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    """The download of a device has its screen and the account."""
    whole, _ = await download(client, secretive)
    one, _ = await download(
        client, secretive, device_id(hass, secretive, name="Till 2")
    )
    assert one["data"]["entry"] == whole["data"]["entry"]
    assert one["data"]["screens"] == whole["data"]["screens"][1:]


async def test_versions(
    secretive: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    """The download names the versions; Home Assistant adds them."""
    payload, _ = await download(client, secretive)
    assert payload["home_assistant"]["version"] == ha_version
    assert payload["integration_manifest"]["version"]


async def test_nothing_secret(
    hass: HomeAssistant,
    sandbox: Sandbox,
    secretive: MockConfigEntry,
    client: TestClient[Any, Any],
) -> None:
    """No canary is in the download of the account or of a device."""
    till = device_id(hass, secretive)
    for device in (None, till):
        _, text = await download(client, secretive, device)
        assert "Till 1" in text
        assert "canary" not in text
        assert PIN not in text
        for secret in sandbox.sessions:
            assert secret not in text


async def test_connection_failure(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    client: TestClient[Any, Any],
    advance: Advance,
) -> None:
    """Of a failure, the kind is in the download."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.add_fault(Fault("status", "GET", status=503))
    await advance(6)
    payload, _ = await download(client, entry)
    (told,) = payload["data"]["screens"]
    assert told["coordinator"]["last_poll_error"] == {
        "type": "PiggyMaintenanceError",
        "code": None,
    }
    assert told["coordinator"]["session"]["contact_uuid"] is None


async def test_rate_limit(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    client: TestClient[Any, Any],
    shop_uuid: str,
) -> None:
    """The remaining requests are in the download once an answer had them."""
    sandbox.add_fault(
        Fault(
            "raw",
            body=f'{{"data": [{{"uuid": "{shop_uuid}"}}]}}',
            headers={"X-RateLimit-Remaining": "4711"},
        )
    )
    await hass.config_entries.async_reload(entry.entry_id)
    payload, _ = await download(client, entry)
    assert payload["data"]["rate_limit_remaining"] == 4711


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://api.piggy.eu", "https://api.piggy.eu"),
        (
            "https://canary:canary@proxy.example:8443/canary?canary=1#canary",
            "https://proxy.example:8443",
        ),
    ],
)
async def test_account_that_is_not_loaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: TestClient[Any, Any],
    url: str,
    told: str,
) -> None:
    """It can be downloaded too; of its URL it has no more than the host."""
    other = MockConfigEntry(
        domain=DOMAIN,
        data={"api_key": KEY, "url": url},
        subentries_data=[screen("somewhere", "Window")],
    )
    other.add_to_hass(hass)
    payload, text = await download(client, other)
    data = payload["data"]
    assert data["state"] == "not_loaded"
    assert data["rate_limit_remaining"] is None
    assert data["entry"]["data"]["url"] == told
    assert data["screens"][0]["title"] == "Window"
    assert data["screens"][0]["coordinator"] is None
    assert "canary" not in text
