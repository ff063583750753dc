"""Permissions for screens. A test compares them with the table in SECURITY.md.

A call without a user, such as an automation's, may do everything, and so may an
administrator's. All others are checked as Home Assistant checks entities' actions.
"""

from typing import Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .api.session_types import FOR_STAFF, SessionType
from .const import ATTR_UUID, DOMAIN
from .coordinator import ScreenCoordinator
from .options import ATTR_CONTACT_EMAIL, ATTR_CONTACT_UUID

# What makes a session speak for a customer who need not be there.
ADMIN_FIELDS: Final = (ATTR_CONTACT_UUID, ATTR_CONTACT_EMAIL)


async def async_check_call(call: ServiceCall, screen: ScreenCoordinator) -> None:
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
