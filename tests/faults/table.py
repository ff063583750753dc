"""The faults, and what each leads to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
import gzip
import json
from typing import Any, Final, Literal

from custom_components.piggy.api.session_types import SessionType
from sandbox import Fault

MIB: Final = 1024 * 1024

type Server = Literal["refuses", "hangs up", "self-signed", "expired", "another's"]

# The moments that a fault can come at, in the order of the table's columns.
CREATES: Final = tuple(f"create_{session_type}_session" for session_type in SessionType)
BY_EMAIL: Final = "create by email"
BY_CARD: Final = "create by card"
GET: Final = "get_portal_session"
CLEAR: Final = "clear_session"
ACTIONS: Final = (*CREATES, BY_EMAIL, BY_CARD, GET, CLEAR)
CONFIG_FLOW: Final = "config flow"
REAUTH: Final = "re-authentication"
SCREEN_FLOW: Final = "screen flow"
SETUP: Final = "setup"
POLL: Final = "poll"
RELOAD: Final = "reload"
UNLOAD: Final = "unload"
STOP: Final = "shutdown"
MOMENTS: Final = (
    *(CONFIG_FLOW, REAUTH, SCREEN_FLOW, SETUP),
    *ACTIONS,
    *(POLL, RELOAD, UNLOAD, STOP),
)

CREATING: Final = frozenset({*CREATES, BY_EMAIL, BY_CARD})
# A row of many faults, at the moments at which Piggy answers anything.
WRONG_TYPES: Final = "wrong types in every field"
WITH_SESSIONS: Final = CREATING | {GET, POLL, UNLOAD, STOP}

# Temporary faults: an account with a session starts without the shops.
TEMPORARY: Final = frozenset(
    {
        "cannot_connect",
        "internal_error",
        "interrupted",
        "maintenance",
        "rate_limited",
        "timeout",
    }
)

# The errors of forms that differ from those of actions.
FORM_ERRORS: Final[Mapping[str, str]] = {
    "api_error": "unknown",
    "internal_error": "unknown",
    "interrupted": "cannot_connect",
    "invalid_input": "unknown",
    "invalid_response": "unknown",
}


@dataclass(frozen=True)
class Row:
    """A fault with what it leads to, unless it is harmless at that moment.

    error    the translation key of what a user reads; None where all goes well
    fault    what the API does, every time; made when it is needed
    server   what the server is, instead
    url_for  which url sessions get, instead
    clock    how far the clock jumps, instead
    harms    the moments at which it leads to the error; all but clearing if left out
    waits    seconds that polling rests after it, if not as ever
    """

    name: str
    error: str | None
    fault: Callable[[], Fault] | None = None
    server: Server | None = None
    url_for: str | None = None
    clock: timedelta | None = None
    harms: frozenset[str] = frozenset(MOMENTS) - {CLEAR}
    waits: int | None = None

    @property
    def is_temporary(self) -> bool:
        """Return whether the fault is one that passes by itself."""
        return self.error in TEMPORARY or self.name == "500"

    def expected(self, moment: str) -> str | None:
        """Return the key of the error that the fault leads to at a moment, if any."""
        return self.error if moment in self.harms else None

    def form_error(self, moment: str) -> str | None:
        """Return the error that a form shows at a moment, or None."""
        error = self.expected(moment)
        return FORM_ERRORS.get(error, error) if error else None


def _api(name: str, error: str, kind: Any, **details: Any) -> Row:
    """Return the row of a fault that the sandbox simulates on every request."""
    waits = details.pop("waits", None)
    return Row(name, error, lambda: Fault(kind, times=0, **details), waits=waits)


def _status(status: int, error: str, **headers: str) -> Row:
    """Return the row of a status."""
    return _api(str(status), error, "status", status=status, headers=headers)


def _refusal(name: str, error: str, **answer: Any) -> Row:
    """Return the row of an API error with this body."""
    body = json.dumps({"message": "No.", "status_code": 400, **answer})
    return _api(name, error, "raw", status=400, body=body)


def _url(name: str, url: str, harms: frozenset[str]) -> Row:
    """Return the row of a session's url."""
    return Row(name, "invalid_response", url_for=url, harms=harms)


def _soon() -> Fault:
    moment = datetime.now(UTC) + timedelta(seconds=40)
    headers = {"Retry-After": format_datetime(moment, usegmt=True)}
    return Fault("status", status=429, headers=headers, times=0)


BOMB: Final = gzip.compress(b'{"data": []}'.ljust(8 * MIB), 9)
DEEP: Final = b'{"data": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
OTHER: Final = "{other}"  # stands for the address of another server

# The tests of the client have more answers that are refused in the same way.
ROWS: Final = (
    Row("refused", "cannot_connect", server="refuses"),
    Row("reset before the request was read", "interrupted", server="hangs up"),
    _api("reset before it was handled", "interrupted", "reset_before"),
    _api("reset after it was handled", "interrupted", "reset_after"),
    _api("half an answer", "interrupted", "truncate"),
    _api("answer stalled after its head", "timeout", "stall"),
    _api("no answer", "timeout", "delay", delay=30),
    _api("200 with HTML", "invalid_response", "html"),
    _api("200 without data", "invalid_response", "no_data"),
    _api("200 that breaks off", "invalid_response", "malformed"),
    _api("10 MB body", "invalid_response", "raw", body=b" " * (10 * MIB)),
    _api("deep nesting", "invalid_response", "raw", body=DEEP),
    _api(
        "gzip bomb",
        "invalid_response",
        "raw",
        body=BOMB,
        headers={"Content-Encoding": "gzip"},
    ),
    _api("redirect to another host", "invalid_response", "redirect", location=OTHER),
    Row("TLS, self-signed", "cannot_connect", server="self-signed"),
    Row("TLS, expired", "cannot_connect", server="expired"),
    Row("TLS, another host's", "cannot_connect", server="another's"),
    _status(401, "invalid_auth"),
    _status(403, "invalid_response"),
    _status(404, "invalid_response"),
    _status(429, "rate_limited"),
    _api(
        "429 with seconds",
        "rate_limited",
        "status",
        status=429,
        headers={"Retry-After": "40"},
        waits=40,
    ),
    Row("429 with a date", "rate_limited", _soon, waits=40),
    _status(500, "invalid_response"),
    _status(503, "maintenance"),
    _refusal("unknown error code", "api_error", code=424242),
    _refusal("internal error", "internal_error", code=1000),
    _refusal("errors by field, lists", "invalid_input", code=1003, errors={"a": ["b"]}),
    _url("url of javascript:", "javascript:alert(1)", WITH_SESSIONS),
    _url("url that is empty", "", WITH_SESSIONS),
    _url("url of 300 characters", "https://a.b/".ljust(300, "x"), frozenset()),
    # A poll exchanges no url, so none is too long for it.
    _url(
        "url of 3000 characters",
        "https://a.b/".ljust(3000, "x"),
        CREATING | {UNLOAD, STOP},
    ),
    Row("clock put forward", None, clock=timedelta(days=1)),
    Row("clock put back", None, clock=-timedelta(days=1)),
)
