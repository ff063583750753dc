"""The sensors of a screen."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.api.session_types import SessionType
from homeassistant.const import MATCH_ALL, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sandbox import Fault, Sandbox

from .conftest import (
    Advance,
    account,
    act,
    clear,
    codes,
    device_id,
    picture,
    screen,
    set_amount,
    set_up,
    state_of,
)


def told(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Return the state of a sensor of Till 1."""
    return state_of(hass, entry, "sensor", key).state


async def test_idle(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Without a session, only the status has a state, and no attributes."""
    assert told(hass, entry, "session_status") == "idle"
    for key in ("session_url", "session_type", "session_expires"):
        assert told(hass, entry, key) == STATE_UNKNOWN
    status = state_of(hass, entry, "sensor", "session_status")
    assert not {"session_id", "reference", "outcome"} & status.attributes.keys()


@pytest.mark.parametrize("session_type", SessionType)
async def test_session_type(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, session_type: str
) -> None:
    """Every type is one of the sensor's options."""
    amount = {"amount_in_cents": 1} if session_type == "redeem_giftcard" else {}
    action = f"create_{session_type}_session"
    await act(hass, action, device_id(hass, entry), **amount)
    state = state_of(hass, entry, "sensor", "session_type")
    assert state.state == session_type
    assert state.attributes["options"] == list(SessionType)


async def test_session_status(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A session of a known customer is identified at once, another one waits."""
    device = device_id(hass, entry)
    await act(hass, "create_portal_session", device)
    assert told(hass, entry, "session_status") == "waiting"
    await act(hass, "create_portal_session", device, contact_uuid="123")
    state = state_of(hass, entry, "sensor", "session_status")
    assert state.state == "identified"
    assert state.attributes["options"] == [
        "idle",
        "waiting",
        "identified",
        "completed",
    ]


async def test_status_attributes(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """The status has what a till needs, and everything that was paid in one poll."""
    session = await act(
        hass,
        "create_redeem_giftcard_session",
        device_id(hass, entry),
        amount_in_cents=5000,
        reference="Order 4711",
    )

    def attributes() -> dict[str, Any]:
        state = state_of(hass, entry, "sensor", "session_status")
        known = {"options", "device_class", "friendly_name"}
        return {key: state.attributes[key] for key in state.attributes.keys() - known}

    expected = {
        "session_id": session["session_id"],
        "reference": "Order 4711",
        "purchase_amount_in_cents": 5000,
        "paid_in_cents": 0,
        "remaining_in_cents": 5000,
        "outcome": [],
    }
    assert attributes() == expected
    for cents in (-1000, -1000):
        data = {"amount_in_cents": cents, "giftcard": {"uuid": "secret"}}
        sandbox.add_event(session["uuid"], "giftcard_transaction", data)
    sandbox.add_event(session["uuid"], "novelty", {"secret": 1})
    await advance(6)
    assert told(hass, entry, "session_status") == "identified"
    outcome = attributes()["outcome"]
    assert [(row["kind"], row["amount_in_cents"]) for row in outcome] == [
        ("giftcard_transaction", -1000)
    ] * 2
    assert len({row["event_id"] for row in outcome}) == 2
    assert {key for row in outcome for key in row} == {
        "kind",
        "amount_in_cents",
        "event_id",
    }
    payments = {"paid_in_cents": 2000, "remaining_in_cents": 3000, "outcome": outcome}
    assert attributes() == {**expected, **payments}
    sandbox.add_event(
        session["uuid"], "giftcard_transaction", {"amount_in_cents": -3000}
    )
    await advance(6)
    assert told(hass, entry, "session_status") == "completed"
    assert attributes()["remaining_in_cents"] == 0
    # After a restart the attributes are the same.
    before = attributes()
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert attributes() == before


async def test_attributes_are_not_recorded(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The recorder leaves out every attribute of every sensor of a screen."""
    for key in ("session_url", "session_status", "session_type", "session_expires"):
        state = state_of(hass, entry, "sensor", key)
        assert state.state_info is not None
        assert state.state_info["unrecorded_attributes"] >= {MATCH_ALL}


async def test_unavailable_while_polls_fail(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """The status is unavailable then; URL, type, expiry and an idle status are not."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    others = ("session_url", "session_type", "session_expires")
    before = [told(hass, entry, key) for key in others]
    sandbox.add_fault(Fault("status", "GET", status=503, times=0))
    await advance(6)
    assert told(hass, entry, "session_status") == STATE_UNAVAILABLE
    assert [told(hass, entry, key) for key in others] == before
    await set_amount(hass, entry, 10)
    assert told(hass, entry, "session_status") == STATE_UNAVAILABLE
    sandbox.clear_faults()
    await advance(60)
    assert told(hass, entry, "session_status") == "waiting"
    sandbox.add_fault(Fault("status", "GET", status=503, times=0))
    await advance(6)
    assert told(hass, entry, "session_status") == STATE_UNAVAILABLE
    await clear(hass, device)
    for _ in range(3):  # the session is still followed, in vain
        await advance(20)
        assert told(hass, entry, "session_status") == "idle"


async def test_session_expires(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """The time follows from the screen's settings, and moves on completion."""
    entry = account(
        sandbox, screen(shop_uuid, session_lifetime=10, completed_lifetime=30)
    )
    await set_up(hass, entry)
    await advance(0)
    begun = dt_util.utcnow()
    session = await act(hass, "create_voucher_session", device_id(hass, entry))

    def left() -> float:
        expires = dt_util.parse_datetime(told(hass, entry, "session_expires"))
        assert expires is not None
        return (expires - begun).total_seconds()

    assert left() == pytest.approx(600, abs=1)
    sandbox.add_event(session["uuid"], "voucher_redeemed")
    await advance(6)
    assert left() == pytest.approx(36, abs=1)


async def test_session_that_does_not_expire(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """A session that stays until it is cleared has no time of expiry."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=0))
    await set_up(hass, entry)
    await act(hass, "create_voucher_session", device_id(hass, entry))
    assert told(hass, entry, "session_expires") == STATE_UNKNOWN
    assert told(hass, entry, "session_status") == "waiting"


@pytest.mark.parametrize(("length", "fits"), [(255, True), (256, False), (1200, False)])
async def test_long_url(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    length: int,
    fits: bool,  # noqa: FBT001 -- pytest gives it by name
) -> None:
    """A state holds 255 characters; a longer URL has everything but its sensor."""
    url = "https://example.com/".ljust(length, "x")
    sandbox.settings.url_for = url
    answer = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert answer["url"] == url
    assert told(hass, entry, "session_url") == (url if fits else STATE_UNKNOWN)
    assert told(hass, entry, "session_status") == "waiting"
    assert codes(await picture(hass, entry)) == [url]
    event = state_of(hass, entry, "event", "session")
    assert event.attributes["event_type"] == "session_created"
    assert "exceeds" not in caplog.text


async def test_no_personal_data(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """No sensor shows who the customer is; the URL is in its own sensor only."""
    session = await act(
        hass,
        "create_credit_reception_session",
        device_id(hass, entry),
        contact_identifier="1000002",
    )
    sandbox.add_event(
        session["uuid"],
        "credit_reception",
        {"credits": 5, "email": "ben@example.com", "contact": {"uuid": "person"}},
    )
    await advance(6)
    secrets = ["ben@example.com", "person", "1000002", session["contact_uuid"]]
    for key in ("session_url", "session_status", "session_type", "session_expires"):
        state = state_of(hass, entry, "sensor", key)
        text = f"{state.state} {state.attributes}"
        assert not [secret for secret in secrets if secret in text]
        assert session["uuid"] not in str(state.attributes)
        assert (session["uuid"] in state.state) is (key == "session_url")
