"""The settings of a screen that are numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

CONF_SESSION_LIFETIME: Final = "session_lifetime"
CONF_CUSTOMER_LIFETIME: Final = "customer_lifetime"
CONF_COMPLETED_LIFETIME: Final = "completed_lifetime"
CONF_CODE_SIZE: Final = "code_size"


@dataclass(frozen=True, slots=True)
class NumberSetting:
    """A whole number of 0 or more that can be set for each screen."""

    default: int
    maximum: int
    unit: str


NUMBER_SETTINGS: Final[Mapping[str, NumberSetting]] = {
    CONF_SESSION_LIFETIME: NumberSetting(5, 7 * 24 * 60, "min"),
    CONF_CUSTOMER_LIFETIME: NumberSetting(2, 7 * 24 * 60, "min"),
    CONF_COMPLETED_LIFETIME: NumberSetting(15, 60 * 60, "s"),
    CONF_CODE_SIZE: NumberSetting(0, 4096, "px"),
}


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
        defaults = {key: row.default for key, row in NUMBER_SETTINGS.items()}
        numbers = {**defaults, **data}
        return cls(
            session=numbers[CONF_SESSION_LIFETIME] * 60 or None,
            customer=numbers[CONF_CUSTOMER_LIFETIME] * 60 or None,
            completed=numbers[CONF_COMPLETED_LIFETIME],
        )
