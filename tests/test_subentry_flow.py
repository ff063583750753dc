"""A screen is added to an account, changed, and removed."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from sandbox import DEFAULT_KEY, Fault, Sandbox

from .conftest import account, act, device_id, entity_id, screen, set_up
from .flows import Flow, befalling, browser, every_fault
from .test_config_flow import DEFAULTS, OTHER_SHOP, SHOP

__all__ = ["browser"]

type Browser = TestClient[Any, Any]


def subentry(entry: MockConfigEntry, name: str = "Till 1") -> ConfigSubentry:
    """Return a screen by its name."""
    return next(found for found in entry.subentries.values() if found.title == name)


async def change(
    browser: Browser, entry: MockConfigEntry, name: str = "Till 1"
) -> Flow:
    """Return the form that changes a screen."""
    flow = Flow(browser, entry)
    return await flow.start(subentry_id=subentry(entry, name).subentry_id)


async def test_add(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen that is added is there at once, and the other keeps its session."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    flow = await Flow(browser, entry).start()
    assert flow.result["step_id"] == "screen"
    assert flow.suggested() == {"defaults": {}}
    assert "default" not in flow.field("shop")
    await flow.send(shop=OTHER_SHOP, name="Window", defaults=DEFAULTS)
    assert flow.result["type"] == "create_entry"
    await hass.async_block_till_done()

    assert subentry(entry, "Window").data == {
        "shop": OTHER_SHOP,
        "session_lifetime": 5,
        "completed_lifetime": 15,
        "defaults": DEFAULTS,
    }
    assert entry.state is ConfigEntryState.LOADED
    device = dr.async_get(hass).async_get(device_id(hass, entry, "Window"))
    assert isinstance(device, dr.DeviceEntry)
    assert (device.name, device.model) == ("Window", "Amsterdam Pop-up Store")
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    await act(hass, "create_voucher_session", device.id)
    assert sandbox.requests[-1].json == {"shop_uuid": OTHER_SHOP, **DEFAULTS}
    state = hass.states.get(entity_id(hass, entry, "sensor", "session_url"))
    assert state is not None
    assert state.state == session["url"]


async def test_add_least(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The only shop is chosen already, and names the screen."""
    for shop in list(sandbox.shops):
        if shop != SHOP:
            sandbox.remove_shop(shop)
    flow = await Flow(browser, entry).start()
    assert flow.field("shop")["default"] == SHOP
    await flow.send()
    await hass.async_block_till_done()
    assert subentry(entry, "Sesame Street").data == {
        "shop": SHOP,
        "session_lifetime": 5,
        "completed_lifetime": 15,
        "defaults": {},
    }
    first, second = (
        device_id(hass, entry, name) for name in ("Till 1", "Sesame Street")
    )
    assert first != second


