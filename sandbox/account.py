"""A business at Piggy: its shops, customers, cards, giftcards, vouchers, rewards."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from yarl import URL

from .errors import (
    CONTACT_NOT_FOUND,
    GIFTCARD_NOT_FOUND,
    IDENTIFIER_INACTIVE,
    IDENTIFIER_NOT_FOUND,
    SHOP_NOT_FOUND,
    ApiError,
)
from .schema import invalid

_IDS = count(1000)


def make_uuid() -> str:
    """Return a new uuid."""
    return str(uuid4())


def make_id() -> int:
    """Return a new id."""
    return next(_IDS)


@dataclass
class Shop:
    """A shop. Its type is an open string, its reference may be null or empty."""

    name: str
    uuid: str = field(default_factory=make_uuid)
    type: str = "physical"
    reference: str | None = None
    id: int | str = field(default_factory=make_id)

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
    """A customer, with credits and a prepaid balance in cents."""

    email: str
    uuid: str = field(default_factory=make_uuid)
    credits: int = 0
    prepaid: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the contact as the contact calls show it."""
        return {"uuid": self.uuid, "email": self.email}


@dataclass
class Identifier:
    """A loyalty card; it may be inactive, or have no contact yet."""

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
class Giftcard:
    """A giftcard; its hash is the code that is scanned, its balance is in cents."""

    hash: str
    balance: int = 0
    expires: datetime | None = None
    uuid: str = field(default_factory=make_uuid)
    id: int = field(default_factory=make_id)


@dataclass
class Voucher:
    """A voucher; `reusable` ones can be redeemed repeatedly."""

    code: str
    name: str
    contact: Contact | None = None
    reusable: bool = False
    redeemed_at: str | None = None
    uuid: str = field(default_factory=make_uuid)

    @property
    def redeemed(self) -> bool:
        """Return whether it is used up."""
        return self.redeemed_at is not None and not self.reusable

    def is_for(self, contact: Contact | None) -> bool:
        """Return whether a contact, or an unidentified customer, may redeem it."""
        return not self.redeemed and self.contact in (None, contact)


@dataclass
class Reward:
    """A reward that credits buy."""

    title: str
    required_credits: int
    uuid: str = field(default_factory=make_uuid)


@dataclass
class BrandKit:
    """Colors and logos, spelled as the API spells them; None is shown as null.

    A logo can be a path of the sandbox.
    """

    small_logo_url: str | None = None
    large_logo_url: str | None = None
    primary_color: str | None = "#5b21b6"
    secondary_color: str | None = "#0f766e"
    tertiary_color: str | None = None
    quarternary_color: str | None = None
    font_family: str | None = None

    def as_json(self, sandbox: URL) -> dict[str, object]:
        """Return the brand kit as the API shows it to those who reach it there."""
        shown: dict[str, object] = asdict(self)
        for name in ("small_logo_url", "large_logo_url"):
            if path := shown[name]:
                shown[name] = str(sandbox.join(URL(str(path))))
        return shown


@dataclass
class Account:
    """A business; a detail set to None is left out of the health check's answer."""

    company: str | None
    id: int | None = field(default_factory=make_id)
    uuid: str | None = field(default_factory=make_uuid)
    currency: str = "EUR"
    credit_name: str = "Credits"
    brand_kit: BrandKit = field(default_factory=BrandKit)
    shops: dict[str, Shop] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    giftcards: dict[str, Giftcard] = field(default_factory=dict)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    rewards: dict[str, Reward] = field(default_factory=dict)

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

    def add_giftcard(self, hash: str, **details: Any) -> Giftcard:  # noqa: A002 -- the API's word
        """Add a giftcard; the details are the fields of Giftcard."""
        giftcard = Giftcard(hash, **details)
        self.giftcards[hash] = giftcard
        return giftcard

    def add_voucher(self, code: str, name: str, **details: Any) -> Voucher:
        """Add a voucher; the details are the fields of Voucher."""
        voucher = Voucher(code, name, **details)
        self.vouchers[code] = voucher
        return voucher

    def add_reward(self, title: str, required_credits: int, **details: Any) -> Reward:
        """Add a reward; the details are the fields of Reward."""
        reward = Reward(title, required_credits, **details)
        self.rewards[reward.uuid] = reward
        return reward

    def shop(self, uuid: str) -> Shop:
        """Return a shop; raises ApiError 1008."""
        return _get(self.shops, uuid, ApiError(SHOP_NOT_FOUND))

    def contact(self, uuid: str) -> Contact:
        """Return a contact; raises ApiError 55031."""
        return _get(self.contacts, uuid, ApiError(CONTACT_NOT_FOUND))

    def contact_by_email(self, email: str) -> Contact:
        """Return the contact with an address; raises ApiError 55031."""
        by_email = {row.email.casefold(): row for row in self.contacts.values()}
        return _get(by_email, email.strip().casefold(), ApiError(CONTACT_NOT_FOUND))

    def identifier(self, value: str) -> Identifier:
        """Return a card that is in use; raises ApiError 60003 or 60004."""
        identifier = _get(self.identifiers, value, ApiError(IDENTIFIER_NOT_FOUND))
        if not identifier.active:
            raise ApiError(IDENTIFIER_INACTIVE)
        return identifier

    def giftcard(self, hash_or_uuid: str) -> Giftcard:
        """Return a giftcard; raises ApiError 5001."""
        by_uuid = {row.uuid: row for row in self.giftcards.values()}
        error = ApiError(GIFTCARD_NOT_FOUND)
        return _get(self.giftcards | by_uuid, hash_or_uuid, error)

    def voucher(self, code: str) -> Voucher:
        """Return a voucher; raises ApiError 1003."""
        return _get(self.vouchers, code, invalid(code="is unknown"))

    def reward(self, uuid: str) -> Reward:
        """Return a reward; raises ApiError 1003."""
        return _get(self.rewards, uuid, invalid(uuid="is unknown"))


def _get[RowT](rows: Mapping[str, RowT], key: str, error: ApiError) -> RowT:
    if key not in rows:
        raise error
    return rows[key]
