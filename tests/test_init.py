"""An account is set up, waits, recovers, and leaves nothing behind."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from sandbox import DEFAULT_KEY, Account, Fault, Sandbox

from .conftest import Advance, account, act, device_id, entity_id, screen, set_up
from .flows import befalling

SHOP = "2222e1242t3324535"
OTHER_SHOP = "123123"
ACTIONS = {
    *(f"create_{session_type}_session" for session_type in SessionType),
    "get_portal_session",
    "clear_session",
}


def state(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the state of a screen's URL sensor."""
    found = hass.states.get(entity_id(hass, entry, "sensor", "session_url", name))
    assert found is not None
    return found.state


def reauths(hass: HomeAssistant, entry: MockConfigEntry) -> int:
    """Return how many re-authentications of an account are open."""
    return len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})))


async def test_actions_without_an_account(hass: HomeAssistant) -> None:
    """The actions are registered, with descriptions, before an account is set up."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "create_portal_session", "nothing")
    assert caught.value.translation_key == "unknown_device"


async def test_set_up(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Setting up asks for the shops, once, and shows idle screens."""
    assert [(sent.method, sent.path) for sent in sandbox.requests] == [
        ("GET", "/api/v3/oauth/clients/shops")
    ]
    assert state(hass, entry) == "unknown"
    device = dr.async_get(hass).async_get(device_id(hass, entry))
    assert isinstance(device, dr.DeviceEntry)
    assert (device.name, device.model) == ("Till 1", "Sesame Street")
    assert device.manufacturer == "Piggy"
    assert device.entry_type is dr.DeviceEntryType.SERVICE


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Fault("status", status=503, times=0), "maintenance"),
        (Fault("status", status=429, times=0), "rate_limited"),
        (Fault("status", status=500, times=0), "invalid_response"),
        (Fault("status", status=403, times=0), "invalid_response"),
        (Fault("code", code=1000, times=0), "internal_error"),
        (Fault("code", code=7002, times=0), "account_inactive"),
        (Fault("code", code=42, times=0), "api_error"),
        (Fault("reset_before", times=0), "interrupted"),
        (Fault("stall", times=0), "timeout"),
    ],
)
async def test_not_ready(
    hass: HomeAssistant,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
    key: str,
) -> None:
    """An account is retried while Piggy is down, says why, and recovers by itself."""
    entry = account(sandbox, screen(SHOP))
    with befalling(sandbox, fault):
        await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == key
    assert entry.reason
    assert DEFAULT_KEY not in caplog.text
    assert reauths(hass, entry) == 0

    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=10))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)
    assert state(hass, entry) == "unknown"


async def test_no_server(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """An account whose Piggy cannot be reached waits for it."""
    entry = account(sandbox, screen(SHOP))
    await sandbox.stop()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    await sandbox.start()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)


