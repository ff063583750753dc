"""The JSON that the vendor's portal page reads."""

from typing import Final

from .account import Contact, Giftcard, Reward, Voucher, make_id, make_uuid
from .payments import CREDITS, REWARD, due
from .session_types import NOT_READ
from .store import Session, Transaction

_IMAGE: Final = {
    "id": "1",
    "type": "image",
    "value": (
        "data:image/png;base64,"
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAA"
        "AACklEQVR42mNYAAAAogChcQXLQQAAAABJRU5ErkJggg=="
    ),
}


def session_json(session: Session) -> dict[str, object]:
    """Return a session; a parameter that was not sent is absent."""
    left = due(session) if session.type.name == "redeem_giftcard" else None
    return {
        "uuid": session.uuid,
        "type": session.type.page_type,
        "contact": session.contact.as_json() if session.contact else None,
        "currency": session.account.currency,
        "events": list(session.events),
        "input_data": {
            name: value for name, value in session.sent.items() if name not in NOT_READ
        },
        "loyalty_program": {"custom_credit_name": session.account.credit_name},
        "results": {} if left is None else {"remaining_amount": left},
    }


def contact_json(contact: Contact, joined: str) -> dict[str, object]:
    """Return a contact with its balances."""
    return contact.as_json() | {
        "credit_balance": {"id": 1, "balance": contact.credits},
        "prepaid_balance": {"balance_in_cents": contact.prepaid},
        "current_display_values": {},
        "custom_attribute_values": {},
        "created_at": joined,
    }


def transaction_json(session: Session, **details: object) -> dict[str, object]:
    """Return a payment as the page reads it."""
    return {
        "id": make_id(),
        "uuid": make_uuid(),
        "shop": session.shop.as_json(),
        "created_at": session.events[-1]["created_at"],
        **details,
    }


def loyalty_json(session: Session, row: Transaction) -> dict[str, object]:
    """Return a row of the profile's activities."""
    reward = session.account.rewards.get(row.reference)
    return {
        "uuid": make_uuid(),
        "type": {CREDITS: 1, REWARD: 2}[row.kind],
        "credits": row.amount,
        "loyalty_transaction_data": {"title": reward.title if reward else ""},
    }


def giftcard_json(giftcard: Giftcard) -> dict[str, object]:
    """Return a giftcard with its balance."""
    expires = giftcard.expires
    return {
        "id": giftcard.id,
        "uuid": giftcard.uuid,
        "hash": giftcard.hash,
        "amount_in_cents": giftcard.balance,
        "expiration_date": expires.isoformat() if expires else None,
    }


def voucher_json(voucher: Voucher) -> dict[str, object]:
    """Return a voucher with its promotion."""
    return {
        "uuid": voucher.uuid,
        "code": voucher.code,
        "status": "REDEEMED" if voucher.redeemed else "ACTIVE",
        "name": voucher.name,
        "description": "",
        "expiration_date": None,
        "redeemed_at": voucher.redeemed_at,
        "is_redeemed": voucher.redeemed,
        "attributes": {},
        "contact": voucher.contact.as_json() if voucher.contact else None,
        "promotion": {"name": voucher.name, "image": _IMAGE},
    }


def reward_json(reward: Reward) -> dict[str, object]:
    """Return a reward."""
    return {
        "uuid": reward.uuid,
        "title": reward.title,
        "required_credits": reward.required_credits,
        "active": True,
        "media": _IMAGE,
    }
