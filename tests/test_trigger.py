"""The triggers, in automations as the editor writes them."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.helpers.trigger import (
    async_get_all_descriptions,
    async_validate_trigger_config,
)
from homeassistant.setup import async_setup_component
from sandbox import Sandbox

from .conftest import Advance, act, clear, entity_id

EVENT: Final = "trigger.to_state.attributes"

type Automate = Callable[..., Coroutine[Any, Any, list[Event[Any]]]]


@pytest.fixture
def automate(hass: HomeAssistant, till: str) -> Automate:
    """Return a function that adds an automation and returns the events it fires."""

    async def add(
        trigger: str, target: dict[str, str] | None = None, **options: object
    ) -> list[Event[Any]]:
        fired: list[Event[Any]] = async_capture_events(hass, "fired")
        config = {
            "triggers": {
                "trigger": f"piggy.{trigger}",
                "target": target or {"device_id": till},
                "options": options,
            },
            "actions": {
                "event": "fired",
                "event_data": {
                    "type": "{{ " + EVENT + ".event_type }}",
                    "cents": "{{ " + EVENT + ".amount_in_cents | default(0) }}",
                },
            },
            "mode": "parallel",
        }
        assert await async_setup_component(hass, "automation", {"automation": [config]})
        await hass.async_block_till_done()
        return fired

    return add


async def test_session_completed(
    hass: HomeAssistant,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
    automate: Automate,
) -> None:
    """A payment in parts completes a session once, wherever its code is."""
    fired = await automate("session_completed")
    session = await act(
        hass, "create_redeem_giftcard_session", till, amount_in_cents=1000
    )
    uuid = session["uuid"]
    sandbox.identify(uuid, "123")
    sandbox.add_event(uuid, "giftcard_transaction", {"amount_in_cents": -400})
    await advance(6)
    await clear(hass, till)
    assert not fired
    sandbox.add_event(uuid, "giftcard_transaction", {"amount_in_cents": -600})
    sandbox.add_event(uuid, "giftcard_transaction", {"amount_in_cents": -1})
    await advance(16)
    assert [event.data["cents"] for event in fired] == [-600]


async def test_payment_received(
    hass: HomeAssistant,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    advance: Advance,
    till: str,
    automate: Automate,
) -> None:
    """Payments of the amount or more trigger, all of one poll; top-ups do not."""
    fired = await automate("payment_received", at_least=1.1)
    session = await act(hass, "create_portal_session", till)
    for kind, cents in (
        ("giftcard", -109),
        ("giftcard", -110),
        ("prepaid", -250),
        ("prepaid", 5000),
        ("giftcard", -5000),
    ):
        data = {"amount_in_cents": cents}
        sandbox.add_event(session["uuid"], f"{kind}_transaction", data)
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Tea"})
    await advance(6)
    assert [event.data["cents"] for event in fired] == [-110, -250, -5000]
    # A state that is written again for another reason is no payment.
    event = next(state for state in hass.states.async_all("event"))
    er.async_get(hass).async_update_entity(event.entity_id, icon="mdi:pig")
    await advance(1)
    assert len(fired) == 3


async def test_any_payment(
    hass: HomeAssistant,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
    automate: Automate,
) -> None:
    """Without an amount, a cent is enough, and nothing is no payment."""
    fired = await automate("payment_received")
    session = await act(hass, "create_portal_session", till)
    for cents in (0, 100, -1):
        data = {"amount_in_cents": cents}
        sandbox.add_event(session["uuid"], "prepaid_transaction", data)
    await advance(6)
    assert [event.data["cents"] for event in fired] == [-1]


async def test_session_left(
    hass: HomeAssistant,
    sandbox: Sandbox,
    advance: Advance,
    till: str,
    automate: Automate,
) -> None:
    """Every end of a session triggers."""
    fired = await automate("session_left")
    await act(hass, "create_voucher_session", till)
    await act(hass, "create_voucher_session", till)
    await clear(hass, till)
    session = await act(hass, "create_voucher_session", till)
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Tea"})
    await advance(6)
    await advance(16)
    await act(hass, "create_voucher_session", till)
    await advance(301)
    assert [event.data["type"] for event in fired] == [
        "session_replaced",
        "session_cleared",
        "session_ended",
        "session_expired",
    ]


@pytest.mark.parametrize("kind", ["entity", "device", "area", "floor", "label"])
async def test_targets(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    till: str,
    automate: Automate,
    kind: str,
) -> None:
    """A screen is found by whatever it is in."""
    floor = fr.async_get(hass).async_create("Ground floor")
    area = ar.async_get(hass).async_create("Shop", floor_id=floor.floor_id)
    label = lr.async_get(hass).async_create("Screens")
    dr.async_get(hass).async_update_device(
        till, area_id=area.id, labels={label.label_id}
    )
    target = {
        "entity": entity_id(hass, entry, "event", "session"),
        "device": till,
        "area": area.id,
        "floor": floor.floor_id,
        "label": label.label_id,
    }
    # Another event entity in the same place.
    entities = er.async_get(hass)
    bell = entities.async_get_or_create("event", "other", "bell").entity_id
    entities.async_update_entity(bell, area_id=area.id, labels={label.label_id})
    hass.states.async_set(bell, "2026-11-22T08:00:00", {"event_type": "a"})
    fired = await automate("session_left", {f"{kind}_id": target[kind]})
    hass.states.async_set(bell, "2026-11-22T09:00:00", {"event_type": "b"})
    await act(hass, "create_voucher_session", till)
    await clear(hass, till)
    await hass.async_block_till_done()
    assert [event.data["type"] for event in fired] == ["session_cleared"]


@pytest.mark.parametrize("at_least", [-1, "much", None])
async def test_invalid_amount(
    hass: HomeAssistant, entry: MockConfigEntry, till: str, at_least: object
) -> None:
    """An amount is a number that is not negative."""
    (config,) = cv.TRIGGER_SCHEMA(
        {
            "trigger": "piggy.payment_received",
            "target": {"device_id": till},
            "options": {"at_least": at_least},
        }
    )
    with pytest.raises(Exception, match="at_least"):
        await async_validate_trigger_config(hass, [config])


async def test_descriptions(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The editor offers each trigger for screens."""
    assert await async_setup_component(hass, "automation", {})
    found = await async_get_all_descriptions(hass)
    own = {key: value for key, value in found.items() if key.startswith("piggy.")}
    assert own.keys() == {
        "piggy.session_completed",
        "piggy.payment_received",
        "piggy.session_left",
    }
    for trigger in own.values():
        assert trigger
        (target,) = trigger["target"]["entity"]
        assert target == {"integration": "piggy", "domain": ["event"]}
    payment = own["piggy.payment_received"]
    assert payment
    assert payment["fields"].keys() == {"at_least"}
