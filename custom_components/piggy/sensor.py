"""Sensor platform of the Piggy integration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import MAX_LENGTH_STATE_STATE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import SessionType
from .coordinator import PiggyConfigEntry
from .entity import PiggyEntity, async_add_screen_entities
from .lifecycle import SessionStatus, ShownSession

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PiggySensorEntityDescription(SensorEntityDescription):
    """Describes a sensor of a screen; `idle` is its value without a session."""

    value_fn: Callable[[ShownSession], str | datetime | None]
    idle: str | None = None


def _url(shown: ShownSession) -> str | None:
    """Return the url, where a state can hold it."""
    url = shown.session.url
    return url if len(url) <= MAX_LENGTH_STATE_STATE else None


SENSORS: Final = (
    PiggySensorEntityDescription(
        key="session_url",
        translation_key="session_url",
        value_fn=_url,
    ),
    PiggySensorEntityDescription(
        key="session_status",
        translation_key="session_status",
        device_class=SensorDeviceClass.ENUM,
        options=list(SessionStatus),
        value_fn=lambda shown: shown.status,
        idle=SessionStatus.IDLE,
    ),
    PiggySensorEntityDescription(
        key="session_type",
        translation_key="session_type",
        device_class=SensorDeviceClass.ENUM,
        options=list(SessionType),
        value_fn=lambda shown: shown.type,
    ),
    PiggySensorEntityDescription(
        key="session_expires",
        translation_key="session_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda shown: shown.expires_at,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PiggyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of every screen."""
    async_add_screen_entities(entry, async_add_entities, PiggySensor, SENSORS)


class PiggySensor(PiggyEntity, SensorEntity):
    """What is to be known of the session on a screen."""

    entity_description: PiggySensorEntityDescription

    @property
    @override
    def follows(self) -> str | datetime | None:
        """Return the value."""
        return self.native_value

    @property
    @override
    def native_value(self) -> str | datetime | None:
        """Return the state."""
        if (shown := self.shown) is None:
            return self.entity_description.idle
        return self.entity_description.value_fn(shown)
