"""System health of the Piggy integration."""

import asyncio
from collections.abc import Iterable
from typing import Any

from homeassistant.components import system_health
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback

from .api.http import DEFAULT_URL
from .const import DOMAIN
from .coordinator import PiggyConfigEntry
from .issues import async_recorded_urls


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register the info of the integration."""
    page = f"/config/integrations/integration/{DOMAIN}"
    register.async_register_info(_async_info, page)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
    loaded: list[PiggyConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    accounts = [entry.runtime_data.account for entry in loaded]
    urls = {entry.data[CONF_URL] for entry in entries} or {DEFAULT_URL}
    info: dict[str, Any] = {
        "can_reach_server": _async_reach(hass, urls),
        "accounts": len(entries),
        "screens": sum(len(entry.subentries) for entry in entries),
        "open_sessions": sum(
            screen.data.shown is not None
            for entry in loaded
            for screen in entry.runtime_data.screens.values()
        ),
    }
    # An answer of Piggy's may leave it out.
    limits = (account.client.remaining for account in accounts)
    if remaining := [limit for limit in limits if limit is not None]:
        info["remaining_requests"] = min(remaining)
    if any(account.lacks_events for account in accounts):
        info["events"] = "Piggy reports no events for sessions"
    if recorded := async_recorded_urls(hass):
        info["recorded_urls"] = ", ".join(recorded)
    return info


async def _async_reach(hass: HomeAssistant, urls: Iterable[str]) -> Any:
    """Return "ok", or why one of the URLs cannot be reached."""
    found = await asyncio.gather(
        *(system_health.async_check_can_reach_url(hass, url) for url in sorted(urls))
    )
    return next((result for result in found if result != "ok"), "ok")
