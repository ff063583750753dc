"""Entries that another release of the integration made."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.config_flow import PiggyConfigFlow
from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from sandbox import DEFAULT_KEY, Sandbox

from .conftest import act, device_id, screen, set_up


async def made_by(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, version: int, minor: int
) -> MockConfigEntry:
    """Return an entry of a version, after its set-up was tried."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=version,
        minor_version=minor,
        data={"api_key": DEFAULT_KEY, "url": sandbox.url, "later": "kept"},
        subentries_data=[screen(shop_uuid)],
    )
    await set_up(hass, entry)
    return entry


async def test_newer_minor_version(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """After a downgrade within a major version the entry works and stays as it is."""
    minor = PiggyConfigFlow.MINOR_VERSION + 1
    entry = await made_by(hass, sandbox, shop_uuid, PiggyConfigFlow.VERSION, minor)
    assert entry.state is ConfigEntryState.LOADED
    assert await act(hass, "create_portal_session", device_id(hass, entry))
    assert entry.minor_version == minor
    assert entry.data["later"] == "kept"


@pytest.mark.parametrize("version", [PiggyConfigFlow.VERSION + 1, 0])
async def test_other_major_version(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, version: int
) -> None:
    """An entry that cannot be read is refused, left alone, and nothing is sent."""
    entry = await made_by(hass, sandbox, shop_uuid, version, 1)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.version == version
    assert len(entry.subentries) == 1
    assert sandbox.requests == []
