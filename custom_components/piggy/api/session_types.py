"""Piggy's session types, one row each (Piggy API, portal sessions)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SessionType(StrEnum):
    """What a portal session is for."""

    PORTAL = "portal"
    CREDIT_RECEPTION = "credit_reception"
    REDEEM_GIFTCARD = "redeem_giftcard"
    TOP_UP_GIFTCARD = "top_up_giftcard"
    PAY_PREPAID = "pay_prepaid"
    TOP_UP_PREPAID = "top_up_prepaid"
    VOUCHER = "voucher"


class PurchaseAmount(StrEnum):
    """Whether a create call takes `amount_in_cents`."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Audience(StrEnum):
    """Who may start a session at a screen."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """Describes a session type; `path` follows `/portal-sessions` in a create call.

    `sign` is that of every amount where money moves in one direction [sdk], else 0.
    """

    path: str
    purchase_amount: PurchaseAmount
    audience: Audience
    sign: int = 0


_NONE, _OPTIONAL, _REQUIRED = PurchaseAmount
_CUSTOMER, _STAFF = Audience
# The amount decides how many credits a customer gets, and the person who opens the page
# of a top-up enters its amount: these are for staff.
SESSION_TYPES: Final[Mapping[SessionType, TypeInfo]] = {
    SessionType.PORTAL: TypeInfo("", _OPTIONAL, _CUSTOMER),
    SessionType.CREDIT_RECEPTION: TypeInfo("/credit-reception", _OPTIONAL, _STAFF),
    SessionType.REDEEM_GIFTCARD: TypeInfo(
        "/redeem-giftcards", _REQUIRED, _CUSTOMER, -1
    ),
    SessionType.TOP_UP_GIFTCARD: TypeInfo("/top-up-giftcards", _NONE, _STAFF, 1),
    SessionType.PAY_PREPAID: TypeInfo("/pay-prepaid", _OPTIONAL, _CUSTOMER, -1),
    SessionType.TOP_UP_PREPAID: TypeInfo("/top-up-prepaid", _NONE, _STAFF, 1),
    SessionType.VOUCHER: TypeInfo("/vouchers", _NONE, _CUSTOMER),
}
FOR_STAFF: Final = frozenset(
    session_type
    for session_type, info in SESSION_TYPES.items()
    if info.audience is Audience.STAFF
)
