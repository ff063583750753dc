"""Translate errors of the client into errors that a user can read."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .api import errors as api
from .api.errors import ErrorCode, PiggyApiError, PiggyError
from .const import DOMAIN, LOGGER

TRANSLATION_KEYS: Final[Mapping[type[PiggyError], str]] = {
    api.PiggyAuthError: "invalid_auth",
    api.PiggyConnectionError: "cannot_connect",
    api.PiggyInterruptedError: "interrupted",
    api.PiggyMaintenanceError: "maintenance",
    api.PiggyRateLimitError: "rate_limited",
    api.PiggyResponseError: "invalid_response",
    api.PiggyTimeoutError: "timeout",
}

# What the caller of an action can correct; all others are conditions at Piggy.
CALLER_ERRORS: Final = (
    ErrorCode.INVALID_INPUT,
    ErrorCode.CONTACT_NOT_FOUND,
    ErrorCode.IDENTIFIER_NOT_FOUND,
    ErrorCode.IDENTIFIER_INACTIVE,
    ErrorCode.IDENTIFIER_NOT_LINKED,
)


def error_translation(error: PiggyError) -> dict[str, Any]:
    """Return the translation arguments for a Home Assistant exception."""
    if isinstance(error, PiggyApiError):
        known = error.code in ErrorCode
        key = ErrorCode(error.code).name.lower() if known else "api_error"
        placeholders = {"code": str(error.code), "details": error.details or "-"}
    else:
        key, placeholders = TRANSLATION_KEYS[type(error)], {"details": str(error)}
    return {
        "translation_domain": DOMAIN,
        "translation_key": key,
        "translation_placeholders": placeholders,
    }


def translated_error(error: PiggyError) -> HomeAssistantError:
    """Return the exception that tells the caller of an action what happened."""
    is_callers = isinstance(error, PiggyApiError) and error.code in CALLER_ERRORS
    kind = ServiceValidationError if is_callers else HomeAssistantError
    return kind(**error_translation(error))


def validation_error(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the exception for an invalid call of an action."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def form_error(error: PiggyError) -> str:
    """Return the error of a form, and log an answer that could not be used."""
    if isinstance(error, PiggyApiError | api.PiggyResponseError):
        LOGGER.warning("Piggy's answer could not be used: %s", error)
        return "unknown"
    is_interrupted = isinstance(error, api.PiggyInterruptedError)
    return "cannot_connect" if is_interrupted else TRANSLATION_KEYS[type(error)]
