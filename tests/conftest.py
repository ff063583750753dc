"""What most tests stand on: a sandbox, and an account with a screen on it."""

from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion
import zxingcpp

from custom_components.piggy.const import DOMAIN
from homeassistant.components.image import async_get_image
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from sandbox import DEFAULT_KEY, Sandbox

from .faults.summary import pytest_terminal_summary  # noqa: F401 -- pytest finds it here

ROOT = Path(__file__).parent.parent
SHOP_NAME = "Sesame Street"

type Advance = Callable[[float], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant find this repository's integration."""


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode to PYTHONASYNCIODEBUG: it takes 30 % of the time."""


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give every test a configuration folder of its own with the integration in it."""
    (tmp_path / "custom_components").symlink_to(ROOT / "custom_components")
    return str(tmp_path)


@pytest.fixture
async def sandbox(socket_enabled: None) -> AsyncIterator[Sandbox]:
    """Run a Piggy on loopback."""
    async with Sandbox() as running:
        yield running


@pytest.fixture
def shop_uuid(sandbox: Sandbox) -> str:
    """Return the shop of the first screen."""
    return next(shop.uuid for shop in sandbox.shops.values() if shop.name == SHOP_NAME)


def screen(shop_uuid: str, name: str = "Till 1", **data: Any) -> ConfigSubentryData:
    """Return a screen as the config flow makes it."""
    return ConfigSubentryData(
        subentry_type="screen",
        title=name,
        unique_id=None,
        data={
            "shop": shop_uuid,
            "session_lifetime": 5,
            "completed_lifetime": 15,
            "defaults": {},
            **data,
        },
    )


def account(sandbox: Sandbox, *screens: ConfigSubentryData) -> MockConfigEntry:
    """Return an account as the config flow makes it."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=sandbox.account.company,
        unique_id=sandbox.account.uuid,
        data={"api_key": DEFAULT_KEY, "url": sandbox.url},
        subentries_data=screens,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an account up."""
    if entry.entry_id not in {
        known.entry_id for known in hass.config_entries.async_entries(DOMAIN)
    }:
        entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def entry(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> MockConfigEntry:
    """Return an account that is set up, with the screen Till 1."""
    made = account(sandbox, screen(shop_uuid))
    await set_up(hass, made)
    assert made.state is ConfigEntryState.LOADED
    return made


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare as Home Assistant does, whichever plugin was loaded first."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Let seconds go by."""

    async def go(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return go


def device_id(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the device of a screen."""
    subentry = next(
        subentry for subentry in entry.subentries.values() if subentry.title == name
    )
    return next(
        device.id
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        if (DOMAIN, subentry.subentry_id) in device.identifiers
    )


def entity_id(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    platform: str,
    key: str,
    name: str = "Till 1",
) -> str:
    """Return an entity of a screen by its key."""
    subentry = next(
        subentry for subentry in entry.subentries.values() if subentry.title == name
    )
    found = er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"{subentry.subentry_id}_{key}"
    )
    assert found is not None
    return found


def state_of(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    platform: str,
    key: str,
    name: str = "Till 1",
) -> State:
    """Return the state of an entity of a screen."""
    state = hass.states.get(entity_id(hass, entry, platform, key, name))
    assert state is not None
    return state


async def act(
    hass: HomeAssistant, action: str, device: str, **data: Any
) -> dict[str, Any]:
    """Run one of the integration's actions and return its response."""
    response = await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": device, **data},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return dict(response)


async def picture(
    hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1"
) -> bytes:
    """Return what the image entity of a screen shows."""
    found = entity_id(hass, entry, "image", "qr_code", name)
    return (await async_get_image(hass, found)).content


def codes(content: bytes) -> list[str]:
    """Return the text of every code that can be read in a picture."""
    image = Image.open(BytesIO(content)).convert("L")
    return [code.text for code in zxingcpp.read_barcodes(image)]


def moment(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
