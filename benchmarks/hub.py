"""A complete Home Assistant in this process, and accounts with many screens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import yaml

from homeassistant import bootstrap
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.runner import RuntimeConfig, create_event_loop
from hub.configuration import write_folder
from hub.ports import free_port
from sandbox import DEFAULT_KEY

from .piggy import Piggy

DOMAIN = "piggy"
# No recorder: its thread would work on after an action, at the cost of what follows.
CONFIGURATION: dict[str, Any] = {
    "homeassistant": {
        "name": "Bench",
        "latitude": 0,
        "longitude": 0,
        "time_zone": "UTC",
        "country": "NL",
        "auth_mfa_modules": [],
    },
    "api": {},
    "frontend": {},
    "logger": {"default": "error"},
    "template": [],  # more are added beside the memory of screens
}


@asynccontextmanager
async def running_hub() -> AsyncIterator[HomeAssistant]:
    """Start a minimal Home Assistant; stop it at the end."""
    with TemporaryDirectory(prefix="bench-") as name:
        async with hub_in(Path(name)) as hass:
            yield hass


@asynccontextmanager
async def hub_in(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Start a minimal Home Assistant with what the folder stores; stop it at the end.

    Raises RuntimeError when it does not come up.
    """
    write_folder(folder, free_port())
    (folder / "configuration.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    hass = await bootstrap.async_setup_hass(
        RuntimeConfig(config_dir=str(folder), skip_pip=True)
    )
    if hass is None:
        raise RuntimeError("Home Assistant did not come up")
    try:
        await hass.async_start()
        await hass.async_block_till_done()
        yield hass
    finally:
        await hass.async_stop(force=True)


def run[ResultT](main: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Run a coroutine on an event loop like Home Assistant's."""

    async def as_coroutine() -> ResultT:
        return await main()

    with asyncio.Runner(loop_factory=create_event_loop) as runner:
        return runner.run(as_coroutine())


def account(piggy: Piggy, screens: int, number: int = 0) -> ConfigEntry:
    """Return an account with a number of screens."""
    return ConfigEntry(
        data={"api_key": DEFAULT_KEY, "url": piggy.url},
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        minor_version=1,
        options={},
        source="user",
        subentries_data=[
            {
                "data": {
                    "shop": piggy.shop,
                    "defaults": {},
                },
                "subentry_type": "screen",
                "title": f"Till {number}.{screen}",
                "unique_id": None,
            }
            for screen in range(screens)
        ],
        title="Bench",
        unique_id=f"bench-{number}",
        version=1,
    )


async def add(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Add an account and wait until it is set up; raises RuntimeError if it is not."""
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"The account is {entry.state}: {entry.reason}")


def devices(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the devices of an account's screens."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return [device.id for device in found]


def entities(hass: HomeAssistant, entry: ConfigEntry, domain: str) -> list[str]:
    """Return an account's entities of a domain."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return [entity.entity_id for entity in found if entity.domain == domain]


async def create(hass: HomeAssistant, device: str) -> dict[str, Any]:
    """Create a session on a screen by the action, and return its response."""
    response = await hass.services.async_call(
        DOMAIN,
        "create_voucher_session",
        {"device_id": device},
        blocking=True,
        return_response=True,
    )
    return dict(response or {})
