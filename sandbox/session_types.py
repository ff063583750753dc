"""The seven kinds of portal session, a row each (Piggy API, portal sessions)."""

from dataclasses import dataclass
from typing import Any

from .validation import Parameter, boolean, integer, one_of, text

COMMON = (
    Parameter("shop_uuid", text, required=True),
    Parameter("contact_uuid", text),
    Parameter("scanner_type", one_of("camera", "hand_scanner"), default="camera"),
    Parameter("enable_email_identification", boolean, default=False),
    Parameter("enable_registration", boolean, default=False),
    Parameter("enable_on_screen_keyboard", boolean, default=False),
    Parameter("camera_service", one_of(1, 2, 3), default=3),
    Parameter("facing_mode", one_of("user", "environment"), default="user"),
    Parameter(
        "primary_identification_method",
        one_of("email", "identifier"),
        default="identifier",
    ),
)

GIFTCARD_PAYMENT = (
    Parameter("amount_in_cents", integer(1), required=True),
    Parameter("allow_multiple_giftcards", boolean, default=True),
)


@dataclass(frozen=True)
class SessionType:
    """A kind of session: its path under the API's, and what its portal offers."""

    name: str
    path: str
    title: str
    purpose: str
    actions: tuple[str, ...]
    extra: tuple[Parameter, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return every parameter that a create call takes."""
        return COMMON + self.extra

    @property
    def defaults(self) -> dict[str, Any]:
        """Return what the API takes for parameters that are not sent."""
        return {
            parameter.name: parameter.default
            for parameter in self.parameters
            if parameter.default is not None
        }


SESSION_TYPES = (
    SessionType(
        "portal",
        "",
        "Loyalty portal",
        "Collect, pay, top up and redeem in one place.",
        (
            "collect-credits",
            "claim-reward",
            "redeem-voucher",
            "pay-with-giftcard",
            "top-up-giftcard",
            "pay-with-prepaid",
            "top-up-prepaid",
        ),
    ),
    SessionType(
        "credit_reception",
        "/credit-reception",
        "Collect credits",
        "Collect credits for a purchase.",
        ("collect-credits",),
    ),
    SessionType(
        "redeem_giftcard",
        "/redeem-giftcards",
        "Pay with a giftcard",
        "Pay for a purchase with a giftcard.",
        ("pay-with-giftcard",),
        GIFTCARD_PAYMENT,
    ),
    SessionType(
        "top_up_giftcard",
        "/top-up-giftcards",
        "Top up a giftcard",
        "Put money on a giftcard.",
        ("top-up-giftcard",),
    ),
    SessionType(
        "pay_prepaid",
        "/pay-prepaid",
        "Pay with prepaid",
        "Pay from the prepaid balance.",
        ("pay-with-prepaid",),
    ),
    SessionType(
        "top_up_prepaid",
        "/top-up-prepaid",
        "Top up prepaid",
        "Put money on the prepaid balance.",
        ("top-up-prepaid",),
    ),
    SessionType(
        "voucher",
        "/vouchers",
        "Redeem a voucher",
        "Redeem a voucher.",
        ("redeem-voucher",),
    ),
)
