"""What the system health page tells."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import account, act, device_id, screen, set_up


@pytest.fixture
async def health(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, socket_enabled: None
) -> Any:
    """Return a function that opens the page and returns what it shows of Piggy."""
    assert await async_setup_component(hass, "system_health", {})

    async def ask() -> dict[str, Any]:
        client = await hass_ws_client(hass)
        await client.send_json_auto_id({"type": "system_health/info"})
        assert (await client.receive_json())["success"]
        shown: dict[str, Any] = {}
        while (event := (await client.receive_json())["event"])["type"] != "finish":
            if event["type"] == "initial":
                shown = event["data"][DOMAIN]
            elif event["domain"] == DOMAIN:
                shown["info"][event["key"]] = event["data"]
        return shown

    return ask


async def test_account(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, health: Any
) -> None:
    """The page counts what is there, and leads to the integration."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    shown = await health()
    assert shown["info"] == {
        "can_reach_server": "ok",
        "accounts": 1,
        "screens": 1,
        "open_sessions": 1,
    }
    assert shown["manage_url"] == "/config/integrations/integration/piggy"


async def test_key_is_not_sent(
    sandbox: Sandbox, entry: MockConfigEntry, health: Any
) -> None:
    """The address is tried without the key."""
    before = len(sandbox.requests)
    await health()
    (tried,) = sandbox.requests[before:]
    assert tried.path == "/"
    assert "Authorization" not in tried.headers


async def test_several_accounts(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    health: Any,
    shop_uuid: str,
) -> None:
    """Accounts are added up; of the requests that are left, the fewest are shown."""
    async with Sandbox() as second, Sandbox() as third:
        for other, left in ((second, "120"), (third, "4000")):
            uuid = next(iter(other.shops))
            other.add_fault(
                Fault(
                    "raw",
                    body=f'{{"data": [{{"uuid": "{uuid}"}}]}}',
                    headers={"X-RateLimit-Remaining": left},
                )
            )
            made = account(other, screen(uuid, "Till 2"), screen(uuid, "Till 3"))
            await set_up(hass, made)
        info = (await health())["info"]
        assert info == {
            "can_reach_server": "ok",
            "accounts": 3,
            "screens": 5,
            "open_sessions": 0,
            "remaining_requests": 120,
        }
        await third.stop()
        info = (await health())["info"]
    assert info["can_reach_server"] == {"type": "failed", "error": "unreachable"}


async def test_account_that_is_away(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, health: Any
) -> None:
    """An account that is not loaded still counts; nothing is known of its sessions."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    await sandbox.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    info = (await health())["info"]
    assert info == {
        "can_reach_server": {"type": "failed", "error": "unreachable"},
        "accounts": 1,
        "screens": 1,
        "open_sessions": 0,
    }


async def test_disabled_account(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, health: Any
) -> None:
    """A disabled account does not count, and its address is not tried."""
    other = account(sandbox, screen("somewhere"))
    await set_up(hass, other)
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    info = (await health())["info"]
    assert info["accounts"] == 1
