"""Actions of the Piggy integration."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, device_registry as dr

from .api import PortalSession, SessionEvent, SessionType, Shop
from .const import (
    ATTR_ALLOW_MULTIPLE_GIFTCARDS,
    ATTR_AMOUNT_IN_CENTS,
    ATTR_CAMERA_SERVICE,
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_IDENTIFIER,
    ATTR_CONTACT_UUID,
    ATTR_ENABLE_EMAIL_IDENTIFICATION,
    ATTR_ENABLE_ON_SCREEN_KEYBOARD,
    ATTR_ENABLE_REGISTRATION,
    ATTR_FACING_MODE,
    ATTR_PRIMARY_IDENTIFICATION_METHOD,
    ATTR_SCANNER_TYPE,
    ATTR_UUID,
    CAMERA_SERVICES,
    DOMAIN,
    FACING_MODES,
    IDENTIFICATION_METHODS,
    SCANNER_TYPES,
)
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .exceptions import invalid

SERVICE_CLEAR_SESSION: Final = "clear_session"
SERVICE_GET_PORTAL_SESSION: Final = "get_portal_session"
CREATE_SERVICES: Final[Mapping[str, SessionType]] = {
    f"create_{session_type}_session": session_type for session_type in SessionType
}

MAX_WHOLE: Final = 2**53 - 1  # what every JSON reader takes exactly
GROUP_CONTACT: Final = "contact"


def whole_number(value: Any) -> int:
    """Validate a whole number of 1 or more; a template hands it over as a text."""
    if isinstance(value, str):
        value = value.strip()
        number = int(value) if value.isascii() and value.isdigit() else None
    elif isinstance(value, float):
        number = int(value) if value.is_integer() else None
    else:
        number = value if isinstance(value, int) and value is not True else None
    if number is None or not 1 <= number <= MAX_WHOLE:
        msg = "expected a whole number of 1 or more"
        raise vol.Invalid(msg)
    return number


NOT_EMPTY: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1))
SCREEN_SCHEMA: Final = vol.Schema({vol.Required(ATTR_DEVICE_ID): cv.string})
CONTACT_ATTRIBUTES: Final = (
    ATTR_CONTACT_UUID,
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_IDENTIFIER,
)
CONTACT_FIELDS: Final[dict[vol.Marker, Any]] = {
    vol.Exclusive(
        attribute,
        GROUP_CONTACT,
        msg=f"expected at most one of {', '.join(CONTACT_ATTRIBUTES)}",
    ): NOT_EMPTY
    for attribute in CONTACT_ATTRIBUTES
}
CREATE_SCHEMA: Final = SCREEN_SCHEMA.extend(CONTACT_FIELDS).extend(
    {
        vol.Optional(ATTR_SCANNER_TYPE): vol.In(SCANNER_TYPES),
        vol.Optional(ATTR_CAMERA_SERVICE): vol.All(
            whole_number, vol.In(CAMERA_SERVICES)
        ),
        vol.Optional(ATTR_FACING_MODE): vol.In(FACING_MODES),
        vol.Optional(ATTR_PRIMARY_IDENTIFICATION_METHOD): vol.In(
            IDENTIFICATION_METHODS
        ),
        vol.Optional(ATTR_ENABLE_EMAIL_IDENTIFICATION): cv.boolean,
        vol.Optional(ATTR_ENABLE_REGISTRATION): cv.boolean,
        vol.Optional(ATTR_ENABLE_ON_SCREEN_KEYBOARD): cv.boolean,
    }
)
EXTRA_SCHEMAS: Final[Mapping[SessionType, Mapping[vol.Marker, Any]]] = {
    SessionType.REDEEM_GIFTCARD: {
        vol.Required(ATTR_AMOUNT_IN_CENTS): whole_number,
        vol.Optional(ATTR_ALLOW_MULTIPLE_GIFTCARDS): cv.boolean,
    }
}
GET_SCHEMA: Final = SCREEN_SCHEMA.extend({vol.Optional(ATTR_UUID): NOT_EMPTY})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, session_type in CREATE_SERVICES.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_async_create, session_type),
            schema=CREATE_SCHEMA.extend(dict(EXTRA_SCHEMAS.get(session_type, {}))),
            supports_response=SupportsResponse.OPTIONAL,
        )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_PORTAL_SESSION,
        _async_get,
        schema=GET_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN, SERVICE_CLEAR_SESSION, _async_clear, schema=SCREEN_SCHEMA
    )


async def _async_create(
    session_type: SessionType, call: ServiceCall
) -> ServiceResponse:
    """Create a session and show it."""
    screen = _screen(call)
    parameters = {
        name: value for name, value in call.data.items() if name != ATTR_DEVICE_ID
    }
    session = await screen.async_create_session(session_type, parameters)
    return _response(session, session_type, screen.shop)


async def _async_get(call: ServiceCall) -> ServiceResponse:
    """Return a session as Piggy knows it now."""
    screen = _screen(call)
    session = await screen.async_get_session(call.data.get(ATTR_UUID))
    return _response(session, screen.type_of(session.uuid), screen.shop)


async def _async_clear(call: ServiceCall) -> None:
    """Take the session off the screen."""
    await _screen(call).async_clear_session()


@callback
def _screen(call: ServiceCall) -> ScreenCoordinator:
    """Return the screen that a call is for, or raise what is wrong with its device."""
    device = dr.async_get(call.hass).async_get(call.data[ATTR_DEVICE_ID])
    if device is None:
        raise invalid("unknown_device")
    # Some integrations identify a device by more than two parts.
    screens = {parts[1] for parts in device.identifiers if parts[0] == DOMAIN}
    entries: list[PiggyConfigEntry] = call.hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        for screen in screens & entry.subentries.keys():
            if entry.state is not ConfigEntryState.LOADED:
                raise invalid("not_loaded")
            return entry.runtime_data.screens[screen]
    raise invalid("no_screen")


def _response(
    session: PortalSession, session_type: SessionType | None, shop: Shop
) -> dict[str, Any]:
    """Return a session as automations read it."""
    of_session = session.shop or shop
    is_own = of_session.uuid == shop.uuid
    return {
        "uuid": session.uuid,
        "url": session.url,
        "type": session_type and session_type.value,
        "shop": {
            "uuid": of_session.uuid,
            "name": of_session.name or (shop.name if is_own else None),
        },
        "contact_uuid": session.contact_uuid,
        "created_at": session.created_at and session.created_at.isoformat(),
        "events": [_event(event) for event in session.events or ()],
    }


def _event(event: SessionEvent) -> dict[str, Any]:
    """Return what happened in a session as automations read it."""
    return {
        "type": event.type,
        "data": dict(event.data),
        "created_at": event.created_at and event.created_at.isoformat(),
    }
