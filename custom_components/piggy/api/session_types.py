"""Piggy's session types, one row each (Piggy API, portal sessions)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal


class SessionType(StrEnum):
    """What a portal session is for."""

    PORTAL = "portal"
    CREDIT_RECEPTION = "credit_reception"
    REDEEM_GIFTCARD = "redeem_giftcard"
    TOP_UP_GIFTCARD = "top_up_giftcard"
    PAY_PREPAID = "pay_prepaid"
    TOP_UP_PREPAID = "top_up_prepaid"
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """Describes a session type; `path` follows `/portal-sessions` in a create call.

    `purchase_amount` says whether that call takes `amount_in_cents`, `audience` who may
    start a session at a screen. `sign` is that of every amount where money moves in one
    direction [sdk], else 0.
    """

    path: str
    purchase_amount: Literal["none", "optional", "required"]
    audience: Literal["customer", "staff"]
    sign: int = 0


# The amount decides how many credits a customer gets, and the person who opens the page
# of a top-up enters its amount: these are for staff.
SESSION_TYPES: Final[Mapping[SessionType, TypeInfo]] = {
    SessionType.PORTAL: TypeInfo("", "optional", "customer"),
    SessionType.CREDIT_RECEPTION: TypeInfo("/credit-reception", "optional", "staff"),
    SessionType.REDEEM_GIFTCARD: TypeInfo(
        "/redeem-giftcards", "required", "customer", -1
    ),
    SessionType.TOP_UP_GIFTCARD: TypeInfo("/top-up-giftcards", "none", "staff", 1),
    SessionType.PAY_PREPAID: TypeInfo("/pay-prepaid", "optional", "customer", -1),
    SessionType.TOP_UP_PREPAID: TypeInfo("/top-up-prepaid", "none", "staff", 1),
    SessionType.VOUCHER: TypeInfo("/vouchers", "none", "customer"),
}
FOR_STAFF: Final = frozenset(
    kind for kind, row in SESSION_TYPES.items() if row.audience == "staff"
)
