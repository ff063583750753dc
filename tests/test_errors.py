"""Every failure has a translated error, for an action and for a form."""

import json
from typing import Any

import pytest

from custom_components.piggy.api.errors import (
    ErrorCode,
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
from custom_components.piggy.errors import (
    form_error,
    translated_error,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .conftest import ROOT

TEXTS: dict[str, Any] = json.loads(
    (ROOT / "custom_components/piggy/translations/en.json").read_text("utf-8")
)["exceptions"]

# The codes as Piggy documents them.
CODES = {
    1000: "internal_error",
    1003: "invalid_input",
    1008: "shop_not_found",
    1100: "giftcard_program_not_found",
    1102: "loyalty_program_not_linked",
    1103: "loyalty_program_missing",
    5001: "giftcard_not_found",
    5002: "giftcard_expired",
    5003: "giftcard_insufficient",
    7002: "account_inactive",
    7010: "giftcard_not_valid",
    7015: "shop_without_giftcards",
    55018: "loyalty_program_inactive",
    55031: "contact_not_found",
    60003: "identifier_not_found",
    60004: "identifier_inactive",
    60011: "identifier_not_linked",
    60013: "model_not_found",
    80300: "webhook_subscription_not_found",
}
CALLERS = {1003, 55031, 60003, 60004, 60011}

KINDS: list[tuple[PiggyError, str, str]] = [
    (PiggyAuthError("key refused"), "invalid_auth", "invalid_auth"),
    (PiggyConnectionError("no connection"), "cannot_connect", "cannot_connect"),
    (PiggyInterruptedError("broke off"), "interrupted", "cannot_connect"),
    (PiggyMaintenanceError("maintenance"), "maintenance", "maintenance"),
    (PiggyRateLimitError(None), "rate_limited", "rate_limited"),
    (PiggyRateLimitError(30.0), "rate_limited", "rate_limited"),
    (PiggyTimeoutError("no answer"), "timeout", "timeout"),
    (PiggyResponseError("no JSON"), "invalid_response", "unknown"),
    (PiggyApiError(1000, "Oops."), "internal_error", "unknown"),
]


def read(error: HomeAssistantError) -> str:
    """Return an error as an English user reads it."""
    text: str = TEXTS[error.translation_key or ""]["message"]
    return text.format(**(error.translation_placeholders or {}))


@pytest.mark.parametrize(("code", "key"), CODES.items())
def test_code(code: int, key: str) -> None:
    """Every documented code has a text of its own, with its number."""
    error = translated_error(PiggyApiError(code, "So it is.; field: Wrong."))
    assert error.translation_domain == "piggy"
    assert error.translation_key == key
    assert isinstance(error, ServiceValidationError) == (code in CALLERS)
    assert str(code) in read(error)


def test_codes_are_all() -> None:
    """No code is left out, and no text says the same as another."""
    assert {code.value for code in ErrorCode} == CODES.keys()
    texts = [TEXTS[key]["message"] for key in CODES.values()]
    assert len(set(texts)) == len(CODES)


@pytest.mark.parametrize("code", [0, -1, 42, 1004, 999_999_999])
def test_unknown_code(code: int) -> None:
    """A code that is not documented is reported in Piggy's words."""
    error = translated_error(PiggyApiError(code, "Moon phase."))
    assert error.translation_key == "api_error"
    assert not isinstance(error, ServiceValidationError)
    assert f"{code}: Moon phase." in read(error)
    assert f"{code}: -" in read(translated_error(PiggyApiError(code)))


def test_details() -> None:
    """Piggy's words are shown as they are, braces and all."""
    error = translated_error(PiggyApiError(1003, "Invalid {input}.; x: {0}"))
    assert "Invalid {input}.; x: {0}" in read(error)


@pytest.mark.parametrize(("error", "key", "form"), KINDS)
def test_kind(
    caplog: pytest.LogCaptureFixture, error: PiggyError, key: str, form: str
) -> None:
    """Every kind of failure has a text, in an action and on a form."""
    found = translated_error(error)
    assert (found.translation_domain, found.translation_key) == ("piggy", key)
    assert "{" not in read(found)
    assert form_error(error) == form
    assert (str(error) in caplog.text) == (form == "unknown")


def test_kinds_are_all() -> None:
    """No kind of failure is left out."""
    assert {type(error) for error, _, _ in KINDS} == set(PiggyError.__subclasses__())


@pytest.mark.parametrize("key", ["interrupted", "timeout", "invalid_response"])
def test_may_exist(key: str) -> None:
    """Where a session may exist in Piggy the text says so, and what to do."""
    text = TEXTS[key]["message"]
    assert "may exist in Piggy" in text
    assert "It is safe to try again." in text


@pytest.mark.usefixtures("entry")
def test_texts_of_home_assistant() -> None:
    """Home Assistant itself finds the text."""
    error = translated_error(PiggyApiError(5002, "Expired."))
    assert str(error).rstrip(".") == read(error).rstrip(".")
