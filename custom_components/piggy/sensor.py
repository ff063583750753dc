"""Sensor platform of the Piggy integration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import MATCH_ALL, MAX_LENGTH_STATE_STATE

from .api.session_types import SessionType
from .entity import PiggyEntity, platform_setup
from .screen import ScreenData
from .session import SessionStatus, TrackedSession
from .totals import TOTALS, Total

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PiggySensorEntityDescription(SensorEntityDescription):
    """Describes a sensor of a screen."""

    value_fn: Callable[[ScreenData], str | float | datetime | None]
    attributes_fn: Callable[[TrackedSession], dict[str, Any]] = lambda _: {}
    # Whether the value may be out of date while Piggy cannot be polled.
    needs_polls: bool = False


def _url(data: ScreenData) -> str | None:
    url = data.shown and data.shown.session.url
    return url if url and len(url) <= MAX_LENGTH_STATE_STATE else None


def _total(total: Total, data: ScreenData) -> float:
    value = data.totals.get(total.key, 0)
    return value / 100 if total.is_money else value


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
        value_fn=lambda data: data.shown.status if data.shown else SessionStatus.IDLE,
        attributes_fn=_status_attributes,
        needs_polls=True,
    ),
    PiggySensorEntityDescription(
        key="session_type",
        device_class=SensorDeviceClass.ENUM,
        options=list(SessionType),
        value_fn=lambda data: data.shown.type if data.shown else None,
    ),
    PiggySensorEntityDescription(
        key="session_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.expires_at,
    ),
    # Not `total_increasing`: after a kill, a total may go back until the next poll.
    *(
        PiggySensorEntityDescription(
            key=total.key,
            device_class=SensorDeviceClass.MONETARY if total.is_money else None,
            state_class=SensorStateClass.TOTAL,
            entity_registry_enabled_default=total is TOTALS[0],
            value_fn=partial(_total, total),
        )
        for total in TOTALS
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
        return not (self.entity_description.needs_polls and shown and shown.failures)

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        is_money = self.device_class is SensorDeviceClass.MONETARY
        return self.hass.config.currency if is_money else None

    @property
    @override
    def native_value(self) -> str | float | datetime | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        shown = self.coordinator.data.shown
        return self.entity_description.attributes_fn(shown) if shown else {}


async_setup_entry = platform_setup(PiggySensor, SENSORS)
