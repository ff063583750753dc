"""The dashboard card, on every dashboard for as long as there is an account."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import (
    DOMAIN as FRONTEND_DOMAIN,
    add_extra_js_url,
    remove_extra_js_url,
)
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_when_setup

from .const import DOMAIN

MODULE: Final = Path(__file__).parent / "frontend" / "piggy-screen-card.js"
STATIC_PATH: Final = f"/{DOMAIN}_static/{MODULE.name}"


async def async_setup_card(hass: HomeAssistant) -> None:
    """Serve the card, and list it among the modules that every dashboard loads.

    The address changes with the content: browsers keep the module for a month.
    """
    integration = await async_get_integration(hass, DOMAIN)
    digest = await hass.async_add_executor_job(_digest)
    url = f"{STATIC_PATH}?v={integration.version}-{digest}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(STATIC_PATH, str(MODULE), cache_headers=True)]
    )

    async def follow_accounts(hass: HomeAssistant, _component: str) -> None:
        """List the card with the first account, take it off with the last one."""
        listed = False

        @callback
        def update() -> None:
            nonlocal listed
            if listed is (wanted := bool(hass.config_entries.async_entries(DOMAIN))):
                return
            listed = wanted
            (add_extra_js_url if wanted else remove_extra_js_url)(hass, url)

        @callback
        def on_change(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
            if entry.domain == DOMAIN:
                update()

        update()
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, on_change)

    # A hub without a frontend is none that lacks anything.
    async_when_setup(hass, FRONTEND_DOMAIN, follow_accounts)


def _digest() -> str:
    """Return what makes the module's content this one."""
    return sha256(MODULE.read_bytes()).hexdigest()[:12]
