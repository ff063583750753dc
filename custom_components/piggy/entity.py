"""Base entity of the Piggy integration."""

from collections.abc import Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .lifecycle import ShownSession


class PiggyEntity(CoordinatorEntity[ScreenCoordinator]):
    """An entity of a screen."""

    _attr_has_entity_name = True
    _followed: object = None

    def __init__(
        self, coordinator: ScreenCoordinator, description: EntityDescription
    ) -> None:
        """Initialize the entity."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.subentry.subentry_id}_{description.key}"

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the screen's device; asked for once, so it need not be kept."""
        subentry = self.coordinator.subentry
        return DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="Piggy",
            model=self.coordinator.shop.name,
            name=subentry.title,
        )

    @property
    @override
    def available(self) -> bool:
        """Return True: a failing poll changes nothing on the screen."""
        return True

    @property
    def follows(self) -> object:
        """Return what the screen decides of the state, None for nothing."""
        return None

    @override
    async def async_added_to_hass(self) -> None:
        """Start to follow the screen."""
        await super().async_added_to_hass()
        self._followed = self.follows

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state where it is another one than before."""
        if self._followed != (follows := self.follows):
            self._followed = follows
            super()._handle_coordinator_update()

    @property
    def shown(self) -> ShownSession | None:
        """Return the session on the screen."""
        return self.coordinator.data.shown


@callback
def async_add_screen_entities[DescriptionT: EntityDescription](
    entry: PiggyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entity: type[PiggyEntity],
    descriptions: Iterable[DescriptionT],
) -> None:
    """Add to every screen one entity a description."""
    for subentry_id, coordinator in entry.runtime_data.screens.items():
        async_add_entities(
            [entity(coordinator, description) for description in descriptions],
            config_subentry_id=subentry_id,
        )
