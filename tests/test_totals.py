"""What the sessions of a screen add up to, as sensors."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.store import SessionStore, store_key
from custom_components.piggy.totals import TOTALS
from homeassistant.core import HomeAssistant
from sandbox import Sandbox

from .conftest import Advance, Told, act, clear, state_of, types


@pytest.fixture(autouse=True)
def _all(all_entities: None) -> None:
    """Enable the sensors that are disabled by default."""


def totals(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the totals of Till 1 that are not zero."""
    found = {
        total.key: state_of(hass, entry, "sensor", total.key).state for total in TOTALS
    }
    return {key: state for key, state in found.items() if float(state)}


async def test_counted(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    till: str,
) -> None:
    """Each total counts what belongs to it, on the screen and after it."""
    assert totals(hass, entry) == {}
    redeem = await act(
        hass, "create_redeem_giftcard_session", till, amount_in_cents=5000
    )
    sandbox.add_event(
        redeem["uuid"], "giftcard_transaction", {"amount_in_cents": -1005}
    )
    await advance(6)
    assert totals(hass, entry) == {
        "sessions_started": "1",
        "paid_with_giftcards": "10.05",
    }
    await clear(hass, till)
    sandbox.add_event(
        redeem["uuid"], "giftcard_transaction", {"amount_in_cents": -3995}
    )
    await advance(16)
    completed = {
        "sessions_completed": "1",
        "sessions_started": "1",
        "paid_with_giftcards": "50.0",
    }
    assert totals(hass, entry) == completed

    portal = await act(hass, "create_portal_session", till)
    for kind, data in (
        ("credit_reception", {"credits": 0.1}),
        ("credit_reception", {"credits": 0.2}),
        ("credit_reception", {}),
        ("voucher_redeemed", {"name": "Tea"}),
        ("prepaid_transaction", {"amount_in_cents": -250}),
        ("reward_reception", {}),
        ("dance", {"credits": 7, "amount_in_cents": -700}),
    ):
        sandbox.add_event(portal["uuid"], kind, data)
    await advance(6)
    both = {
        "sessions_completed": "2",
        "sessions_started": "2",
        "credits_given": "0.3",
        "paid_with_giftcards": "50.0",
        "paid_with_prepaid": "2.5",
        "vouchers_redeemed": "1",
    }
    assert totals(hass, entry) == both

    for kind in ("giftcard", "prepaid"):
        top_up = await act(hass, f"create_top_up_{kind}_session", till)
        data = {"amount_in_cents": 2500}
        sandbox.add_event(top_up["uuid"], f"{kind}_transaction", data)
        await advance(6)
    after = both | {"sessions_completed": "4", "sessions_started": "4"}
    assert totals(hass, entry) == after
    await hass.config_entries.async_reload(entry.entry_id)
    await advance(16)
    assert totals(hass, entry) == after


async def test_kill(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    till: str,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is reported again after a kill is counted once."""
    session = await act(hass, "create_voucher_session", till)
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(SessionStore, "async_write", _nothing)
            if len(sandbox.sessions[session["uuid"]].events) == 0:
                sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Tea"})
            await advance(6)
            assert totals(hass, entry)["vouchers_redeemed"] == "1"
            await hass.config_entries.async_unload(entry.entry_id)
        del hass.data[store_key(entry.entry_id)]
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert totals(hass, entry) == {"sessions_started": "1"}
    await advance(6)
    assert types(told).count("voucher_redeemed") == 3
    assert totals(hass, entry) == {
        "sessions_started": "1",
        "sessions_completed": "1",
        "vouchers_redeemed": "1",
    }


async def _nothing(_: SessionStore) -> None:
    """Write nothing, as when Home Assistant is killed before."""


async def test_money(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Only the amounts are in the currency of Home Assistant."""
    for total in TOTALS:
        attributes = state_of(hass, entry, "sensor", total.key).attributes
        assert attributes["state_class"] == "total"
        money = ("monetary", hass.config.currency) if total.is_money else (None, None)
        found = attributes.get("device_class"), attributes.get("unit_of_measurement")
        assert found == money
        assert total.is_money == total.key.startswith("paid_")