async def test_add_to_an_empty_account(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """An account without screens is set up, and gets one."""
    entry = account(sandbox)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    flow = await Flow(browser, entry).start()
    await flow.send(shop=SHOP, name="Till 1")
    await hass.async_block_till_done()
    assert await act(hass, "create_portal_session", device_id(hass, entry))


async def test_change_everything(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A changed screen keeps its device and entities, and works as changed."""
    device = device_id(hass, entry)
    entities = sorted(er.async_get(hass).entities)
    flow = await change(browser, entry)
    assert flow.result["step_id"] == "screen"
    assert flow.suggested() == {
        "shop": SHOP,
        "name": "Till 1",
        "session_lifetime": 5,
        "completed_lifetime": 15,
        "defaults": {},
    }
    changed = {
        "shop": OTHER_SHOP,
        "session_lifetime": 0,
        "completed_lifetime": 60,
        "defaults": DEFAULTS,
    }
    await flow.send(name="Window", **changed)
    assert flow.error == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert subentry(entry, "Window").data == changed
    assert device_id(hass, entry, "Window") == device
    assert sorted(er.async_get(hass).entities) == entities
    found = dr.async_get(hass).async_get(device)
    assert isinstance(found, dr.DeviceEntry)
    assert (found.name, found.model) == ("Window", "Amsterdam Pop-up Store")
    await act(hass, "create_portal_session", device)
    assert sandbox.requests[-1].json == {"shop_uuid": OTHER_SHOP, **DEFAULTS}

    flow = await change(browser, entry, "Window")
    assert flow.suggested() == {"name": "Window", **changed}


@pytest.mark.parametrize("cleared", DEFAULTS)
async def test_clear_default(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, cleared: str
) -> None:
    """A default that is cleared is not kept, and not sent."""
    entry = account(sandbox, screen(SHOP, defaults=DEFAULTS))
    await set_up(hass, entry)
    flow = await change(browser, entry)
    assert flow.suggested()["defaults"] == DEFAULTS
    left = {name: value for name, value in DEFAULTS.items() if name != cleared}
    await flow.send(shop=SHOP, name="Till 1", defaults=left)
    await hass.async_block_till_done()
    assert subentry(entry).data["defaults"] == left
    await act(hass, "create_portal_session", device_id(hass, entry))
    assert sandbox.requests[-1].json == {"shop_uuid": SHOP, **left}


async def test_forms_do_not_mix(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """What one screen's form is filled with is in no other form."""
    entry = account(
        sandbox, screen(SHOP, defaults=DEFAULTS), screen(OTHER_SHOP, "Till 2")
    )
    await set_up(hass, entry)
    first = await change(browser, entry)
    second = await change(browser, entry, "Till 2")
    assert first.suggested()["defaults"] == DEFAULTS
    assert second.suggested()["defaults"] == {}
    assert (await Flow(browser, entry).start()).suggested() == {"defaults": {}}


async def test_shop_is_gone(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen whose shop is gone can be given another one."""
    sandbox.remove_shop(SHOP)
    flow = await change(browser, entry)
    assert flow.suggested()["shop"] == SHOP
    assert (await flow.refused(shop=SHOP)).keys() == {"shop"}
    await flow.send(shop=OTHER_SHOP, name="Till 1")
    await hass.async_block_till_done()
    assert subentry(entry).data["shop"] == OTHER_SHOP


@every_fault
@pytest.mark.parametrize("new", [True, False])
async def test_error(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    error: str,
    fault: Fault,
    *,
    new: bool,
) -> None:
    """While Piggy is away no form opens, with the reason, and nothing changes."""
    with befalling(sandbox, fault):
        flow = await (Flow(browser, entry).start() if new else change(browser, entry))
    assert (flow.result["type"], flow.error) == ("abort", error)
    assert len(entry.subentries) == 1
    assert subentry(entry).data == screen(SHOP)["data"]
    flow = await (Flow(browser, entry).start() if new else change(browser, entry))
    assert flow.result["type"] == "form"


async def test_add_while_not_ready(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """A screen added to an account that waits for Piggy is there when it recovers."""
    entry = account(sandbox)
    sandbox.add_fault(Fault("status", status=503))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    flow = await Flow(browser, entry).start()
    await flow.send(shop=SHOP, name="Till 1")
    await hass.config_entries.async_reload(entry.entry_id)
    assert await act(hass, "create_portal_session", device_id(hass, entry))


async def test_remove(hass: HomeAssistant, browser: Browser, sandbox: Sandbox) -> None:
    """A screen that is removed takes its device with it, and no other."""
    entry = account(sandbox, screen(SHOP), screen(SHOP, "Window"))
    await set_up(hass, entry)
    kept, removed = (device_id(hass, entry, name) for name in ("Till 1", "Window"))
    session = await act(hass, "create_portal_session", kept)
    await act(hass, "create_portal_session", removed)
    screens = len(er.async_entries_for_device(er.async_get(hass), kept))
    before = entry.runtime_data.screens

    gone = subentry(entry, "Window").subentry_id
    hass.config_entries.async_remove_subentry(entry, gone)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert gone in before
    assert gone not in entry.runtime_data.screens
    assert dr.async_get(hass).async_get(removed) is None
    assert er.async_entries_for_device(er.async_get(hass), removed) == []
    assert len(er.async_entries_for_device(er.async_get(hass), kept)) == screens
    state = hass.states.get(entity_id(hass, entry, "sensor", "session_url"))
    assert state is not None
    assert state.state == session["url"]
    assert len(hass.states.async_all()) == screens


async def test_other_changes_do_not_reload(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A new title of the account leaves its screens alone."""
    before = entry.runtime_data
    hass.config_entries.async_update_entry(entry, title="Bakery")
    await hass.async_block_till_done()
    assert entry.runtime_data is before


async def test_another_account_does_not_reload(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen of one account leaves those of the other alone."""
    other = MockConfigEntry(
        domain=DOMAIN,
        data={"api_key": DEFAULT_KEY, "url": sandbox.url},
        subentries_data=[screen(OTHER_SHOP, "Window")],
    )
    await set_up(hass, other)
    before = entry.runtime_data
    gone = subentry(other, "Window").subentry_id
    hass.config_entries.async_remove_subentry(other, gone)
    await hass.async_block_till_done()
    assert entry.runtime_data is before
    assert other.runtime_data.screens == {}
