"""The Piggy integration."""

from datetime import datetime, timedelta

from homeassistant.const import CONF_URL, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .account import PiggyAccount
from .api.errors import PiggyAuthError, PiggyError
from .brand import LogoView, async_read_brand
from .card import async_setup_card
from .const import DOMAIN
from .coordinator import PiggyConfigEntry, PiggyRuntime, ScreenCoordinator
from .errors import error_translation
from .issues import async_check_recorder, async_delete_issues
from .services import async_setup_services
from .store import SessionStore, store_key

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.NUMBER,
    Platform.SENSOR,
]
DAY = timedelta(days=1)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the actions and the dashboard card."""
    async_setup_services(hass)
    await async_setup_card(hass)
    hass.http.register_view(LogoView)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> bool:
    """Set up an account and its screens."""
    # Subscribed first, so that no change during the set-up is missed.
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    async_delete_issues(hass, entry, keep=entry.subentries)
    account = PiggyAccount(hass, entry)
    try:
        await account.async_load()
    except PiggyAuthError as err:
        raise ConfigEntryAuthFailed(**error_translation(err)) from err
    except PiggyError as err:
        raise ConfigEntryNotReady(**error_translation(err)) from err
    screens = {
        subentry_id: ScreenCoordinator(hass, entry, account, subentry)
        for subentry_id, subentry in entry.subentries.items()
    }
    entry.runtime_data = PiggyRuntime(account, screens)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    async def start(_: HomeAssistant) -> None:
        for screen in screens.values():
            screen.async_start()
        async_check_recorder(hass)
        await account.store.async_write()

    @callback
    def write_states() -> None:
        for screen in screens.values():
            screen.async_update_listeners()

    async def read_brand(_: datetime | None = None) -> None:
        await async_read_brand(hass, account, entry.data[CONF_URL])
        write_states()

    account.async_write_states = write_states
    # Automations listen from then on.
    entry.async_on_unload(async_at_started(hass, start))
    entry.async_on_unload(
        async_track_time_interval(hass, read_brand, DAY, cancel_on_shutdown=True)
    )
    entry.async_create_background_task(hass, read_brand(), f"{DOMAIN} brand")
    return True


async def async_unload_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> bool:
    """Unload an account."""
    if entry.disabled_by:
        async_delete_issues(hass, entry)
    # First, so that no answer arrives without entities to show it.
    for screen in entry.runtime_data.screens.values():
        await screen.async_shutdown()
    await entry.runtime_data.account.async_shutdown()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: PiggyConfigEntry) -> None:
    """Remove what was stored for an account."""
    async_delete_issues(hass, entry)
    async_check_recorder(hass)
    unused = SessionStore(hass, entry.entry_id)
    await hass.data.pop(store_key(entry.entry_id), unused).async_remove()


async def _async_reload(hass: HomeAssistant, entry: PiggyConfigEntry) -> None:
    """Reload an account whose key, name or screens were changed."""
    await hass.config_entries.async_reload(entry.entry_id)
