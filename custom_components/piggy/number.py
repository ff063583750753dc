"""Number platform of the Piggy integration."""

from decimal import Decimal
from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)

from .entity import PiggyEntity, platform_setup
from .errors import validation_error

PARALLEL_UPDATES = 0

NUMBERS: Final = (
    NumberEntityDescription(
        key="purchase_amount",
        device_class=NumberDeviceClass.MONETARY,
        mode=NumberMode.BOX,
        native_min_value=0.01,
        native_max_value=1_000_000,
        native_step=0.01,
    ),
)


class PiggyPurchaseAmount(PiggyEntity, NumberEntity):
    """The amount of the next purchase, for the buttons that need one."""

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        return self.hass.config.currency

    @property
    @override
    def native_value(self) -> float | None:
        cents = self.coordinator.data.purchase_amount_in_cents
        return None if cents is None else cents / 100

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the amount; raises ServiceValidationError for a fraction of a cent.

        Six decimals distinguish a fraction of a cent from the error of a float, such as
        the sum of two amounts in a template.
        """
        cents = Decimal(f"{value:.6f}") * 100
        if cents != cents.to_integral_value():  # true of "not a number" too
            raise validation_error("not_whole_cents")
        await self.coordinator.async_set_purchase_amount(int(cents))


async_setup_entry = platform_setup(PiggyPurchaseAmount, NUMBERS)
