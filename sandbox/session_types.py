"""The seven types of portal session, one row each (Piggy API, portal sessions)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import voluptuous as vol

from .schema import JSON, Notation, text

MAX_CENTS: Final = 100_000_000

_DEFAULTS: Final = {
    "scanner_type": "camera",
    "enable_email_identification": False,
    "enable_registration": False,
    "enable_on_screen_keyboard": False,
    "camera_service": 3,
    "facing_mode": "user",
    "primary_identification_method": "identifier",
}
# The parameters that Piggy's portal page does not read from a session's input.
NOT_READ: Final = ("shop_uuid", "contact_uuid", "scanner_type")


class PurchaseAmount(StrEnum):
    """Whether a type takes `amount_in_cents`."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True)
class SessionType:
    """A type of session.

    `path` follows the API's. `page_type` is the vendor's page's name for it.
    `title` and `purpose` are shown on the plain page, and a customer can take the
    `actions` of `actions.py`. `sign` is that of every amount where money moves in one
    direction, else 0.
    """

    name: str
    path: str
    page_type: str
    purchase_amount: PurchaseAmount
    title: str
    purpose: str
    actions: tuple[str, ...]
    sign: int = 0

    def schema(self, notation: Notation = JSON) -> Mapping[Any, Any]:
        """Return the parameters of a create call."""
        schema: dict[Any, Any] = {
            vol.Required("shop_uuid"): text,
            vol.Optional("contact_uuid"): text,
            vol.Optional("scanner_type"): vol.In(("camera", "hand_scanner")),
            vol.Optional("enable_email_identification"): notation.boolean,
            vol.Optional("enable_registration"): notation.boolean,
            vol.Optional("enable_on_screen_keyboard"): notation.boolean,
            vol.Optional("camera_service"): vol.All(notation.whole, vol.In((1, 2, 3))),
            vol.Optional("facing_mode"): vol.In(("user", "environment")),
            vol.Optional("primary_identification_method"): vol.In(
                ("email", "identifier")
            ),
        }
        cents = vol.All(notation.whole, vol.Range(min=1, max=MAX_CENTS))
        if self.purchase_amount is PurchaseAmount.OPTIONAL:
            schema[vol.Optional("amount_in_cents")] = cents
        if self.purchase_amount is PurchaseAmount.REQUIRED:
            schema[vol.Required("amount_in_cents")] = cents
            schema[vol.Optional("allow_multiple_giftcards")] = notation.boolean
        return schema

    @property
    def defaults(self) -> Mapping[str, object]:
        """Return what the API takes for parameters that are not sent."""
        if self.purchase_amount is PurchaseAmount.REQUIRED:
            return _DEFAULTS | {"allow_multiple_giftcards": True}
        return _DEFAULTS


SESSION_TYPES: Final = (
    SessionType(
        "portal",
        "",
        "PORTAL",
        PurchaseAmount.OPTIONAL,
        "Loyalty portal",
        "See your profile, claim rewards and redeem vouchers.",
        ("claim-reward", "redeem-voucher"),
    ),
    SessionType(
        "credit_reception",
        "/credit-reception",
        "POINTS_TRANSACTION",
        PurchaseAmount.OPTIONAL,
        "Collect credits",
        "Collect credits for a purchase.",
        ("collect-credits",),
    ),
    SessionType(
        "redeem_giftcard",
        "/redeem-giftcards",
        "REDEEM_GIFTCARD",
        PurchaseAmount.REQUIRED,
        "Pay with a giftcard",
        "Pay for a purchase with a giftcard.",
        ("pay-with-giftcard",),
        sign=-1,
    ),
    SessionType(
        "top_up_giftcard",
        "/top-up-giftcards",
        "TOP_UP_GIFTCARD",
        PurchaseAmount.NONE,
        "Top up a giftcard",
        "Put money on a giftcard.",
        ("top-up-giftcard",),
        sign=1,
    ),
    SessionType(
        "pay_prepaid",
        "/pay-prepaid",
        "PAY_PREPAID",
        PurchaseAmount.OPTIONAL,
        "Pay with prepaid",
        "Pay from the prepaid balance.",
        ("pay-with-prepaid",),
        sign=-1,
    ),
    SessionType(
        "top_up_prepaid",
        "/top-up-prepaid",
        "TOP_UP_PREPAID",
        PurchaseAmount.NONE,
        "Top up prepaid",
        "Put money on the prepaid balance.",
        ("top-up-prepaid",),
        sign=1,
    ),
    SessionType(
        "voucher",
        "/vouchers",
        "VOUCHER",
        PurchaseAmount.NONE,
        "Redeem a voucher",
        "Redeem a voucher.",
        ("redeem-voucher",),
    ),
)
