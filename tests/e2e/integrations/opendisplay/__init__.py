"""Stands in for the radio of the core's OpenDisplay integration.

The action, and the library that fits and encodes the image, are those of the core. What
would be sent over Bluetooth is sent to an address of this machine.
"""

from typing import Any, Self

import aiohttp
from epaper_dithering import ColorScheme

from homeassistant.components.opendisplay import OpenDisplayRuntimeData, services
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType
from opendisplay import OpenDisplayDevice
from opendisplay.models.capabilities import DeviceCapabilities

DOMAIN = "opendisplay"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the core's action, with a panel in the place of the one in range."""
    settings: dict[str, Any] = config[DOMAIN]

    class Panel(OpenDisplayDevice):  # type: ignore[misc] # not installed where types are checked
        """A panel that knows black and white."""

        def __init__(self, mac_address: str, **_: object) -> None:
            """Use the size of the panel."""
            size = (settings["width"], settings["height"])
            capabilities = DeviceCapabilities(*size, ColorScheme.MONO)
            super().__init__(mac_address, capabilities=capabilities)

        async def __aenter__(self) -> Self:
            """Connect."""
            return self

        async def __aexit__(self, *_: object) -> None:
            """Disconnect."""

        async def _execute_upload(
            self, image_data: bytes, *_: object, **__: object
        ) -> bool:
            """Send the image as the panel stores it."""
            async with (
                aiohttp.ClientSession() as session,
                session.post(settings["url"], data=image_data) as response,
            ):
                return response.ok

    vars(services).update(
        OpenDisplayDevice=Panel, async_ble_device_from_address=_in_range
    )
    services.async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Add the device."""
    unused: Any = None
    entry.runtime_data = OpenDisplayRuntimeData(unused, unused, unused, is_flex=False)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "panel")}, name="Panel"
    )
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Remove the panel."""
    return True


def _in_range(*_: object, **__: object) -> object:
    """Return a device that Bluetooth has found."""
    return object()
