"""What the event entity reports to automations."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.events import EVENT_TYPES
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from sandbox import Sandbox

from .conftest import (
    Advance,
    account as make_account,
    act,
    clear,
    device_id,
    entity_id,
    screen,
    set_up,
    state_of,
)

# Each kind of event as Piggy sends it, and the attributes that automations get.
REPORTED: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("credit_reception", {"credits": 5}, "credit_reception", {"credits": 5}),
    ("credit_reception", {"credits": "-2.5"}, "credit_reception", {"credits": -2.5}),
    ("credit_reception", {"credits": "many"}, "other", {}),
    ("credit_reception", {"credits": True}, "other", {}),
    ("credit_reception", {}, "credit_reception", {}),
    (
        "giftcard_transaction",
        {"giftcard": {"uuid": "secret-giftcard"}, "amount_in_cents": "-1040"},
        "giftcard_transaction",
        {"amount_in_cents": -1040},
    ),
    ("giftcard_transaction", {"amount_in_cents": 1.5}, "other", {}),
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
        {"amount_in_cents": 2500.0},
        "prepaid_transaction",
        {"amount_in_cents": 2500},
    ),
    ("contact_updated", {"email": "secret@example.com"}, "other", {}),
    ("session_expired", {"status": "secret"}, "other", {}),
    ("", {"url": "https://example.com/secret"}, "other", {}),
]
NO_AMOUNTS = {
    "purchase_amount_in_cents": None,
    "paid_in_cents": None,
    "remaining_in_cents": None,
}


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


def of(answer: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return the attributes that every event of a session has."""
    common = {
        "session_type": answer["type"],
        "session_id": answer["session_id"],
        "reference": answer["reference"],
        "on_screen": True,
    }
    return common | changed


