"""Client for Piggy's API, version 3, as far as portal sessions need it."""

from .client import DEFAULT_URL, PiggyClient
from .errors import (
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
from .models import (
    Account,
    Contact,
    ContactIdentifier,
    PortalSession,
    SessionEvent,
    SessionOptions,
    SessionType,
    Shop,
)

__all__ = [
    "DEFAULT_URL",
    "Account",
    "Contact",
    "ContactIdentifier",
    "PiggyApiError",
    "PiggyAuthError",
    "PiggyClient",
    "PiggyConnectionError",
    "PiggyError",
    "PiggyInterruptedError",
    "PiggyMaintenanceError",
    "PiggyRateLimitError",
    "PiggyResponseError",
    "PiggyTimeoutError",
    "PortalSession",
    "SessionEvent",
    "SessionOptions",
    "SessionType",
    "Shop",
]
