"""The Piggy integration."""

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType

from .account import client_for
from .api import PiggyAuthError, PiggyError, Shop
from .card import async_setup_card
from .config_flow import PiggyConfigFlow
from .const import CONF_SHOP, DOMAIN
from .coordinator import PiggyConfigEntry, PiggyRuntimeData, ScreenCoordinator
from .exceptions import translated
from .issues import async_check_shops, async_delete_issues
from .services import async_setup_services
from .store import SessionStore

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.NUMBER,
    Platform.SENSOR,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the actions and the dashboard card."""
    async_setup_services(hass)
    await async_setup_card(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> bool:
    """Set up an account and its screens."""
    async_delete_issues(hass, entry, keep=entry.subentries)
    client = client_for(hass, entry.data)
    try:
        shops = {shop.uuid: shop for shop in await client.get_shops()}
    except PiggyError as err:
        error = translated(err)
        kind = (
            ConfigEntryAuthFailed
            if isinstance(err, PiggyAuthError)
            else ConfigEntryNotReady
        )
        raise kind(
            translation_domain=DOMAIN,
            translation_key=error.translation_key,
            translation_placeholders=error.translation_placeholders,
        ) from err

    async_check_shops(hass, entry, shops)
    store = SessionStore(hass, entry.entry_id)
    await store.async_load(set(entry.subentries))
    entry.runtime_data = PiggyRuntimeData(client, store)
    screens = entry.runtime_data.screens
    for subentry_id, subentry in entry.subentries.items():
        uuid = subentry.data[CONF_SHOP]
        screens[subentry_id] = ScreenCoordinator(
            hass, entry, subentry, shops.get(uuid, Shop(uuid, None))
        )
    for screen in screens.values():
        screen.async_restore()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    for screen in screens.values():
        screen.async_start()

    @callback
    def reload_on_screens_changed(
        change: ConfigEntryChange, changed: ConfigEntry
    ) -> None:
        """Reload when a screen was added or removed; flows reload by themselves."""
        if (
            change is ConfigEntryChange.UPDATED
            and changed is entry
            and entry.subentries.keys() != screens.keys()
        ):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(
        async_dispatcher_connect(
            hass, SIGNAL_CONFIG_ENTRY_CHANGED, reload_on_screens_changed
        )
    )
    # What was told of sessions that are over is not told again by the next start.
    await store.async_save()
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> bool:
    """Return whether an entry that another release made can be read.

    A newer minor version can: it only adds to what this one knows.
    """
    return entry.version == PiggyConfigFlow.VERSION


async def async_unload_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> bool:
    """Unload an account."""
    if entry.disabled_by:
        async_delete_issues(hass, entry)
    # An answer that came once the entities are gone would be noticed by nobody.
    for screen in entry.runtime_data.screens.values():
        await screen.async_shutdown()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> None:
    """Remove what was kept for an account."""
    async_delete_issues(hass, entry)
    await SessionStore(hass, entry.entry_id).async_remove()
