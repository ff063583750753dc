"""Accounts by key, their portal sessions, and what was paid in them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .account import Account, Contact, Shop, make_uuid
from .schema import JSON, Notation, invalid, validate
from .session_types import SessionType


@dataclass
class Session:
    """A portal session; its events are the JSON that the API shows.

    `sent` holds the parameters of the create call as they were sent.
    """

    account: Account
    type: SessionType
    shop: Shop
    contact: Contact | None
    sent: dict[str, Any]
    created_at: str
    uuid: str = field(default_factory=make_uuid)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters with the API's defaults."""
        return {**self.type.defaults, **self.sent}

    def events_of(self, event_type: str) -> list[dict[str, Any]]:
        """Return the data of the events of a type."""
        return [row["data"] for row in self.events if row.get("type") == event_type]

    def as_json(self, url: str) -> dict[str, object]:
        """Return the session as the API shows it."""
        return {
            "uuid": self.uuid,
            "url": url,
            "contact": {"uuid": self.contact.uuid} if self.contact else None,
            "shop": self.shop.in_session(),
            "events": list(self.events),
            "created_at": self.created_at,
        }


@dataclass(frozen=True)
class Transaction:
    """What a payment did: credits, or cents, that the customer received or spent."""

    session_uuid: str
    kind: str
    amount: int
    time: str
    contact_uuid: str | None
    # The giftcard's or reward's uuid, or the voucher's code.
    reference: str = ""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Store:
    """Accounts by key, sessions by uuid, and the ledger of all payments."""

    def __init__(
        self,
        account: Account,
        keys: Iterable[str],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Start with one account."""
        self.account = account
        self.keys = dict.fromkeys(keys, account)
        self.sessions: dict[str, Session] = {}
        self.ledger: list[Transaction] = []
        self.now = now

    def add_key(self, key: str, account: Account | None = None) -> None:
        """Add a key for an account, by default the store's first one."""
        self.keys[key] = account or self.account

    def timestamp(self) -> str:
        """Return the time as the API writes it: ISO 8601 with an offset."""
        return self.now().isoformat(timespec="seconds")

    def create(
        self,
        account: Account,
        session_type: SessionType,
        given: object,
        notation: Notation = JSON,
    ) -> Session:
        """Create a session; raises ApiError 1003, 1008 or 55031."""
        sent = validate(session_type.schema(notation), given)
        contact_uuid = sent.get("contact_uuid")
        session = Session(
            account,
            session_type,
            account.shop(sent["shop_uuid"]),
            None if contact_uuid is None else account.contact(contact_uuid),
            sent,
            self.timestamp(),
        )
        self.sessions[session.uuid] = session
        return session

    def session(self, uuid: str, account: Account | None = None) -> Session:
        """Return a session, of one account if it is given; raises ApiError 1003."""
        session = self.sessions.get(uuid)
        if session is None or (account is not None and session.account is not account):
            raise invalid(portal_session_uuid="is unknown")
        return session

    def identify(self, uuid: str, contact_uuid: str) -> None:
        """Identify a contact in a session; raises ApiError 1003 or 55031."""
        session = self.session(uuid)
        session.contact = session.account.contact(contact_uuid)

    def add_event(
        self, uuid: str, event_type: str, data: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Add an event to a session, without a payment; raises ApiError 1003."""
        event = {
            "type": event_type,
            "data": data or {},
            "created_at": self.timestamp(),
        }
        self.session(uuid).events.append(event)
        return event
