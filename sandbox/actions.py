"""What a customer can do in a portal session, a row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .store import Session, Store

GIFTCARD = "3a1f7c52-giftcard"
VOUCHER = {"uuid": "5d20b8e4-voucher", "code": "COFFEE", "name": "Free coffee"}
REWARD = "9e64d3b1-reward"
RECEPTION = "c7a05e28-reception"

_CENTS = 100
_MOST = 10**9


class Reason(StrEnum):
    """Why the portal does not do what was asked, in the customer's words."""

    NOT_HERE = "That cannot be done here."
    NO_CONTACT = "Please identify first."
    NO_AMOUNT = "That is not an amount."
    TOO_MUCH = "That is more than is to be paid."
    ONE_GIFTCARD = "One giftcard has to pay it all."
    NO_EMAIL = "That is not an email address."
    KNOWN_EMAIL = "There is a contact with that address."


class RefusedError(Exception):
    """The portal does not do what was asked."""

    def __init__(self, reason: Reason) -> None:
        """Say why."""
        super().__init__(reason.value)


@dataclass(frozen=True)
class Unit:
    """How an amount is asked for; `scale` turns it into the API's own unit."""

    label: str
    step: str
    scale: int

    def read(self, text: str) -> int:
        """Return an amount in the API's unit; raises RefusedError."""
        try:
            amount = Decimal(text.strip().replace(",", ".")) * self.scale
        except ArithmeticError:
            raise RefusedError(Reason.NO_AMOUNT) from None
        if not amount.is_finite() or not 1 <= amount <= _MOST or amount % 1:
            raise RefusedError(Reason.NO_AMOUNT)
        return int(amount)

    def write(self, amount: int) -> str:
        """Return an amount in the API's unit the way it is asked for."""
        return str((Decimal(amount) / self.scale).quantize(Decimal(self.step)))


CREDITS = Unit("Credits", "1", 1)
EUROS = Unit("Amount in euros", "0.01", _CENTS)


@dataclass(frozen=True)
class Action:
    """A button of the portal page, and the event that it leads to."""

    label: str
    event_type: str
    data: Callable[[int], dict[str, Any]]
    unit: Unit | None = None
    needs_contact: bool = True


def _giftcard(amount: int) -> dict[str, Any]:
    return {"giftcard": {"uuid": GIFTCARD}, "amount_in_cents": amount}


PAY_WITH_GIFTCARD = "pay-with-giftcard"

ACTIONS: Mapping[str, Action] = {
    "collect-credits": Action(
        "Collect credits",
        "credit_reception",
        lambda amount: {"credits": amount},
        CREDITS,
    ),
    "claim-reward": Action(
        "Claim reward",
        "reward_reception",
        lambda _: {"uuid": RECEPTION, "reward": {"uuid": REWARD}},
    ),
    "redeem-voucher": Action(
        "Redeem voucher", "voucher_redeemed", lambda _: dict(VOUCHER)
    ),
    PAY_WITH_GIFTCARD: Action(
        "Pay with giftcard",
        "giftcard_transaction",
        lambda amount: _giftcard(-amount),
        EUROS,
        needs_contact=False,
    ),
    "top-up-giftcard": Action(
        "Top up giftcard",
        "giftcard_transaction",
        _giftcard,
        EUROS,
        needs_contact=False,
    ),
    "pay-with-prepaid": Action(
        "Pay with prepaid",
        "prepaid_transaction",
        lambda amount: {"amount_in_cents": -amount},
        EUROS,
    ),
    "top-up-prepaid": Action(
        "Top up prepaid",
        "prepaid_transaction",
        lambda amount: {"amount_in_cents": amount},
        EUROS,
    ),
}


def due(session: Session) -> int | None:
    """Return what is still to be paid, in cents, or None if no amount was given."""
    amount: int | None = session.parameters.get("amount_in_cents")
    if amount is None:
        return None
    # What was paid is negative.
    paid: int = sum(
        event["data"]["amount_in_cents"]
        for event in session.events
        if event.get("type") == ACTIONS[PAY_WITH_GIFTCARD].event_type
    )
    return amount + paid


def perform(store: Store, session: Session, name: str, amount: str) -> None:
    """Do what a button of a session's portal page says; raises RefusedError."""
    if name not in session.type.actions:
        raise RefusedError(Reason.NOT_HERE)
    action = ACTIONS[name]
    if action.needs_contact and session.contact is None:
        raise RefusedError(Reason.NO_CONTACT)
    value = action.unit.read(amount) if action.unit else 0
    left = due(session)
    if left is not None:
        if value > left:
            raise RefusedError(Reason.TOO_MUCH)
        if value < left and not session.parameters["allow_multiple_giftcards"]:
            raise RefusedError(Reason.ONE_GIFTCARD)
    store.add_event(session.uuid, action.event_type, action.data(value))
