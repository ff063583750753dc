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
from homeassistant.helpers.selector import NumberSelector, Selector, selector

from .api.session_types import FOR_STAFF, SESSION_TYPES, SessionType
from .errors import validation_error

ATTR_ALLOW_MULTIPLE_GIFTCARDS: Final = "allow_multiple_giftcards"
ATTR_AMOUNT_IN_CENTS: Final = "amount_in_cents"
ATTR_CONTACT_EMAIL: Final = "contact_email"
ATTR_CONTACT_IDENTIFIER: Final = "contact_identifier"
ATTR_CONTACT_UUID: Final = "contact_uuid"
ATTR_PIN: Final = "pin"
ATTR_REFERENCE: Final = "reference"

MAX_AMOUNT: Final = 100_000_000  # cents
MAX_REFERENCE: Final = 64  # characters
BOOLEAN_SELECTOR: Final = selector({"boolean": {}})
TEXT_SELECTOR: Final = selector({"text": {}})
EMAIL_SELECTOR: Final = selector({"text": {"type": "email"}})
PIN_SELECTOR: Final = selector({"text": {"type": "password"}})


def text(value: Any) -> str:
    """Validate a text that is not empty; raises vol.Invalid."""
    value = cv.string(value).strip()
    if not value or not value.isprintable():
        raise vol.Invalid("expected a text of printable characters")
    return str(value)


class WholeNumberSelector(NumberSelector):
    """A box that enforces whole numbers; the core takes a step of 1 as a hint."""

    def __init__(self, minimum: int, maximum: int, **more: Any) -> None:
        config: Any = {"min": minimum, "max": maximum, "step": 1, "mode": "box", **more}
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
            raise vol.Invalid(f"expected a whole number from {least} to {most}")
        return int(value)


ALL: Final = frozenset(SessionType)
WITH_AMOUNT: Final = frozenset(
    kind for kind, row in SESSION_TYPES.items() if row.purchase_amount != "none"
)
NEED_AMOUNT: Final = frozenset(
    kind for kind, row in SESSION_TYPES.items() if row.purchase_amount == "required"
)


@dataclass(frozen=True, slots=True)
class Option:
    """A parameter: its name as sent, and where it can be set.

    `is_default` says whether a screen can have a default for it. `is_sent` is False for
    what the account replaces by a contact, and for what stays in Home Assistant. Types
    in `required_by` cannot do without it.
    """

    name: str
    validator: Callable[[Any], Any]
    selector: Selector[Any]
    session_types: frozenset[SessionType] = ALL
    is_default: bool = False
    is_sent: bool = True
    required_by: frozenset[SessionType] = frozenset()


def _choice(name: str, *values: str) -> Option:
    config = {"options": list(values), "mode": "dropdown", "translation_key": name}
    return Option(name, vol.In(values), selector({"select": config}), is_default=True)


GIFTCARD: Final = frozenset({SessionType.REDEEM_GIFTCARD})
AMOUNT: Final = WholeNumberSelector(1, MAX_AMOUNT)
SERVICE: Final = WholeNumberSelector(1, 3)
SHORT_TEXT: Final = vol.All(text, vol.Length(max=MAX_REFERENCE))
OPTIONS: Final = (
    Option(ATTR_AMOUNT_IN_CENTS, AMOUNT, AMOUNT, WITH_AMOUNT, required_by=NEED_AMOUNT),
    Option(ATTR_ALLOW_MULTIPLE_GIFTCARDS, cv.boolean, BOOLEAN_SELECTOR, GIFTCARD),
    Option(ATTR_CONTACT_UUID, text, TEXT_SELECTOR),
    Option(ATTR_CONTACT_EMAIL, text, EMAIL_SELECTOR, is_sent=False),
    Option(ATTR_CONTACT_IDENTIFIER, text, TEXT_SELECTOR, is_sent=False),
    Option(ATTR_PIN, text, PIN_SELECTOR, FOR_STAFF, is_sent=False),
    Option(ATTR_REFERENCE, SHORT_TEXT, TEXT_SELECTOR, is_sent=False),
    _choice("scanner_type", "camera", "hand_scanner"),
    Option("camera_service", SERVICE, SERVICE, is_default=True),
    _choice("facing_mode", "user", "environment"),
    _choice("primary_identification_method", "email", "identifier"),
    Option(
        "enable_email_identification", cv.boolean, BOOLEAN_SELECTOR, is_default=True
    ),
    Option("enable_registration", cv.boolean, BOOLEAN_SELECTOR, is_default=True),
    Option("enable_on_screen_keyboard", cv.boolean, BOOLEAN_SELECTOR, is_default=True),
)

DEFAULTS: Final = tuple(option for option in OPTIONS if option.is_default)
DEFAULTS_SCHEMA: Final = vol.Schema(
    {vol.Optional(row.name): row.selector for row in DEFAULTS}
)
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
            if session_type in option.required_by:
                raise validation_error("no_purchase_amount")
        elif option.is_sent and session_type in option.session_types:
            body[option.name] = parameters[option.name]
    return body


def known_defaults(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a screen's defaults without the keys unknown to this release."""
    return {row.name: stored[row.name] for row in DEFAULTS if row.name in stored}


def _marker(option: Option, session_type: SessionType) -> vol.Marker:
    if option.name in CONTACT_OPTIONS:
        message = f"expected at most one of {', '.join(CONTACT_OPTIONS)}"
        return vol.Exclusive(option.name, "contact", msg=message)
    if session_type in option.required_by:
        return vol.Required(option.name)
    return vol.Optional(option.name)
