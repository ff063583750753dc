"""What a customer can do in a session: balances, the ledger and the session's event.

The vendor's page and the plain page both pay through here. The checks are those that
the documented error codes name, and those that keep balances from going below zero.
"""

from typing import Any, Final

from .account import Contact, Giftcard, Reward, Voucher, make_uuid
from .errors import (
    CONTACT_NOT_FOUND,
    GIFTCARD_EXPIRED,
    GIFTCARD_INSUFFICIENT,
    ApiError,
)
from .schema import invalid
from .session_types import MAX_CENTS
from .store import Session, Store, Transaction

CREDITS: Final = "credit_reception"
GIFTCARD: Final = "giftcard_transaction"
VOUCHER: Final = "voucher_redeemed"
REWARD: Final = "reward_reception"
PREPAID: Final = "prepaid_transaction"

# A customer receives this many credits for each whole euro.
CREDITS_PER_UNIT: Final = 1


class Payments:
    """Payments in the sessions of a store; each raises ApiError when it is refused."""

    def __init__(self, store: Store) -> None:
        """Pay into the ledger of a store."""
        self._store = store

    def collect_credits(self, session: Session, unit_value: float) -> int:
        """Give credits for a purchase; returns how many."""
        contact = _contact(session)
        _only_with(session, "collect-credits")
        if not 0 < unit_value <= MAX_CENTS / 100:
            raise invalid(unit_value="is out of range")
        received = int(unit_value * CREDITS_PER_UNIT)
        contact.credits += received
        self._book(session, CREDITS, received, {"credits": received})
        return received

    def move_prepaid(self, session: Session, cents: int) -> None:
        """Pay from, or top up, the contact's prepaid balance."""
        contact = _contact(session)
        _only_with(session, "pay-with-prepaid", "top-up-prepaid")
        _check_amount(session, cents)
        if session.type.name == "pay_prepaid" and -cents > (due(session) or 0):
            raise invalid(amount_in_cents="is more than there is to pay")
        if contact.prepaid + cents < 0:
            raise invalid(amount_in_cents="is more than the prepaid balance")
        contact.prepaid += cents
        self._book(session, PREPAID, cents, {"amount_in_cents": cents})

    def move_giftcard(self, session: Session, giftcard: Giftcard, cents: int) -> None:
        """Pay with, or top up, a giftcard."""
        _only_with(session, "pay-with-giftcard", "top-up-giftcard")
        self.check_giftcard(giftcard)
        _check_amount(session, cents)
        if giftcard.balance + cents < 0:
            raise ApiError(GIFTCARD_INSUFFICIENT)
        if session.type.name == "redeem_giftcard":
            if -cents > (due(session) or 0):
                raise invalid(amount_in_cents="is more than there is to pay")
            used = {row["giftcard"]["uuid"] for row in session.events_of(GIFTCARD)}
            if used and not session.parameters["allow_multiple_giftcards"]:
                raise invalid(uuid="is a second giftcard")
        giftcard.balance += cents
        data = {"giftcard": {"uuid": giftcard.uuid}, "amount_in_cents": cents}
        self._book(session, GIFTCARD, cents, data, giftcard.uuid)

    def check_giftcard(self, giftcard: Giftcard) -> None:
        """Check that a giftcard is not expired; raises ApiError 5002."""
        if giftcard.expires is not None and giftcard.expires <= self._store.now():
            raise ApiError(GIFTCARD_EXPIRED)

    def redeem_voucher(self, session: Session, voucher: Voucher) -> None:
        """Redeem a voucher."""
        contact = _contact(session)
        _only_with(session, "redeem-voucher")
        if not voucher.is_for(contact):
            raise invalid(code="is redeemed already, or belongs to another contact")
        voucher.redeemed_at = self._store.timestamp()
        data = {"uuid": voucher.uuid, "code": voucher.code, "name": voucher.name}
        self._book(session, VOUCHER, 0, data, voucher.code)

    def claim_reward(self, session: Session, reward: Reward) -> None:
        """Buy a reward with credits."""
        contact = _contact(session)
        _only_with(session, "claim-reward")
        if contact.credits < reward.required_credits:
            raise invalid(uuid="costs more credits than there are")
        contact.credits -= reward.required_credits
        data = {"uuid": make_uuid(), "reward": {"uuid": reward.uuid}}
        self._book(session, REWARD, -reward.required_credits, data, reward.uuid)

    def _book(
        self,
        session: Session,
        kind: str,
        amount: int,
        data: dict[str, Any],
        reference: str = "",
    ) -> None:
        event = self._store.add_event(session.uuid, kind, data)
        self._store.ledger.append(
            Transaction(
                session.uuid,
                kind,
                amount,
                event["created_at"],
                session.contact.uuid if session.contact else None,
                reference,
            )
        )


def due(session: Session) -> int | None:
    """Return what is still to be paid, in cents, or None if no amount was given."""
    amount: int | None = session.parameters.get("amount_in_cents")
    if amount is None:
        return None
    # What was paid is negative.
    rows = session.events_of(GIFTCARD) + session.events_of(PREPAID)
    paid: int = sum(row["amount_in_cents"] for row in rows)
    return amount + paid


def _contact(session: Session) -> Contact:
    if session.contact is None:
        raise ApiError(CONTACT_NOT_FOUND)
    return session.contact


def _only_with(session: Session, *actions: str) -> None:
    """Refuse a session whose type offers none of the actions."""
    if not set(actions) & set(session.type.actions):
        raise invalid(portal_session_uuid=f"is of type {session.type.name}")


def _check_amount(session: Session, cents: int) -> None:
    if not 1 <= cents * session.type.sign <= MAX_CENTS:
        raise invalid(amount_in_cents="is out of range")
