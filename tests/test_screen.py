"""What a screen shows and follows, without Home Assistant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.piggy.api.errors import PiggyTimeoutError
from custom_components.piggy.api.models import PortalSession
from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.events import EventType, ScreenEventType
from custom_components.piggy.screen import ScreenData
from custom_components.piggy.session import (
    SessionStatus,
    TrackedSession,
)
from custom_components.piggy.settings import ScreenSettings
from custom_components.piggy.store import Clock

CLOCK = Clock(1000.0, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
SETTINGS = ScreenSettings.from_data({})


def later(seconds: float, *, wall: float = 0) -> Clock:
    """Return the clock after some seconds, its wall time changed by some more."""
    moved = CLOCK.wall + timedelta(seconds=seconds + wall)
    return Clock(CLOCK.monotonic + seconds, moved)


def answer(uuid: str = "s1", **changes: Any) -> PortalSession:
    """Return a session as Piggy answers it."""
    url = f"https://example.com/{uuid}"
    return PortalSession.from_api({"uuid": uuid, "url": url, "events": [], **changes})


def begin(uuid: str = "s1", settings: ScreenSettings = SETTINGS) -> TrackedSession:
    """Return a session that was just created."""
    return TrackedSession.begin(
        answer(uuid), SessionType.VOUCHER, {}, settings, CLOCK.monotonic
    )


def showing(settings: ScreenSettings = SETTINGS) -> ScreenData:
    """Return a screen that shows a session."""
    tracked = begin(settings=settings)
    return ScreenData(CLOCK.wall).add(tracked, CLOCK, is_shown=True)[0]


def restored(
    data: ScreenData, at: Clock, settings: ScreenSettings = SETTINGS
) -> tuple[ScreenData, list[EventType]]:
    """Return a screen as it is after a start, and the types of its events."""
    after, events = ScreenData.restore(data.dump(CLOCK), settings, at)
    return after, [event.type for event in events]


def test_replaced() -> None:
    """A new session takes the screen over; the old one is followed."""
    data, events = showing().add(begin("s2"), CLOCK, is_shown=True)
    assert data.shown is not None
    assert data.shown.session.uuid == "s2"
    assert [tracked.session.uuid for tracked in data.followed] == ["s1"]
    assert [event.type for event in events] == ["session_replaced", "session_created"]
    assert events[0].attributes["session_id"] != events[1].attributes["session_id"]


def test_overtaken() -> None:
    """A session whose answer came too late is only followed, and no event says so."""
    before = showing()
    data, events = before.add(begin("s2"), CLOCK, is_shown=False)
    assert data.shown is before.shown
    assert [tracked.session.uuid for tracked in data.followed] == ["s2"]
    assert events == []


def test_image_changes_with_the_session() -> None:
    """Two changes within one tick of the clock are two images all the same."""
    data = showing()
    first = data.image_last_updated
    observed, _ = data.observe("s1", answer(contact={"uuid": "1"}), SETTINGS, CLOCK)
    assert observed.image_last_updated == first
    replaced, _ = data.add(begin("s2"), CLOCK, is_shown=True)
    cleared, _ = replaced.leave(ScreenEventType.SESSION_CLEARED, CLOCK)
    assert first < replaced.image_last_updated < cleared.image_last_updated


def test_answers_about_other_sessions_change_nothing() -> None:
    """An answer or a failure that comes after its session was dropped is ignored."""
    data = showing()
    assert data.observe("s2", answer("s2"), SETTINGS, CLOCK) == (data, [])
    late = PiggyTimeoutError("late")
    assert data.observe("s2", late, SETTINGS, CLOCK) == (data, [])


@pytest.mark.parametrize("status", ["waiting", "completed"])
def test_unknown_to_piggy(status: str) -> None:
    """The third answer in a row that there is no such session ends it for good."""
    data = showing()
    if status == "completed":
        reward = {"type": "reward_reception"}
        data, _ = data.observe("s1", answer(events=[reward]), SETTINGS, CLOCK)
    for given in (None, None, answer(), None, None):
        data, events = data.observe("s1", given, SETTINGS, CLOCK)
        assert events == []
    data, (event,) = data.observe("s1", None, SETTINGS, CLOCK)
    assert (data.shown, data.followed) == (None, ())
    ended = ScreenEventType.SESSION_ENDED
    expired = ScreenEventType.SESSION_EXPIRED
    assert event.type is (ended if status == "completed" else expired)
    assert event.attributes["reason"] == "unknown_to_piggy"
    assert event.attributes["status"] == status
    assert event.attributes["followed"] is False
    assert event.attributes["on_screen"] is True


def test_followed_session_that_is_unknown_to_piggy() -> None:
    """A followed session that Piggy does not know is dropped without an event."""
    data, _ = showing().leave(ScreenEventType.SESSION_CLEARED, CLOCK)
    for _ in range(3):
        assert data.forget_done(CLOCK.monotonic) == data
        data, events = data.observe("s1", None, SETTINGS, CLOCK)
        assert events == []
    assert data.forget_done(CLOCK.monotonic).tracked == ()


@pytest.mark.parametrize("wall", [-3600, 0.4, 3600, -1e9])
def test_expiry_as_the_wall_clock_tells_it(wall: float) -> None:
    """The time of expiry follows a changed wall clock, and ignores small drift."""
    before = showing()
    assert before.expires_at == CLOCK.wall + timedelta(seconds=300)
    after, _ = before.observe("s1", answer(), SETTINGS, later(10, wall=wall))
    moved = timedelta(seconds=wall if abs(wall) > 1 else 0)
    assert after.expires_at == before.expires_at + moved
    assert after.shown == before.shown


def test_restored() -> None:
    """A restart restores the screen, and polls at once."""
    data, _ = showing().add(begin("s2"), CLOCK, is_shown=True)
    after, types = restored(data, later(100))
    assert types == []
    assert after.shown is not None
    assert after.shown.session.uuid == "s2"
    assert after.shown.expires == CLOCK.monotonic + 300
    (followed,) = after.followed
    assert followed.follow_until == CLOCK.monotonic + 120
    assert max(after.shown.next_poll(), followed.next_poll()) < CLOCK.monotonic


def test_nothing_is_lost() -> None:
    """All that is known of a session is known after a restart."""
    given = {
        "amount_in_cents": 1040,
        "allow_multiple_giftcards": False,
        "reference": "order 7",
    }
    made = answer(created_at="2026-11-22T08:59:59+00:00")
    tracked = TrackedSession.begin(
        made, SessionType.REDEEM_GIFTCARD, given, SETTINGS, CLOCK.monotonic
    )
    data, _ = ScreenData(CLOCK.wall).add(tracked, CLOCK, is_shown=True)
    paid = {"type": "giftcard_transaction", "data": {"amount_in_cents": -540}}
    known = answer(events=[paid], contact={"uuid": "123"})
    data, _ = data.observe("s1", known, SETTINGS, CLOCK)
    after, _ = restored(data, CLOCK)
    before = data.shown
    assert before is not None
    assert before.outcome
    assert after.shown == replace(before, session=replace(before.session, events=None))


def test_ran_out_while_away() -> None:
    """A session that expired in the meantime is followed, with at least one poll."""
    after, types = restored(showing(), later(301))
    assert types == [ScreenEventType.SESSION_EXPIRED]
    assert after.shown is None
    (followed,) = after.followed
    assert followed.follow_until == CLOCK.monotonic + 301 + 120


def test_followed_until_while_away() -> None:
    """A follow-up that seems to be over starts again: the clock may have been set.

    For the same reason, it lasts no longer than any other.
    """
    data, _ = showing().leave(ScreenEventType.SESSION_CLEARED, CLOCK)
    after, _ = restored(data, later(0, wall=-9999))
    assert after.followed[0].follow_until == CLOCK.monotonic + 600
    start = CLOCK.monotonic + 9999
    after, types = restored(data, later(9999))
    assert types == []
    (followed,) = after.followed
    assert followed.follow_until == start + 600
    after, _ = after.observe("s1", answer(), SETTINGS, later(9999))
    assert after.forget_done(start + 599).tracked
    after, _ = after.observe("s1", answer(), SETTINGS, later(9999 + 600))
    assert after.forget_done(start + 600).tracked == ()


@pytest.mark.parametrize(
    ("settings", "status", "at_most"),
    [
        (replace(SETTINGS, session=60), SessionStatus.WAITING, 60),
        # A customer who pays is not cut off.
        (replace(SETTINGS, session=60), SessionStatus.IDENTIFIED, 120),
        (replace(SETTINGS, session=60), SessionStatus.COMPLETED, 15),
        (replace(SETTINGS, session=None), SessionStatus.WAITING, 300 + 1e9),
    ],
)
def test_restored_with_a_clock_that_was_not_set(
    settings: ScreenSettings, status: SessionStatus, at_most: float
) -> None:
    """A clock that starts in 1970 keeps no code for longer than a new one."""
    changes: dict[str, Any] = {}
    if status is not SessionStatus.WAITING:
        changes["contact"] = {"uuid": "1"}
    if status is SessionStatus.COMPLETED:
        changes["events"] = [{"type": "reward_reception"}]
    data, _ = showing().observe("s1", answer(**changes), SETTINGS, CLOCK)
    after, types = restored(data, later(0, wall=-1e9), settings)
    assert types == []
    assert after.shown is not None
    assert after.shown.status is status
    assert after.shown.expires == CLOCK.monotonic + at_most


def test_restarts_keep_the_time_of_expiry() -> None:
    """A wall clock that drifts by microseconds does not move it by a second."""
    data = showing()
    for drift in (2e-5, 1e-5, 0, -1e-5):
        clock = later(1, wall=drift)
        data, _ = ScreenData.restore(data.dump(clock), SETTINGS, clock)
        assert data.expires_at == CLOCK.wall + timedelta(seconds=300)


def test_standing_code_is_restored() -> None:
    """A session without an end has none after a restart."""
    settings = replace(SETTINGS, session=None)
    after, types = restored(showing(settings), later(9e9), settings)
    assert types == []
    assert after.shown is not None
    assert (after.shown.expires, after.expires_at) == (None, None)