async def test_idle(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Before the first event, the entity has the event types."""
    state = state_of(hass, entry, "event", "session")
    assert state.state == STATE_UNKNOWN
    assert state.attributes["event_types"] == list(EVENT_TYPES)
    assert attributes(state) == {"event_type": None}


@pytest.mark.parametrize(
    ("piggys", "data", "event_type", "expected"),
    REPORTED,
    ids=[f"{index}-{row[0]}" for index, row in enumerate(REPORTED)],
)
async def test_transactions(
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
    """Each event is reported once, with what an automation may know of it."""
    session = await act(
        hass,
        "create_portal_session",
        device_id(hass, entry),
        contact_email="ada@example.com",
        reference="Order 4711",
    )
    told.clear()
    event = sandbox.add_event(session["uuid"], piggys, data)
    for _ in range(2):
        await advance(6)
    assert len(told) == 1, [attributes(state) for state in told]
    event_id = told[0].attributes["event_id"]
    assert attributes(told[0]) == of(
        session,
        event_type=event_type,
        **expected,
        **NO_AMOUNTS,
        completes_session=event_type != "other",
        event_id=event_id,
        created_at=event["created_at"],
    )
    text = str(told[0].as_dict())
    for secret in ("secret", "SECRET", "ada@example.com", session["uuid"], "http"):
        assert secret not in text


async def test_life_of_sessions(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """An event for every step of a session has its status and its amounts."""
    device = device_id(hass, entry)
    redeem = {"amount_in_cents": 5000, "reference": "first"}
    first = await act(hass, "create_redeem_giftcard_session", device, **redeem)
    amounts = {
        "purchase_amount_in_cents": 5000,
        "paid_in_cents": 0,
        "remaining_in_cents": 5000,
    }
    sandbox.identify(first["uuid"], "123")
    await advance(6)
    await clear(hass, device)
    replaced = await act(hass, "create_voucher_session", device)
    expired = await act(hass, "create_voucher_session", device)
    await advance(301)
    completed = await act(hass, "create_voucher_session", device)
    sandbox.add_event(completed["uuid"], "voucher_redeemed", {"name": "Tea"})
    await advance(6)
    await advance(16)
    left = {"followed": True, **NO_AMOUNTS}
    expected = [
        of(first, event_type="session_created"),
        of(first, event_type="contact_identified"),
        of(first, event_type="session_cleared", status="identified", **left | amounts),
        of(replaced, event_type="session_created"),
        of(replaced, event_type="session_replaced", status="waiting", **left),
        of(expired, event_type="session_created"),
        of(expired, event_type="session_expired", status="waiting", **left),
        of(completed, event_type="session_created"),
        *[attributes(told[8])],
        of(completed, event_type="session_ended", status="completed", **left),
    ]
    assert [attributes(state) for state in told] == expected
    assert told[8].attributes["event_type"] == "voucher_redeemed"


async def test_unknown_session(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """A session that Piggy does not know expires for that reason, once."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    sandbox.remove_session(session["uuid"])
    for _ in range(4):
        await advance(6)
    assert [attributes(state) for state in told[1:]] == [
        of(
            session,
            event_type="session_expired",
            status="waiting",
            followed=False,
            reason="unknown_to_piggy",
            **NO_AMOUNTS,
        )
    ]


async def test_part_payments(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """Each payment has what is paid and what remains, also after a restart.

    The second one arrives late: the session was cleared and is followed.
    """
    device = device_id(hass, entry)
    redeem = {"amount_in_cents": 5000, "reference": "Order 4711"}
    session = await act(hass, "create_redeem_giftcard_session", device, **redeem)
    told.clear()

    async def pay(cents: int) -> None:
        sandbox.add_event(
            session["uuid"], "giftcard_transaction", {"amount_in_cents": -cents}
        )
        await advance(16)

    await pay(1000)
    assert state_of(hass, entry, "sensor", "session_status").state == "identified"
    await hass.config_entries.async_reload(entry.entry_id)
    await advance(16)
    await clear(hass, device)
    await advance(16)
    await pay(4000)
    await pay(1)  # more than was due: what remains is not negative
    payments = [
        attributes(state)
        for state in told
        if state.attributes.get("event_type") == "giftcard_transaction"
    ]
    amounts = ("amount_in_cents", "paid_in_cents", "remaining_in_cents")
    keys = (*amounts, "on_screen", "completes_session")
    assert [tuple(payment[key] for key in keys) for payment in payments] == [
        (-1000, 1000, 4000, True, False),
        (-4000, 5000, 0, False, True),
        (-1, 5001, 0, False, False),
    ]
    assert {payment["reference"] for payment in payments} == {"Order 4711"}
    assert {payment["session_id"] for payment in payments} == {session["session_id"]}
    assert {payment["purchase_amount_in_cents"] for payment in payments} == {5000}
    assert len({payment["event_id"] for payment in payments}) == 3


async def test_context(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """Events that a call causes have its context; those that a poll finds do not."""
    device = device_id(hass, entry)
    contexts = [Context(), Context(), Context()]
    for action, context in zip(
        ("create_voucher_session", "create_voucher_session", "clear_session"),
        contexts,
        strict=True,
    ):
        await hass.services.async_call(
            "piggy", action, {"device_id": device}, blocking=True, context=context
        )
    assert [state.context for state in told] == [
        contexts[0],  # created
        contexts[1],  # replaced
        contexts[1],  # created
        contexts[2],  # cleared
    ]
    for uuid in sandbox.sessions:
        sandbox.add_event(uuid, "voucher_redeemed")
    await advance(1)
    assert len(told) == 6
    assert not {state.context.id for state in told[4:]} & {
        context.id for context in contexts
    }


async def test_several_at_once(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """Events of one answer are reported one by one, equal ones too, in its order."""
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


async def test_order_of_events_that_an_automation_causes(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """Of two events in one poll, the second comes before what the first one causes."""
    device = device_id(hass, entry)
    session = await act(hass, "create_portal_session", device)
    told.clear()
    watched = entity_id(hass, entry, "event", "session")

    @callback
    def clear_at_once(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new and new.attributes.get("credits") == 1:
            hass.async_create_task(clear(hass, device))

    async_track_state_change_event(hass, watched, clear_at_once)
    for count in (1, 2):
        sandbox.add_event(session["uuid"], "credit_reception", {"credits": count})
    await advance(6)
    assert [
        (state.attributes["event_type"], state.attributes.get("credits"))
        for state in told
    ] == [("credit_reception", 1), ("credit_reception", 2), ("session_ended", None)]


async def test_reload_repeats_nothing(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    told: list[State],
) -> None:
    """After a reload the entity has no state, and no event is reported again."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.add_event(session["uuid"], "something")
    await advance(6)
    told.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(6)
    assert [state.state for state in told] == [STATE_UNAVAILABLE, STATE_UNKNOWN]
    assert state_of(hass, entry, "event", "session").state == STATE_UNKNOWN


async def test_two_screens(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Each screen reports only its own events."""
    entry = make_account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    await act(hass, "create_voucher_session", device_id(hass, entry, "Till 2"))
    assert state_of(hass, entry, "event", "session").state == STATE_UNKNOWN
    other = state_of(hass, entry, "event", "session", "Till 2")
    assert other.attributes["event_type"] == "session_created"