@pytest.mark.parametrize(
    "fault", [Fault("status", status=401), Fault("code", code=7011)]
)
async def test_key_refused(
    hass: HomeAssistant,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    """A refused key starts re-authentication."""
    entry = account(sandbox, screen(SHOP))
    sandbox.add_fault(fault)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "invalid_auth"
    assert reauths(hass, entry) == 1
    assert DEFAULT_KEY not in caplog.text


async def test_shop_is_gone(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """A screen with a missing shop does not affect other screens of the account."""
    entry = account(sandbox, screen("gone"), screen(SHOP, "Till 2"))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert await act(hass, "create_portal_session", device_id(hass, entry, "Till 2"))
    assert state(hass, entry) == "unknown"


async def test_unload(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
) -> None:
    """An unloaded account sends no requests, and is not reloaded by changes."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert state(hass, entry) == "unavailable"
    assert entry.update_listeners == []
    asked = len(sandbox.requests)
    for _ in range(3):
        await advance(600)
    assert len(sandbox.requests) == asked
    hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS


async def test_renamed_screen_whose_shop_is_gone(
    hass: HomeAssistant, sandbox: Sandbox
) -> None:
    """Messages about a screen have its new name at once."""
    entry = account(sandbox, screen("gone"))
    await set_up(hass, entry)
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(entry, subentry, title="Window")
    await hass.async_block_till_done()
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_placeholders == {
        "account": entry.title,
        "screen": "Window",
    }


@pytest.mark.parametrize(
    ("fault", "is_continued"),
    [
        (Fault("reset_before", times=0), True),
        (Fault("status", status=503, times=0), True),
        (Fault("status", status=500, times=0), True),
        (Fault("status", status=429, times=0), True),
        (Fault("stall", times=0), True),
        (Fault("status", status=401, times=0), False),
        (Fault("code", code=7002, times=0), False),
    ],
)
async def test_restart_while_piggy_is_away(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    fault: Fault,
    *,
    is_continued: bool,
) -> None:
    """An account with a session starts without Piggy; the shops are checked later."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    with befalling(sandbox, fault):
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert (entry.state is ConfigEntryState.LOADED) is is_continued
        if not is_continued:
            return
        assert state(hass, entry) == session["url"]
        device = dr.async_get(hass).async_get(device_id(hass, entry))
        assert isinstance(device, dr.DeviceEntry)
        assert device.model == "Sesame Street"
    sandbox.shops.clear()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done(wait_background_tasks=True)
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_key == "shop_missing"
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)


async def test_shops_are_checked_until_piggy_answers(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
) -> None:
    """The check is repeated with every poll, and ends with an answer."""

    def checks() -> int:
        return len(sandbox.calls("GET", "/shops"))

    await act(hass, "create_voucher_session", device_id(hass, entry))
    with befalling(sandbox, Fault("status", path="/shops", status=503, times=0)):
        await hass.config_entries.async_reload(entry.entry_id)
        before = checks()
        for _ in range(3):
            await advance(61)
        assert checks() == before + 3
    await advance(61)
    assert list(entry.runtime_data.account.shops) == list(sandbox.shops)
    await advance(600)
    assert checks() == before + 4


async def test_one_of_several_screens_loads_the_shops(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """Screens that poll at the same time do not each ask for the shops."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    for name in ("Till 1", "Till 2"):
        await act(hass, "create_voucher_session", device_id(hass, entry, name))
    with befalling(sandbox, Fault("status", path="/shops", status=503, times=1)):
        await hass.config_entries.async_reload(entry.entry_id)
    before = len(sandbox.calls("GET", "/shops"))
    await advance(61)
    assert len(sandbox.calls("GET", "/shops")) == before + 1
    assert list(entry.runtime_data.account.shops) == list(sandbox.shops)


async def test_action_while_unloaded(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """An action for a screen of an unloaded account says so and sends nothing."""
    device = device_id(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "create_portal_session", device)
    assert caught.value.translation_key == "not_loaded"
    assert sandbox.calls("POST") == []


async def test_reload(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A reload keeps devices, entities and the session on the screen."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    device, entities = device_id(hass, entry), sorted(er.async_get(hass).entities)
    for _ in range(3):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        assert device_id(hass, entry) == device
        assert sorted(er.async_get(hass).entities) == entities
        assert state(hass, entry) == session["url"]
    assert len(sandbox.calls("POST")) == 1


async def test_remove(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """An account that is removed leaves no device, entity or file."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    assert [key for key in hass_storage if key.startswith(DOMAIN)] == [
        f"piggy.{entry.entry_id}"
    ]
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN) == []
    entries = (dr.async_entries_for_config_entry, er.async_entries_for_config_entry)
    assert entries[0](dr.async_get(hass), entry.entry_id) == []
    assert entries[1](er.async_get(hass), entry.entry_id) == []
    assert hass.states.async_all() == []
    assert [key for key in hass_storage if key.startswith(DOMAIN)] == []


async def test_two_accounts(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Two accounts use their own keys, and work independently."""
    other = Account("Another", uuid="another")
    other.add_shop("Corner", uuid="corner")
    sandbox.add_key("other-key", other)
    second = MockConfigEntry(
        domain=DOMAIN,
        unique_id="another",
        data={"api_key": "other-key", "url": sandbox.url},
        subentries_data=[screen("corner", "Window")],
    )
    await set_up(hass, second)
    sessions = await asyncio.gather(
        act(hass, "create_portal_session", device_id(hass, entry)),
        act(hass, "create_voucher_session", device_id(hass, second, "Window")),
    )
    sent = {call.headers["Authorization"]: call.json for call in sandbox.calls("POST")}
    assert sent == {
        f"Bearer {DEFAULT_KEY}": {"shop_uuid": SHOP},
        "Bearer other-key": {"shop_uuid": "corner"},
    }
    assert state(hass, entry) == sessions[0]["url"]
    assert state(hass, second, "Window") == sessions[1]["url"]

    sandbox.remove_key("other-key")
    await hass.config_entries.async_reload(second.entry_id)
    assert second.state is ConfigEntryState.SETUP_ERROR
    assert (reauths(hass, entry), reauths(hass, second)) == (0, 1)
    await hass.config_entries.async_remove(second.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, entry) == sessions[0]["url"]
    assert await act(hass, "create_portal_session", device_id(hass, entry))


async def test_two_screens_of_a_shop(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """Two screens of one shop are two devices with sessions of their own."""
    entry = account(sandbox, screen(SHOP), screen(SHOP, "Till 2"))
    await set_up(hass, entry)
    first, second = (device_id(hass, entry, name) for name in ("Till 1", "Till 2"))
    assert first != second
    session = await act(hass, "create_portal_session", first)
    assert state(hass, entry) == session["url"]
    assert state(hass, entry, "Till 2") == "unknown"


async def test_older_screen(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """A screen that has only a shop in its data works."""
    made = screen(SHOP)
    made["data"] = {"shop": SHOP}
    entry = account(sandbox, made)
    await set_up(hass, entry)
    await act(hass, "create_portal_session", device_id(hass, entry))
    assert sandbox.requests[-1].json == {"shop_uuid": SHOP}
