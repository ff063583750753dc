"""What the plain portal page offers in each type of session, one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from .errors import ApiError
from .payments import Payments, due
from .session_types import MAX_CENTS
from .store import Session

type Form = Mapping[str, str]
type Choices = Callable[[Session], list[str]]

_CENTS: Final = 100


class Reason(StrEnum):
    """Why the plain page refuses something, in the customer's words."""

    NOT_HERE = "That cannot be done here."
    NO_CONTACT = "Please identify first."
    NO_AMOUNT = "That is not an amount."
    NOTHING_TO_PAY = "There is nothing to pay."
    NO_EMAIL = "That is not an email address."
    KNOWN_EMAIL = "There is a contact with that address."


class RefusedError(Exception):
    """The plain page refuses what was asked."""

    def __init__(self, reason: Reason) -> None:
        """Set the reason."""
        super().__init__(reason.value)


@dataclass(frozen=True)
class Field:
    """An input of an action; `choices` are values that work, the first is filled in."""

    name: str
    label: str
    choices: Choices | None = None

    def suggestion(self, session: Session) -> str:
        """Return the initial value of the input."""
        return next(iter(self.choices(session)), "") if self.choices else ""


@dataclass(frozen=True)
class Action:
    """A button of the plain page."""

    label: str
    perform: Callable[[Payments, Session, Form], None]
    fields: tuple[Field, ...] = ()
    needs_contact: bool = True
    # A purchase amount decides what it does; without one the button is disabled.
    needs_amount: bool = False

    def enabled(self, session: Session) -> bool:
        """Return whether the button can be pressed."""
        if self.needs_contact and session.contact is None:
            return False
        return not self.needs_amount or payable(session) > 0


def payable(session: Session) -> int:
    """Return what can be paid now, in cents; 0 without an amount."""
    left = due(session) or 0
    if session.type.name == "pay_prepaid" and session.contact is not None:
        return min(left, session.contact.prepaid)
    return left


def _vouchers(session: Session) -> list[str]:
    rows = session.account.vouchers.values()
    return [row.code for row in rows if row.is_for(session.contact)]


def _rewards(session: Session) -> list[str]:
    credits_left = session.contact.credits if session.contact else 0
    rows = session.account.rewards.values()
    return [row.uuid for row in rows if row.required_credits <= credits_left]


def _giftcards(session: Session) -> list[str]:
    return [row.hash for row in session.account.giftcards.values() if row.balance]


def _cents(form: Form) -> int:
    """Return an amount of euros in cents; raises RefusedError."""
    try:
        amount = Decimal(form["amount"].strip().replace(",", ".")) * _CENTS
    except ArithmeticError, KeyError:
        raise RefusedError(Reason.NO_AMOUNT) from None
    if not amount.is_finite() or not 1 <= amount <= MAX_CENTS or amount % 1:
        raise RefusedError(Reason.NO_AMOUNT)
    return int(amount)


def _collect(payments: Payments, session: Session, _: Form) -> None:
    payments.collect_credits(session, (due(session) or 0) / _CENTS)


def _claim(payments: Payments, session: Session, form: Form) -> None:
    payments.claim_reward(session, session.account.reward(form["reward"]))


def _redeem(payments: Payments, session: Session, form: Form) -> None:
    payments.redeem_voucher(session, session.account.voucher(form["voucher"]))


def _pay_with_giftcard(payments: Payments, session: Session, form: Form) -> None:
    giftcard = session.account.giftcard(form["giftcard"])
    cents = min(payable(session), giftcard.balance)
    payments.move_giftcard(session, giftcard, -cents)


def _top_up_giftcard(payments: Payments, session: Session, form: Form) -> None:
    giftcard = session.account.giftcard(form["giftcard"])
    payments.move_giftcard(session, giftcard, _cents(form))


def _pay_with_prepaid(payments: Payments, session: Session, _: Form) -> None:
    payments.move_prepaid(session, -payable(session))


def _top_up_prepaid(payments: Payments, session: Session, form: Form) -> None:
    payments.move_prepaid(session, _cents(form))


_AMOUNT: Final = Field("amount", "Amount in euros")
_GIFTCARD: Final = Field("giftcard", "Giftcard", _giftcards)

ACTIONS: Final[Mapping[str, Action]] = {
    "collect-credits": Action("Collect credits", _collect, needs_amount=True),
    "claim-reward": Action(
        "Claim reward", _claim, (Field("reward", "Reward", _rewards),)
    ),
    "redeem-voucher": Action(
        "Redeem voucher",
        _redeem,
        (Field("voucher", "Voucher code", _vouchers),),
    ),
    "pay-with-giftcard": Action(
        "Pay with giftcard",
        _pay_with_giftcard,
        (_GIFTCARD,),
        needs_contact=False,
        needs_amount=True,
    ),
    "top-up-giftcard": Action(
        "Top up giftcard",
        _top_up_giftcard,
        (_GIFTCARD, _AMOUNT),
        needs_contact=False,
    ),
    "pay-with-prepaid": Action(
        "Pay with prepaid", _pay_with_prepaid, needs_amount=True
    ),
    "top-up-prepaid": Action("Top up prepaid", _top_up_prepaid, (_AMOUNT,)),
}


def offered(session: Session) -> dict[str, Action]:
    """Return the actions of a session by name."""
    return {name: ACTIONS[name] for name in session.type.actions}


def perform(payments: Payments, session: Session, name: str, given: Form) -> None:
    """Perform the action of a button on a session's page.

    A field that is not given takes its suggestion. Raises RefusedError or ApiError.
    """
    action = offered(session).get(name)
    if action is None:
        raise RefusedError(Reason.NOT_HERE)
    if action.needs_contact and session.contact is None:
        raise RefusedError(Reason.NO_CONTACT)
    if not action.enabled(session):
        raise RefusedError(Reason.NOTHING_TO_PAY)
    suggested = {
        field.name: field.suggestion(session)
        for field in action.fields
        if field.choices
    }
    action.perform(payments, session, {**suggested, **given})


def reason(err: ApiError | RefusedError) -> str:
    """Return why something was refused, in the customer's words."""
    errors = err.errors if isinstance(err, ApiError) else None
    return next(iter(errors.values()))[0] if errors else str(err)
