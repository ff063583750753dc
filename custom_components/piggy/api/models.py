"""The answers of Piggy's API, parsed.

Parsing is tolerant: a field that is missing or has an unexpected type is None, except
that PiggyResponseError is raised where the answer is useless without it. Every uuid is
an opaque string. Amounts in an event's `data` keep their type and sign.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self

from yarl import URL

from .errors import PiggyResponseError

# orjson, which serializes an event's data again, allows 254 levels of nesting.
MAX_DEPTH: Final = 32
MAX_EVENTS: Final = 200
MAX_TEXT: Final = 255


def json_object(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def text(value: Any, length: int | None = MAX_TEXT) -> str | None:
    """Return a string cut to the length of a state, or None if it is empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # an id may be a number
    return value[:length] if isinstance(value, str) and value else None


def required_text(data: Any, key: str, what: str) -> str:
    """Return a text of an object. Raises PiggyResponseError when there is none."""
    if (value := text(json_object(data).get(key), None)) is None:
        raise PiggyResponseError(f"{what} without {key}")
    return value


def _cut(value: Any, levels: int = MAX_DEPTH) -> Any:
    """Return a JSON value without long strings or deeply nested containers."""
    if isinstance(value, dict | list) and not levels:
        return None
    if isinstance(value, dict):
        return {key[:MAX_TEXT]: _cut(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, levels - 1) for item in value]
    return value[:MAX_TEXT] if isinstance(value, str) else value


def _web_address(value: str) -> str:
    """Return an http(s) URL unchanged; a screen must not show anything else.

    User information would show a host that the URL does not lead to.
    """
    with suppress(ValueError):
        url = URL(value)
        is_web = url.scheme in ("http", "https") and url.host
        is_plain = value.isprintable() and " " not in value
        if is_web and is_plain and (url.user, url.password) == (None, None):
            return value
    raise PiggyResponseError("session without a web address")


def read_account(data: Any) -> tuple[str | None, str | None]:
    """Return the name and the uuid of the account (Piggy API, health check)."""
    found = json_object(data)
    company = found.get("company")
    name = text(company) or text(json_object(company).get("name"))
    return name, text(found.get("uuid"), None) or text(found.get("id"))


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop of the account."""

    uuid: str
    name: str | None
    reference: str | None = None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Parse a shop (Piggy API, shops), which needs a uuid."""
        found = json_object(data)
        return cls(
            uuid=required_text(data, "uuid", "shop"),
            name=text(found.get("name")),
            reference=text(found.get("reference")),
        )


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that a customer did in a session."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    created_at: str | None = None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Parse an event, whose type may be unknown (Piggy API, a session)."""
        found = json_object(data)
        return cls(
            type=text(found.get("type")) or "",
            data=_cut(json_object(found.get("data"))),
            created_at=text(found.get("created_at")),
        )


@dataclass(frozen=True, slots=True)
class PortalSession:
    """A portal session, as one answer describes it.

    `url` is a capability, and Piggy makes it from `uuid`: neither is part of the
    representation. `events` is None when the answer does not say.
    """

    uuid: str = field(repr=False)
    url: str = field(repr=False)
    shop: Shop | None = None
    contact_uuid: str | None = None
    created_at: str | None = None
    events: tuple[SessionEvent, ...] | None = None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Parse a session (Piggy API, a session), which needs a uuid and a URL.

        The last events are kept when there are too many.
        """
        found = json_object(data)
        shop, events = found.get("shop"), found.get("events")
        last = events[-MAX_EVENTS:] if isinstance(events, list) else None
        return cls(
            uuid=required_text(data, "uuid", "session"),
            url=_web_address(required_text(data, "url", "session")),
            shop=Shop.from_api(shop) if text(json_object(shop).get("uuid")) else None,
            contact_uuid=text(json_object(found.get("contact")).get("uuid"), None),
            created_at=text(found.get("created_at")),
            events=None if last is None else tuple(map(SessionEvent.from_api, last)),
        )
