"""From the client's errors to what a user reads."""

from collections.abc import Mapping
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .api import (
    PiggyApiError,
    PiggyAuthError,
    PiggyConnectionError,
    PiggyError,
    PiggyInterruptedError,
    PiggyMaintenanceError,
    PiggyRateLimitError,
    PiggyResponseError,
    PiggyTimeoutError,
)
from .api.errors import ErrorCode
from .const import DOMAIN, LOGGER

KEYS: Final[Mapping[type[PiggyError], str]] = {
    PiggyAuthError: "invalid_auth",
    PiggyConnectionError: "cannot_connect",
    PiggyInterruptedError: "interrupted",
    PiggyMaintenanceError: "maintenance",
    PiggyRateLimitError: "rate_limited",
    PiggyResponseError: "invalid_response",
    PiggyTimeoutError: "timeout",
}

FORM_ERRORS: Final[Mapping[type[PiggyError], str]] = {
    PiggyAuthError: "invalid_auth",
    PiggyConnectionError: "cannot_connect",
    PiggyInterruptedError: "cannot_connect",
    PiggyMaintenanceError: "maintenance",
    PiggyRateLimitError: "rate_limited",
    PiggyTimeoutError: "timeout",
}

# What the caller can put right; the others are conditions at Piggy.
CALLERS: Final = frozenset(
    {
        ErrorCode.INVALID_INPUT,
        ErrorCode.CONTACT_NOT_FOUND,
        ErrorCode.IDENTIFIER_NOT_FOUND,
        ErrorCode.IDENTIFIER_INACTIVE,
        ErrorCode.IDENTIFIER_NOT_LINKED,
    }
)


def translated(error: PiggyError) -> HomeAssistantError:
    """Return what to raise so that the user reads it in the user's language."""
    if not isinstance(error, PiggyApiError):
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=KEYS[type(error)],
            translation_placeholders={"details": str(error)},
        )
    if error.code not in ErrorCode:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="api_error",
            translation_placeholders={
                "code": str(error.code),
                "details": error.details or "-",
            },
        )
    return refused(ErrorCode(error.code), error.details)


def refused(code: ErrorCode, details: str = "") -> HomeAssistantError:
    """Return what to raise for one of the codes that Piggy documents."""
    kind = ServiceValidationError if code in CALLERS else HomeAssistantError
    return kind(
        translation_domain=DOMAIN,
        translation_key=code.name.lower(),
        translation_placeholders={"code": str(int(code)), "details": details or "-"},
    )


def form_error(error: PiggyError) -> str:
    """Return a form's word for an error."""
    if (key := FORM_ERRORS.get(type(error))) is None:
        LOGGER.warning("Piggy's answer could not be used: %s", error)
        return "unknown"
    return key


def invalid(key: str) -> ServiceValidationError:
    """Return what to raise for a call that cannot be carried out as it stands."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
