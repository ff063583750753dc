"""Sensor platform of the Piggy integration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import MATCH_ALL, MAX_LENGTH_STATE_STATE

from .api.session_types import SessionType
from .entity import PiggyEntity, platform_setup
from .screen import ScreenData
from .session import SessionStatus, TrackedSession

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PiggySensorEntityDescription(SensorEntityDescription):
    """Describes a sensor of a screen; `idle` is its value without a session."""

    value_fn: Callable[[ScreenData, TrackedSession], str | datetime | None]
    idle: str | None = None
    attributes_fn: Callable[[TrackedSession], dict[str, Any]] = lambda _: {}
    # Whether the value may be out of date while Piggy cannot be polled.
    needs_polls: bool = False


def _url(_: ScreenData, shown: TrackedSession) -> str | None:
    url = shown.session.url
    return url if len(url) <= MAX_LENGTH_STATE_STATE else None


def _status_attributes(shown: TrackedSession) -> dict[str, Any]:
    """Return the attributes that match a session to a purchase at the till."""
    return {
        "session_id": shown.session_id,
        "reference": shown.reference,
        **shown.amounts,
        "outcome": [transaction.as_dict() for transaction in shown.outcome],
    }


SENSORS: Final = (
    PiggySensorEntityDescription(
        key="session_url", entity_registry_visible_default=False, value_fn=_url
    ),
    PiggySensorEntityDescription(
        key="session_status",
        device_class=SensorDeviceClass.ENUM,
        options=list(SessionStatus),
        value_fn=lambda _, shown: shown.status,
        idle=SessionStatus.IDLE,
        attributes_fn=_status_attributes,
        needs_polls=True,
    ),
    PiggySensorEntityDescription(
        key="session_type",
        device_class=SensorDeviceClass.ENUM,
        options=list(SessionType),
        value_fn=lambda _, shown: shown.type,
    ),
    PiggySensorEntityDescription(
        key="session_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data, _: data.expires_at,
    ),
)


class PiggySensor(PiggyEntity, SensorEntity):
    """A fact about the session on a screen."""

    entity_description: PiggySensorEntityDescription
    _unrecorded_attributes = frozenset({MATCH_ALL})

    @property
    @override
    def available(self) -> bool:
        shown = self.coordinator.data.shown
        has_failed = shown is not None and shown.failures > 0
        return not (self.entity_description.needs_polls and has_failed)

    @property
    @override
    def native_value(self) -> str | datetime | None:
        data = self.coordinator.data
        if data.shown is None:
            return self.entity_description.idle
        return self.entity_description.value_fn(data, data.shown)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        shown = self.coordinator.data.shown
        return self.entity_description.attributes_fn(shown) if shown else {}


async_setup_entry = platform_setup(PiggySensor, SENSORS)
