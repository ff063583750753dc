"""Piggy's parameters of a create call, one row each ([seed], create portal session).

The form of a screen's defaults, the schemas of the actions and the body of the request
come from this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    Selector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .api.session_types import FOR_STAFF, SESSION_TYPES, PurchaseAmount, SessionType
from .const import (
    ATTR_ALLOW_MULTIPLE_GIFTCARDS,
    ATTR_AMOUNT_IN_CENTS,
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_IDENTIFIER,
    ATTR_CONTACT_UUID,
    ATTR_PIN,
    ATTR_REFERENCE,
)
from .errors import validation_error

MAX_AMOUNT: Final = 100_000_000  # cents
MAX_REFERENCE: Final = 64  # characters
TEXT_SELECTOR: Final = TextSelector()
EMAIL_SELECTOR: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.EMAIL))
PIN_SELECTOR: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))


def text(value: Any) -> str:
    """Validate a text that is not empty; raises vol.Invalid."""
    value = cv.string(value).strip()
    if not value or not value.isprintable():
        msg = "expected a text of printable characters"
        raise vol.Invalid(msg)
    return str(value)


class WholeNumberSelector(NumberSelector):
    """A box that enforces whole numbers; the core takes a step of 1 as a hint."""

    def __init__(self, minimum: int, maximum: int, unit: str | None = None) -> None:
        """Set the limits and the unit."""
        config = NumberSelectorConfig(
            min=minimum, max=maximum, step=1, mode=NumberSelectorMode.BOX
        )
        if unit:
            config["unit_of_measurement"] = unit
        super().__init__(config)

    @override
    def __call__(self, data: Any) -> int:
        """Validate a whole number, which templates write as text; tell the limits.

        A text has nothing but digits: a point in it may separate thousands.
        """
        least, most = int(self.config["min"]), int(self.config["max"])
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        if isinstance(data, str):
            is_number = data.isascii() and data.strip().isdigit()
        value = float(data) if is_number else nan
        if not least <= value <= most or not value.is_integer():
            msg = f"expected a whole number from {least} to {most}"
            raise vol.Invalid(msg)
        return int(value)


ALL: Final = frozenset(SessionType)
WITH_AMOUNT: Final = frozenset(
    session_type
    for session_type, info in SESSION_TYPES.items()
    if info.purchase_amount is not PurchaseAmount.NONE
)


@dataclass(frozen=True, slots=True)
class Option:
    """A parameter: its name as sent, and where it can be set.

    `is_default` says whether a screen can have a default for it. `is_sent` is False for
    what the account replaces by a contact, and for what stays in Home Assistant.
    """

    name: str
    validator: Callable[[Any], Any]
    selector: Selector[Any]
    session_types: frozenset[SessionType] = ALL
    is_default: bool = False
    is_sent: bool = True

    def is_required(self, session_type: SessionType) -> bool:
        """Return whether a create call must have the parameter."""
        return (
            self.name == ATTR_AMOUNT_IN_CENTS
            and SESSION_TYPES[session_type].purchase_amount is PurchaseAmount.REQUIRED
        )


def _text(name: str, selector: TextSelector = TEXT_SELECTOR, **fields: Any) -> Option:
    return Option(name, text, selector, **fields)


def _boolean(name: str, **fields: Any) -> Option:
    return Option(name, cv.boolean, BooleanSelector(), **fields)


def _choice(name: str, *values: str) -> Option:
    config = SelectSelectorConfig(
        options=list(values), mode=SelectSelectorMode.DROPDOWN, translation_key=name
    )
    selector = SelectSelector(config)
    return Option(name, selector, selector, is_default=True)


def _number(name: str, minimum: int, maximum: int, **fields: Any) -> Option:
    selector = WholeNumberSelector(minimum, maximum)
    return Option(name, selector, selector, **fields)


OPTIONS: Final = (
    _number(ATTR_AMOUNT_IN_CENTS, 1, MAX_AMOUNT, session_types=WITH_AMOUNT),
    _boolean(
        ATTR_ALLOW_MULTIPLE_GIFTCARDS,
        session_types=frozenset({SessionType.REDEEM_GIFTCARD}),
    ),
    _text(ATTR_CONTACT_UUID),
    _text(ATTR_CONTACT_EMAIL, EMAIL_SELECTOR, is_sent=False),
    _text(ATTR_CONTACT_IDENTIFIER, is_sent=False),
    _text(ATTR_PIN, PIN_SELECTOR, session_types=FOR_STAFF, is_sent=False),
    Option(
        ATTR_REFERENCE,
        vol.All(text, vol.Length(max=MAX_REFERENCE)),
        TEXT_SELECTOR,
        is_sent=False,
    ),
    _choice("scanner_type", "camera", "hand_scanner"),
    _number("camera_service", 1, 3, is_default=True),
    _choice("facing_mode", "user", "environment"),
    _choice("primary_identification_method", "email", "identifier"),
    _boolean("enable_email_identification", is_default=True),
    _boolean("enable_registration", is_default=True),
    _boolean("enable_on_screen_keyboard", is_default=True),
)

DEFAULTS: Final = tuple(option for option in OPTIONS if option.is_default)
CONTACT_OPTIONS: Final = (
    ATTR_CONTACT_UUID,
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_IDENTIFIER,
)


def create_schema(session_type: SessionType) -> dict[vol.Marker, Any]:
    """Return the fields of the action that creates a session of a type."""
    return {
        _marker(option, session_type): option.validator
        for option in OPTIONS
        if session_type in option.session_types
    }


def request_body(
    session_type: SessionType, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the request body for the parameters of a create call.

    Raises ServiceValidationError without an amount that the type requires.
    """
    body = {}
    for option in OPTIONS:
        if option.name not in parameters:
            if option.is_required(session_type):
                raise validation_error("no_purchase_amount")
        elif option.is_sent and session_type in option.session_types:
            body[option.name] = parameters[option.name]
    return body


def defaults_schema() -> vol.Schema:
    """Return the form of a screen's defaults."""
    return vol.Schema({vol.Optional(row.name): row.selector for row in DEFAULTS})


def known_defaults(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a screen's defaults without the keys unknown to this release."""
    return {row.name: stored[row.name] for row in DEFAULTS if row.name in stored}


def _marker(option: Option, session_type: SessionType) -> vol.Marker:
    if option.name in CONTACT_OPTIONS:
        message = f"expected at most one of {', '.join(CONTACT_OPTIONS)}"
        return vol.Exclusive(option.name, "contact", msg=message)
    if option.is_required(session_type):
        return vol.Required(option.name)
    return vol.Optional(option.name)
