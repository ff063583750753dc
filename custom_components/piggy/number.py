"""Number platform of the Piggy integration."""

from decimal import Decimal
from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntityDescription,
    NumberMode,
    RestoreNumber,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PiggyConfigEntry
from .entity import PiggyEntity, async_add_screen_entities
from .exceptions import invalid

PARALLEL_UPDATES = 0

NUMBERS: Final = (
    NumberEntityDescription(
        key="purchase_amount",
        translation_key="purchase_amount",
        device_class=NumberDeviceClass.MONETARY,
        mode=NumberMode.BOX,
        native_min_value=0.01,
        native_max_value=1_000_000,
        native_step=0.01,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PiggyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the purchase amount of every screen."""
    async_add_screen_entities(entry, async_add_entities, PiggyPurchaseAmount, NUMBERS)


class PiggyPurchaseAmount(PiggyEntity, RestoreNumber):
    """The amount that the button for redeeming a giftcard asks for."""

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the amount from before a restart."""
        await super().async_added_to_hass()
        if (kept := await self.async_get_last_number_data()) and kept.native_value:
            self._async_set_amount(kept.native_value)

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        """Return the hub's currency."""
        return self.hass.config.currency

    @property
    @override
    def native_value(self) -> float | None:
        """Return the amount."""
        cents = self.coordinator.purchase_amount_in_cents
        return None if cents is None else cents / 100

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the amount; raises ServiceValidationError for a fraction of a cent."""
        self._async_set_amount(value)
        self.async_write_ha_state()

    def _async_set_amount(self, value: float) -> None:
        """Keep the amount in cents, by way of the digits that the user sees.

        Six decimals are enough to tell a fraction of a cent from what a float is off
        by, such as the sum of two amounts in a template.
        """
        cents = Decimal(f"{value:.6f}") * 100
        if cents != cents.to_integral_value():  # true of "not a number" too
            raise invalid("not_whole_cents")
        self.coordinator.purchase_amount_in_cents = int(cents)
