"""The staff's PIN of a screen: its form field, its check, and its lock."""

from collections.abc import Mapping
from dataclasses import dataclass
import hmac
from math import ceil, inf
import re
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_STAFF_PIN
from .errors import validation_error
from .issues import PIN_LOCKED, async_raise_issue

# What the form holds instead of a PIN that is set: no form sends a PIN to a browser.
UNCHANGED: Final = "__**pin_not_changed**__"
MAX_WRONG: Final = 5  # in a row
LOCK: Final = 30  # seconds, twice as long each time
MAX_LOCK: Final = 15 * 60  # seconds


def read_pin(
    data: dict[str, Any], stored: Mapping[str, Any] | None = None
) -> str | None:
    """Replace the PIN of a form's data: the stored one if unchanged, none if empty.

    Returns the error of the form's field, or None.
    """
    pin = data.pop(CONF_STAFF_PIN, "").strip()
    if pin == UNCHANGED and stored:
        pin = stored.get(CONF_STAFF_PIN, pin)
    if not pin:
        return None
    data[CONF_STAFF_PIN] = pin
    return None if re.fullmatch("[0-9]{4,8}", pin) else "invalid_pin"


@dataclass
class StaffPin:
    """Checks the PINs that are entered for a screen."""

    hass: HomeAssistant
    entry: ConfigEntry
    subentry: ConfigSubentry
    _wrong: int = 0
    _locked_until: float = -inf

    @callback
    def async_check(self, entered: str | None) -> None:
        """Raise ServiceValidationError unless the PIN is right, or none is set."""
        if (pin := self.subentry.data.get(CONF_STAFF_PIN)) is None:
            return
        if entered is None:
            raise validation_error("pin_required")
        now = time.monotonic()
        if now < self._locked_until:
            wait = ceil(self._locked_until - now)
            raise validation_error("pin_locked", seconds=str(wait))
        if hmac.compare_digest(entered.encode(), pin.encode()):
            self._wrong = 0
            return
        self._wrong += 1
        locks, rest = divmod(self._wrong, MAX_WRONG)
        if not rest:
            self._locked_until = now + min(LOCK * 2 ** (locks - 1), MAX_LOCK)
            async_raise_issue(self.hass, self.entry, self.subentry, PIN_LOCKED)
        raise validation_error("pin_wrong")
