"""Fixtures and helpers of most tests: a sandbox, and an account with a screen."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
import time
from typing import Any, Final

import freezegun
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.options import Option
from custom_components.piggy.settings import NUMBER_DEFAULTS
from homeassistant.components.image import async_get_image
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from hub.barcode import read_codes
from sandbox import DEFAULT_KEY, Sandbox

from .faults.summary import print_table
from .portal_page.matrix import print_matrices

ROOT = Path(__file__).parent.parent
SHOP_NAME = "Sesame Street"
# The sandbox's first customer, by each parameter that names one.
CUSTOMER = {
    "contact_uuid": "123",
    "contact_email": "ada@example.com",
    "contact_identifier": "1000001",
}

CREATE_ACTIONS: Final = {f"create_{kind}_session": kind for kind in SessionType}

codes = read_codes

# Frozen time looks up its callers at every reading, a tenth of what the longest tests
# take, only because pytest is one of them.
freezegun.configure(extend_ignore_list=["_pytest.timing"])
freezegun.api.call_stack_inspection_limit = 0

type Advance = Callable[[float], Coroutine[Any, Any, None]]
type Told = list[dict[str, Any]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables of tests that have run, on however many processes."""
    print_table(terminalreporter)
    print_matrices(terminalreporter)


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find this repository's integration, where a test starts it."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


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
    """Run a sandbox on loopback, with a brand that looks like none."""
    async with Sandbox(json_only=True) as running:
        running.account.brand_kit.primary_color = None
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
            **NUMBER_DEFAULTS,
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
    """Set up an account."""
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
def all_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the entities that are disabled by default."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare as Home Assistant does, whichever plugin was loaded first."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@contextmanager
def case(*what: object) -> Iterator[None]:
    """Name the case that a failure is about, in a test that checks many."""
    try:
        yield
    except BaseException as err:
        err.add_note(f"case: {what}")
        raise


async def run_due(hass: HomeAssistant, seconds: float = 0) -> None:
    """Run everything that is due within the seconds; the clock stays as it is."""
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Return a function that advances the clock by seconds and runs what is due."""

    async def go(seconds: float) -> None:
        freezer.tick(seconds)
        await run_due(hass)

    return go


@pytest.fixture
def skip(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Advance:
    """Return a function that advances the monotonic clock and runs what is due.

    In between, time goes on as ever.
    """
    monotonic, elapsed = time.monotonic, 0.0
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + elapsed)

    async def go(seconds: float) -> None:
        nonlocal elapsed
        elapsed += seconds
        await run_due(hass)

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


def listen(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> Told:
    """Collect the events that a screen's event entity reports from now on."""
    watched = entity_id(hass, entry, "event", "session", name)
    told: Told = []

    @callback
    def collect(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] != watched or new is None:
            return
        if new.attributes.get("event_type"):
            told.append(
                {
                    name: value
                    for name, value in new.attributes.items()
                    if name not in ("event_types", "friendly_name")
                }
            )

    hass.bus.async_listen("state_changed", collect)
    return told


def types(told: Told) -> list[str]:
    """Return the types of events."""
    return [event["event_type"] for event in told]


def values_of(option: Option) -> tuple[Any, ...]:
    """Return valid values of a parameter: those that its selector offers."""
    if option.name in CUSTOMER:
        return (CUSTOMER[option.name],)
    ((kind, config),) = option.selector.serialize()["selector"].items()
    if kind == "number":
        return int(config["min"]), int(config["max"])
    if kind == "select":
        return tuple(config["options"])
    return (True, False) if kind == "boolean" else ("4711",)


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


async def clear(hass: HomeAssistant, device: str) -> None:
    """Clear a screen."""
    await hass.services.async_call(
        DOMAIN, "clear_session", {"device_id": device}, blocking=True
    )


async def press(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    key: str,
    name: str = "Till 1",
    context: Context | None = None,
) -> None:
    """Press a button of a screen."""
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, entry, "button", key, name)},
        blocking=True,
        context=context,
    )


async def set_amount(
    hass: HomeAssistant, entry: MockConfigEntry, value: object, name: str = "Till 1"
) -> None:
    """Set the purchase amount of a screen."""
    await hass.services.async_call(
        "number",
        "set_value",
        {
            "entity_id": entity_id(hass, entry, "number", "purchase_amount", name),
            "value": value,
        },
        blocking=True,
    )


async def picture(
    hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1"
) -> bytes:
    """Return what the image entity of a screen shows."""
    found = entity_id(hass, entry, "image", "qr_code", name)
    return (await async_get_image(hass, found)).content


def moment(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def told(hass: HomeAssistant, entry: MockConfigEntry) -> Told:
    """Collect the events of Till 1."""
    return listen(hass, entry)


@pytest.fixture
def till(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the device of Till 1."""
    return device_id(hass, entry)
