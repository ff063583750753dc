"""The exceptions of the client, one per kind of failure.

No exception carries the key, a session's URL or any other part of a request, so that
its text can be logged.
"""

from collections.abc import Iterable
from enum import IntEnum
from http import HTTPStatus
import re
from typing import Any, Final

MAX_WORDS: Final = 500
REDACTED: Final = "…"
# What may identify someone: an address, plain or encoded; a long number, which may have
# separators, as a telephone number; any other long word with a digit.
IDENTIFYING: Final = re.compile(
    r"\S*(?:@|://|%40|%3a%2f%2f)\S*"
    r"|\d(?:[ ().-]{0,2}\d){5,}[\w-]*"
    r"|(?=[\w%-]*\d)[\w%-]{6,}",
    re.IGNORECASE,
)
# An account that the key has no access to: the key is refused, as with HTTP 401.
CODE_KEY_REFUSED: Final = 7011


class ErrorCode(IntEnum):
    """The documented error codes (Piggy API, errors)."""

    INTERNAL_ERROR = 1000
    INVALID_INPUT = 1003
    SHOP_NOT_FOUND = 1008
    GIFTCARD_PROGRAM_NOT_FOUND = 1100
    LOYALTY_PROGRAM_NOT_LINKED = 1102
    LOYALTY_PROGRAM_MISSING = 1103
    GIFTCARD_NOT_FOUND = 5001
    GIFTCARD_EXPIRED = 5002
    GIFTCARD_INSUFFICIENT = 5003
    ACCOUNT_INACTIVE = 7002
    GIFTCARD_NOT_VALID = 7010
    SHOP_WITHOUT_GIFTCARDS = 7015
    LOYALTY_PROGRAM_INACTIVE = 55018
    CONTACT_NOT_FOUND = 55031
    IDENTIFIER_NOT_FOUND = 60003
    IDENTIFIER_INACTIVE = 60004
    IDENTIFIER_NOT_LINKED = 60011
    MODEL_NOT_FOUND = 60013
    WEBHOOK_SUBSCRIPTION_NOT_FOUND = 80300


class PiggyError(Exception):
    """Any failure of a call to Piggy.

    `is_temporary` says whether the same call may succeed later without any change.
    """

    is_temporary = True


class PiggyConnectionError(PiggyError):
    """The connection could not be made: nothing was sent."""


class PiggyInterruptedError(PiggyError):
    """The connection broke off: Piggy may have handled the request."""


class PiggyTimeoutError(PiggyError):
    """The answer did not arrive in time: Piggy may have handled the request."""


class PiggyMaintenanceError(PiggyError):
    """Piggy is down for maintenance (HTTP 503)."""


class PiggyAuthError(PiggyError):
    """The key is invalid or has expired (HTTP 401, or code 7011)."""

    is_temporary = False


class PiggyRateLimitError(PiggyError):
    """Too many requests were sent (HTTP 429). Piggy may say how long to wait, in s."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class PiggyResponseError(PiggyError):
    """The answer is unusable. The message quotes none of its content."""

    def __init__(self, message: str, *, status: int = HTTPStatus.OK) -> None:
        super().__init__(message)
        self.is_temporary = status >= HTTPStatus.INTERNAL_SERVER_ERROR


class PiggyApiError(PiggyError):
    """Piggy refused the request and gave a reason.

    `code` decides, not the HTTP status, which is usually 400 (Piggy API, errors).
    `details` are Piggy's own words, redacted.
    """

    def __init__(
        self, code: int, details: str = "", *, status: int = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(f"error {code}: {details}")
        self.code = code
        self.details = details
        is_internal = code == ErrorCode.INTERNAL_ERROR
        self.is_temporary = is_internal or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def redact(words: Any, sent: Iterable[Any]) -> str:
    """Return Piggy's message on one line without secrets; "" if it is not a string.

    Removes what the request sent, and whatever else may identify someone: Piggy may
    name another customer.
    """
    if not isinstance(words, str):
        return ""
    if len(words) > MAX_WORDS:
        return REDACTED
    # The longest first: a text may be part of another one.
    texts = {value for value in sent if isinstance(value, str) and value}
    for text in sorted(texts, key=len, reverse=True):
        words = re.sub(re.escape(text), REDACTED, words, flags=re.IGNORECASE)
    return IDENTIFYING.sub(REDACTED, " ".join(words.split()))
