"""The purchase amount is exact to the cent, and survives a restart."""

import json

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from sandbox import Sandbox

from .conftest import Advance, account, press, screen, set_amount, set_up, state_of


async def redeem(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, advance: Advance
) -> bytes:
    """Press the button that uses the amount; return the amount as it was sent."""
    await advance(3)
    await press(hass, entry, "redeem_giftcard")
    body = sandbox.calls("POST")[-1].json
    assert isinstance(body, dict)
    return json.dumps(body["amount_in_cents"]).encode()


def amount(hass: HomeAssistant, entry: MockConfigEntry) -> State:
    """Return the state of Till 1's amount."""
    return state_of(hass, entry, "number", "purchase_amount")


# Among them amounts that a float drifts off with: 0.29 * 100 is 28.999999999999996.
AMOUNTS = {
    "0.01": 1,
    "0.07": 7,
    "0.1": 10,
    "0.29": 29,
    "0.57": 57,
    "0.58": 58,
    "1": 100,
    "1.1": 110,
    "1.15": 115,
    "4.35": 435,
    "8.2": 820,
    "9.95": 995,
    "10.4": 1040,
    "10.40": 1040,
    "19.99": 1999,
    "64.1": 6410,
    "1001.13": 100113,
    "4096.53": 409653,
    "131072.07": 13107207,
    "999999.99": 99999999,
    "1000000": 100000000,
}


async def test_exact_cents(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """The amount that is sent is the amount that was entered."""
    for text, cents in AMOUNTS.items():
        for value in (float(text), text):
            await set_amount(hass, entry, value)
            assert float(amount(hass, entry).state) == float(text)
        assert await redeem(hass, entry, sandbox, advance) == str(cents).encode()


# Sums of floats in templates: 0.1 + 0.2 is 0.30000000000000004.
SUMS = {0.1 + 0.2: 30, 10.1 + 20.2: 3030, 3 * 1.1: 330, 999_999.9 + 0.09: 99_999_999}


async def test_sums(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """The rounding error of a float is not a fraction of a cent."""
    for value, cents in SUMS.items():
        await set_amount(hass, entry, value)
        assert amount(hass, entry).state == str(cents / 100)
        assert await redeem(hass, entry, sandbox, advance) == str(cents).encode()


async def test_every_cent_keeps(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Every amount of two decimals is accepted, to the cent."""
    for cents in (*range(1, 400), *range(401, 99_999_999, 333_667)):
        await set_amount(hass, entry, f"{cents // 100}.{cents % 100:02}")
        assert amount(hass, entry).state == str(cents / 100)


@pytest.mark.parametrize("value", [10.405, "10.405", 0.011, 1.001, 99.999, "nan"])
async def test_fraction_of_a_cent(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    value: object,
) -> None:
    """A fraction of a cent is refused; the previous amount stays."""
    await set_amount(hass, entry, 10.4)
    with pytest.raises(ServiceValidationError) as caught:
        await set_amount(hass, entry, value)
    assert caught.value.translation_key == "not_whole_cents"
    assert "two decimals" in str(caught.value)
    assert amount(hass, entry).state == "10.4"
    assert await redeem(hass, entry, sandbox, advance) == b"1040"


@pytest.mark.parametrize(
    "value", [0, 0.001, 0.0099, -1, 1000000.01, 1e300, "inf", "-inf"]
)
async def test_out_of_range(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, value: object
) -> None:
    """The minimum is one cent, the maximum one million."""
    with pytest.raises(ServiceValidationError):
        await set_amount(hass, entry, value)
    assert amount(hass, entry).state == STATE_UNKNOWN


@pytest.mark.parametrize("value", ["", "ten", "10,40", None, []])
async def test_no_number(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, value: object
) -> None:
    """A value that is not a number is refused."""
    with pytest.raises(vol.Invalid):
        await set_amount(hass, entry, value)
    assert amount(hass, entry).state == STATE_UNKNOWN


@pytest.mark.parametrize("currency", ["EUR", "USD", "SEK"])
async def test_currency(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, currency: str
) -> None:
    """The amount is in the hub's currency."""
    await hass.config.async_update(currency=currency)
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    await set_amount(hass, entry, 1.5)
    attributes = amount(hass, entry).attributes
    assert attributes["unit_of_measurement"] == currency
    assert attributes["device_class"] == "monetary"
    assert (attributes["min"], attributes["max"], attributes["step"]) == (
        0.01,
        1_000_000,
        0.01,
    )
    assert attributes["mode"] == "box"


async def test_kept_over_a_restart(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """The amount survives, and one that was never set is not set afterwards either."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert amount(hass, entry).state == STATE_UNKNOWN
    await set_amount(hass, entry, 10.4)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert amount(hass, entry).state == "10.4"
    assert await redeem(hass, entry, sandbox, advance) == b"1040"


async def test_every_screen_has_its_own(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """Every screen has its own amount."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    await set_amount(hass, entry, 1, "Till 1")
    await set_amount(hass, entry, 2, "Till 2")
    assert amount(hass, entry).state == "1.0"
    assert await redeem(hass, entry, sandbox, advance) == b"100"
    second = state_of(hass, entry, "number", "purchase_amount", "Till 2")
    assert second.state == "2.0"
