"""What Piggy's API takes and answers.

Reading is tolerant: what is missing or of an unexpected type counts as not told, unless
nothing can be done without it. Every uuid is an opaque string.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from yarl import URL

from .errors import PiggyResponseError

# orjson, by which what an event holds is written on, gives up at 254 levels of nesting.
MAX_DEPTH: Final = 32


class SessionType(StrEnum):
    """What a portal session is for (Piggy API, portal sessions)."""

    PORTAL = "portal"
    CREDIT_RECEPTION = "credit_reception"
    REDEEM_GIFTCARD = "redeem_giftcard"
    TOP_UP_GIFTCARD = "top_up_giftcard"
    PAY_PREPAID = "pay_prepaid"
    TOP_UP_PREPAID = "top_up_prepaid"
    VOUCHER = "voucher"


def _mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _is_shallow(value: Any) -> bool:
    """Return whether a value is nested no deeper than anything of Piggy's would be."""
    layer = [value]
    for _ in range(MAX_DEPTH + 1):
        containers = [item for item in layer if isinstance(item, dict | list)]
        if not containers:
            return True
        layer = [
            child
            for container in containers
            for child in (
                container.values() if isinstance(container, dict) else container
            )
        ]
    return False


def _text(value: Any) -> str | None:
    """Return a text that is not empty; ids come as numbers too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _required(data: Any, key: str, what: str) -> str:
    """Return a text without which the answer is of no use."""
    if (value := _text(_mapping(data).get(key))) is None:
        msg = f"{what} without {key}"
        raise PiggyResponseError(msg)
    return value


def _moment(value: Any) -> datetime | None:
    """Return an ISO 8601 moment; one without offset is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None


def _web_address(value: str) -> str:
    """Return an http(s) url as it came; anything else must not stand on a screen."""
    try:
        url = URL(value)
        usable = url.scheme in ("http", "https") and bool(url.host)
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or " " in value:
        msg = "session without a web address"
        raise PiggyResponseError(msg)
    return value


@dataclass(frozen=True, slots=True)
class Account:
    """The business that a key belongs to; the health check may leave out anything."""

    name: str | None
    uuid: str | None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Read the health check's answer (Piggy API, health check)."""
        found = _mapping(data)
        company = found.get("company")
        return cls(
            name=_text(company) or _text(_mapping(company).get("name")),
            uuid=_text(found.get("uuid")) or _text(found.get("id")),
        )


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop of the account."""

    uuid: str
    name: str | None
    type: str | None = None
    reference: str | None = None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Read a shop (Piggy API, shops).

        Raises PiggyResponseError when it has no uuid.
        """
        found = _mapping(data)
        return cls(
            uuid=_required(data, "uuid", "shop"),
            name=_text(found.get("name")),
            type=_text(found.get("type")),
            reference=_text(found.get("reference")),
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer, of whom nothing but the uuid is needed."""

    uuid: str

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Read a contact (Piggy API, contacts).

        Raises PiggyResponseError when it has no uuid.
        """
        return cls(uuid=_required(data, "uuid", "contact"))


@dataclass(frozen=True, slots=True)
class ContactIdentifier:
    """A loyalty card or another thing by which a shop knows its customer."""

    active: bool
    contact: Contact | None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Read an identifier (Piggy API, contact identifiers).

        Raises PiggyResponseError for what is none, or has a contact without uuid.
        """
        if not isinstance(data, dict):
            msg = "identifier that is no object"
            raise PiggyResponseError(msg)
        contact = data.get("contact")
        return cls(
            active=data.get("active") is not False,
            contact=Contact.from_api(contact) if contact else None,
        )


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that a customer did in a session."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Read an event; its type is an open set (Piggy API, a session)."""
        found = _mapping(data)
        told = _mapping(found.get("data"))
        return cls(
            type=_text(found.get("type")) or "",
            data=told if _is_shallow(told) else {},
            created_at=_moment(found.get("created_at")),
        )


@dataclass(frozen=True, slots=True)
class PortalSession:
    """A portal session, as one answer tells it.

    `url` is a capability: it belongs on the screen and nowhere else, so a
    representation holds neither it nor `uuid`, of which Piggy makes it. `events` is
    None where the answer has none to tell.
    """

    uuid: str = field(repr=False)
    url: str = field(repr=False)
    shop: Shop | None
    contact_uuid: str | None
    created_at: datetime | None
    events: tuple[SessionEvent, ...] | None

    @classmethod
    def from_api(cls, data: Any) -> Self:
        """Read a session (Piggy API, a session).

        Raises PiggyResponseError when it has no uuid or no http(s) url.
        """
        found = _mapping(data)
        shop, events = found.get("shop"), found.get("events")
        return cls(
            uuid=_required(data, "uuid", "session"),
            url=_web_address(_required(data, "url", "session")),
            shop=Shop.from_api(shop) if _text(_mapping(shop).get("uuid")) else None,
            contact_uuid=_text(_mapping(found.get("contact")).get("uuid")),
            created_at=_moment(found.get("created_at")),
            events=(
                tuple(SessionEvent.from_api(event) for event in events)
                if isinstance(events, list)
                else None
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """The parameters of a create call beside its shop; what is None is not sent.

    `amount_in_cents` is the purchase amount in hundredths of the currency's unit.
    """

    contact_uuid: str | None = None
    scanner_type: str | None = None
    camera_service: int | None = None
    facing_mode: str | None = None
    primary_identification_method: str | None = None
    enable_email_identification: bool | None = None
    enable_registration: bool | None = None
    enable_on_screen_keyboard: bool | None = None
    amount_in_cents: int | None = None
    allow_multiple_giftcards: bool | None = None

    def as_body(self) -> dict[str, Any]:
        """Return what goes over the wire."""
        return {
            option.name: value
            for option in fields(self)
            if (value := getattr(self, option.name)) is not None
        }
