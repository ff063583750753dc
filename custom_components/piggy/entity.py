"""Base entity of the Piggy integration."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import PiggyConfigEntry, ScreenCoordinator


class PiggyEntity(CoordinatorEntity[ScreenCoordinator]):
    """An entity of a screen."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: ScreenCoordinator, description: EntityDescription
    ) -> None:
        super().__init__(coordinator)
        subentry = coordinator.subentry
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="Piggy",
            name=subentry.title,
        )
        # Without an answer from Piggy the device keeps the model it has.
        if coordinator.shop.name:
            self._attr_device_info["model"] = coordinator.shop.name

    @property
    @override
    def available(self) -> bool:
        """Return True: the screen keeps its session while Piggy cannot be reached."""
        return True


def platform_setup(
    entity: type[PiggyEntity], descriptions: Iterable[EntityDescription]
) -> Callable[..., Coroutine[Any, Any, None]]:
    """Return the `async_setup_entry` of a platform with these entities."""

    async def async_setup_entry(
        hass: HomeAssistant,
        entry: PiggyConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Add one entity for each description to every screen."""
        for subentry_id, coordinator in entry.runtime_data.screens.items():
            async_add_entities(
                [entity(coordinator, description) for description in descriptions],
                config_subentry_id=subentry_id,
            )

    return async_setup_entry
