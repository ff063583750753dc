"""What the event entity tells automations."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.setup import async_setup_component
from sandbox import Sandbox

from .conftest import (
    Advance,
    account as make_account,
    act,
    device_id,
    entity_id,
    screen,
    set_up,
    state_of,
)

TYPES = [
    "session_created",
    "contact_identified",
    "credit_reception",
    "giftcard_transaction",
    "voucher_redeemed",
    "reward_reception",
    "prepaid_transaction",
    "other",
    "session_expired",
    "session_cleared",
]
# What Piggy sends of each kind of event, and what of it an automation may know.
TOLD: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("credit_reception", {"credits": 5}, "credit_reception", {"credits": 5}),
    ("credit_reception", {"credits": -2.5}, "credit_reception", {"credits": -2.5}),
    ("credit_reception", {"credits": "many"}, "credit_reception", {}),
    ("credit_reception", {"credits": True}, "credit_reception", {}),
    ("credit_reception", {}, "credit_reception", {}),
    (
        "giftcard_transaction",
        {"giftcard": {"uuid": "secret-giftcard"}, "amount_in_cents": -1040},
        "giftcard_transaction",
        {"amount_in_cents": -1040},
    ),
    ("giftcard_transaction", {"amount_in_cents": 1.5}, "giftcard_transaction", {}),
    (
        "voucher_redeemed",
        {"uuid": "secret-voucher", "code": "SECRET", "name": "Free coffee"},
        "voucher_redeemed",
        {"voucher_name": "Free coffee"},
    ),
    ("voucher_redeemed", {"name": None}, "voucher_redeemed", {}),
    (
        "reward_reception",
        {"uuid": "secret-reception", "reward": {"uuid": "secret-reward"}},
        "reward_reception",
        {},
    ),
    (
        "prepaid_transaction",
        {"amount_in_cents": 2500},
        "prepaid_transaction",
        {"amount_in_cents": 2500},
    ),
    ("contact_updated", {"email": "secret@example.com"}, "other", {}),
    ("session_expired", {"status": "secret"}, "other", {}),
    ("", {"url": "https://example.com/secret"}, "other", {}),
]


@pytest.fixture
def told(hass: HomeAssistant, entry: MockConfigEntry) -> list[State]:
    """Collect the states of Till 1's event entity."""
    watched = entity_id(hass, entry, "event", "session")
    collected: list[State] = []

    @callback
    def collect(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] == watched and new:
            collected.append(new)

    hass.bus.async_listen("state_changed", collect)
    return collected


def attributes(state: State) -> dict[str, Any]:
    """Return what a state says of its event."""
    return {
        name: value
        for name, value in state.attributes.items()
        if name not in ("event_types", "friendly_name")
    }


async def test_idle(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Before anything happened there is nothing to tell but what can happen."""
    state = state_of(hass, entry, "event", "session")
    assert state.state == STATE_UNKNOWN
    assert state.attributes["event_types"] == TYPES
    assert attributes(state) == {"event_type": None}


@pytest.mark.parametrize(
    ("piggys", "data", "event_type", "expected"),
    TOLD,
    ids=[f"{index}-{row[0]}" for index, row in enumerate(TOLD)],
)
async def test_what_piggy_tells(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
    piggys: str,
    data: dict[str, Any],
    event_type: str,
    expected: dict[str, Any],
) -> None:
    """Each event is told once, with what an automation may know of it."""
    session = await act(
        hass,
        "create_portal_session",
        device_id(hass, entry),
        contact_email="ada@example.com",
    )
    told.clear()
    sandbox.add_event(session["uuid"], piggys, data)
    for _ in range(2):
        await advance(6)
    assert len(told) == 1, [attributes(state) for state in told]
    state = told[0]
    assert attributes(state) == {
        "event_type": event_type,
        "session_type": "portal",
        **expected,
    }
    text = str(state.as_dict())
    for secret in ("secret", "SECRET", "ada@example.com", session["uuid"], "http"):
        assert secret not in text


async def test_what_the_screen_tells(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """Created, identified, cleared, expired."""
    device = device_id(hass, entry)
    session = await act(hass, "create_credit_reception_session", device)
    sandbox.identify(session["uuid"], "123")
    await advance(6)
    await hass.services.async_call(
        "piggy", "clear_session", {"device_id": device}, blocking=True
    )
    await act(hass, "create_voucher_session", device)
    await advance(301)
    assert [attributes(state) for state in told] == [
        {"event_type": "session_created", "session_type": "credit_reception"},
        {"event_type": "contact_identified", "session_type": "credit_reception"},
        {
            "event_type": "session_cleared",
            "session_type": "credit_reception",
            "status": "identified",
        },
        {"event_type": "session_created", "session_type": "voucher"},
        {
            "event_type": "session_expired",
            "session_type": "voucher",
            "status": "waiting",
        },
    ]


async def test_several_at_once(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """Events of one answer are told one by one, equal ones too, in Piggy's order."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    told.clear()
    sandbox.identify(session["uuid"], "123")
    for _ in range(3):
        sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Tea"})
    await advance(6)
    assert [state.attributes["event_type"] for state in told] == [
        "contact_identified",
        "credit_reception",
        "credit_reception",
        "credit_reception",
        "voucher_redeemed",
    ]
    assert len({state.state for state in told}) == 5


async def test_starts_automations(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """An automation is started once an event, with what the event says."""
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "mode": "queued",
                "triggers": {
                    "trigger": "state",
                    "entity_id": entity_id(hass, entry, "event", "session"),
                    "to": None,
                },
                "conditions": (
                    "{{ trigger.to_state.attributes.event_type == 'voucher_redeemed' }}"
                ),
                "actions": {
                    "event": "thanks",
                    "event_data": {
                        "what": "{{ trigger.to_state.attributes.voucher_name }}"
                    },
                },
            }
        },
    )
    thanks: list[str] = []
    hass.bus.async_listen(
        "thanks", callback(lambda event: thanks.append(event.data["what"]))
    )
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    for name in ("Coffee", "Coffee", "Tea"):
        sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": name})
    await advance(6)
    assert thanks == ["Coffee", "Coffee", "Tea"]


async def test_not_told_again(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """After a reload the last event is still the last one; nothing happens twice."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.add_event(session["uuid"], "something")
    await advance(6)
    last = state_of(hass, entry, "event", "session")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(6)
    after = state_of(hass, entry, "event", "session")
    assert (after.state, attributes(after)) == (last.state, attributes(last))
    assert attributes(last)["event_type"] == "other"


async def test_two_screens(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """What happens on one screen is not told by the other."""
    entry = make_account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    await act(hass, "create_voucher_session", device_id(hass, entry, "Till 2"))
    assert state_of(hass, entry, "event", "session").state == STATE_UNKNOWN
    other = state_of(hass, entry, "event", "session", "Till 2")
    assert other.attributes["event_type"] == "session_created"
