"""The entities and the device of a screen."""

from collections import Counter
from importlib import import_module
import json
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.piggy import PLATFORMS
from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import (
    Advance,
    account,
    act,
    device_id,
    entity_id,
    picture,
    screen,
    set_up,
    state_of,
)

NOON = "2026-11-22 12:00:00+00:00"
# Attributes that are new at every start, and identifiers that are random.
RANDOM = {"access_token", "entity_picture"}
IDENTIFIER = re.compile(r'"[0-9a-f]{32}"')


def entities(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    name: str = "Till 1",
    *,
    disabled: bool = False,
) -> list[er.RegistryEntry]:
    """Return the entities of a screen, by default those that are enabled."""
    found = er.async_entries_for_device(
        er.async_get(hass),
        device_id(hass, entry, name),
        include_disabled_entities=disabled,
    )
    return sorted(found, key=lambda entity: entity.entity_id)


def plain(found: Any) -> Any:
    """Return a value as JSON has it, with enums as text in every release."""
    return json.loads(IDENTIFIER.sub('"identifier"', json.dumps(found)))


def states(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Return the states of Till 1's entities."""
    found = {}
    for entity in entities(hass, entry):
        state = hass.states.get(entity.entity_id)
        assert state is not None
        found[entity.entity_id] = {
            "state": state.state,
            **{
                name: value
                for name, value in state.attributes.items()
                if name not in RANDOM
            },
        }
    return plain(found)


@pytest.fixture
async def noon(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an account that is set up at noon; its sessions have one known URL."""
    freezer.move_to(NOON)
    sandbox.settings.url_for = "https://example.com/portal"
    made = account(sandbox, screen(shop_uuid))
    await set_up(hass, made)
    return made


async def test_entities(
    hass: HomeAssistant, noon: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    """These are the entities of a screen."""
    found = {
        entity.entity_id: {
            "unique_id": entity.unique_id.removeprefix(f"{entity.config_subentry_id}_"),
            "translation_key": entity.translation_key,
            "original_name": entity.original_name,
            "device_class": entity.original_device_class,
            "entity_category": entity.entity_category,
            "capabilities": entity.capabilities,
            "unit": entity.unit_of_measurement,
            "disabled_by": entity.disabled_by,
        }
        for entity in entities(hass, noon, disabled=True)
    }
    assert plain(found) == snapshot


async def test_states(
    hass: HomeAssistant,
    sandbox: Sandbox,
    noon: MockConfigEntry,
    advance: Advance,
    snapshot: SnapshotAssertion,
) -> None:
    """The states from idle to completed to idle, with a payment in two parts."""
    assert states(hass, noon) == snapshot(name="idle")

    await advance(60)
    session = await act(
        hass,
        "create_redeem_giftcard_session",
        device_id(hass, noon),
        amount_in_cents=1040,
        reference="Order 4711",
    )
    assert states(hass, noon) == snapshot(name="waiting")

    sandbox.identify(session["uuid"], "123")
    await advance(6)
    assert states(hass, noon) == snapshot(name="identified")

    for name, cents in (("part paid", -1000), ("completed", -40)):
        data = {"giftcard": {"uuid": "card"}, "amount_in_cents": cents}
        sandbox.add_event(session["uuid"], "giftcard_transaction", data)
        await advance(6)
        assert states(hass, noon) == snapshot(name=name)

    await advance(16)
    assert states(hass, noon) == snapshot(name="gone")


async def test_device(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen is a service device, of its subentry and no other."""
    (subentry_id,) = entry.subentries
    device = dr.async_get(hass).async_get(device_id(hass, entry))
    assert isinstance(device, dr.DeviceEntry)
    assert device.identifiers == {(DOMAIN, subentry_id)}
    assert device.entry_type is DeviceEntryType.SERVICE
    assert (device.name, device.model) == ("Till 1", "Sesame Street")
    assert device.manufacturer == "Piggy"
    for entity in entities(hass, entry):
        assert entity.config_subentry_id == subentry_id
        assert entity.unique_id.startswith(f"{subentry_id}_")
        assert entity.has_entity_name
        state = hass.states.get(entity.entity_id)
        assert state is not None
        assert state.name == f"Till 1 {entity.original_name}"


async def test_screens_are_devices(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Screens of one shop, and of one name, are devices with entities of their own."""
    entry = account(sandbox, *(screen(shop_uuid, "Till") for _ in range(3)))
    await set_up(hass, entry)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert len(devices) == 3
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    devices_of = Counter(entity.device_id for entity in found)
    assert len(set(devices_of.values())) == 1
    assert len({(entity.domain, entity.unique_id) for entity in found}) == len(found)
    assert devices_of.keys() == {device.id for device in devices}


async def test_removed_screen(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Removing a screen removes its device and entities, and no others."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    kept = await act(hass, "create_voucher_session", device_id(hass, entry))
    gone = next(
        subentry for subentry in entry.subentries.values() if subentry.title == "Till 2"
    )
    hass.config_entries.async_remove_subentry(entry, gone.subentry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.name == "Till 1"
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert {entity.device_id for entity in found} == {device.id}
    assert state_of(hass, entry, "sensor", "session_url").state == kept["url"]


async def test_available_while_piggy_is_away(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """A screen keeps what it shows; only the status is unavailable."""
    await act(hass, "create_voucher_session", device_id(hass, entry))
    status = entity_id(hass, entry, "sensor", "session_status")
    before = states(hass, entry)
    shown = await picture(hass, entry)
    sandbox.add_fault(Fault("status", status=503, times=0))
    for _ in range(3):
        await advance(20)
    assert len(sandbox.calls("GET", "/portal-sessions/")) >= 2
    # States that are written again for another reason do not change either.
    registry = er.async_get(hass)
    for entity in entities(hass, entry):
        registry.async_update_entity(entity.entity_id, icon="mdi:pig")
    await hass.async_block_till_done()
    after = states(hass, entry)
    assert after.pop(status)["state"] == STATE_UNAVAILABLE
    del before[status]
    assert after == {
        entity: {**state, "icon": "mdi:pig"} for entity, state in before.items()
    }
    assert await picture(hass, entry) == shown


async def test_unavailable_while_unloaded(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Without its account, every entity is unavailable."""
    found = [entity.entity_id for entity in entities(hass, entry)]
    assert await hass.config_entries.async_unload(entry.entry_id)
    for entity in found:
        state = hass.states.get(entity)
        assert state is not None
        assert state.state == STATE_UNAVAILABLE


async def test_update_entity(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """The core's own action polls at once; an idle screen has nothing to poll."""
    assert await async_setup_component(hass, "homeassistant", {})
    update = {"entity_id": entity_id(hass, entry, "sensor", "session_status")}
    before = len(sandbox.requests)
    await hass.services.async_call(
        "homeassistant", "update_entity", update, blocking=True
    )
    await advance(11)  # Home Assistant allows one such call in ten seconds
    assert len(sandbox.requests) == before

    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    sandbox.identify(session["uuid"], "123")
    await hass.services.async_call(
        "homeassistant", "update_entity", update, blocking=True
    )
    await advance(1)
    state = state_of(hass, entry, "sensor", "session_status")
    assert state.state == "identified"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parallel_updates(platform: str) -> None:
    """Entities are updated by their coordinator, and need no limit."""
    module = import_module(f"custom_components.piggy.{platform}")
    assert module.PARALLEL_UPDATES == 0
