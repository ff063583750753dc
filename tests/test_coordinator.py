"""The life of a screen's sessions, as seen in states and events."""

import asyncio
from datetime import timedelta
import gc
from itertools import pairwise
import json
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.session import RETRIES, SCHEDULE, SessionStatus
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STARTED,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import (
    Context,
    CoreState,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from sandbox import Fault, Sandbox
from sandbox.faults import FaultKind

from .conftest import (
    Advance,
    Told,
    account,
    act,
    clear,
    device_id,
    entity_id,
    listen,
    press,
    run_due,
    screen,
    set_amount,
    set_up,
    state_of,
    types,
)

VOUCHER = "create_voucher_session"
EVERY = SCHEDULE[SessionStatus.WAITING][0][1]
OUTAGE = Fault("status", method="GET", status=500, times=0)


def state(
    hass: HomeAssistant, entry: MockConfigEntry, key: str, name: str = "Till 1"
) -> str:
    """Return the state of one of a screen's sensors."""
    return state_of(hass, entry, "sensor", key, name).state


def status(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the status of the session on a screen."""
    return state(hass, entry, "session_status", name)


def image(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return when Till 1's image last changed."""
    return state_of(hass, entry, "image", "qr_code").state


def assert_idle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Check that Till 1 shows no session."""
    assert status(hass, entry) == "idle"
    for key in ("session_url", "session_type", "session_expires"):
        assert state(hass, entry, key) == STATE_UNKNOWN


def polls(sandbox: Sandbox, uuid: str = "") -> int:
    """Return how often a session was asked for, or all of them."""
    return len(sandbox.calls("GET", f"/portal-sessions/{uuid}"))


async def polled_at(
    sandbox: Sandbox, advance: Advance, seconds: int, uuid: str = ""
) -> list[int]:
    """Let seconds pass; return those in which a session was asked for."""
    found = []
    for second in range(1, seconds + 1):
        before = polls(sandbox, uuid)
        await advance(1)
        found += [second] * (polls(sandbox, uuid) - before)
    return found


def jump(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Set the wall clock, which the monotonic clock does not notice."""
    utcnow = dt_util.utcnow
    monkeypatch.setattr(dt_util, "utcnow", lambda: utcnow() + by)


async def test_whole_life(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """Created, identified, redeemed, gone: every state and event on the way."""
    session = await act(hass, VOUCHER, till, reference="order 7")
    shown_since = image(hass, entry)
    assert status(hass, entry) == "waiting"
    assert state(hass, entry, "session_type") == "voucher"
    assert state(hass, entry, "session_url") == session["url"]
    expires = dt_util.parse_datetime(state(hass, entry, "session_expires"))
    assert expires
    left = expires - dt_util.utcnow()
    assert abs(left - timedelta(minutes=5)) < timedelta(seconds=1)

    sandbox.identify(session["uuid"], "123")
    await advance(6)
    assert status(hass, entry) == "identified"

    event = sandbox.add_event(
        session["uuid"], "voucher_redeemed", {"name": "Free coffee", "code": "C"}
    )
    await advance(6)
    assert status(hass, entry) == "completed"
    assert state(hass, entry, "session_url") == session["url"]
    assert image(hass, entry) == shown_since
    await advance(16)
    assert_idle(hass, entry)
    assert image(hass, entry) != shown_since

    common = {
        "session_type": "voucher",
        "session_id": session["session_id"],
        "reference": "order 7",
        "on_screen": True,
    }
    amounts = dict.fromkeys(
        ("purchase_amount_in_cents", "paid_in_cents", "remaining_in_cents")
    )
    assert told == [
        {"event_type": "session_created", **common},
        {"event_type": "contact_identified", **common},
        {
            "event_type": "voucher_redeemed",
            **common,
            **amounts,
            "voucher_name": "Free coffee",
            "completes_session": True,
            "created_at": event["created_at"],
            "event_id": told[2]["event_id"],
        },
        {
            "event_type": "session_ended",
            **common,
            **amounts,
            "status": "completed",
            "followed": True,
        },
    ]


async def test_states_follow_before_the_event(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """An automation that an event starts finds the sensors as they are now."""
    seen: list[str] = []
    event = entity_id(hass, entry, "event", "session")

    @callback
    def look(changed: Event[EventStateChangedData]) -> None:
        if changed.data["entity_id"] == event:
            seen.append(status(hass, entry))

    hass.bus.async_listen("state_changed", look)
    session = await act(hass, VOUCHER, till)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    await advance(6)
    await advance(16)
    assert seen == ["waiting", "completed", "idle"]


async def test_event_is_fired_before_it_is_stored(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
    hass_storage: dict[str, Any],
) -> None:
    """A kill between the two repeats an event, and loses none."""
    session = await act(hass, VOUCHER, till)
    stored: list[list[str]] = []

    @callback
    def look(changed: Event[EventStateChangedData]) -> None:
        new = changed.data["new_state"]
        if new and "event_id" in new.attributes:
            screens = entry.runtime_data.account.store
            (row,) = screens.get(next(iter(entry.subentries)))["sessions"]
            stored.append(row["seen"])

    hass.bus.async_listen("state_changed", look)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    await advance(6)
    assert stored == [[]]
    (screens,) = hass_storage[f"piggy.{entry.entry_id}"]["data"].values()
    assert len(screens["sessions"][0]["seen"]) == 1


async def test_events_of_one_answer_keep_their_order(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """An automation that clears the screen on the first event loses no other."""
    session = await act(hass, VOUCHER, till)

    @callback
    def on_first(changed: Event[EventStateChangedData]) -> None:
        new = changed.data["new_state"]
        if new and new.attributes.get("voucher_name") == "first":
            hass.async_create_task(clear(hass, till))

    hass.bus.async_listen("state_changed", on_first)
    for name in ("first", "second"):
        sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": name})
    await advance(6)
    assert [event["voucher_name"] for event in told[1:3]] == ["first", "second"]
    assert types(told[3:]) == ["session_ended"]


async def test_polled_while_shown_and_for_two_minutes_after(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """Idle screens are not polled; a cleared session is polled for two more minutes."""
    assert await polled_at(sandbox, advance, 60) == []
    await act(hass, VOUCHER, till)
    at = await polled_at(sandbox, advance, 60)
    assert 60 / (EVERY + 1) <= len(at) <= 60 / (EVERY - 1)
    await clear(hass, till)
    at = await polled_at(sandbox, advance, 150)
    assert at[0] == 1
    assert len(at) == pytest.approx(120 / 15 + 1, abs=2)
    assert at[-1] == pytest.approx(120, abs=2)
    assert await polled_at(sandbox, advance, 60) == []


async def test_standing_code_that_nobody_uses(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """A code that stays until it is cleared costs at most 3,000 requests a day."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=0))
    await set_up(hass, entry)
    await act(hass, VOUCHER, device_id(hass, entry))
    assert state(hass, entry, "session_expires") == STATE_UNKNOWN
    await advance(24 * 3600)
    before = polls(sandbox)
    await polled_at(sandbox, advance, 600)
    assert (polls(sandbox) - before) * 144 <= 3000
    told = listen(hass, entry)
    assert status(hass, entry) == "waiting"
    await clear(hass, device_id(hass, entry))
    assert_idle(hass, entry)
    await clear(hass, device_id(hass, entry))  # nothing to clear is no error
    assert types(told) == ["session_cleared"]


async def test_answer_without_events_is_normal(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A GET may leave the events out."""
    session = await act(hass, VOUCHER, till)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    sandbox.settings.omit_events = True
    await advance(6)
    assert status(hass, entry) == "waiting"
    sandbox.settings.omit_events = False
    await advance(6)
    assert types(told) == ["session_created", "credit_reception"]
    assert "ERROR" not in caplog.text


async def test_failing_polls(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """The code stays, the status is not known, polls back off until one succeeds."""
    session = await act(hass, VOUCHER, till)
    before = {item.entity_id: item.state for item in hass.states.async_all()}
    sandbox.add_fault(OUTAGE)
    at = await polled_at(sandbox, advance, 150)
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert gaps == [pytest.approx(gap, abs=1) for gap in RETRIES]
    after = {item.entity_id: item.state for item in hass.states.async_all()}
    sensor = entity_id(hass, entry, "sensor", "session_status")
    assert after == {**before, sensor: STATE_UNAVAILABLE}

    # A failed poll does not make the status available.
    await set_amount(hass, entry, 10)
    assert status(hass, entry) == STATE_UNAVAILABLE
    sandbox.clear_faults()
    sandbox.identify(session["uuid"], "123")
    await advance(61)
    assert status(hass, entry) == "identified"
    every = SCHEDULE[SessionStatus.IDENTIFIED][0][1]
    at = await polled_at(sandbox, advance, 30)
    assert len(at) >= 30 / (every + 1)


async def test_failing_polls_are_logged_once_for_the_account(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Failing polls of two screens are logged once, and so is their recovery."""
    names = ("Till 1", "Till 2")
    entry = account(sandbox, *(screen(shop_uuid, name) for name in names))
    await set_up(hass, entry)
    tills = [device_id(hass, entry, name) for name in names]
    sessions = [await act(hass, VOUCHER, till) for till in tills]
    sandbox.add_fault(OUTAGE)
    for _ in range(3):
        await advance(20)
        for name in names:
            assert status(hass, entry, name) == STATE_UNAVAILABLE
        sessions += [await act(hass, VOUCHER, till) for till in tills]
    assert caplog.text.count("Error fetching piggy") == 1
    assert "recovered" not in caplog.text
    # As long as a screen fails, the account does.
    sandbox.clear_faults()
    for session in sessions[::2]:
        path = f"/portal-sessions/{session['uuid']}"
        sandbox.add_fault(Fault("status", path=path, status=500, times=0))
    for _ in range(4):
        await advance(61)
    assert [status(hass, entry, name) for name in names] == [
        STATE_UNAVAILABLE,
        "waiting",
    ]
    assert "recovered" not in caplog.text
    sandbox.clear_faults()
    for _ in range(4):
        await advance(61)
    lines = [
        (record.levelname, record.getMessage().split()[0])
        for record in caplog.records
        if record.name == "custom_components.piggy" and record.levelname != "DEBUG"
    ]
    assert lines == [("ERROR", "Error"), ("INFO", "Fetching")]


async def test_session_that_fails_slows_no_other(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """A replaced session that cannot be polled does not slow the new one's polls."""
    first = await act(hass, VOUCHER, till)
    path = f"/portal-sessions/{first['uuid']}"
    sandbox.add_fault(Fault("status", path=path, status=500, times=0))
    await advance(40)
    second = await act(hass, VOUCHER, till)
    await advance(6)
    at = await polled_at(sandbox, advance, 60, second["uuid"])
    assert 60 / (EVERY + 1) <= len(at) <= 60 / (EVERY - 1)
    assert status(hass, entry) == "waiting"
    # Its events are reported when it can be polled again.
    sandbox.add_event(first["uuid"], "credit_reception", {"credits": 1})
    sandbox.add_event(second["uuid"], "credit_reception", {"credits": 2})
    sandbox.clear_faults()
    await advance(61)
    paid = {event["credits"]: event for event in told if "credits" in event}
    assert {number: event["on_screen"] for number, event in paid.items()} == {
        1: False,
        2: True,
    }


@pytest.mark.parametrize(
    ("retry_after", "waits"), [("40", 40), ("1", RETRIES[0]), (None, 10)]
)
async def test_rate_limit_pauses_every_screen(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    retry_after: str | None,
    waits: int,
) -> None:
    """A 429 pauses the polls of every screen of the key, but no creates."""
    names = ("Till 1", "Till 2")
    entry = account(sandbox, *(screen(shop_uuid, name) for name in names))
    await set_up(hass, entry)
    for name in names:
        await act(hass, VOUCHER, device_id(hass, entry, name))
    headers = {"Retry-After": retry_after} if retry_after else {}
    sandbox.add_fault(Fault("status", method="GET", status=429, headers=headers))
    while not polls(sandbox):
        await advance(0.5)
    before = polls(sandbox)
    if waits > RETRIES[0]:
        assert await polled_at(sandbox, advance, waits - 2) == []
        assert polls(sandbox) == before
    await advance(3)
    await advance(3)
    assert polls(sandbox) >= before + 2
    assert [status(hass, entry, name) for name in names] == ["waiting"] * 2


@pytest.mark.parametrize(
    ("retry_after", "pause"), [("40", 40), (None, 10), ("2147483647", 24 * 3600)]
)
async def test_length_of_a_pause(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    till: str,
    retry_after: str | None,
    pause: int,
) -> None:
    """A pause is as long as Piggy says, a day at most; another 429 shortens none."""
    await act(hass, VOUCHER, till)
    for header in (retry_after, "1"):
        headers = {"Retry-After": header} if header else {}
        sandbox.add_fault(Fault("status", status=429, headers=headers))
        with pytest.raises(HomeAssistantError):
            await act(hass, "get_portal_session", till)
        until = entry.runtime_data.account.paused_until
        assert until == time.monotonic() + pause


async def test_low_rate_limit_stretches_polls(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """Below a tenth of the limit, polls leave a reserve for creates."""
    await act(hass, VOUCHER, till)
    sandbox.settings.headers = {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "499",
    }
    await advance(EVERY + 1)
    low = await polled_at(sandbox, advance, 48)
    gaps = [later - earlier for earlier, later in pairwise(low)]
    assert len(gaps) > 1
    assert gaps == [pytest.approx(4 * EVERY, abs=1.5)] * len(gaps)
    sandbox.settings.headers = {"X-RateLimit-Remaining": "500"}
    await advance(4 * EVERY + 1)
    again = await polled_at(sandbox, advance, 30)
    assert len(again) >= 30 / (EVERY + 1)


async def test_expires_while_piggy_is_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """The screen changes on time, and what was done meanwhile is reported later."""
    session = await act(hass, VOUCHER, till)
    await sandbox.stop()
    await advance(299)
    assert state(hass, entry, "session_url") == session["url"]
    await advance(2)
    assert_idle(hass, entry)
    assert types(told) == ["session_created", "session_expired"]
    assert told[-1]["status"] == "waiting"
    await advance(3600)
    await sandbox.start()
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    await advance(61)
    assert types(told[2:]) == ["credit_reception"]
    assert told[-1]["on_screen"] is False
    await advance(601)
    assert await polled_at(sandbox, advance, 60) == []


@pytest.mark.parametrize("hours", [1, -1, -500_000])
async def test_wall_clock_that_is_set(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    advance: Advance,
    till: str,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
) -> None:
    """A clock that jumps, or starts in 1970, neither ends nor prolongs a session."""
    await act(hass, VOUCHER, till)
    await advance(10)
    with monkeypatch.context() as patch:
        jump(patch, timedelta(hours=hours))
        await advance(280)
        assert status(hass, entry) == "waiting"
        expires = dt_util.parse_datetime(state(hass, entry, "session_expires"))
        assert expires
        assert abs(expires - dt_util.utcnow() - timedelta(seconds=10)) < timedelta(
            seconds=1
        )
    await advance(8)
    assert status(hass, entry) == "waiting"
    await advance(3)
    assert_idle(hass, entry)


async def test_identified_at_the_last_moment(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """A session identified just before it expires stays for two more minutes."""
    session = await act(hass, VOUCHER, till)
    await advance(290)
    sandbox.identify(session["uuid"], "123")
    await advance(8.5)
    assert status(hass, entry) == "identified"
    await advance(115)
    assert status(hass, entry) == "identified"
    await advance(6)
    assert_idle(hass, entry)


async def test_further_transaction_prolongs_the_thanks(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """The time after completion runs from the last transaction."""
    session = await act(hass, VOUCHER, till)
    for _ in range(3):
        sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
        await advance(8)
    assert status(hass, entry) == "completed"
    await advance(14)
    assert status(hass, entry) == "completed"
    await advance(2)
    assert_idle(hass, entry)


async def test_replaced_session_is_followed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """The screen shows the new session; events of the old one have its session_id."""
    first = await act(hass, VOUCHER, till, reference="first")
    await advance(200)
    second = await act(hass, VOUCHER, till, reference="second")
    assert first["session_id"] != second["session_id"]
    sandbox.identify(first["uuid"], "123")
    await advance(16)
    sandbox.add_event(first["uuid"], "credit_reception", {"credits": 1})
    await advance(16)
    assert state(hass, entry, "session_url") == second["url"]
    assert status(hass, entry) == "waiting"
    assert [
        (event["event_type"], event["reference"], event["on_screen"]) for event in told
    ] == [
        ("session_created", "first", True),
        ("session_replaced", "first", True),
        ("session_created", "second", True),
        ("contact_identified", "first", False),
        ("credit_reception", "first", False),
    ]
    assert told[1]["followed"] is True
    assert {event["session_id"] for event in told if event["reference"] == "first"} == {
        first["session_id"]
    }
    # Somebody identified: from then on it is followed for ten minutes.
    await advance(560)
    sandbox.add_event(first["uuid"], "credit_reception", {"credits": 2})
    await advance(16)
    assert types(told).count("credit_reception") == 2


async def test_followed_session_survives_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """What was started before a restart is reported after it, with its reference."""
    session = await act(hass, VOUCHER, till, reference="order 7")
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    await advance(6)
    await clear(hass, till)
    await advance(1)
    await hass.config_entries.async_unload(entry.entry_id)
    await advance(60)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 2})
    await set_up(hass, entry)
    await advance(1)
    assert_idle(hass, entry)
    assert types(told) == [
        "session_created",
        "credit_reception",
        "session_ended",
        "credit_reception",
    ]
    assert told[-1]["on_screen"] is False
    assert {
        name: {event[name] for event in told} for name in ("session_id", "reference")
    } == {"session_id": {session["session_id"]}, "reference": {"order 7"}}


async def test_poll_that_is_under_way_when_the_screen_is_cleared(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    told: Told,
    till: str,
) -> None:
    """An answer that arrives after a clear does not show the session again."""
    for fault in (
        Fault("delay", method="GET", delay=0.5),
        Fault("status", method="GET", status=500, delay=0.5),
    ):
        session = await act(hass, VOUCHER, till)
        sandbox.identify(session["uuid"], "123")
        sandbox.add_fault(fault)
        freezer.tick(6)
        asked = polls(sandbox)
        waiting = hass.async_create_task(run_due(hass))
        await sandbox.wait_for_calls(asked + 1, "GET", "/portal-sessions/")
        await clear(hass, till)
        assert_idle(hass, entry)
        freezer.tick(1)
        await waiting
        await run_due(hass, 6)
        assert_idle(hass, entry)
        assert types(told)[-1] == "contact_identified"
        assert told[-1]["on_screen"] is False
        told.clear()


async def test_key_that_expires_while_a_session_is_shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """The code stays, the user is asked for a new key once, polling slows down."""
    session = await act(hass, VOUCHER, till)
    sandbox.remove_key("sandbox-key")
    assert len(await polled_at(sandbox, advance, 30)) == 3
    assert state(hass, entry, "session_url") == session["url"]
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


@pytest.mark.parametrize("code", [401, 403])
async def test_key_that_is_refused_by_mistake(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
    code: int,
) -> None:
    """Polls continue after a single refusal of the key."""
    session = await act(hass, VOUCHER, till)
    sandbox.add_fault(Fault("status", method="GET", status=code))
    await advance(6)
    sandbox.identify(session["uuid"], "123")
    await advance(11)
    assert status(hass, entry) == "identified"
    assert types(told) == ["session_created", "contact_identified"]


@pytest.mark.parametrize("code", [1003, 60013])
@pytest.mark.parametrize("lifetime", [0, 5])
async def test_session_that_piggy_does_not_know(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    code: int,
    lifetime: int,
) -> None:
    """A session that Piggy does not know leaves the screen after three answers."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=lifetime))
    await set_up(hass, entry)
    told = listen(hass, entry)
    session = await act(hass, VOUCHER, device_id(hass, entry))
    unknown = Fault("code", method="GET", code=code, times=2)
    for _ in range(2):  # twice is not enough
        sandbox.add_fault(unknown)
        for _ in range(3):
            await advance(EVERY + 1)
        assert state(hass, entry, "session_url") == session["url"]
    sandbox.remove_session(session["uuid"])
    sandbox.settings.unknown_session_code = code
    for _ in range(3):
        await advance(EVERY + 1)
    assert_idle(hass, entry)
    assert types(told) == ["session_created", "session_expired"]
    assert told[-1]["reason"] == "unknown_to_piggy"
    assert told[-1]["followed"] is False
    assert await polled_at(sandbox, advance, 30) == []


async def test_survives_a_reload(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """Session, remaining time and what was reported are taken up again."""
    session = await act(hass, VOUCHER, till)
    sandbox.add_event(session["uuid"], "dance", {})
    await advance(100)
    expires = state(hass, entry, "session_expires")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    # History does not get the last event a second time.
    assert state_of(hass, entry, "event", "session").state == STATE_UNKNOWN
    assert state(hass, entry, "session_url") == session["url"]
    assert state(hass, entry, "session_expires") == expires
    assert state(hass, entry, "session_type") == "voucher"
    await advance(100)
    assert types(told) == ["session_created", "other"]
    await advance(110)
    assert_idle(hass, entry)
    assert types(told)[-1] == "session_expired"


@pytest.mark.parametrize("lifetime", [60, 5])
async def test_leaves_when_it_says_after_a_change(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    lifetime: int,
) -> None:
    """A shorter lifetime counts for the session on the screen too, and is shown."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=60))
    await set_up(hass, entry)
    await act(hass, VOUCHER, device_id(hass, entry))
    (subentry,) = entry.subentries.values()
    data = {**subentry.data, "session_lifetime": lifetime}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()
    expires = dt_util.parse_datetime(state(hass, entry, "session_expires"))
    left = timedelta(minutes=lifetime)
    assert expires
    assert abs(expires - dt_util.utcnow() - left) <= timedelta(seconds=1)
    await advance(60 * lifetime - 2)
    assert status(hass, entry) == "waiting"
    await advance(3)
    assert_idle(hass, entry)


async def test_events_wait_for_the_start(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """What happened while Home Assistant was down is fired when automations listen."""
    shown = await act(hass, VOUCHER, till, reference="shown")
    await hass.config_entries.async_unload(entry.entry_id)
    sandbox.add_event(shown["uuid"], "credit_reception", {"credits": 1})
    await advance(301)
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    await advance(20)
    assert_idle(hass, entry)  # the screen is right at once
    created = await act(hass, VOUCHER, till, reference="early")
    sandbox.add_event(created["uuid"], "credit_reception", {"credits": 2})
    await act(hass, "get_portal_session", till)
    await advance(12)
    assert types(told) == ["session_created"]
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert "session_expired" in types(told)  # without a poll
    await advance(1)
    assert sorted((event["reference"], event["event_type"]) for event in told[1:]) == [
        ("early", "credit_reception"),
        ("early", "session_created"),
        ("shown", "credit_reception"),
        ("shown", "session_expired"),
    ]


async def test_get_is_as_good_as_a_poll(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
    hass_storage: dict[str, Any],
) -> None:
    """Reading the session of a screen updates the screen and what is stored, once."""
    session = await act(hass, VOUCHER, till)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 2})
    await act(hass, "get_portal_session", till)
    assert status(hass, entry) == "completed"
    stored = json.dumps(hass_storage[f"piggy.{entry.entry_id}"])
    assert told[-1]["event_id"] in stored
    await advance(6)
    assert types(told) == ["session_created", "credit_reception"]


async def test_answer_during_an_unload_is_noticed_after_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """A poll that is under way during a reload loses no event."""
    session = await act(hass, VOUCHER, till)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 3})
    freezer.tick(6)
    polling = hass.async_create_task(run_due(hass))
    await sandbox.wait_for_calls(1, "GET", "/portal-sessions/")
    await hass.config_entries.async_reload(entry.entry_id)
    await polling
    await advance(6)
    assert types(told) == ["session_created", "credit_reception"]


async def test_time_runs_out_during_set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    told: Told,
    till: str,
) -> None:
    """What happens before the event entity is there is reported once it is."""
    await act(hass, VOUCHER, till)
    await hass.config_entries.async_unload(entry.entry_id)

    @callback
    def run_out(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "waiting":
            freezer.tick(301)
            hass.async_create_task(run_due(hass))

    hass.bus.async_listen("state_changed", run_out)
    await set_up(hass, entry)
    await run_due(hass)
    assert_idle(hass, entry)
    assert types(told) == ["session_created", "session_expired"]


async def test_equal_creates_at_once_are_one(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, told: Told
) -> None:
    """A button that is pressed several times at once starts one session."""
    await asyncio.gather(*(press(hass, entry, "voucher") for _ in range(3)))
    assert len(sandbox.calls("POST")) == 1
    assert types(told) == ["session_created"]


async def test_brake(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """People wait two seconds after a create, automations do not."""
    await press(hass, entry, "voucher")
    for _ in range(2):
        with pytest.raises(ServiceValidationError) as caught:
            await press(hass, entry, "voucher")
    assert caught.value.translation_key == "too_soon"
    assert len(sandbox.calls("POST")) == 1
    for _ in range(3):
        await act(hass, VOUCHER, till)
    assert len(sandbox.calls("POST")) == 4
    await advance(1.9)
    with pytest.raises(ServiceValidationError):
        await press(hass, entry, "top_up_giftcard")
    await advance(0.2)
    sandbox.add_fault(Fault("status", method="POST", status=500))
    with pytest.raises(HomeAssistantError):
        await press(hass, entry, "top_up_giftcard")
    await press(hass, entry, "top_up_giftcard")  # one that failed is repeated at once
    assert state(hass, entry, "session_type") == "top_up_giftcard"


async def test_brake_while_another_create_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """A create that fails does not release the brake of one that succeeded."""
    await press(hass, entry, "voucher")
    sandbox.add_fault(Fault("code", method="POST", code=1003))
    with pytest.raises(HomeAssistantError):
        await act(hass, VOUCHER, till)
    await advance(1.9)
    with pytest.raises(ServiceValidationError) as caught:
        await press(hass, entry, "top_up_giftcard")
    assert caught.value.translation_key == "too_soon"
    await advance(0.2)
    await press(hass, entry, "top_up_giftcard")


async def test_create_that_is_refused(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """The session on the screen stays, and is not even followed."""
    session = await act(hass, VOUCHER, till)
    before = {item.entity_id: item.state for item in hass.states.async_all()}
    for fault in (Fault("code", code=1003), Fault("reset_after", method="POST")):
        sandbox.add_fault(fault)
        with pytest.raises(HomeAssistantError):
            await act(hass, VOUCHER, till)
    assert {item.entity_id: item.state for item in hass.states.async_all()} == before
    await advance(6)
    assert polls(sandbox) == polls(sandbox, session["uuid"])
    assert types(told) == ["session_created"]


async def test_creates_that_overtake_each_other(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    told: Told,
    till: str,
) -> None:
    """The last call's session is shown; the other is followed, and marked not shown."""
    sandbox.add_fault(Fault("delay", method="POST", delay=0.5))
    slow = hass.async_create_task(act(hass, VOUCHER, till, reference="slow"))
    await sandbox.wait_for_calls(1, "POST")
    quick = await act(hass, VOUCHER, till, reference="quick")
    late = await slow
    assert (quick["shown"], late["shown"]) == (True, False)
    assert state(hass, entry, "session_url") == quick["url"]
    sandbox.add_event(late["uuid"], "credit_reception", {"credits": 1})
    await run_due(hass, 6)
    assert [(event["event_type"], event["reference"]) for event in told] == [
        ("session_created", "quick"),
        ("credit_reception", "slow"),
    ]


@pytest.mark.parametrize("status", [200, 503])
async def test_caller_who_leaves(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    till: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """A script that is stopped cancels no request, and its failure is not logged."""
    kind: FaultKind = "delay" if status == 200 else "status"
    sandbox.add_fault(Fault(kind, method="POST", status=status, delay=0.05))
    calls = [hass.async_create_task(act(hass, VOUCHER, till)) for _ in range(2)]
    await sandbox.wait_for_calls(1, "POST")
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    for _ in range(3):
        await hass.async_block_till_done()
        await asyncio.sleep(0.05)
    gc.collect()
    urls = [sandbox.portal_url(uuid) for uuid in sandbox.sessions]
    assert state(hass, entry, "session_url") == (urls or ["unknown"])[0]
    assert "exception" not in caplog.text


async def test_create_after_a_clear_is_shown(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, till: str
) -> None:
    """A call after a clear creates a new session; an earlier call's is not shown."""
    sandbox.add_fault(Fault("delay", method="POST", delay=0.5))
    before = hass.async_create_task(act(hass, VOUCHER, till))
    await sandbox.wait_for_calls(1, "POST")
    await clear(hass, till)
    after = await act(hass, VOUCHER, till)
    assert (after["shown"], (await before)["shown"]) == (True, False)
    assert state(hass, entry, "session_url") == after["url"]


async def test_create_from_before_a_clear_ends_first(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, till: str
) -> None:
    """Equal calls after a clear are one, also when an older one ends meanwhile."""
    calls = []
    for delay in (0.1, 0.5):
        await clear(hass, till)
        sandbox.add_fault(Fault("delay", method="POST", delay=delay))
        calls.append(hass.async_create_task(act(hass, VOUCHER, till)))
        await sandbox.wait_for_calls(len(calls), "POST")
    before, after = calls
    assert (await before)["shown"] is False
    again = await act(hass, VOUCHER, till)
    assert again == await after
    assert len(sandbox.calls("POST")) == 2


async def test_events_have_the_context_of_their_call(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """Starting and clearing have the user's context, but a payment does not."""
    contexts: dict[str, str] = {}
    watched = entity_id(hass, entry, "event", "session")

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new and new.entity_id == watched:
            contexts[new.attributes["event_type"]] = new.context.id

    hass.bus.async_listen("state_changed", note)
    created, cleared = Context(), Context()
    await press(hass, entry, "voucher", context=created)
    (uuid,) = sandbox.sessions
    sandbox.add_event(uuid, "credit_reception", {"credits": 1})
    await advance(EVERY + 1)
    await press(hass, entry, "clear_session", context=cleared)
    assert contexts.pop("credit_reception") not in (created.id, cleared.id)
    assert contexts == {"session_created": created.id, "session_ended": cleared.id}


async def test_asked_for_by_a_user(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
) -> None:
    """The core's own action polls at once, but not in a pause."""
    assert await async_setup_component(hass, "homeassistant", {})
    await act(hass, VOUCHER, till)
    await advance(EVERY + 1)
    data = {"entity_id": entity_id(hass, entry, "sensor", "session_status")}
    for expected, fault in ((1, None), (0, "429")):
        if fault:
            headers = {"Retry-After": "40"}
            sandbox.add_fault(
                Fault("status", method="GET", status=429, headers=headers)
            )
            await advance(EVERY + 1)
            await advance(11)  # the core asks at most every ten seconds
        before = polls(sandbox)
        await hass.services.async_call(
            "homeassistant", "update_entity", data, blocking=True
        )
        await hass.async_block_till_done(wait_background_tasks=True)
        assert polls(sandbox) - before == expected


async def test_poll_that_is_answered_after_an_unload(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    till: str,
) -> None:
    """What an answer brought that came too late is reported by the next load."""
    session = await act(hass, VOUCHER, till)
    coordinator = next(iter(entry.runtime_data.screens.values()))
    sandbox.identify(session["uuid"], "123")
    sandbox.add_fault(Fault("delay", method="GET", delay=0.5))
    poll = hass.async_create_task(coordinator.async_refresh())
    async with asyncio.timeout(5):
        await sandbox.wait_for_calls(1, "GET", "/portal-sessions/")
    await coordinator.async_shutdown()
    before = coordinator.data
    await poll
    assert coordinator.data == before
    told = listen(hass, entry)
    await hass.config_entries.async_reload(entry.entry_id)
    await run_due(hass, 5)
    assert types(told) == ["contact_identified"]


async def test_sessions_on_a_foreign_host_are_logged_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    till: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A session on an unexpected host is shown, and logged once without its URL."""
    sandbox.settings.url_for = "https://evil.example/{uuid}"
    for number in range(2):
        session = await act(hass, VOUCHER, till, reference=f"order {number}")
        assert state(hass, entry, "session_url") == session["url"]
    warnings = [row for row in caplog.messages if "neither Piggy's" in row]
    assert len(warnings) == 1
    assert "evil.example" not in warnings[0]
