"""What a user sends in to be helped: all that helps, nothing that is secret."""

from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.piggy.const import DOMAIN
from homeassistant.const import __version__ as ha_version
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import act, device_id, screen, set_up

KEY = "canary-key-4711"
EMAIL = "canary@example.com"
CARD = "canary-card-0815"
CONTACT = "canary-contact-2342"
URL = "https://portal.example/canary-url/{uuid}"
REDACTED = "**REDACTED**"
NOW = "2026-11-22T12:00:00+00:00"


@pytest.fixture
async def client(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, socket_enabled: None
) -> TestClient[Any, Any]:
    """Return what the frontend talks to."""
    assert await async_setup_component(hass, "diagnostics", {})
    return await hass_client()


@pytest.fixture
async def secretive(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an account full of canaries, with a session on the first of two screens.

    The API has refused to tell of the session since, in words full of canaries.
    """
    freezer.move_to(NOW)
    sandbox.add_key(KEY)
    sandbox.url_for = URL
    sandbox.add_identifier(CARD, sandbox.add_contact(EMAIL, uuid=CONTACT))
    made = MockConfigEntry(
        domain=DOMAIN,
        title="Piggy Sandbox",
        unique_id=sandbox.account.uuid,
        data={"api_key": KEY, "url": sandbox.url},
        subentries_data=[
            screen(shop_uuid, defaults={"scanner_type": "hand_scanner"}),
            screen("gone", "Till 2"),
        ],
    )
    await set_up(hass, made)
    freezer.tick(1)
    session = await act(
        hass,
        "create_voucher_session",
        device_id(hass, made),
        contact_identifier=CARD,
    )
    sandbox.add_event(
        session["uuid"], "prepaid_transaction", {"amount_in_cents": -250, "to": EMAIL}
    )
    await act(hass, "get_portal_session", device_id(hass, made))
    sandbox.add_fault(Fault("code", "GET", code=1000, message=f"{EMAIL} {CARD} {KEY}"))
    freezer.tick(6)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    return made


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
    """The download tells what an account is set to and what it does."""
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
    assert first["shop_missing"] is False
    assert first["settings"] == {
        "shop": shop_uuid,
        "session_lifetime": 5,
        "completed_lifetime": 15,
        "defaults": {"scanner_type": "hand_scanner"},
    }
    assert first["coordinator"] == {
        "shop": {"uuid": shop_uuid, "name": "Sesame Street", "type": "physical"},
        "session": {
            "uuid": REDACTED,
            "url": REDACTED,
            "url_length": len(URL) - len("{uuid}") + 36,
            "type": "voucher",
            "shop": {"uuid": shop_uuid, "name": "Sesame Street"},
            "contact_uuid": REDACTED,
            "created_at": first["coordinator"]["session"]["created_at"],
            "status": "completed",
            "expires_at": "2026-11-22T12:00:16+00:00",
            "seen": 1,
        },
        "image_last_updated": "2026-11-22T12:00:01+00:00",
        "poll_interval_seconds": 10.0,
        "last_poll_success": False,
        "last_poll_error": {"type": "PiggyApiError", "code": 1000},
    }

    assert second["title"] == "Till 2"
    assert second["shop_missing"] is True
    assert second["coordinator"] == {
        "shop": {"uuid": "gone", "name": None, "type": None},
        "session": None,
        "image_last_updated": NOW,
        "poll_interval_seconds": None,
        "last_poll_success": True,
        "last_poll_error": None,
    }


async def test_device(
    hass: HomeAssistant, secretive: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    """The download of a device tells of its screen and of the account."""
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
    """No canary leaves the hub, neither with the account nor with a device."""
    (session,) = sandbox.sessions
    till = device_id(hass, secretive)
    for device in (None, till):
        _, text = await download(client, secretive, device)
        assert "Till 1" in text
        assert "canary" not in text
        for secret in (KEY, EMAIL, CARD, CONTACT, session):
            assert secret not in text


async def test_connection_failure(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    client: TestClient[Any, Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A failure that is no answer of Piggy's is told by its kind."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.add_fault(Fault("status", "GET", status=503))
    freezer.tick(6)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
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
    """The requests that are left are told once Piggy has told them."""
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
    """What does not run can be downloaded too; of its address no more than the host."""
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
