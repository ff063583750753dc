"""The transitions of a session, without Home Assistant."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from custom_components.piggy.api.models import PortalSession
from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.events import ScreenEvent, ScreenEventType
from custom_components.piggy.session import (
    SessionStatus,
    TrackedSession,
)
from custom_components.piggy.settings import ScreenSettings
from custom_components.piggy.transactions import TransactionKind

NOW = 1000.0
DAY = 24 * 60 * 60
SETTINGS = ScreenSettings.from_data({})
CREDITS = {"type": "credit_reception", "data": {"credits": 5}}
CONTACT = {"uuid": "1"}


def answer(**changes: Any) -> PortalSession:
    """Return a session as Piggy answers it."""
    return PortalSession.from_api(
        {
            "uuid": "s1",
            "url": "https://example.com/s1",
            "contact": None,
            "events": [],
            **changes,
        }
    )


def begin(
    session_type: SessionType = SessionType.VOUCHER,
    settings: ScreenSettings = SETTINGS,
    contact: Any = None,
    **parameters: Any,
) -> TrackedSession:
    """Return a session that was just created."""
    session = answer(contact=contact)
    return TrackedSession.begin(session, session_type, parameters, settings, NOW)


def test_lifetime_for_a_known_customer() -> None:
    """A session for a known customer has a shorter lifetime, which can be set."""
    assert begin().expires == NOW + 300
    assert begin(contact=CONTACT).expires == NOW + 120
    settings = ScreenSettings.from_data({"session_lifetime": 0, "customer_lifetime": 9})
    assert begin(settings=settings).expires is None
    assert begin(settings=settings, contact=CONTACT).expires == NOW + 540
    settings = ScreenSettings.from_data({"customer_lifetime": 0})
    assert begin(settings=settings, contact=CONTACT).expires is None


def paid(cents: Any, kind: str = "giftcard_transaction") -> dict[str, Any]:
    """Return an event with an amount, as Piggy reports it."""
    return {"type": kind, "data": {"amount_in_cents": cents}}


def observe(
    tracked: TrackedSession, *, at: float = NOW, **changes: Any
) -> tuple[TrackedSession, list[ScreenEvent]]:
    """Return a session after an answer."""
    return tracked.observe(answer(**changes), SETTINGS, at)


def test_settings() -> None:
    """Minutes and seconds are read; without minutes a session stays."""
    data = {"session_lifetime": 2, "completed_lifetime": 30}
    assert ScreenSettings.from_data(data) == ScreenSettings(120, 120, 30)
    assert ScreenSettings.from_data({"session_lifetime": 0}).session is None


def test_statuses() -> None:
    """The names of the statuses are fixed: sensors show them, and they are stored."""
    assert [*SessionStatus] == ["idle", "waiting", "identified", "completed"]


def test_begins() -> None:
    """A session waits for a customer, unless it was created for one."""
    tracked = begin(reference="order 7", amount_in_cents=1040)
    assert tracked.status is SessionStatus.WAITING
    assert tracked.expires == NOW + 300
    assert (tracked.reference, tracked.purchase_amount_in_cents) == ("order 7", 1040)
    assert begin(contact=CONTACT).status is SessionStatus.IDENTIFIED
    assert begin(settings=replace(SETTINGS, session=None)).expires is None
    assert tracked.session_id not in (begin().session_id, tracked.session.uuid)
    assert tracked.next_poll() == NOW + 2.5
    assert not tracked.is_done(NOW + DAY)


def test_same_answer_changes_nothing() -> None:
    """An answer without news makes an equal session: nothing is written."""
    tracked = begin()
    assert observe(tracked, at=NOW + 9) == (tracked, [])
    assert observe(tracked, events=None) == (tracked, [])
    # Nor does a poll that finds no session: it is only counted.
    assert replace(tracked, unknown=1) == tracked


@pytest.mark.parametrize(("at", "expires"), [(10, 300), (290, 410)])
def test_identified_once(at: float, expires: float) -> None:
    """A contact is reported once, and has at least two minutes on the screen."""
    after, events = observe(begin(), at=NOW + at, contact=CONTACT)
    assert after.status is SessionStatus.IDENTIFIED
    assert after.expires == NOW + expires
    assert [event.type for event in events] == [ScreenEventType.CONTACT_IDENTIFIED]
    assert events[0].attributes == {
        "session_type": "voucher",
        "session_id": after.session_id,
        "reference": None,
        "on_screen": True,
    }
    assert observe(after) == (after, [])


def test_identified_stays_on_a_screen_without_a_lifetime() -> None:
    """An identification does not start a countdown."""
    after, _ = observe(begin(settings=replace(SETTINGS, session=None)), contact=CONTACT)
    assert after.expires is None


def test_completed() -> None:
    """A transaction completes a session; each further one prolongs the thanks."""
    after, events = observe(begin(), at=NOW + 299, contact=CONTACT, events=[CREDITS])
    assert after.status is SessionStatus.COMPLETED
    assert after.expires == NOW + 299 + 15
    assert [event.type for event in events] == [
        ScreenEventType.CONTACT_IDENTIFIED,
        TransactionKind.CREDIT_RECEPTION,
    ]
    after, events = observe(after, at=NOW + 310, events=[CREDITS, CREDITS])
    assert after.expires == NOW + 310 + 15
    assert len(events) == 1
    # A contact that is reported late does not change the status back.
    after, events = observe(begin(), events=[CREDITS])
    after, events = observe(after, events=[CREDITS], contact=CONTACT)
    assert after.status is SessionStatus.COMPLETED
    assert [event.type for event in events] == [ScreenEventType.CONTACT_IDENTIFIED]


def test_interval_starts_with_a_status() -> None:
    """The intervals of a status are counted from its beginning."""
    tracked = begin(
        SessionType.PAY_PREPAID, replace(SETTINGS, session=None), amount_in_cents=5000
    )
    after, _ = observe(tracked, at=NOW + 500, contact=CONTACT)
    assert after.next_poll() == NOW + 501.5
    # A part of the amount leaves the status as it is.
    events = [paid(-1000, "prepaid_transaction")]
    after, _ = observe(after, at=NOW + 679, events=events)
    assert after.next_poll() == NOW + 680.5
    after, _ = observe(after, at=NOW + 680, events=events)
    assert after.next_poll() == NOW + 685


def test_event_of_a_transaction() -> None:
    """The event names the transaction, and says when Piggy recorded it."""
    created_at = "2026-11-01T12:00:00+00:00"
    after, (event,) = observe(begin(), events=[CREDITS | {"created_at": created_at}])
    assert event.attributes["event_id"] == after.outcome[0].event_id
    assert event.attributes["created_at"] == created_at
    assert event.attributes["credits"] == 5


def test_known_stays_known() -> None:
    """Contact, events and URL are kept when an answer lacks or changes them."""
    after, _ = observe(begin(), contact=CONTACT, events=[CREDITS])
    assert after.session == answer(contact=CONTACT, events=[CREDITS])
    again, events = observe(after, url="https://example.com/s2", events=None)
    assert again.session == after.session
    assert events == []


def test_unknown_event_completes_nothing() -> None:
    """An unknown event is reported, but does not complete the session."""
    after, events = observe(begin(), events=[{"type": "dance"}])
    assert after.status is SessionStatus.WAITING
    assert after.outcome == ()
    assert [event.type for event in events] == [TransactionKind.OTHER]


@pytest.mark.parametrize(
    ("session_type", "kind"),
    [
        (SessionType.REDEEM_GIFTCARD, "giftcard_transaction"),
        (SessionType.PAY_PREPAID, "prepaid_transaction"),
    ],
)
def test_completed_when_all_is_paid(session_type: SessionType, kind: str) -> None:
    """A purchase is identified until the transactions cover it."""
    # Its sign follows from the type of the session.
    first, second = paid(-1000, kind), paid(4000, kind)
    tracked = begin(session_type, amount_in_cents=5000)
    after, events = observe(tracked, events=[first])
    assert after.status is SessionStatus.IDENTIFIED
    assert after.amounts == {
        "purchase_amount_in_cents": 5000,
        "paid_in_cents": 1000,
        "remaining_in_cents": 4000,
    }
    assert after.amounts.items() <= events[0].attributes.items()
    after, events = observe(after, events=[first, second])
    assert after.status is SessionStatus.COMPLETED
    assert after.amounts["remaining_in_cents"] == 0
    # Each event has the amounts as of its own transaction.
    _, both = observe(tracked, events=[first, second])
    assert [event.attributes["paid_in_cents"] for event in both] == [1000, 5000]


def test_completed_by_the_only_giftcard() -> None:
    """Where several giftcards are not allowed, the first one completes."""
    tracked = begin(
        SessionType.REDEEM_GIFTCARD,
        amount_in_cents=5000,
        allow_multiple_giftcards=False,
    )
    after, _ = observe(tracked, events=[paid(-1000)])
    assert after.status is SessionStatus.COMPLETED
    assert after.amounts["remaining_in_cents"] == 4000
    # A contact alone completes nothing, and neither does what pays nothing.
    for change in (
        {"contact": CONTACT},
        {"events": [{"type": "reward_reception"}]},
        {"events": [paid(0)]},
    ):
        after, _ = observe(tracked, **change)
        assert after.status is SessionStatus.IDENTIFIED


@pytest.mark.parametrize(
    ("session_type", "amount", "amounts"),
    [
        (SessionType.CREDIT_RECEPTION, 5000, (5000, None, None)),
        (SessionType.PAY_PREPAID, None, (None, None, None)),
        (SessionType.TOP_UP_PREPAID, None, (None, None, None)),
    ],
)
def test_amounts_that_are_not_known(
    session_type: SessionType, amount: int | None, amounts: tuple[int | None, ...]
) -> None:
    """The remaining amount is None in sessions without a payment or an amount."""
    tracked = begin(session_type, amount_in_cents=amount)
    assert tuple(tracked.amounts.values()) == amounts
    event = paid(1, "prepaid_transaction")
    assert observe(tracked, events=[event])[0].status is SessionStatus.COMPLETED


@pytest.mark.parametrize(
    ("session_type", "contact", "seconds"),
    [
        (SessionType.VOUCHER, None, 120),
        (SessionType.VOUCHER, CONTACT, 600),
        (SessionType.PAY_PREPAID, None, 600),
        (SessionType.TOP_UP_GIFTCARD, None, 600),
    ],
)
def test_followed_after_it_left(
    session_type: SessionType, contact: Any, seconds: float
) -> None:
    """A session is followed for longer when it was used, or takes money."""
    tracked = begin(session_type, contact=contact)
    after, event = tracked.leave(ScreenEventType.SESSION_CLEARED, NOW + 9)
    assert after.follow_until == NOW + 9 + seconds
    assert after.expires is None
    assert event.type is ScreenEventType.SESSION_CLEARED
    assert event.attributes == {
        "session_type": session_type.value,
        "session_id": tracked.session_id,
        "reference": None,
        "on_screen": True,
        "status": tracked.status.value,
        **tracked.amounts,
        "followed": True,
    }
    # The first look is made at once, the others every 15 s, the last one at the end.
    assert after.next_poll() == -inf
    after, _ = observe(after, at=NOW + 9)
    assert after.next_poll() == NOW + 24
    assert after.next_poll(stretch=2) == NOW + 39
    assert not after.is_done(NOW + 24)
    after, _ = observe(after, at=NOW + 9 + seconds - 5)
    assert after.next_poll() == NOW + 9 + seconds
    # The timer may run a second ahead.
    early, _ = observe(after, at=NOW + 9 + seconds - 1.5)
    assert not early.is_done(NOW + 9 + seconds)
    after, _ = observe(after, at=NOW + 9 + seconds - 1)
    assert after.is_done(NOW + 9 + seconds - 1)


@pytest.mark.parametrize("reason", ["SESSION_CLEARED", "SESSION_EXPIRED"])
def test_ended_when_it_was_completed(reason: str) -> None:
    """A completed session ends, for whatever reason it leaves the screen."""
    after, _ = observe(begin(), events=[CREDITS])
    _, event = after.leave(ScreenEventType[reason], NOW)
    assert event.type is ScreenEventType.SESSION_ENDED
    assert event.attributes["status"] == "completed"


def test_used_while_it_is_followed() -> None:
    """A customer in a followed session has ten minutes from then on."""
    left, _ = begin().leave(ScreenEventType.SESSION_EXPIRED, NOW)
    after, events = observe(left, at=NOW + 100, contact=CONTACT)
    assert (after.expires, after.follow_until) == (None, NOW + 700)
    assert [event.attributes["on_screen"] for event in events] == [False]
    after, events = observe(after, at=NOW + 650, events=[CREDITS])
    assert after.status is SessionStatus.COMPLETED
    assert (after.expires, after.follow_until) == (None, NOW + 1250)


def test_followed_until_there_is_an_answer() -> None:
    """The last poll is repeated until Piggy answers, for a day at most."""
    left, _ = begin().leave(ScreenEventType.SESSION_EXPIRED, NOW)
    end = NOW + 120
    failed = left.fail(end + 5)
    assert not failed.is_done(end + 5)
    assert not failed.is_done(end + DAY - 1)
    assert failed.is_done(end + DAY)
    assert observe(failed, at=end + 10)[0].is_done(end + 10)


@pytest.mark.parametrize(
    ("status", "since", "interval"),
    [
        ("waiting", 0, 2.5),
        ("waiting", 119, 2.5),
        ("waiting", 120, 10),
        ("waiting", 599, 10),
        ("waiting", 600, 32),
        ("waiting", DAY, 32),
        ("identified", 0, 1.5),
        ("identified", 179, 1.5),
        ("identified", 180, 5),
        ("identified", DAY, 5),
        ("completed", 0, 5),
        ("completed", DAY, 5),
    ],
)
def test_schedule(status: str, since: float, interval: float) -> None:
    """The interval depends on the status, and on how long it has been so."""
    tracked = begin(settings=replace(SETTINGS, session=None))
    tracked = replace(tracked, status=SessionStatus(status), polled=NOW + since)
    assert tracked.next_poll() == NOW + since + interval
    assert tracked.next_poll(stretch=4) == NOW + since + 4 * interval


def test_last_look() -> None:
    """Neither an interval nor a pause delays the poll just before the expiry."""
    tracked, _ = observe(begin(), at=NOW + 295)
    assert tracked.next_poll() == NOW + 298
    assert tracked.next_poll(stretch=4, paused_until=NOW + 3600) == NOW + 298
    # The timer may run a second ahead, and no more: then the look is repeated.
    early, _ = observe(tracked, at=NOW + 296.5)
    assert early.next_poll() == NOW + 298
    early, _ = observe(tracked, at=NOW + 297)
    assert early.next_poll() == NOW + 307
    tracked, _ = observe(tracked, at=NOW + 298)
    assert tracked.next_poll() > NOW + 300
    assert tracked.next_poll(paused_until=NOW + 3600) == NOW + 3600
    # A session that was cleared waits for the pause, unless it ends before.
    left, _ = tracked.leave(ScreenEventType.SESSION_EXPIRED, NOW + 300)
    assert left.next_poll(paused_until=NOW + 310) == NOW + 310
    assert left.next_poll(paused_until=NOW + 3600) == NOW + 420
    assert left.fail(NOW + 420).next_poll(paused_until=NOW + 3600) == NOW + 3600


def test_backs_off() -> None:
    """Failed polls are repeated ever more slowly, until one succeeds."""
    tracked = begin(settings=replace(SETTINGS, session=None))
    waits = []
    for _ in range(6):
        tracked = tracked.fail(NOW)
        waits.append(tracked.next_poll() - NOW)
    assert waits == [5, 10, 20, 40, 60, 60]
    # They are counted anew once the session is followed.
    left, _ = tracked.leave(ScreenEventType.SESSION_CLEARED, NOW)
    assert left.fail(NOW).next_poll() == NOW + 5
    after, _ = observe(tracked)
    assert after.next_poll() - NOW == 2.5


def test_representation_has_no_url() -> None:
    """The representation of a session does not contain its URL."""
    assert "example.com" not in repr(begin())
