"""Event platform of the Piggy integration."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PiggyConfigEntry
from .entity import PiggyEntity, async_add_screen_entities
from .lifecycle import ScreenEvent, ScreenEventType

PARALLEL_UPDATES = 0

EVENTS: Final = (
    EventEntityDescription(
        key="session",
        translation_key="session",
        event_types=list(ScreenEventType),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PiggyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entity of every screen."""
    async_add_screen_entities(entry, async_add_entities, PiggyEvent, EVENTS)


class PiggyEvent(PiggyEntity, EventEntity):
    """What happens on a screen."""

    @override
    async def async_added_to_hass(self) -> None:
        """Start to listen."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.async_add_event_listener(self._async_handle_event)
        )

    @callback
    def _async_handle_event(self, event: ScreenEvent) -> None:
        """Tell an event on."""
        self._trigger_event(event.type, dict(event.attributes))
        self.async_write_ha_state()
