"""A screen is added to an account, changed, and removed."""

from types import MappingProxyType
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.piggy.const import DOMAIN
from custom_components.piggy.settings import NUMBER_DEFAULTS
from custom_components.piggy.staff_pin import UNCHANGED
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from sandbox import DEFAULT_KEY, Fault, Sandbox

from .conftest import (
    account,
    act,
    case,
    device_id,
    screen,
    set_up,
    state_of,
)
from .flows import FAULTS, Flow, befalling, browser, every_fault
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

    expected = screen(OTHER_SHOP, defaults=DEFAULTS)["data"]
    assert subentry(entry, "Window").data == expected
    assert entry.state is ConfigEntryState.LOADED
    device = dr.async_get(hass).async_get(device_id(hass, entry, "Window"))
    assert isinstance(device, dr.DeviceEntry)
    assert (device.name, device.model) == ("Window", "Amsterdam Pop-up Store")
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    await act(hass, "create_voucher_session", device.id)
    assert sandbox.requests[-1].json == {"shop_uuid": OTHER_SHOP, **DEFAULTS}
    assert state_of(hass, entry, "sensor", "session_url").state == session["url"]


async def test_add_least(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A single shop is the default, and its name that of a screen without one."""
    for shop in list(sandbox.shops):
        if shop != SHOP:
            sandbox.remove_shop(shop)
    flow = await Flow(browser, entry).start()
    assert flow.field("shop")["default"] == SHOP
    await flow.send()
    await hass.async_block_till_done()
    assert subentry(entry, "Sesame Street").data == screen(SHOP)["data"]
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
    assert flow.suggested() == {"name": "Till 1", **screen(SHOP)["data"]}
    changed = {
        "shop": OTHER_SHOP,
        **dict.fromkeys(NUMBER_DEFAULTS, 60),
        "session_lifetime": 0,
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


async def test_staff_pin(
    hass: HomeAssistant, browser: Browser, entry: MockConfigEntry
) -> None:
    """A PIN is set, kept, changed and removed, and the form never holds it."""
    for wrong in ("123", "123456789", "12 34", "abcd", UNCHANGED):
        flow = await change(browser, entry)
        await flow.send(shop=SHOP, name="Till 1", staff_pin=wrong)
        assert flow.result["errors"] == {"staff_pin": "invalid_pin"}
    await flow.send(shop=SHOP, name="Till 1", staff_pin=" 0123 ")
    assert flow.result["type"] == "abort"
    await hass.async_block_till_done()
    assert subentry(entry).data["staff_pin"] == "0123"
    image = state_of(hass, entry, "image", "qr_code")
    assert image.attributes["has_staff_pin"] is True
    flow = await change(browser, entry)
    assert "0123" not in str(flow.result)
    await flow.send(**{**flow.suggested(), "shop": OTHER_SHOP})
    await hass.async_block_till_done()
    assert subentry(entry).data["shop"] == OTHER_SHOP
    assert subentry(entry).data["staff_pin"] == "0123"
    flow = await change(browser, entry)
    await flow.send(shop=SHOP, name="Till 1", staff_pin="12345678")
    await hass.async_block_till_done()
    assert subentry(entry).data["staff_pin"] == "12345678"
    flow = await change(browser, entry)
    await flow.send(shop=SHOP, name="Till 1")
    await hass.async_block_till_done()
    assert "staff_pin" not in subentry(entry).data
    image = state_of(hass, entry, "image", "qr_code")
    assert image.attributes["has_staff_pin"] is False


async def test_forms_do_not_mix(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """The form of a screen contains only that screen's values."""
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


async def test_add_while_piggy_is_down(
    browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A new screen needs a shop, so the flow ends with the reason."""
    for error, fault in FAULTS:
        with case(error, fault):
            with befalling(sandbox, fault):
                flow = await Flow(browser, entry).start()
            assert (flow.result["type"], flow.error) == ("abort", error)
            assert len(entry.subentries) == 1
            flow = await Flow(browser, entry).start()
            assert flow.result["type"] == "form"


@every_fault
async def test_change_while_piggy_is_down(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    error: str,
    fault: Fault,
) -> None:
    """Name, lifetimes and defaults can be changed, and the shop stays."""
    with befalling(sandbox, fault):
        flow = await change(browser, entry)
        assert flow.result["type"] == "form"
        assert flow.result["errors"] == {"shop": "shops_unavailable"}
        assert flow.field("shop")["selector"]["select"]["options"] == [
            {"value": SHOP, "label": "Sesame Street"}
        ]
        assert flow.suggested() == {"name": "Till 1", **screen(SHOP)["data"]}
        assert (await flow.refused(shop=OTHER_SHOP)).keys() == {"shop"}
        logo = {"media_content_id": "/local/no", "media_content_type": ""}
        await flow.send(shop=SHOP, name="Window", session_lifetime=9, logo=logo)
        assert flow.result["errors"] == {"logo": "logo_not_found"}
        await flow.send(shop=SHOP, name="Window", session_lifetime=9)
        assert flow.error == "reconfigure_successful"
        await hass.async_block_till_done()
    assert subentry(entry, "Window").data == screen(SHOP, session_lifetime=9)["data"]
    await hass.config_entries.async_reload(entry.entry_id)
    await act(hass, "create_portal_session", device_id(hass, entry, "Window"))
    assert sandbox.requests[-1].json == {"shop_uuid": SHOP}


async def test_change_while_not_ready(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """A screen of an account that waits for Piggy shows its shop's UUID."""
    entry = account(sandbox, screen(SHOP))
    sandbox.add_fault(Fault("status", status=503, times=0))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    flow = await change(browser, entry)
    assert flow.field("shop")["selector"]["select"]["options"] == [
        {"value": SHOP, "label": SHOP}
    ]
    await flow.send(shop=SHOP, name="Window")
    assert flow.error == "reconfigure_successful"
    sandbox.clear_faults()
    await hass.config_entries.async_reload(entry.entry_id)
    assert await act(hass, "create_portal_session", device_id(hass, entry, "Window"))


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
    assert state_of(hass, entry, "sensor", "session_url").state == session["url"]
    assert len(hass.states.async_all()) == screens


async def test_reloads_once(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen that is added, changed or removed sets the account up once."""

    async def shops_asked() -> int:
        await hass.async_block_till_done()
        asked = len(sandbox.calls("GET", "/shops"))
        sandbox.requests.clear()
        return asked

    await shops_asked()
    flow = await Flow(browser, entry).start()
    assert await shops_asked() == 1
    await flow.send(shop=SHOP, name="Window")
    assert await shops_asked() == 1
    for asked in (1, 0):  # the second time, nothing changed
        flow = await change(browser, entry, "Window")
        assert await shops_asked() == 1
        await flow.send(shop=SHOP, name="Window", session_lifetime=7)
        assert await shops_asked() == asked
    gone = subentry(entry, "Window").subentry_id
    hass.config_entries.async_remove_subentry(entry, gone)
    assert await shops_asked() == 1
    assert entry.state is ConfigEntryState.LOADED


async def test_rename_in_the_frontend(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Home Assistant's own dialog changes the title alone; device and states follow."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    websocket = await hass_ws_client()
    await websocket.send_json_auto_id(
        {
            "type": "config_entries/subentries/update",
            "entry_id": entry.entry_id,
            "subentry_id": subentry(entry).subentry_id,
            "title": "Window",
        }
    )
    assert (await websocket.receive_json())["success"]
    await hass.async_block_till_done()
    device = dr.async_get(hass).async_get(device_id(hass, entry, "Window"))
    assert isinstance(device, dr.DeviceEntry)
    assert device.name == "Window"
    state = state_of(hass, entry, "sensor", "session_url", "Window")
    assert state.name.startswith("Window ")
    assert state.state == session["url"]


async def test_added_while_setting_up(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """A screen that is added while its account is set up is not missed."""
    entry = account(sandbox, screen(SHOP))

    @callback
    def add(_: Event[EventStateChangedData]) -> None:
        assert entry.state is ConfigEntryState.SETUP_IN_PROGRESS
        added = ConfigSubentry(
            data=MappingProxyType({"shop": OTHER_SHOP}),
            subentry_type="screen",
            title="Window",
            unique_id=None,
        )
        hass.config_entries.async_add_subentry(entry, added)

    hass.bus.async_listen_once(EVENT_STATE_CHANGED, add)
    await set_up(hass, entry)
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)
    await act(hass, "create_portal_session", device_id(hass, entry, "Window"))
    assert sandbox.requests[-1].json == {"shop_uuid": OTHER_SHOP}


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
