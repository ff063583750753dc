"""Actions of the Piggy integration, and who may call them.

A call without a user, such as an automation's, may do everything, and so may an
administrator's. All others are checked as Home Assistant checks entities' actions. A
test compares the permissions with the table in SECURITY.md.
"""

from dataclasses import asdict
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID, Platform
from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)

from .api.models import PortalSession
from .api.session_types import FOR_STAFF, SessionType
from .const import ATTR_UUID, DOMAIN
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .errors import validation_error
from .options import (
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_UUID,
    ATTR_PIN,
    create_schema,
    text,
)
from .session import AMOUNTS, TrackedSession

# What makes a session speak for a customer who need not be there.
ADMIN_FIELDS: Final = (ATTR_CONTACT_UUID, ATTR_CONTACT_EMAIL)
# A target, and the device field of other clients, is a list of one.
SCREEN_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): vol.All(
            cv.ensure_list,
            vol.Length(min=1, max=1, msg="expected the device of one screen"),
            [cv.string],
        )
    }
)
GET_SCHEMA: Final = SCREEN_SCHEMA.extend({vol.Optional(ATTR_UUID): text})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    register = partial(hass.services.async_register, DOMAIN)
    for session_type in SessionType:
        name = f"create_{session_type}_session"
        create = partial(_async_create, session_type)
        schema = SCREEN_SCHEMA.extend(create_schema(session_type))
        register(name, create, schema, SupportsResponse.OPTIONAL)
    register("get_portal_session", _async_get, GET_SCHEMA, SupportsResponse.ONLY)
    register("clear_session", _async_clear, SCREEN_SCHEMA)


async def _async_create(
    session_type: SessionType, call: ServiceCall
) -> ServiceResponse:
    screen = await _async_screen(call)
    parameters = dict(call.data)
    del parameters[ATTR_DEVICE_ID]
    pin = parameters.pop(ATTR_PIN, None)
    await async_check_pin(screen, session_type, call.context, pin)
    tracked = await screen.async_create_session(
        session_type, parameters, call.context, is_person=bool(call.context.user_id)
    )
    return _response(screen, tracked.session, tracked)


async def _async_get(call: ServiceCall) -> ServiceResponse:
    screen = await _async_screen(call)
    session = await screen.async_get_session(call.data.get(ATTR_UUID))
    return _response(screen, session, screen.data.find(session.uuid))


async def _async_clear(call: ServiceCall) -> None:
    screen = await _async_screen(call)
    await screen.async_clear_session(call.context)


async def _async_screen(call: ServiceCall) -> ScreenCoordinator:
    """Return the screen of a call, checked for its user; raises HomeAssistantError."""
    device = dr.async_get(call.hass).async_get(call.data[ATTR_DEVICE_ID][0])
    if device is None:
        raise validation_error("unknown_device")
    entries: list[PiggyConfigEntry] = call.hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        for subentry_id in entry.subentries:
            if (DOMAIN, subentry_id) in device.identifiers:
                is_loaded = entry.state is ConfigEntryState.LOADED
                screens = entry.runtime_data.screens if is_loaded else {}
                if (screen := screens.get(subentry_id)) is None:
                    raise validation_error("not_loaded")
                await _async_check_call(call, screen)
                return screen
    raise validation_error("no_screen")


def _response(
    screen: ScreenCoordinator, session: PortalSession, tracked: TrackedSession | None
) -> dict[str, Any]:
    shop, shown = session.shop or screen.shop, screen.data.shown
    known = screen.account.shops.get(shop.uuid, shop)
    return {
        "uuid": session.uuid,
        "url": session.url,
        "session_id": tracked and tracked.session_id,
        "reference": tracked and tracked.reference,
        "shown": shown is not None and shown.session.uuid == session.uuid,
        "type": tracked and tracked.type.value,
        "status": tracked and tracked.status.value,
        **(tracked.amounts if tracked else dict.fromkeys(AMOUNTS)),
        "shop": {"uuid": shop.uuid, "name": shop.name or known.name},
        "contact_uuid": session.contact_uuid,
        "created_at": session.created_at,
        "events": [asdict(event) for event in session.events or ()],
    }


async def _async_check_call(call: ServiceCall, screen: ScreenCoordinator) -> None:
    """Check that the user of a call may make it; raises Unauthorized."""
    if (user := await _async_restricted_user(call.hass, call.context)) is None:
        return
    image = er.async_get(call.hass).async_get_entity_id(
        Platform.IMAGE, DOMAIN, f"{screen.subentry.subentry_id}_qr_code"
    )
    shown = screen.data.shown
    is_shown = call.data.get(ATTR_UUID) in (None, shown and shown.session.uuid)
    if (
        image is None
        or not user.permissions.check_entity(image, POLICY_CONTROL)
        or not is_shown
        or any(name in call.data for name in ADMIN_FIELDS)
    ):
        raise Unauthorized(
            context=call.context, entity_id=image, permission=POLICY_CONTROL
        )


async def async_check_pin(
    screen: ScreenCoordinator,
    session_type: SessionType,
    context: Context | None,
    entered: str | None = None,
) -> None:
    """Check the PIN of a user's session for staff; raises ServiceValidationError."""
    if session_type in FOR_STAFF and await _async_restricted_user(screen.hass, context):
        screen.staff_pin.async_check(entered)


async def _async_restricted_user(
    hass: HomeAssistant, context: Context | None
) -> User | None:
    """Return the user if a call's permissions are limited; raises UnknownUser."""
    if context is None or context.user_id is None:
        return None
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    return None if user.is_admin else user
