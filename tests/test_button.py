"""The buttons start what their action starts, and fail as it fails."""

import asyncio
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from sandbox import DEFAULT_KEY, Fault, Sandbox

from .conftest import (
    account,
    act,
    codes,
    device_id,
    entity_id,
    picture,
    screen,
    set_up,
    state_of,
)

PREFIX = "/api/v3/oauth/clients"
# The vendor's page: the endpoint of every kind of session that needs no input.
ENDPOINTS = {
    "portal": "/portal-sessions",
    "credit_reception": "/portal-sessions/credit-reception",
    "top_up_giftcard": "/portal-sessions/top-up-giftcards",
    "pay_prepaid": "/portal-sessions/pay-prepaid",
    "top_up_prepaid": "/portal-sessions/top-up-prepaid",
    "voucher": "/portal-sessions/vouchers",
}
DEFAULTS = {
    "scanner_type": "hand_scanner",
    "camera_service": 1,
    "facing_mode": "environment",
    "primary_identification_method": "email",
    "enable_email_identification": True,
    "enable_registration": False,
    "enable_on_screen_keyboard": True,
}


async def press(
    hass: HomeAssistant, entry: MockConfigEntry, key: str, name: str = "Till 1"
) -> None:
    """Press a button of a screen."""
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, entry, "button", key, name)},
        blocking=True,
    )


async def set_amount(hass: HomeAssistant, entry: MockConfigEntry, value: float) -> None:
    """Set the purchase amount of Till 1."""
    await hass.services.async_call(
        "number",
        "set_value",
        {
            "entity_id": entity_id(hass, entry, "number", "purchase_amount"),
            "value": value,
        },
        blocking=True,
    )


def told(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Return what a sensor of Till 1 tells."""
    return state_of(hass, entry, "sensor", key).state


@pytest.mark.parametrize("defaults", [{}, DEFAULTS], ids=["plain", "defaults"])
async def test_session_buttons(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, defaults: dict[str, Any]
) -> None:
    """Each starts its kind of session with the screen's defaults."""
    entry = account(sandbox, screen(shop_uuid, defaults=defaults))
    await set_up(hass, entry)
    for key, path in ENDPOINTS.items():
        await press(hass, entry, key)
        request = sandbox.calls("POST")[-1]
        assert request.path == PREFIX + path
        assert request.json == {"shop_uuid": shop_uuid, **defaults}
        url = told(hass, entry, "session_url")
        assert url == sandbox.portal_url(list(sandbox.sessions)[-1])
        assert told(hass, entry, "session_type") == key
        assert codes(await picture(hass, entry)) == [url]
        assert state_of(hass, entry, "button", key).state != STATE_UNKNOWN
    assert len(sandbox.calls("POST")) == len(ENDPOINTS)


async def test_redeem_giftcard(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """The amount is the one that stands in the number."""
    entry = account(sandbox, screen(shop_uuid, defaults=DEFAULTS))
    await set_up(hass, entry)
    for value, cents in ((10.4, 1040), (0.01, 1), (19.99, 1999)):
        await set_amount(hass, entry, value)
        await press(hass, entry, "redeem_giftcard")
        request = sandbox.calls("POST")[-1]
        assert request.path == f"{PREFIX}/portal-sessions/redeem-giftcards"
        body = {"shop_uuid": shop_uuid, **DEFAULTS, "amount_in_cents": cents}
        assert json.dumps(request.json, sort_keys=True) == json.dumps(
            body, sort_keys=True
        )
        assert told(hass, entry, "session_type") == "redeem_giftcard"


async def test_redeem_giftcard_without_an_amount(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Without an amount nothing is sent, and the user is told what to set."""
    with pytest.raises(ServiceValidationError) as caught:
        await press(hass, entry, "redeem_giftcard")
    assert caught.value.translation_key == "no_purchase_amount"
    assert str(caught.value).startswith("No purchase amount is set")
    assert not sandbox.calls("POST")
    assert told(hass, entry, "session_status") == "idle"


async def test_clear_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The session leaves the screen; on an idle one there is nothing to do."""
    idle = await picture(hass, entry)
    await press(hass, entry, "voucher")
    assert told(hass, entry, "session_status") == "waiting"
    for _ in range(2):
        await press(hass, entry, "clear_session")
        assert told(hass, entry, "session_status") == "idle"
        assert await picture(hass, entry) == idle
    assert len(sandbox.calls("POST")) == 1


@pytest.mark.parametrize("key", [*ENDPOINTS, "redeem_giftcard"])
async def test_errors(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, key: str
) -> None:
    """A button says the same as its action, and leaves the screen as it was."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    await set_amount(hass, entry, 1)
    before = told(hass, entry, "session_url")
    for fault, message in (
        (Fault("code", code=1008), "shop_not_found"),
        (Fault("code", code=7015), "shop_without_giftcards"),
        (Fault("status", status=503), "maintenance"),
        (Fault("status", status=429), "rate_limited"),
        (Fault("reset_after"), "interrupted"),
        (Fault("html"), "invalid_response"),
    ):
        posts = len(sandbox.calls("POST"))
        sandbox.add_fault(fault)
        with pytest.raises(HomeAssistantError) as pressed:
            await press(hass, entry, key)
        sandbox.add_fault(fault)
        with pytest.raises(HomeAssistantError) as called:
            await act(
                hass,
                f"create_{key}_session",
                device_id(hass, entry),
                **({"amount_in_cents": 100} if key == "redeem_giftcard" else {}),
            )
        assert pressed.value.translation_key == message
        assert str(pressed.value) == str(called.value)
        assert type(pressed.value) is type(called.value)
        assert len(sandbox.calls("POST")) == posts + 2
        assert told(hass, entry, "session_url") == before


async def test_key_refused(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A key that is not good any more is asked for, once."""
    sandbox.remove_key(DEFAULT_KEY)
    for _ in range(2):
        with pytest.raises(HomeAssistantError) as caught:
            await press(hass, entry, "voucher")
        assert caught.value.translation_key == "invalid_auth"
    await hass.async_block_till_done()
    assert len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1


async def test_the_later_press_wins(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A second button does not wait for the first, and is not undone by it."""
    # Held back until the sandbox is stopped.
    sandbox.add_fault(Fault("delay", path="/vouchers", delay=60))
    first = asyncio.create_task(press(hass, entry, "voucher"))
    await sandbox.wait_for_calls(1, "POST")
    await press(hass, entry, "credit_reception")
    assert not first.done()
    shown = told(hass, entry, "session_url")
    await sandbox.stop()
    await first
    assert told(hass, entry, "session_type") == "credit_reception"
    assert told(hass, entry, "session_url") == shown


async def test_two_screens(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """A button is for its own screen."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    await press(hass, entry, "voucher", "Till 2")
    assert told(hass, entry, "session_status") == "idle"
    state = state_of(hass, entry, "sensor", "session_status", "Till 2")
    assert state.state == "waiting"
