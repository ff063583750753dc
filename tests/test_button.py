"""The buttons start what their action starts, and fail as it fails."""

import asyncio
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.api.session_types import (
    SESSION_TYPES,
    SessionType,
)
from custom_components.piggy.button import USES_AMOUNT
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from sandbox import DEFAULT_KEY, Fault, Sandbox

from .conftest import (
    Advance,
    account,
    act,
    codes,
    device_id,
    picture,
    press,
    screen,
    set_amount,
    set_up,
    state_of,
)

pytestmark = pytest.mark.usefixtures("all_entities")

PREFIX: Final = "/api/v3/oauth/clients/portal-sessions"
REQUIRES_AMOUNT: Final = {
    session_type
    for session_type, info in SESSION_TYPES.items()
    if info.purchase_amount == "required"
}
DEFAULTS: Final = {
    "scanner_type": "hand_scanner",
    "camera_service": 1,
    "enable_registration": False,
}


def sensor(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Return the state of a sensor of Till 1."""
    return state_of(hass, entry, "sensor", key).state


def amount(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the purchase amount of Till 1."""
    return state_of(hass, entry, "number", "purchase_amount").state


@pytest.mark.parametrize("defaults", [{}, DEFAULTS], ids=["plain", "defaults"])
async def test_session_buttons(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    defaults: dict[str, Any],
) -> None:
    """Each starts its type of session with the screen's defaults."""
    entry = account(sandbox, screen(shop_uuid, defaults=defaults))
    await set_up(hass, entry)
    for key in SessionType:
        given = {}
        if key in REQUIRES_AMOUNT:
            await set_amount(hass, entry, 10.4)
            given = {"amount_in_cents": 1040}
        await press(hass, entry, key)
        request = sandbox.calls("POST")[-1]
        assert request.path == PREFIX + SESSION_TYPES[key].path
        assert request.json == {"shop_uuid": shop_uuid, **defaults, **given}
        url = sensor(hass, entry, "session_url")
        assert url == sandbox.portal_url(list(sandbox.sessions)[-1])
        assert sensor(hass, entry, "session_type") == key
        assert codes(await picture(hass, entry)) == [url]
        assert state_of(hass, entry, "button", key).state != STATE_UNKNOWN
        await advance(3)
    assert len(sandbox.calls("POST")) == len(SessionType)


@pytest.mark.parametrize("key", SessionType)
async def test_an_amount_is_for_one_purchase(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    key: str,
) -> None:
    """A button sends the amount, and empties it; one without use for it does neither.

    It stays empty over a restart. Neither an action nor a failure empties it.
    """
    await set_amount(hass, entry, 0.29)
    given = {"amount_in_cents": 5} if key in REQUIRES_AMOUNT else {}
    await act(hass, f"create_{key}_session", device_id(hass, entry), **given)
    await advance(3)
    sandbox.add_fault(Fault("code", "POST"))
    with pytest.raises(HomeAssistantError):
        await press(hass, entry, key)
    assert amount(hass, entry) == "0.29"

    await press(hass, entry, key)
    body = sandbox.calls("POST")[-1].json
    assert isinstance(body, dict)
    uses = key in USES_AMOUNT
    assert body.get("amount_in_cents") == (29 if uses else None)
    status = state_of(hass, entry, "sensor", "session_status")
    assert status.attributes["purchase_amount_in_cents"] == (29 if uses else None)
    expected = STATE_UNKNOWN if uses else "0.29"
    assert amount(hass, entry) == expected
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert amount(hass, entry) == expected


async def test_an_amount_that_is_set_meanwhile_is_for_the_next_purchase(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A button empties the amount that it used, and no other."""
    await set_amount(hass, entry, 10)
    sandbox.add_fault(Fault("delay", "POST", delay=60))
    pressed = asyncio.create_task(press(hass, entry, "redeem_giftcard"))
    await sandbox.wait_for_calls(1, "POST")
    await set_amount(hass, entry, 20)
    await sandbox.stop()
    await pressed
    status = state_of(hass, entry, "sensor", "session_status")
    assert status.attributes["purchase_amount_in_cents"] == 1000
    assert amount(hass, entry) == "20.0"


@pytest.mark.parametrize("key", REQUIRES_AMOUNT)
async def test_without_an_amount(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, key: str
) -> None:
    """Without an amount, no request is sent, and the error says what to set."""
    with pytest.raises(ServiceValidationError) as caught:
        await press(hass, entry, key)
    assert caught.value.translation_key == "no_purchase_amount"
    assert "purchase amount" in str(caught.value)
    assert not sandbox.requests[1:]  # the first one asked for the shops
    assert sensor(hass, entry, "session_status") == "idle"
    await press(hass, entry, "voucher")  # it brakes nothing


async def test_one_session_for_many_presses(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    freezer: FrozenDateTimeFactory,
) -> None:
    """300 presses within two seconds start one session, however slow Piggy is."""
    await set_amount(hass, entry, 10)
    sandbox.add_fault(Fault("delay", "POST", delay=60))
    pressed = [
        asyncio.create_task(press(hass, entry, "redeem_giftcard")) for _ in range(100)
    ]
    await sandbox.wait_for_calls(1, "POST")
    freezer.tick(5)
    await sandbox.stop()  # which releases the answer
    await asyncio.gather(*pressed)
    await sandbox.start()
    for _ in range(200):
        await advance(0.009)
        with pytest.raises(ServiceValidationError) as caught:
            await press(hass, entry, "redeem_giftcard")
        assert caught.value.translation_key == "too_soon"
    assert len(sandbox.calls("POST")) == 1
    await advance(0.3)
    await press(hass, entry, "voucher")
    assert len(sandbox.calls("POST")) == 2


async def test_clear_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The session leaves the screen; on an idle one there is nothing to do."""
    idle = await picture(hass, entry)
    await press(hass, entry, "voucher")
    assert sensor(hass, entry, "session_status") == "waiting"
    for _ in range(2):
        await press(hass, entry, "clear_session")
        assert sensor(hass, entry, "session_status") == "idle"
        assert await picture(hass, entry) == idle
    assert len(sandbox.calls("POST")) == 1


@pytest.mark.parametrize("key", ["voucher", "redeem_giftcard"])
async def test_errors(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    key: str,
) -> None:
    """A button fails as its action fails, and leaves the screen as it was."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    await set_amount(hass, entry, 1)
    await advance(3)
    before = sensor(hass, entry, "session_url")
    given = {"amount_in_cents": 100} if key in REQUIRES_AMOUNT else {}
    for fault, message in (
        (Fault("code", code=7015), "shop_without_giftcards"),
        (Fault("status", status=503), "maintenance"),
        (Fault("reset_after"), "interrupted"),
        (Fault("html"), "invalid_response"),
    ):
        sandbox.add_fault(fault)
        with pytest.raises(HomeAssistantError) as pressed:
            await press(hass, entry, key)
        sandbox.add_fault(fault)
        with pytest.raises(HomeAssistantError) as called:
            await act(hass, f"create_{key}_session", device_id(hass, entry), **given)
        assert pressed.value.translation_key == message
        assert str(pressed.value) == str(called.value)
        assert type(pressed.value) is type(called.value)
        assert sensor(hass, entry, "session_url") == before
    sandbox.remove_key(DEFAULT_KEY)
    with pytest.raises(HomeAssistantError) as refused:
        await press(hass, entry, key)
    assert refused.value.translation_key == "invalid_auth"


async def test_refused_key(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """While Piggy refuses the key, no screen of the account offers to start a session.

    The next call that succeeds ends that, and so does the same key, entered again.
    """
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)

    def unavailable(name: str) -> set[str]:
        keys = (*SessionType, "clear_session")
        return {
            key
            for key in keys
            if state_of(hass, entry, "button", key, name).state == STATE_UNAVAILABLE
        }

    create = "create_voucher_session"
    for recover in ("call", "key"):
        sandbox.add_fault(Fault("status", status=401))
        with pytest.raises(HomeAssistantError):
            await act(hass, create, device_id(hass, entry))
        for name in ("Till 1", "Till 2"):
            assert unavailable(name) == set(SessionType)
        if recover == "call":
            await act(hass, create, device_id(hass, entry))
        else:
            (flow,) = hass.config_entries.flow.async_progress()
            await hass.config_entries.flow.async_configure(
                flow["flow_id"], {"api_key": DEFAULT_KEY}
            )
            await hass.async_block_till_done()
        for name in ("Till 1", "Till 2"):
            assert unavailable(name) == set()


async def test_context(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The event of a session has the context of the button press."""
    for key, event_type in (
        ("voucher", "session_created"),
        ("clear_session", "session_cleared"),
    ):
        context = Context()
        await press(hass, entry, key, context=context)
        event = state_of(hass, entry, "event", "session")
        assert event.attributes["event_type"] == event_type
        assert event.context is context


async def test_two_screens(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """A button affects only its own screen."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    await press(hass, entry, "voucher", "Till 2")
    assert sensor(hass, entry, "session_status") == "idle"
    state = state_of(hass, entry, "sensor", "session_status", "Till 2")
    assert state.state == "waiting"
    await press(hass, entry, "voucher")
    assert sensor(hass, entry, "session_status") == "waiting"
