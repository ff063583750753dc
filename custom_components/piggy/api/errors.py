"""What can go wrong at Piggy's API, one exception a kind.

No exception carries the key, a session's url or anything of a request: their texts
are fit for a log.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, override

MAX_DETAILS: Final = 1000


class ErrorCode(IntEnum):
    """The codes that the API documents (Piggy API, errors)."""

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


class PiggyError(Exception):
    """Any failure of a call to Piggy."""


class PiggyConnectionError(PiggyError):
    """No connection came about: nothing was sent."""


class PiggyInterruptedError(PiggyError):
    """The connection broke off: Piggy may have handled the request."""


class PiggyTimeoutError(PiggyError):
    """No whole answer came in time: Piggy may have handled the request."""


class PiggyAuthError(PiggyError):
    """The key is not valid, or no longer (HTTP 401 or 403)."""


class PiggyMaintenanceError(PiggyError):
    """Piggy is down for maintenance (HTTP 503)."""


class PiggyRateLimitError(PiggyError):
    """Too many requests (HTTP 429)."""

    def __init__(self, retry_after: float | None) -> None:
        """Keep the seconds after which Piggy wants to be asked again, if it told."""
        super().__init__("too many requests")
        self.retry_after = retry_after


class PiggyResponseError(PiggyError):
    """An answer that makes no sense, in words that hold nothing of its content."""


class PiggyApiError(PiggyError):
    """Piggy refused the request and said why.

    `code` decides; an HTTP status of 400 is sent whatever happened (Piggy API, errors).
    """

    def __init__(
        self, code: int, message: str, errors: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Keep the code, Piggy's message and its messages by field."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.errors = errors

    @override
    def __str__(self) -> str:
        """Return the code, with Piggy's own words."""
        return f"error {self.code}: {self.details}"

    @property
    def details(self) -> str:
        """Return Piggy's message, then the messages by field, as far as one reads."""
        fields = [
            f"{field}: {', '.join(messages)}" for field, messages in self.errors.items()
        ]
        return "; ".join(filter(None, (self.message, *fields)))[:MAX_DETAILS]
