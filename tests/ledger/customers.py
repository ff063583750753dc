"""What customers do at Piggy, and until when a session takes it."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox import ApiError, Sandbox

# Seconds in which customers can pay after their session left the screen. They are
# the product's promise, so they are not taken from its code.
FOLLOW_UNUSED: Final = 120
FOLLOW_USED: Final = 600
TAKES_MONEY: Final = {
    "redeem_giftcard",
    "top_up_giftcard",
    "pay_prepaid",
    "top_up_prepaid",
}
MARGIN: Final = 20  # seconds before the end of the follow-up without payments


class Customers:
    """Customers with plenty of everything that an account has."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Add a contact, a giftcard and a reward to the sandbox's account."""
        self._sandbox = sandbox
        self._giftcard = sandbox.account.add_giftcard("BIG", balance=10**12)
        self._contact = sandbox.account.add_contact(
            "day@example.com", credits=10**9, prepaid=10**12
        )
        self._reward = sandbox.account.add_reward("Mug", 1)

    def identify(self, uuid: str) -> None:
        """Identify in a session."""
        self._sandbox.identify(uuid, self._contact.uuid)

    def pay(self, uuid: str, share: float) -> list[dict[str, Any]]:
        """Do what a session of this type is for; return the new events.

        `share` is the part of what remains to be paid. A refusal by Piggy's rules is no
        event.
        """
        session = self._sandbox.sessions[uuid]
        before = len(session.events)
        try:
            self._pay(session, share)
        except ApiError:
            return []
        return session.events[before:]

    def _pay(self, session: Any, share: float) -> None:
        payments = self._sandbox.payments
        amount = session.parameters.get("amount_in_cents") or 1_000
        rest = amount + sum(
            event["data"].get("amount_in_cents", 0) for event in session.events
        )
        part = max(1, round(rest * share))
        match session.type.name:
            case "credit_reception":
                payments.collect_credits(session, amount / 100)
            case "redeem_giftcard":
                payments.move_giftcard(session, self._giftcard, -part)
            case "top_up_giftcard":
                payments.move_giftcard(session, self._giftcard, amount)
            case "pay_prepaid":
                payments.move_prepaid(session, -amount)
            case "top_up_prepaid":
                payments.move_prepaid(session, amount)
            case "voucher":
                code = f"V{len(self._sandbox.vouchers)}"
                voucher = self._sandbox.account.add_voucher(code, "Coffee")
                payments.redeem_voucher(session, voucher)
            case _:
                payments.claim_reward(session, self._reward)


class Lives:
    """What was reported of sessions, by `session_id`; times in seconds."""

    def __init__(self) -> None:
        """Start without sessions."""
        self._identified: set[str] = set()
        self._left: dict[str, tuple[float, str]] = {}  # when, status

    def note(self, event: Mapping[str, Any], now: float) -> None:
        """Note what an event entity's attributes say of a session's life."""
        session_id = event.get("session_id", "")
        if event.get("event_type") == "contact_identified":
            self._identified.add(session_id)
        elif "followed" in event:
            self._left[session_id] = now, event["status"]

    def note_not_shown(self, session_id: str, now: float) -> None:
        """Record a session that was never shown, because another one replaced it."""
        self._left.setdefault(session_id, (now, "waiting"))

    def is_identified(self, session_id: str) -> bool:
        """Return whether an identification was reported."""
        return session_id in self._identified

    def has_left(self, session_id: str) -> bool:
        """Return whether a session left the screen."""
        return session_id in self._left

    def is_open(self, session_id: str, session_type: str, now: float) -> bool:
        """Return whether a session is shown, or followed for a while yet."""
        if session_id not in self._left:
            return True
        left, status = self._left[session_id]
        used = status != "waiting" or session_type in TAKES_MONEY
        return now <= left + (FOLLOW_USED if used else FOLLOW_UNUSED) - MARGIN
