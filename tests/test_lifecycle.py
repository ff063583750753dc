"""The transitions of a session, without Home Assistant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.piggy.api import PortalSession, SessionType
from custom_components.piggy.lifecycle import (
    ScreenEventType,
    ScreenSettings,
    SessionStatus,
    ShownSession,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SETTINGS = ScreenSettings(timedelta(minutes=5), timedelta(seconds=15))
CREDITED = "credit_reception"
CREDITS = {"type": CREDITED, "data": {"credits": 5}}


def answer(**changes: Any) -> PortalSession:
    """Return a session as Piggy answers it."""
    return PortalSession.from_api(
        {
            "uuid": "s1",
            "url": "https://example.com/s1",
            "shop": {"uuid": "123123", "name": "Shop"},
            "contact": None,
            "created_at": "2026-11-22T09:00:00+00:00",
            "events": [],
            **changes,
        }
    )


def begin(settings: ScreenSettings = SETTINGS, **changes: Any) -> ShownSession:
    """Return a session that was just created."""
    return ShownSession.begin(answer(**changes), SessionType.VOUCHER, settings, NOW)


def test_begins_waiting_and_expires() -> None:
    """A new session waits for a customer, for as long as the screen is set to."""
    shown = begin()
    assert shown.status is SessionStatus.WAITING
    assert not shown.is_over(NOW + timedelta(seconds=299))
    assert shown.is_over(NOW + timedelta(seconds=300))


def test_begins_identified_for_a_known_contact() -> None:
    """A session that was created for a contact needs no identification."""
    assert begin(contact={"uuid": "123"}).status is SessionStatus.IDENTIFIED


def test_stays_until_cleared() -> None:
    """A screen without a lifetime keeps its session."""
    shown = begin(ScreenSettings(None, timedelta(seconds=15)))
    assert shown.expires_at is None
    assert not shown.is_over(NOW + timedelta(days=365))


def test_same_answer_changes_nothing() -> None:
    """An answer without news is no change at all."""
    shown = begin()
    assert shown.observe(answer(), SETTINGS, NOW) == (shown, [])
    assert shown.observe(answer(), SETTINGS, NOW)[0] is shown
    assert shown.observe(answer(events=None), SETTINGS, NOW)[0] is shown


def test_identified_once() -> None:
    """A contact is news once, and stays known when an answer leaves it out."""
    shown, events = begin().observe(answer(contact={"uuid": "1"}), SETTINGS, NOW)
    assert shown.status is SessionStatus.IDENTIFIED
    assert [event.type for event in events] == [ScreenEventType.CONTACT_IDENTIFIED]
    assert events[0].attributes == {"session_type": "voucher"}
    again, events = shown.observe(answer(), SETTINGS, NOW)
    assert again is shown
    assert events == []


@pytest.mark.parametrize(
    ("event", "event_type", "attributes"),
    [
        (CREDITS, CREDITED, {"credits": 5}),
        (
            {
                "type": "giftcard_transaction",
                "data": {"giftcard": {"uuid": "g"}, "amount_in_cents": -1040},
            },
            "giftcard_transaction",
            {"amount_in_cents": -1040},
        ),
        (
            {
                "type": "voucher_redeemed",
                "data": {"uuid": "v", "code": "C", "name": "Free coffee"},
            },
            "voucher_redeemed",
            {"voucher_name": "Free coffee"},
        ),
        (
            {"type": "reward_reception", "data": {"uuid": "r", "reward": {}}},
            "reward_reception",
            {},
        ),
        (
            {"type": "prepaid_transaction", "data": {"amount_in_cents": 500}},
            "prepaid_transaction",
            {"amount_in_cents": 500},
        ),
        (
            {"type": "credit_reception", "data": {"credits": True}},
            "credit_reception",
            {},
        ),
        (
            {"type": "credit_reception", "data": {"credits": "5"}},
            "credit_reception",
            {},
        ),
        ({"type": CREDITED}, CREDITED, {}),
        ({"type": CREDITED, "data": []}, CREDITED, {}),
    ],
)
def test_completed_by_what_the_customer_did(
    event: dict[str, Any], event_type: str, attributes: dict[str, Any]
) -> None:
    """An event of Piggy's completes the session and says what may be told."""
    later = NOW + timedelta(minutes=4, seconds=58)
    shown, events = begin().observe(answer(events=[event]), SETTINGS, later)
    assert shown.status is SessionStatus.COMPLETED
    assert shown.expires_at == later + timedelta(seconds=15)
    assert [(told.type, told.attributes) for told in events] == [
        (event_type, {"session_type": "voucher", **attributes})
    ]


