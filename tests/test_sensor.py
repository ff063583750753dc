"""What the sensors tell of a session."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sandbox import Sandbox

from .conftest import (
    Advance,
    account,
    act,
    codes,
    device_id,
    picture,
    screen,
    set_up,
    state_of,
)

TYPES = {
    "create_portal_session": "portal",
    "create_credit_reception_session": "credit_reception",
    "create_redeem_giftcard_session": "redeem_giftcard",
    "create_top_up_giftcard_session": "top_up_giftcard",
    "create_pay_prepaid_session": "pay_prepaid",
    "create_top_up_prepaid_session": "top_up_prepaid",
    "create_voucher_session": "voucher",
}


def told(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Return what a sensor of Till 1 tells."""
    return state_of(hass, entry, "sensor", key).state


async def test_idle(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Without a session there is a status, and nothing else to tell."""
    assert told(hass, entry, "session_status") == "idle"
    for key in ("session_url", "session_type", "session_expires"):
        assert told(hass, entry, key) == STATE_UNKNOWN


@pytest.mark.parametrize(("action", "session_type"), TYPES.items())
async def test_session_type(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    action: str,
    session_type: str,
) -> None:
    """Every type is one that the sensor can tell."""
    amount = {"amount_in_cents": 1} if session_type == "redeem_giftcard" else {}
    await act(hass, action, device_id(hass, entry), **amount)
    state = state_of(hass, entry, "sensor", "session_type")
    assert state.state == session_type
    assert state.attributes["options"] == list(TYPES.values())


async def test_session_status(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A session for a known customer begins identified, another one waits."""
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


async def test_session_expires(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """The moment is that of the screen's own settings, and moves on completion."""
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
    """A session that stays until it is cleared has no such moment."""
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
    """A state holds 255 characters; a longer url keeps all but its sensor."""
    url = "https://example.com/".ljust(length, "x")
    sandbox.url_for = url
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
    """No sensor tells who the customer is; the url stands in its own sensor only."""
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
