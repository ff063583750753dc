"""Diagnostics of the Piggy integration."""

from typing import Any, Final

from yarl import URL

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .api.errors import PiggyApiError
from .const import ATTR_UUID, CONF_STAFF_PIN, DOMAIN
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .options import ATTR_REFERENCE, CONTACT_OPTIONS
from .session import TrackedSession
from .store import Clock, dump_session

SECRETS: Final = (
    *CONTACT_OPTIONS,
    ATTR_REFERENCE,
    ATTR_UUID,
    CONF_API_KEY,
    CONF_STAFF_PIN,
    CONF_URL,
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PiggyConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of an account."""
    settings = async_redact_data(entry.as_dict(), SECRETS)
    del settings["subentries"]  # they come with the screens
    # A URL may hold more than a host: a path, or a password.
    settings["data"][CONF_URL] = str(URL(entry.data[CONF_URL]).origin())
    runtime = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
    # A screen that was just added is loaded a moment later.
    loaded = runtime.screens.items() if runtime else ()
    screens = {subentry_id: _coordinator(screen) for subentry_id, screen in loaded}
    return {
        "entry": settings,
        "state": entry.state.value,
        "rate_limit_remaining": runtime and runtime.account.client.remaining,
        "screens": [
            {
                "subentry_id": subentry_id,
                "title": subentry.title,
                "settings": async_redact_data(dict(subentry.data), SECRETS),
                "coordinator": screens.get(subentry_id),
            }
            for subentry_id, subentry in entry.subentries.items()
        ],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: PiggyConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of a screen and its account."""
    found = await async_get_config_entry_diagnostics(hass, entry)
    found["screens"] = [
        screen
        for screen in found["screens"]
        if (DOMAIN, screen["subentry_id"]) in device.identifiers
    ]
    return found


def _coordinator(coordinator: ScreenCoordinator) -> dict[str, Any]:
    data, error = coordinator.data, coordinator.last_exception
    cause = error and (error.__cause__ or error)
    code = cause.code if isinstance(cause, PiggyApiError) else None
    shop = coordinator.account.shops.get(coordinator.shop_uuid)
    return {
        "shop": shop and {"uuid": shop.uuid, "name": shop.name},
        "session": data.shown and _session(data.shown),
        "followed": [_session(tracked) for tracked in data.followed],
        "image_last_updated": data.image_last_updated.isoformat(),
        "last_poll_success": coordinator.last_update_success,
        # Without the error's words, which may be Piggy's own.
        "last_poll_error": cause and {"type": type(cause).__name__, "code": code},
    }


def _session(tracked: TrackedSession) -> dict[str, Any]:
    """Return a session without what opens it or identifies a person."""
    return {
        **async_redact_data(dump_session(tracked, Clock.now()), SECRETS),
        "outcome": [transaction.kind for transaction in tracked.outcome],
        "seen": len(tracked.seen),
        "url_length": len(tracked.session.url),
    }
