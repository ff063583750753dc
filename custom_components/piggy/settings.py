"""The settings of a screen that are whole numbers: fields of its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import voluptuous as vol

from .options import WholeNumberSelector

CONF_SESSION_LIFETIME: Final = "session_lifetime"
CONF_CUSTOMER_LIFETIME: Final = "customer_lifetime"
CONF_COMPLETED_LIFETIME: Final = "completed_lifetime"
CONF_CODE_SIZE: Final = "code_size"

MINUTES: Final = WholeNumberSelector(0, 7 * 24 * 60, unit_of_measurement="min")
SECONDS: Final = WholeNumberSelector(0, 60 * 60, unit_of_measurement="s")
PIXELS: Final = WholeNumberSelector(0, 4096, unit_of_measurement="px")
NUMBER_SETTINGS: Final = {
    vol.Optional(CONF_SESSION_LIFETIME, default=5): MINUTES,
    vol.Optional(CONF_CUSTOMER_LIFETIME, default=2): MINUTES,
    vol.Optional(CONF_COMPLETED_LIFETIME, default=15): SECONDS,
    vol.Optional(CONF_CODE_SIZE, default=0): PIXELS,
}
NUMBER_DEFAULTS: Final[Mapping[str, int]] = vol.Schema(NUMBER_SETTINGS)({})


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """How many seconds a session stays on a screen; None: until it is cleared.

    `customer` is for one that was opened for a known customer.
    """

    session: float | None
    customer: float | None
    completed: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the settings of a screen: minutes, and seconds once it is completed."""
        numbers = {**NUMBER_DEFAULTS, **data}
        return cls(
            session=numbers[CONF_SESSION_LIFETIME] * 60 or None,
            customer=numbers[CONF_CUSTOMER_LIFETIME] * 60 or None,
            completed=numbers[CONF_COMPLETED_LIFETIME],
        )
