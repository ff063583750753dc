"""What the sandbox knows: accounts with shops and contacts, and their sessions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from .errors import (
    CONTACT_NOT_FOUND,
    IDENTIFIER_INACTIVE,
    IDENTIFIER_NOT_FOUND,
    SHOP_NOT_FOUND,
    ApiError,
)
from .session_types import SessionType
from .validation import invalid

_IDS = count(1000)


def _uuid() -> str:
    return str(uuid4())


def _id() -> int:
    return next(_IDS)


@dataclass
class Shop:
    """A shop. Its type is an open string, its reference may be null or empty."""

    name: str
    uuid: str = field(default_factory=_uuid)
    type: str = "physical"
    reference: str | None = None
    id: int | str = field(default_factory=_id)

    def as_json(self) -> dict[str, object]:
        """Return the shop as the shop calls show it."""
        return {
            "uuid": self.uuid,
            "name": self.name,
            "type": self.type,
            "reference": self.reference,
        }

    def in_session(self) -> dict[str, object]:
        """Return the shop as a session shows it."""
        return {
            "id": self.id,
            "uuid": self.uuid,
            "reference": self.reference,
            "name": self.name,
        }


@dataclass
class Contact:
    """A customer."""

    email: str
    uuid: str = field(default_factory=_uuid)

    def as_json(self) -> dict[str, object]:
        """Return the contact as the contact calls show it."""
        return {"uuid": self.uuid, "email": self.email}


@dataclass
class Identifier:
    """A loyalty card; it may be inactive, or belong to nobody yet."""

    value: str
    contact: Contact | None = None
    name: str = "Loyalty card"
    active: bool = True

    def as_json(self) -> dict[str, object]:
        """Return the card as the identifier call shows it."""
        return {
            "name": self.name,
            "value": self.value,
            "active": self.active,
            "contact": self.contact.as_json() if self.contact else None,
        }


@dataclass
class Account:
    """A business; a detail set to None is left out of the health check's answer."""

    company: str | None
    id: int | None = field(default_factory=_id)
    uuid: str | None = field(default_factory=_uuid)
    shops: dict[str, Shop] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    identifiers: dict[str, Identifier] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the account as the health check shows it."""
        details = {"company": self.company, "id": self.id, "uuid": self.uuid}
        return {name: value for name, value in details.items() if value is not None}

    def add_shop(self, name: str, **details: Any) -> Shop:
        """Add a shop; the details are the fields of Shop."""
        shop = Shop(name, **details)
        self.shops[shop.uuid] = shop
        return shop

    def add_contact(self, email: str, **details: Any) -> Contact:
        """Add a contact; the details are the fields of Contact."""
        contact = Contact(email, **details)
        self.contacts[contact.uuid] = contact
        return contact

    def add_identifier(
        self, value: str, contact: Contact | None = None, **details: Any
    ) -> Identifier:
        """Add a card; the details are the fields of Identifier."""
        identifier = Identifier(value, contact, **details)
        self.identifiers[value] = identifier
        return identifier

    def shop(self, uuid: str) -> Shop:
        """Return a shop; raises ApiError 1008."""
        try:
            return self.shops[uuid]
        except KeyError:
            raise ApiError(SHOP_NOT_FOUND) from None

    def contact(self, uuid: str) -> Contact:
        """Return a contact; raises ApiError 55031."""
        try:
            return self.contacts[uuid]
        except KeyError:
            raise ApiError(CONTACT_NOT_FOUND) from None

    def contact_by_email(self, email: str) -> Contact:
        """Return the contact with an address; raises ApiError 55031."""
        for contact in self.contacts.values():
            if contact.email.casefold() == email.strip().casefold():
                return contact
        raise ApiError(CONTACT_NOT_FOUND)

    def identifier(self, value: str) -> Identifier:
        """Return a card that is in use; raises ApiError 60003 or 60004."""
        try:
            identifier = self.identifiers[value]
        except KeyError:
            raise ApiError(IDENTIFIER_NOT_FOUND) from None
        if not identifier.active:
            raise ApiError(IDENTIFIER_INACTIVE)
        return identifier


@dataclass
class Session:
    """A portal session; its events are the JSON that the API shows."""

    account: Account
    type: SessionType
    shop: Shop
    contact: Contact | None
    parameters: dict[str, Any]
    created_at: str
    uuid: str = field(default_factory=_uuid)
    events: list[dict[str, Any]] = field(default_factory=list)

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


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Store:
    """Accounts by key, and sessions by uuid."""

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
        self.now = now

    def timestamp(self) -> str:
        """Return the time as the API writes it: ISO 8601 with an offset."""
        return self.now().isoformat(timespec="seconds")

    def create(
        self, account: Account, session_type: SessionType, parameters: dict[str, Any]
    ) -> Session:
        """Create a session from checked parameters; raises ApiError 1008 or 55031."""
        shop = account.shop(parameters["shop_uuid"])
        contact_uuid = parameters.get("contact_uuid")
        contact = None if contact_uuid is None else account.contact(contact_uuid)
        session = Session(
            account,
            session_type,
            shop,
            contact,
            session_type.defaults | parameters,
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
        """Let a contact identify in a session; raises ApiError 1003 or 55031."""
        session = self.session(uuid)
        session.contact = session.account.contact(contact_uuid)

    def add_event(
        self, uuid: str, event_type: str, data: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Add an event to a session; raises ApiError 1003."""
        event = {
            "type": event_type,
            "data": data or {},
            "created_at": self.timestamp(),
        }
        self.session(uuid).events.append(event)
        return event
