"""The state of a session, changed by functions without side effects.

Piggy documents neither a status nor an expiry ([seed], a session): both follow from
what an answer holds and from the screen's settings. Times are seconds of the monotonic
clock, so that no change of the wall clock ends or prolongs a session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Any, Final, Self
from uuid import uuid4

from .api.models import PortalSession
from .api.session_types import SESSION_TYPES, SessionType
from .events import EventType, ScreenEvent, ScreenEventType
from .options import ATTR_ALLOW_MULTIPLE_GIFTCARDS, ATTR_AMOUNT_IN_CENTS, ATTR_REFERENCE
from .settings import ScreenSettings
from .transactions import CENTS, Transaction, TransactionKind, read_transactions

IDENTIFIED_AT_LEAST: Final = 120  # seconds on the screen after an identification
FOLLOW_UNUSED: Final = 120  # seconds
FOLLOW_USED: Final = 600  # seconds
FOLLOW_INTERVAL: Final = 15  # seconds
FOLLOW_LIMIT: Final = 24 * 60 * 60  # seconds without the last answer
LAST_LOOK: Final = 2  # seconds before a session expires
MAX_UNKNOWN: Final = 3  # polls in a row
EARLY: Final = 1  # seconds by which the coordinator's timer may run ahead
AMOUNTS: Final = ("purchase_amount_in_cents", "paid_in_cents", "remaining_in_cents")
RETRIES: Final = (5, 10, 20, 40, 60)  # seconds after so many failed polls in a row


class SessionStatus(StrEnum):
    """The status of the session on a screen."""

    IDLE = "idle"
    WAITING = "waiting"
    IDENTIFIED = "identified"
    COMPLETED = "completed"


# (until so many seconds after the last change of status, seconds between polls).
# `scripts/shop-day` measures what these rows cost and what they achieve.
SCHEDULE: Final[Mapping[SessionStatus, tuple[tuple[float, float], ...]]] = {
    SessionStatus.WAITING: ((120, 2.5), (600, 10), (inf, 32)),
    SessionStatus.IDENTIFIED: ((180, 1.5), (inf, 5)),
    SessionStatus.COMPLETED: ((inf, 5),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedSession:
    """A session that is shown or followed.

    `session_id` stands for it wherever its uuid must not appear. `expires` is when it
    leaves the screen, None for not by itself. `follow_until` is None while it is shown.
    `polled` is when Piggy was last asked, `failures` how often in a row it failed, and
    `seen` the `event_id` of every transaction.
    """

    session: PortalSession
    type: SessionType
    session_id: str
    since: float
    polled: float = field(compare=False)
    status: SessionStatus
    expires: float | None
    follow_until: float | None = None
    reference: str | None
    purchase_amount_in_cents: int | None
    allow_multiple_giftcards: bool
    outcome: tuple[Transaction, ...] = ()
    seen: frozenset[str] = frozenset()
    unknown: int = field(default=0, compare=False)
    failures: int = 0

    @classmethod
    def begin(
        cls,
        session: PortalSession,
        session_type: SessionType,
        parameters: Mapping[str, Any],
        settings: ScreenSettings,
        now: float,
    ) -> Self:
        """Return a session that was just created with these parameters."""
        contact = session.contact_uuid
        lifetime = settings.customer if contact else settings.session
        return cls(
            session=session,
            type=session_type,
            session_id=uuid4().hex,
            since=now,
            polled=now,
            status=SessionStatus.IDENTIFIED if contact else SessionStatus.WAITING,
            expires=None if lifetime is None else now + lifetime,
            reference=parameters.get(ATTR_REFERENCE),
            purchase_amount_in_cents=parameters.get(ATTR_AMOUNT_IN_CENTS),
            allow_multiple_giftcards=parameters.get(
                ATTR_ALLOW_MULTIPLE_GIFTCARDS, True
            ),
        )

    def observe(
        self, polled: PortalSession, settings: ScreenSettings, now: float
    ) -> tuple[TrackedSession, list[ScreenEvent]]:
        """Return the session after an answer, and the events that are new in it.

        An answer may lack the contact and the events ([seed], a session): what was
        known stays known. The URL stays too: customers may have scanned it.
        """
        contact_uuid = polled.contact_uuid or self.session.contact_uuid
        session = replace(self.session, contact_uuid=contact_uuid)
        if polled.events is not None:
            session = replace(session, events=polled.events)
        after = replace(self, session=session, polled=now, unknown=0, failures=0)
        events: list[ScreenEvent] = []
        if contact_uuid != self.session.contact_uuid:
            after = after.advance(settings, now)
            events.append(after.event(ScreenEventType.CONTACT_IDENTIFIED))
        for transaction in read_transactions(session, self.type, self.seen):
            old, after = after, replace(after, seen=after.seen | {transaction.event_id})
            if transaction.kind != TransactionKind.OTHER:
                outcome = (*after.outcome, transaction)
                after = replace(after, outcome=outcome).advance(settings, now)
            events.append(after.transaction_event(transaction, old.status))
        return after, events

    def fail(self, now: float) -> Self:
        """Return the session after a failed poll."""
        return replace(self, polled=now, failures=self.failures + 1)

    def leave(self, reason: ScreenEventType, now: float) -> tuple[Self, ScreenEvent]:
        """Take the session off the screen; return it as followed, and the event."""
        used = self.status is not SessionStatus.WAITING or SESSION_TYPES[self.type].sign
        until = now + (FOLLOW_USED if used else FOLLOW_UNUSED)
        after = replace(self, expires=None, polled=-inf, failures=0, follow_until=until)
        return after, self.leave_event(reason, followed=True)

    def leave_event(
        self, event_type: ScreenEventType, **attributes: Any
    ) -> ScreenEvent:
        """Return the event of a session that leaves the screen."""
        if self.status is SessionStatus.COMPLETED:
            event_type = ScreenEventType.SESSION_ENDED
        status = self.status.value
        return self.event(event_type, status=status, **self.amounts, **attributes)

    def event(self, event_type: EventType, **attributes: Any) -> ScreenEvent:
        """Return an event of this session."""
        common = {
            "session_type": self.type.value,
            "session_id": self.session_id,
            "reference": self.reference,
            "on_screen": self.follow_until is None,
        }
        return ScreenEvent(event_type, common | attributes)

    def next_poll(self, stretch: float = 1, paused_until: float = -inf) -> float:
        """Return when to poll the session next.

        `stretch` lengthens the intervals while few requests are left. Neither an
        interval nor a pause delays the last look, shortly before the session ends.
        """
        if self.failures:
            wait: float = RETRIES[min(self.failures, len(RETRIES)) - 1]
        elif self.follow_until is not None:
            wait = FOLLOW_INTERVAL * stretch
        else:
            age, rows = self.polled - self.since, SCHEDULE[self.status]
            wait = next(every for until, every in rows if age < until) * stretch
        due = max(self.polled + wait, paused_until)
        look = self.expires - LAST_LOOK if self.expires else self.follow_until
        return min(due, look) if look and self.polled < look - EARLY else due

    def is_done(self, now: float) -> bool:
        """Return whether a followed session needs no more polls."""
        until = inf if self.follow_until is None else self.follow_until
        is_answered = not self.failures and self.polled >= until - EARLY
        is_lost = self.unknown >= MAX_UNKNOWN or now >= until + FOLLOW_LIMIT
        return is_answered or is_lost

    @property
    def amounts(self) -> dict[str, int | None]:
        """Return the purchase amount and, if it is to be paid, what was and remains."""
        amount, paid, remaining = self.purchase_amount_in_cents, None, None
        if amount is not None and SESSION_TYPES[self.type].sign == -1:
            paid = -sum(done.details.get(CENTS.attribute, 0) for done in self.outcome)
            remaining = max(0, amount - paid)
        return dict(zip(AMOUNTS, (amount, paid, remaining), strict=True))

    def transaction_event(self, last: Transaction, was: SessionStatus) -> ScreenEvent:
        """Return the event of the last transaction, and of the status before it."""
        return self.event(
            last.kind,
            **last.details,
            **self.amounts,
            completes_session=self.status is SessionStatus.COMPLETED is not was,
            event_id=last.event_id,
            created_at=last.created_at,
        )

    def advance(self, settings: ScreenSettings, now: float) -> Self:
        """Return the session after an identification or a transaction."""
        complete = self._is_complete
        status = SessionStatus.COMPLETED if complete else SessionStatus.IDENTIFIED
        after = replace(
            self, status=status, since=self.since if status is self.status else now
        )
        if self.follow_until is not None:
            until = max(self.follow_until, now + FOLLOW_USED)
            return replace(after, follow_until=until)
        if status is SessionStatus.COMPLETED:
            return replace(after, expires=now + settings.completed)
        if self.expires is None:
            return after
        return replace(after, expires=max(self.expires, now + IDENTIFIED_AT_LEAST))

    @property
    def _is_complete(self) -> bool:
        _, paid, remaining = self.amounts.values()
        if remaining and self.allow_multiple_giftcards:
            return False
        return bool(self.outcome if paid is None else paid)