@pytest.mark.parametrize("event", [{"type": "dance"}, {}, None, 7, {"type": ["x"]}])
def test_unknown_events_complete_nothing(event: Any) -> None:
    """An event of a type that is not known is told of, no more."""
    shown, events = begin().observe(answer(events=[event]), SETTINGS, NOW)
    assert shown.status is SessionStatus.WAITING
    assert [told.type for told in events] == [ScreenEventType.OTHER]


def test_contact_and_event_in_one_answer() -> None:
    """Who it was comes before what was done."""
    shown, events = begin().observe(
        answer(contact={"uuid": "1"}, events=[CREDITS]), SETTINGS, NOW
    )
    assert shown.status is SessionStatus.COMPLETED
    assert [event.type for event in events] == [
        ScreenEventType.CONTACT_IDENTIFIED,
        ScreenEventType.CREDIT_RECEPTION,
    ]


def test_completed_stays_completed_when_the_contact_follows() -> None:
    """A contact that is told late does not take the session back."""
    shown, _ = begin().observe(answer(events=[CREDITS]), SETTINGS, NOW)
    shown, events = shown.observe(
        answer(contact={"uuid": "1"}, events=[CREDITS]), SETTINGS, NOW
    )
    assert shown.status is SessionStatus.COMPLETED
    assert [event.type for event in events] == [ScreenEventType.CONTACT_IDENTIFIED]


def test_each_event_once_whatever_order_and_gaps() -> None:
    """Events have no id: content and number tell them apart."""
    first = {**CREDITS, "created_at": "2026-11-22T09:01:00+00:00"}
    second = {**CREDITS, "created_at": "2026-11-22T09:02:00+00:00"}
    shown = begin()
    counts = []
    for events in (
        [first],
        [first],
        None,
        [],
        [second, first],
        [first, second],
        [first, first, second],
        [second],
    ):
        shown, told = shown.observe(answer(events=events), SETTINGS, NOW)
        counts.append(len(told))
    assert counts == [1, 0, 0, 0, 1, 0, 1, 0]


def test_kept_across_a_restart() -> None:
    """What is kept is enough to go on, and holds nothing of what the customer did."""
    shown, _ = begin().observe(
        answer(contact={"uuid": "1"}, events=[CREDITS]), SETTINGS, NOW
    )
    kept = ShownSession.from_dict(shown.as_dict())
    assert kept.session.events is None
    assert (kept.status, kept.expires_at, kept.type, kept.session.url) == (
        shown.status,
        shown.expires_at,
        shown.type,
        shown.session.url,
    )
    _, told = kept.observe(
        answer(contact={"uuid": "1"}, events=[CREDITS]), SETTINGS, NOW
    )
    assert told == []
    assert "credits" not in str(shown.as_dict())


def test_kept_without_the_optional_parts() -> None:
    """A session that Piggy told little of is kept all the same."""
    shown = begin(ScreenSettings(None, timedelta()), shop=None, created_at=None)
    assert ShownSession.from_dict(shown.as_dict()).as_dict() == shown.as_dict()


def test_representation_holds_no_url() -> None:
    """A url never gets into a log by way of a representation."""
    assert "example.com" not in repr(begin())
