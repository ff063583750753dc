"""Event platform of the Piggy integration."""

from typing import Final, override

from homeassistant.components.event import (
    EventEntity,
    EventEntityDescription,
    EventExtraStoredData,
)
from homeassistant.core import Context, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .entity import PiggyEntity, platform_setup
from .events import EVENT_TYPES, ScreenEvent

PARALLEL_UPDATES = 0

EVENTS: Final = (EventEntityDescription(key="session", event_types=list(EVENT_TYPES)),)


class PiggyEvent(PiggyEntity, EventEntity):
    """The event entity of a screen."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        signal, handle = self.coordinator.events.signal, self._async_handle_event
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, handle))

    @override
    async def async_get_last_event_data(self) -> EventExtraStoredData | None:
        """Return None: a reload must not repeat the last event in history."""
        return None

    @callback
    def _async_handle_event(self, event: ScreenEvent, context: Context | None) -> None:
        """Report an event with the context of the call that caused it, if any."""
        self._context = None
        if context:
            self.async_set_context(context)
        self._trigger_event(event.type, dict(event.attributes))
        self.async_write_ha_state()


async_setup_entry = platform_setup(PiggyEvent, EVENTS)
