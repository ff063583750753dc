"""System health of the Piggy integration."""

import asyncio
from collections.abc import Iterable
from typing import Any

from homeassistant.components import system_health
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback

from .api import DEFAULT_URL
from .const import DOMAIN
from .coordinator import PiggyConfigEntry


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register the info of the integration."""
    register.async_register_info(
        _async_info, f"/config/integrations/integration/{DOMAIN}"
    )


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return what the system health page shows."""
    entries: list[PiggyConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    loaded: list[PiggyConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    remaining = [
        left
        for entry in loaded
        if (left := entry.runtime_data.client.rate_limit_remaining) is not None
    ]
    info = {
        "can_reach_server": _async_reach(
            hass, {entry.data[CONF_URL] for entry in entries} or {DEFAULT_URL}
        ),
        "accounts": len(entries),
        "screens": sum(len(entry.subentries) for entry in entries),
        "open_sessions": sum(
            screen.data.shown is not None
            for entry in loaded
            for screen in entry.runtime_data.screens.values()
        ),
    }
    # Piggy tells it with an answer, and need not.
    return info | ({"remaining_requests": min(remaining)} if remaining else {})


async def _async_reach(hass: HomeAssistant, urls: Iterable[str]) -> Any:
    """Return "ok", or what is the matter with one of the addresses."""
    found = await asyncio.gather(
        *(system_health.async_check_can_reach_url(hass, url) for url in sorted(urls))
    )
    return next((result for result in found if result != "ok"), "ok")
