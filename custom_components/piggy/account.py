"""What an entry holds of its account."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import PiggyClient
from .const import CONF_SHOP


def client_for(hass: HomeAssistant, data: Mapping[str, Any]) -> PiggyClient:
    """Return a client for the data of an entry."""
    return PiggyClient(
        async_get_clientsession(hass), data[CONF_API_KEY], data[CONF_URL]
    )


def shops_of(entry: ConfigEntry) -> set[str]:
    """Return the shops that an entry's screens use."""
    return {subentry.data[CONF_SHOP] for subentry in entry.subentries.values()}
