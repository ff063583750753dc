"""What a customer does on Piggy's own portal page, one row for each type of session."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .matrix import Outcome, Way
from .phone import Phone

CARD: Final = "1000001"
EMAIL: Final = "ada@example.com"
CONTACT: Final = "123"
AMOUNT: Final = 1040
TYPED: Final = 2500


async def _voucher(phone: Phone, way: Way) -> None:
    # The page takes the owner of a voucher for the customer, and asks for others.
    await phone.enter("BIRTHDAY" if way is Way.NONE else "COFFEE", "Submit")
    if way in (Way.CARD, Way.EMAIL):
        await phone.button("Link").click()


async def _giftcard(phone: Phone, _: Way) -> None:
    await phone.enter("GIFT50", "Submit")


async def _confirm(phone: Phone) -> None:
    await phone.button("Confirm €10.40").click()


async def _type_amount(phone: Phone) -> None:
    await phone.page.get_by_role("spinbutton").press_sequentially(str(TYPED))
    await phone.button("Confirm €25.00").click()


async def _claim(phone: Phone) -> None:
    await phone.pick("Rewards", "Free lunch")


async def _redeem(phone: Phone) -> None:
    await phone.button("Redeem voucher").click()


@dataclass(frozen=True)
class Play:
    """How a session is completed, and the result.

    `before` comes before the customer identifies, `after` once they have.
    `purchase` is the amount that the session is created with. `amount` is what the
    sandbox's ledger holds in the end; `told` is part of what the shop's screen says.
    """

    kind: str
    amount: int
    told: str
    before: Callable[[Phone, Way], Awaitable[None]] | None = None
    after: Callable[[Phone], Awaitable[None]] | None = None
    asks: bool = True
    purchase: int | None = None

    def outcome(self, way: Way) -> Outcome:
        """Return the result of a session when the customer identifies in a way."""
        if not self.asks and way in (Way.CARD, Way.EMAIL):
            return Outcome.UNASKED
        # Credits, prepaid money and rewards belong to a contact.
        if way is Way.NONE and self.asks and self.before is None:
            return Outcome.WAITS
        return Outcome.DONE

    async def identify(self, phone: Phone, way: Way) -> None:
        """Do what comes before the page knows the customer, and identify."""
        if self.before is not None:
            await self.before(phone, way)
        if way is Way.CARD:
            await phone.enter(CARD, "Continue")
        if way is Way.EMAIL:
            await phone.button("Use email address").click()
            await phone.enter(EMAIL, "Continue")

    async def finish(self, phone: Phone) -> None:
        """Do what completes the session."""
        if self.after is not None:
            await self.after(phone)


PLAYS: Final[Mapping[str, Play]] = {
    "portal": Play("reward_reception", -100, "Reward", after=_claim),
    # Credits come as soon as the customer is known.
    "credit_reception": Play("credit_reception", 10, "10 credits", purchase=AMOUNT),
    "redeem_giftcard": Play(
        "giftcard_transaction",
        -AMOUNT,
        "€10.40 redeemed",
        before=_giftcard,
        after=_confirm,
        asks=False,
        purchase=AMOUNT,
    ),
    "top_up_giftcard": Play(
        "giftcard_transaction",
        TYPED,
        "€25.00 added",
        before=_giftcard,
        after=_type_amount,
        asks=False,
    ),
    "pay_prepaid": Play(
        "prepaid_transaction", -AMOUNT, "€10.40 paid", after=_confirm, purchase=AMOUNT
    ),
    "top_up_prepaid": Play(
        "prepaid_transaction", TYPED, "€25.00 added", after=_type_amount
    ),
    "voucher": Play("voucher_redeemed", 0, "redeemed", before=_voucher, after=_redeem),
}
