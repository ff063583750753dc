"""What the sessions of a screen add up to, counted from its events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .events import EventType, ScreenEvent, ScreenEventType
from .transactions import CENTS, TransactionKind


@dataclass(frozen=True, slots=True)
class Total:
    """A total, and what an event adds to it; `is_money` says that it is in cents."""

    key: str
    count: Callable[[ScreenEvent], float]
    is_money: bool = False


def _paid(key: str, kind: EventType) -> Total:
    def spent(event: ScreenEvent) -> float:
        return max(0, -event.attributes[CENTS.attribute]) if event.type == kind else 0

    return Total(key, spent, is_money=True)


TOTALS: Final = (
    Total("sessions_completed", lambda e: e.attributes.get("completes_session", 0)),
    Total("sessions_started", lambda e: e.type == ScreenEventType.SESSION_CREATED),
    Total("credits_given", lambda e: e.attributes.get("credits", 0)),
    _paid("paid_with_giftcards", TransactionKind.GIFTCARD_TRANSACTION),
    _paid("paid_with_prepaid", TransactionKind.PREPAID_TRANSACTION),
    Total("vouchers_redeemed", lambda e: e.type == TransactionKind.VOUCHER_REDEEMED),
)


def add_up(totals: dict[str, float], events: list[ScreenEvent]) -> dict[str, float]:
    """Return the totals after some more events, rounded: floats are not decimals."""
    for e in events:
        totals = {t.key: round(totals.get(t.key, 0) + t.count(e), 6) for t in TOTALS}
    return totals
