"""Triggers of the Piggy integration: what happens in the sessions on screens."""

from typing import Any, Final, override

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    StatelessEntityTriggerBase,
    Trigger,
)

EVENTS: Final = {"event": DomainSpec()}
AMOUNT: Final = vol.All(vol.Coerce(float), vol.Range(min=0))
AT_LEAST: Final = {vol.Optional("at_least", default=0): AMOUNT}


class SessionCompletedTrigger(StatelessEntityTriggerBase):
    """Trigger on attributes that no event entity of another integration has."""

    _domain_specs = EVENTS

    @override
    def is_valid_state(self, state: State, *_: Any) -> bool:
        return bool(state.attributes.get("completes_session"))


class PaymentReceivedTrigger(SessionCompletedTrigger):
    """Trigger on payments with a giftcard or a prepaid balance."""

    _schema = ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {vol.Required(CONF_OPTIONS, default={}): AT_LEAST}
    )

    @override
    def is_valid_state(self, state: State, *_: Any) -> bool:
        paid = -state.attributes.get("amount_in_cents", 0)
        return bool(paid > 0 and paid >= round(self._options["at_least"] * 100))


class SessionLeftTrigger(SessionCompletedTrigger):
    """Trigger on sessions that leave the screen."""

    @override
    def is_valid_state(self, state: State, *_: Any) -> bool:
        return "followed" in state.attributes


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return {
        "session_completed": SessionCompletedTrigger,
        "payment_received": PaymentReceivedTrigger,
        "session_left": SessionLeftTrigger,
    }
