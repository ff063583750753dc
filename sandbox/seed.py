"""The account that a sandbox starts with."""

from datetime import UTC, datetime

from .account import Account

DEFAULT_KEY = "sandbox-key"


def make_account() -> Account:
    """Return a new account with shops, contacts, cards, giftcards and vouchers."""
    account = Account("Piggy Sandbox", id=1, uuid="piggy-sandbox")
    # Piggy's documents show such uuids, and both kinds of no reference.
    account.add_shop("Sesame Street", uuid="2222e1242t3324535", id=243, reference="")
    account.add_shop("Amsterdam Pop-up Store", uuid="123123", id=15)
    account.add_shop(
        "Web shop",
        uuid="7b1f6a52-0c1e-4a0e-9a53-1d1c6f0e8a11",
        id=16,
        type="web",
        reference="webshop",
    )
    ada = account.add_contact("ada@example.com", uuid="123", credits=250, prepaid=5000)
    ben = account.add_contact(
        "ben@example.com", uuid="0f6c1f0e-5a0d-4a8f-8c39-5f4f3a0b7c22", credits=20
    )
    cleo = account.add_contact(
        "cleo@example.com", uuid="c1e0c1e0-91a4-4d0b-b3d1-2f6d7e8a9b33"
    )
    account.add_identifier("1000001", ada)
    account.add_identifier("1000002", ben)
    account.add_identifier("1000003", cleo, active=False)
    account.add_identifier("1000004")
    account.add_giftcard("GIFT50", balance=5000)
    account.add_giftcard("GIFT5", balance=500)
    account.add_giftcard(
        "GIFTOLD", balance=2500, expires=datetime(2020, 1, 1, tzinfo=UTC)
    )
    # A code on the counter, and one that a customer was sent.
    account.add_voucher("COFFEE", "Free coffee", reusable=True)
    account.add_voucher("BIRTHDAY", "Birthday cake", contact=ada)
    account.add_reward("Free lunch", 100)
    account.add_reward("Weekend away", 5000)
    return account
