"""Diagnostics of the Piggy integration."""

from typing import Any, Final

from yarl import URL

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .api import PiggyApiError
from .const import (
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_IDENTIFIER,
    ATTR_CONTACT_UUID,
    ATTR_UUID,
    DOMAIN,
)
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .issues import is_shop_missing
from .lifecycle import ShownSession

ENTRY_SECRETS: Final = frozenset(
    {
        ATTR_CONTACT_EMAIL,
        ATTR_CONTACT_IDENTIFIER,
        ATTR_CONTACT_UUID,
        CONF_API_KEY,
    }
)
SESSION_SECRETS: Final = frozenset({ATTR_CONTACT_UUID, ATTR_UUID, CONF_URL})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PiggyConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of an account."""
    return {
        **_account(entry),
        "screens": [
            _screen(hass, entry, subentry) for subentry in entry.subentries.values()
        ],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: PiggyConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of a screen."""
    return {
        **_account(entry),
        "screens": [
            _screen(hass, entry, subentry)
            for subentry_id, subentry in entry.subentries.items()
            if (DOMAIN, subentry_id) in device.identifiers
        ],
    }


def _account(entry: PiggyConfigEntry) -> dict[str, Any]:
    """Return what an account is set to; its screens' settings are told with them."""
    told = async_redact_data(entry.as_dict(), ENTRY_SECRETS)
    del told["subentries"]
    # An address may hold more than where it leads: its path, or a password.
    told["data"][CONF_URL] = str(URL(entry.data[CONF_URL]).origin())
    loaded = entry.state is ConfigEntryState.LOADED
    return {
        "entry": told,
        "state": entry.state.value,
        "rate_limit_remaining": (
            entry.runtime_data.client.rate_limit_remaining if loaded else None
        ),
    }


def _screen(
    hass: HomeAssistant, entry: PiggyConfigEntry, subentry: ConfigSubentry
) -> dict[str, Any]:
    """Return what a screen is set to, and what it does if it is loaded."""
    loaded = entry.state is ConfigEntryState.LOADED
    return {
        "subentry_id": subentry.subentry_id,
        "title": subentry.title,
        "settings": async_redact_data(dict(subentry.data), ENTRY_SECRETS),
        "shop_missing": is_shop_missing(hass, subentry.subentry_id),
        "coordinator": (
            _coordinator(entry.runtime_data.screens[subentry.subentry_id])
            if loaded
            else None
        ),
    }


def _coordinator(coordinator: ScreenCoordinator) -> dict[str, Any]:
    """Return what a screen does."""
    data, interval = coordinator.data, coordinator.update_interval
    return {
        "shop": {
            "uuid": coordinator.shop.uuid,
            "name": coordinator.shop.name,
            "type": coordinator.shop.type,
        },
        "session": _session(data.shown) if data.shown else None,
        "image_last_updated": data.image_last_updated.isoformat(),
        "poll_interval_seconds": interval.total_seconds() if interval else None,
        "last_poll_success": coordinator.last_update_success,
        "last_poll_error": _error(coordinator.last_exception),
    }


def _session(shown: ShownSession) -> dict[str, Any]:
    """Return what is known of a session, but for what opens it or tells whose it is."""
    kept = shown.as_dict()
    return {
        **async_redact_data(kept, SESSION_SECRETS),
        "shop": kept["shop"],
        "seen": len(shown.seen),
        "url_length": len(shown.session.url),
    }


def _error(error: BaseException | None) -> dict[str, Any] | None:
    """Return the kind of a failure; its words may be Piggy's own."""
    if error is None:
        return None
    cause = error.__cause__ or error
    return {
        "type": type(cause).__name__,
        "code": cause.code if isinstance(cause, PiggyApiError) else None,
    }
