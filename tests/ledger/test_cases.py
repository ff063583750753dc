"""The cases in which a customer was asked for the money twice."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from sandbox import Fault, Sandbox
from tests.conftest import (
    Advance,
    Told,
    act,
    clear,
    press,
    set_amount,
    state_of,
    types,
)

REDEEM = "create_redeem_giftcard_session"


def pay(sandbox: Sandbox, uuid: str, cents: int) -> None:
    """Pay with a giftcard, as a customer does on the page."""
    session = sandbox.sessions[uuid]
    giftcard = sandbox.account.add_giftcard(f"G{len(sandbox.giftcards)}", balance=cents)
    sandbox.payments.move_giftcard(session, giftcard, -cents)


def payments(told: Told) -> list[tuple[Any, ...]]:
    """Return what was reported of payments: cents, what is left, where."""
    found = [event for event in told if "amount_in_cents" in event]
    assert len({event["event_id"] for event in found}) == len(found)
    return [
        (event["amount_in_cents"], event["remaining_in_cents"], event["on_screen"])
        for event in found
    ]


def status(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the status of the session on Till 1."""
    return state_of(hass, entry, "sensor", "session_status").state


async def test_paid_two_seconds_before_it_expires(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """The screen changes on time; what was paid until then is reported."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    for _ in range(298):
        await advance(1)
    pay(sandbox, session["uuid"], 5000)
    for _ in range(30):
        await advance(1)
    assert status(hass, entry) == "idle"
    assert [row[:2] for row in payments(told)] == [(-5000, 0)]
    await advance(600)
    assert len(payments(told)) == 1


async def test_paid_when_it_expired(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """A customer who was quicker than the polls is reported from the follow-up."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    for _ in range(299):
        await advance(1)
    pay(sandbox, session["uuid"], 5000)
    await advance(2)
    assert status(hass, entry) == "idle"
    await advance(1)
    assert payments(told) == [(-5000, 0, False)]
    assert types(told) == [
        "session_created",
        "session_expired",
        "giftcard_transaction",
    ]


async def test_last_look_before_it_expires(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """The poll just before a session expires finds a transaction that others miss."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    await advance(291)
    await act(hass, "get_portal_session", till)  # the next poll is due in 10 seconds
    pay(sandbox, session["uuid"], 5000)
    asked = len(sandbox.requests)
    for _ in range(5):
        await advance(1)
    assert (len(sandbox.requests), payments(told)) == (asked, [])
    await advance(2.4)
    assert len(sandbox.requests) == asked + 1
    assert payments(told) == [(-5000, 0, True)]
    assert status(hass, entry) == "completed"


@pytest.mark.parametrize("leaves", ["cleared", "replaced", "expired"])
async def test_look_right_after_it_left(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
    leaves: str,
) -> None:
    """One GET follows at once, not only with the next interval."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    await advance(299 if leaves == "expired" else 200)
    await act(hass, "get_portal_session", till)
    pay(sandbox, session["uuid"], 5000)
    path = f"/portal-sessions/{session['uuid']}"
    asked = len(sandbox.calls("GET", path))
    if leaves == "cleared":
        await clear(hass, till)
    elif leaves == "replaced":
        await act(hass, REDEEM, till, amount_in_cents=1)
    else:
        await advance(1)
    assert status(hass, entry) == ("waiting" if leaves == "replaced" else "idle")
    await advance(1.5)
    assert len(sandbox.calls("GET", path)) == asked + 1
    assert payments(told) == [(-5000, 0, False)]
    assert f"session_{leaves}" in types(told)


async def test_paid_after_a_second_press(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """The payment belongs to the first session, the screen to the second one."""
    for _ in range(2):
        await set_amount(hass, entry, 50)
        await press(hass, entry, "redeem_giftcard")
        await advance(3)
    first, second = sandbox.sessions
    pay(sandbox, first, 5000)
    await advance(16)
    assert payments(told) == [(-5000, 0, False)]
    assert told[-1]["session_id"] == told[0]["session_id"]
    assert status(hass, entry) == "waiting"
    pay(sandbox, second, 5000)
    await advance(5)
    assert payments(told)[1:] == [(-5000, 0, True)]
    assert status(hass, entry) == "completed"


async def test_paid_after_cancel(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """A giftcard session is followed for ten minutes, also when not identified."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    await advance(20)
    await clear(hass, till)
    await advance(580)
    pay(sandbox, session["uuid"], 5000)
    await advance(20)
    assert types(told) == ["session_created", "session_cleared", "giftcard_transaction"]
    assert payments(told) == [(-5000, 0, False)]
    assert status(hass, entry) == "idle"


async def test_paid_after_a_restart_with_another_wall_clock(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A session is followed even if its time seems to be over since the restart."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    await clear(hass, till)
    await advance(20)
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(3600)  # the clock was set: only the wall clock can tell the time
    await hass.config_entries.async_setup(entry.entry_id)
    await advance(60)
    pay(sandbox, session["uuid"], 5000)
    await advance(20)
    assert payments(told) == [(-5000, 0, False)]


@pytest.mark.parametrize("is_still_limited", [False, True])
async def test_paid_during_a_long_pause(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
    *,
    is_still_limited: bool,
) -> None:
    """A long rate limit pause does not prevent the last poll before the expiry."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    limited = Fault("status", method="GET", status=429, headers={"Retry-After": "3600"})
    sandbox.add_fault(limited)
    await advance(5)
    asked = len(sandbox.requests)
    for _ in range(29):
        await advance(10)
    assert len(sandbox.requests) == asked
    pay(sandbox, session["uuid"], 5000)
    if is_still_limited:
        sandbox.add_fault(limited, limited)
    await advance(4)
    assert len(sandbox.requests) == asked + 1
    if is_still_limited:
        # Once more when the follow-up ends, and then when the pause is over.
        for _ in range(66):
            await advance(10)
        assert len(sandbox.requests) == asked + 2
        assert payments(told) == []
        await advance(3600)
    assert payments(told) == [(-5000, 0, not is_still_limited)]
    await advance(610)
    assert status(hass, entry) == "idle"
    assert len(payments(told)) == 1


async def test_paid_with_two_giftcards(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """A payment of €10.00 of €50.00 does not complete the session."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    pay(sandbox, session["uuid"], 1000)
    await advance(5)
    assert status(hass, entry) == "identified"
    assert payments(told) == [(-1000, 4000, True)]
    pay(sandbox, session["uuid"], 4000)
    await advance(5)
    assert payments(told) == [(-1000, 4000, True), (-4000, 0, True)]
    state = state_of(hass, entry, "sensor", "session_status")
    assert state.state == "completed"
    assert state.attributes["paid_in_cents"] == 5000
    assert [row["amount_in_cents"] for row in state.attributes["outcome"]] == [
        -1000,
        -4000,
    ]
    await advance(16)
    assert types(told)[-1] == "session_ended"
    assert told[-1]["remaining_in_cents"] == 0


async def test_answered_with_another_session(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    till: str,
) -> None:
    """A transaction of another session is not reported; this session's is, later."""
    session = await act(hass, REDEEM, till, amount_in_cents=5000)
    event = {"type": "giftcard_transaction", "data": {"amount_in_cents": -5000}}
    other = {
        "uuid": "another",
        "url": "https://example.com/another",
        "events": [event],
        "contact": {"uuid": "123"},
    }
    sandbox.add_fault(
        Fault("raw", method="GET", body=json.dumps({"data": other}), times=2)
    )
    await advance(5)
    assert status(hass, entry) == "unavailable"
    await advance(6)
    assert state_of(hass, entry, "sensor", "session_url").state == session["url"]
    assert types(told) == ["session_created"]
    pay(sandbox, session["uuid"], 5000)
    await advance(11)
    assert payments(told) == [(-5000, 0, True)]
