"""Conditions of the Piggy integration: what is on screens."""

from typing import Final, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import Condition, EntityStateConditionBase

from .const import DOMAIN
from .session import SessionStatus

SENSORS: Final = {"sensor": DomainSpec()}
OWN: Final = (DOMAIN, "session_status")
IDLE: Final[set[str | bool]] = {SessionStatus.IDLE}


class IsIdleCondition(EntityStateConditionBase):
    """Condition for screens without a session."""

    _domain_specs = SENSORS
    _states = IDLE

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        found = map(er.async_get(self._hass).async_get, entities)
        own = (e for e in found if e and (e.platform, e.translation_key) == OWN)
        return {entity.entity_id for entity in own}


class HasSessionCondition(IsIdleCondition):
    """Condition for screens with a session."""

    _states = {*SessionStatus} - IDLE


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return {"has_session": HasSessionCondition, "is_idle": IsIdleCondition}
