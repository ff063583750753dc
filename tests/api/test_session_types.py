"""The table of session types; `tests/test_options.py` compares it with the sandbox."""

from custom_components.piggy.api.session_types import (
    SESSION_TYPES,
    SessionType,
)


def test_audience() -> None:
    """Sessions that give a customer money or credits are for staff."""
    assert list(SESSION_TYPES) == list(SessionType)
    staff = {key for key, row in SESSION_TYPES.items() if row.audience == "staff"}
    top_ups = {key for key, row in SESSION_TYPES.items() if row.sign > 0}
    assert staff == {SessionType.CREDIT_RECEPTION, *top_ups}
    rest = [row for key, row in SESSION_TYPES.items() if key not in staff]
    assert {row.audience for row in rest} == {"customer"}


def test_purchase_amount() -> None:
    """Only a giftcard's redemption requires an amount."""
    required = {
        key for key, row in SESSION_TYPES.items() if row.purchase_amount == "required"
    }
    assert required == {"redeem_giftcard"}
