"""The system health page."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import ROOT, Advance, account, act, device_id, screen, set_up

TEXTS = json.loads(
    (ROOT / "custom_components/piggy/translations/en.json").read_text("utf-8")
)["system_health"]["info"]


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
        assert shown["info"].keys() <= TEXTS.keys()
        return shown

    return ask


async def test_account(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, health: Any
) -> None:
    """The page shows the counts, and links to the integration."""
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
    """The check of the URL does not send the key."""
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
    """The page shows totals of all accounts, and the lowest number of requests left."""
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


@pytest.mark.parametrize("sessions", [0, 1])
async def test_account_that_is_away(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    health: Any,
    sessions: int,
) -> None:
    """An account that did not load counts, too; with a session it loads anyway."""
    if sessions:
        await act(hass, "create_portal_session", device_id(hass, entry))
    await sandbox.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert (entry.state is ConfigEntryState.LOADED) is (sessions == 1)
    info = (await health())["info"]
    assert info == {
        "can_reach_server": {"type": "failed", "error": "unreachable"},
        "accounts": 1,
        "screens": 1,
        "open_sessions": sessions,
    }


@pytest.mark.parametrize("omitted", [True, False])
async def test_no_events(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    health: Any,
    advance: Advance,
    *,
    omitted: bool,
) -> None:
    """Ten minutes after an identification the page says that no events are reported.

    That is when a session that was identified is followed no longer.
    """
    sandbox.settings.omit_events = omitted
    device = device_id(hass, entry)
    session = await act(hass, "create_voucher_session", device)
    await advance(30)
    sandbox.identify(session["uuid"], "123")
    await advance(11)  # a poll notices it
    await advance(590)  # the session leaves, and is followed to its end
    assert "events" not in (await health())["info"]
    await advance(20)
    info = (await health())["info"]
    assert info.get("events") == (
        "Piggy reports no events for sessions" if omitted else None
    )
    sandbox.settings.omit_events = False
    await act(hass, "get_portal_session", device, uuid=session["uuid"])
    await act(hass, "create_voucher_session", device)
    await advance(6)
    assert "events" not in (await health())["info"]


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
