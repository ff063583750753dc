"""The actions: what they send, what they answer and what they say when it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations
import json
from pathlib import Path
from string import Formatter
from typing import Any, Final

from aiohttp import ClientTimeout
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.piggy.api import client
from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from sandbox import DEFAULT_KEY, Account, Fault, Sandbox

from .conftest import (
    account,
    act,
    codes,
    device_id,
    entity_id,
    picture,
    screen,
    set_up,
)

TRANSLATIONS: Final = Path(__file__).parent.parent.joinpath(
    "custom_components/piggy/translations"
)

# The vendor's page, heading by heading: the endpoint of every kind of session.
ENDPOINTS: Final = {
    "create_portal_session": "/portal-sessions",
    "create_credit_reception_session": "/portal-sessions/credit-reception",
    "create_redeem_giftcard_session": "/portal-sessions/redeem-giftcards",
    "create_top_up_giftcard_session": "/portal-sessions/top-up-giftcards",
    "create_pay_prepaid_session": "/portal-sessions/pay-prepaid",
    "create_top_up_prepaid_session": "/portal-sessions/top-up-prepaid",
    "create_voucher_session": "/portal-sessions/vouchers",
}
TYPES: Final = {
    "create_portal_session": "portal",
    "create_credit_reception_session": "credit_reception",
    "create_redeem_giftcard_session": "redeem_giftcard",
    "create_top_up_giftcard_session": "top_up_giftcard",
    "create_pay_prepaid_session": "pay_prepaid",
    "create_top_up_prepaid_session": "top_up_prepaid",
    "create_voucher_session": "voucher",
}
# The vendor's page, body of every create call: what may be sent for each parameter.
SCREEN_PARAMETERS: Final[dict[str, list[Any]]] = {
    "scanner_type": ["camera", "hand_scanner"],
    "enable_email_identification": [True, False],
    "enable_registration": [True, False],
    "enable_on_screen_keyboard": [True, False],
    "camera_service": [1, 2, 3],
    "facing_mode": ["user", "environment"],
    "primary_identification_method": ["email", "identifier"],
}
PARAMETERS: Final = {"contact_uuid": ["123"], **SCREEN_PARAMETERS}
# The same, of redeem giftcard only.
GIFTCARD_PARAMETERS: Final[dict[str, list[Any]]] = {
    "amount_in_cents": [1, 1040, 2**53 - 1],
    "allow_multiple_giftcards": [True, False],
}
REDEEM: Final = "create_redeem_giftcard_session"
PREFIX: Final = "/api/v3/oauth/clients"

# A screen where every parameter has a default, and one other value for each.
DEFAULTS: Final[dict[str, Any]] = {
    "scanner_type": "hand_scanner",
    "camera_service": 1,
    "facing_mode": "environment",
    "primary_identification_method": "email",
    "enable_email_identification": True,
    "enable_registration": True,
    "enable_on_screen_keyboard": True,
}
OTHERS: Final[dict[str, Any]] = {
    "scanner_type": "camera",
    "camera_service": 2,
    "facing_mode": "user",
    "primary_identification_method": "identifier",
    "enable_email_identification": False,
    "enable_registration": False,
    "enable_on_screen_keyboard": False,
}


def required(action: str) -> dict[str, Any]:
    """Return what an action cannot do without, beside its device."""
    return {"amount_in_cents": 1040} if action == REDEEM else {}


def parameters(action: str) -> dict[str, list[Any]]:
    """Return what an action takes, with values that are good."""
    return {**PARAMETERS, **(GIFTCARD_PARAMETERS if action == REDEEM else {})}


def sent(sandbox: Sandbox) -> bytes:
    """Return the last body that was posted, as canonical JSON: true is not 1."""
    return canonical(sandbox.calls("POST")[-1].json)


def canonical(body: object) -> bytes:
    """Return JSON that is the same for the same content."""
    return json.dumps(body, sort_keys=True).encode()


async def look(
    hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1"
) -> dict[str, Any]:
    """Return all that a screen shows."""
    keys = ("session_url", "session_status", "session_type", "session_expires")
    found = [entity_id(hass, entry, "sensor", key, name) for key in keys]
    found += [
        entity_id(hass, entry, "image", "qr_code", name),
        entity_id(hass, entry, "event", "session", name),
    ]
    seen: dict[str, Any] = {}
    for entity in found:
        state = hass.states.get(entity)
        assert state is not None
        seen[entity] = (state.state, state.attributes)
    return {**seen, "picture": await picture(hass, entry, name)}


def shown_url(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the url that a screen's sensor tells."""
    state = hass.states.get(entity_id(hass, entry, "sensor", "session_url", name))
    assert state is not None
    return state.state


def reauths(hass: HomeAssistant) -> int:
    """Return how many re-authentications are open."""
    return sum(
        flow["context"]["source"] == SOURCE_REAUTH
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    )


# --- What goes over the wire


@pytest.mark.parametrize("action", ENDPOINTS)
async def test_every_parameter_over_the_wire(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    shop_uuid: str,
    action: str,
) -> None:
    """Each goes to its endpoint with what was given and nothing else."""
    device = device_id(hass, entry)
    needed = required(action)

    await act(hass, action, device, **needed)
    (request,) = sandbox.calls("POST")
    assert request.path == PREFIX + ENDPOINTS[action]
    assert request.headers["Authorization"] == f"Bearer {DEFAULT_KEY}"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/json"
    assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, **needed})

    for name, values in parameters(action).items():
        for value in values:
            given = {**needed, name: value}
            await act(hass, action, device, **given)
            assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, **given})

    for index in (0, -1):
        given = {name: values[index] for name, values in parameters(action).items()}
        await act(hass, action, device, **given)
        assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, **given})


async def test_parameters_of_another_type(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Only redeeming a giftcard takes what belongs to giftcards."""
    device = device_id(hass, entry)
    for action in ENDPOINTS.keys() - {REDEEM}:
        for parameter in GIFTCARD_PARAMETERS:
            with pytest.raises(vol.Invalid, match=parameter):
                await act(hass, action, device, **{parameter: 1})
    assert not sandbox.calls("POST")


@pytest.mark.parametrize("action", ENDPOINTS)
async def test_screen_defaults(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, action: str
) -> None:
    """A screen's defaults are sent; an action overrides each for one call."""
    entry = account(sandbox, screen(shop_uuid, defaults=DEFAULTS))
    await set_up(hass, entry)
    device = device_id(hass, entry)
    base = {"shop_uuid": shop_uuid, **DEFAULTS, **required(action)}

    await act(hass, action, device, **required(action))
    assert sent(sandbox) == canonical(base)
    for name, value in OTHERS.items():
        await act(hass, action, device, **required(action), **{name: value})
        assert sent(sandbox) == canonical({**base, name: value})
    await act(hass, action, device, **required(action), **OTHERS)
    assert sent(sandbox) == canonical({**base, **OTHERS})
    await act(hass, action, device, **required(action))
    assert sent(sandbox) == canonical(base)


async def test_one_default(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """A parameter that nobody set is not sent."""
    entry = account(
        sandbox,
        *(
            screen(shop_uuid, name, defaults={name: value})
            for name, value in DEFAULTS.items()
        ),
    )
    await set_up(hass, entry)
    for name, value in DEFAULTS.items():
        await act(hass, "create_portal_session", device_id(hass, entry, name))
        assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, name: value})


GOOD: Final[list[tuple[str, object, object]]] = [
    ("amount_in_cents", 1040, 1040),
    ("amount_in_cents", 1040.0, 1040),
    ("amount_in_cents", "1040", 1040),
    ("amount_in_cents", " 1040 ", 1040),
    ("amount_in_cents", 1, 1),
    ("amount_in_cents", "9007199254740991", 9007199254740991),
    ("camera_service", "2", 2),
    ("camera_service", 2.0, 2),
    ("enable_registration", "on", True),
    ("enable_registration", "False", False),
    ("enable_registration", 1, True),
    ("allow_multiple_giftcards", "no", False),
    ("contact_uuid", 123, "123"),
    ("contact_uuid", " 123\n", "123"),
]


async def test_values_as_automations_give_them(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """A text that is a number or a boolean goes over the wire as one."""
    for name, given, expected in GOOD:
        data = {"amount_in_cents": 5, name: given}
        await act(hass, REDEEM, device_id(hass, entry), **data)
        assert sent(sandbox) == canonical(
            {"shop_uuid": shop_uuid, "amount_in_cents": 5, name: expected}
        ), (name, given)


NO_TEXT: Final[list[object]] = ["", "  ", None, [], {}]
NO_BOOLEAN: Final[list[object]] = ["", None, "maybe", [], {}]
NO_CHOICE: Final[list[object]] = [
    "",
    None,
    1,
    "Camera",
    "User",
    "Email",
    ["camera"],
    {},
]
BAD: Final[dict[str, list[object]]] = {
    "amount_in_cents": [
        10.5,
        "10.5",
        "10,50",
        0,
        "0",
        -1,
        "-1",
        True,
        False,
        "ten",
        "",
        " ",
        None,
        [],
        [1040],
        {},
        "1e3",
        "0x10",
        "1_040",
        "\u0661\u0660",
        "²",
        2**53,
        str(2**53),
        1e300,
        "9" * 5000,
        float("nan"),
        float("inf"),
        float("-inf"),
    ],
    "camera_service": [0, 4, 1.5, True, "", None, "three", [1]],
    "scanner_type": NO_CHOICE,
    "facing_mode": NO_CHOICE,
    "primary_identification_method": NO_CHOICE,
    "enable_email_identification": NO_BOOLEAN,
    "enable_registration": NO_BOOLEAN,
    "enable_on_screen_keyboard": NO_BOOLEAN,
    "allow_multiple_giftcards": NO_BOOLEAN,
    "contact_uuid": NO_TEXT,
    "contact_email": NO_TEXT,
    "contact_identifier": NO_TEXT,
    "shop_uuid": ["123123"],
    "url": ["https://example.com"],
}


@pytest.mark.parametrize("name", BAD)
async def test_values_that_will_not_do(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, name: str
) -> None:
    """What is wrong with a value is said before anything is sent."""
    before = len(sandbox.requests)
    device = device_id(hass, entry)
    for value in BAD[name]:
        data = {"amount_in_cents": 1040, name: value}
        with pytest.raises(vol.Invalid) as caught:
            await act(hass, REDEEM, device, **data)
        assert name in str(caught.value), value
        assert len(sandbox.requests) == before, value


async def test_amount_is_required(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Redeeming a giftcard cannot do without an amount."""
    with pytest.raises(vol.Invalid, match="amount_in_cents"):
        await act(hass, REDEEM, device_id(hass, entry))
    assert not sandbox.calls("POST")


async def test_device_is_required(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Every action is for a screen."""
    for action in (*ENDPOINTS, "get_portal_session", "clear_session"):
        with pytest.raises(vol.Invalid, match="device_id"):
            await hass.services.async_call(
                DOMAIN,
                action,
                required(action),
                blocking=True,
                return_response=action != "clear_session",
            )
    assert not sandbox.calls("POST")


async def test_templates_in_a_script(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """A script's templates are numbers, booleans and texts by the time of the call."""
    action = {
        "action": f"piggy.{REDEEM}",
        "data": {
            "device_id": "{{ till }}",
            "amount_in_cents": "{{ (euros | float * 100) | round(0) }}",
            "allow_multiple_giftcards": "{{ euros | float > 10 }}",
            "contact_identifier": "{{ card }}",
            "camera_service": "{{ 1 + 1 }}",
            "scanner_type": "{{ 'hand' ~ '_scanner' }}",
            "enable_registration": "{{ 'off' }}",
        },
        "response_variable": "session",
    }
    script = {
        "sequence": [
            action,
            {"variables": {"answer": "{{ session }}"}},
            {"stop": "done", "response_variable": "answer"},
        ]
    }
    assert await async_setup_component(hass, "script", {"script": {"pay": script}})

    answer = await hass.services.async_call(
        "script",
        "pay",
        {"till": device_id(hass, entry), "euros": "10.40", "card": 1000001},
        blocking=True,
        return_response=True,
    )

    assert sent(sandbox) == canonical(
        {
            "shop_uuid": shop_uuid,
            "amount_in_cents": 1040,
            "allow_multiple_giftcards": True,
            "contact_uuid": "123",
            "camera_service": 2,
            "scanner_type": "hand_scanner",
            "enable_registration": False,
        }
    )
    assert answer is not None
    assert answer["url"] == shown_url(hass, entry)
    assert answer["contact_uuid"] == "123"


async def test_templates_in_an_automation(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """An automation hands over what its trigger says, and uses the answer."""
    automation = {
        "alias": "Scanned card",
        "triggers": {"trigger": "event", "event_type": "card_scanned"},
        "actions": [
            {
                "action": "piggy.create_voucher_session",
                "data": {
                    "device_id": device_id(hass, entry),
                    "contact_uuid": "{{ trigger.event.data.contact }}",
                },
                "response_variable": "session",
            },
            {
                "event": "session_is_there",
                "event_data": {
                    "url": "{{ session.url }}",
                    "shop": "{{ session.shop.name }}",
                },
            },
        ],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    told: list[dict[str, Any]] = []
    hass.bus.async_listen(
        "session_is_there", callback(lambda event: told.append(dict(event.data)))
    )

    hass.bus.async_fire("card_scanned", {"contact": 123})
    await sandbox.wait_for_calls(1, "POST")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, "contact_uuid": "123"})
    assert told == [{"url": shown_url(hass, entry), "shop": "Sesame Street"}]


# --- Customers


LOOK_UPS: Final[list[tuple[str, object, str]]] = [
    (
        "contact_email",
        "ada@example.com",
        "/contacts/find-one-by?email=ada@example.com",
    ),
    (
        "contact_identifier",
        "1000001",
        "/contact-identifiers/find?contact_identifier_value=1000001",
    ),
    (
        "contact_identifier",
        1000001,
        "/contact-identifiers/find?contact_identifier_value=1000001",
    ),
]


@pytest.mark.parametrize("action", ENDPOINTS)
async def test_customers_are_looked_up_first(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    shop_uuid: str,
    action: str,
) -> None:
    """An address or a card stands for a contact; only its uuid reaches the session."""
    device = device_id(hass, entry)
    for name, value, path in LOOK_UPS:
        before = len(sandbox.requests)
        answer = await act(hass, action, device, **required(action), **{name: value})
        assert [(call.method, call.path) for call in sandbox.requests[before:]] == [
            ("GET", PREFIX + path),
            ("POST", PREFIX + ENDPOINTS[action]),
        ]
        assert sent(sandbox) == canonical(
            {"shop_uuid": shop_uuid, "contact_uuid": "123", **required(action)}
        )
        assert answer["contact_uuid"] == "123"


@pytest.mark.parametrize("value", ["a+b&email=c@example.com", "é #?%/@example.com"])
async def test_what_is_looked_up_is_not_a_query(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, value: str
) -> None:
    """A card's number reaches Piggy as it was read, whatever it holds."""
    contact = sandbox.add_contact("odd@example.com")
    sandbox.add_identifier(value, contact)
    answer = await act(
        hass,
        "create_portal_session",
        device_id(hass, entry),
        contact_identifier=value,
    )
    assert answer["contact_uuid"] == contact.uuid


@pytest.mark.parametrize(
    "given",
    [
        {"contact_uuid": "123", "contact_email": "ada@example.com"},
        {"contact_uuid": "123", "contact_identifier": "1000001"},
        {"contact_email": "ada@example.com", "contact_identifier": "1000001"},
        {
            "contact_uuid": "123",
            "contact_email": "ada@example.com",
            "contact_identifier": "1000001",
        },
    ],
)
async def test_one_customer_at_most(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    given: dict[str, str],
) -> None:
    """A session is for one customer: two ways to say who are refused."""
    before = len(sandbox.requests)
    said = "at most one of contact_uuid, contact_email, contact_identifier"
    with pytest.raises(vol.Invalid, match=said):
        await act(hass, "create_portal_session", device_id(hass, entry), **given)
    assert len(sandbox.requests) == before


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"contact_uuid": "nobody"}, "contact_not_found"),
        ({"contact_email": "nobody@example.com"}, "contact_not_found"),
        ({"contact_email": "no address"}, "invalid_input"),
        ({"contact_identifier": "9999999"}, "identifier_not_found"),
        ({"contact_identifier": "1000003"}, "identifier_inactive"),
        ({"contact_identifier": "1000004"}, "identifier_not_linked"),
    ],
)
async def test_customers_that_will_not_do(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    given: dict[str, str],
    key: str,
) -> None:
    """Each way of not being a customer is an error of its own; no session is made."""
    before = await look(hass, entry)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "create_voucher_session", device_id(hass, entry), **given)
    assert caught.value.translation_key == key
    assert_readable(caught.value)
    assert not any(value in str(caught.value) for value in given.values())
    assert not sandbox.sessions
    assert len(sandbox.calls("POST")) == ("contact_uuid" in given)
    assert await look(hass, entry) == before


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"active": False, "contact": {"uuid": "123"}}, "identifier_inactive"),
        ({"active": False, "contact": None}, "identifier_inactive"),
        ({"active": True, "contact": None}, "identifier_not_linked"),
        ({"active": True}, "identifier_not_linked"),
        ({"active": True, "contact": {"email": "a@b.c"}}, "invalid_response"),
    ],
)
async def test_cards_that_piggy_answers_for(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    data: dict[str, Any],
    key: str,
) -> None:
    """A card that is told to be inactive or of nobody is no customer either."""
    sandbox.add_fault(Fault("raw", body=json.dumps({"data": data, "meta": []})))
    with pytest.raises(HomeAssistantError) as caught:
        await act(
            hass,
            "create_portal_session",
            device_id(hass, entry),
            contact_identifier="1000001",
        )
    assert caught.value.translation_key == key
    assert_readable(caught.value)
    assert not sandbox.calls("POST")


# --- Answers


@pytest.mark.parametrize("action", ENDPOINTS)
async def test_response(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    shop_uuid: str,
    action: str,
) -> None:
    """A create action answers with the session that it made."""
    answer = await act(hass, action, device_id(hass, entry), **required(action))
    (session,) = sandbox.sessions.values()
    assert answer == {
        "uuid": session.uuid,
        "url": sandbox.portal_url(session.uuid),
        "type": TYPES[action],
        "shop": {"uuid": shop_uuid, "name": "Sesame Street"},
        "contact_uuid": None,
        "created_at": session.created_at,
        "events": [],
    }
    assert type(answer["type"]) is str
    assert json.loads(json.dumps(answer)) == answer
    assert shown_url(hass, entry) == answer["url"]


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_any_success(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, status: int
) -> None:
    """A success is any 2xx."""
    sandbox.settings.created_status = status
    answer = await act(hass, "create_portal_session", device_id(hass, entry))
    assert shown_url(hass, entry) == answer["url"]


async def test_response_is_optional(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A create action can be called for its effect alone."""
    await hass.services.async_call(
        DOMAIN,
        "create_voucher_session",
        {"device_id": device_id(hass, entry)},
        blocking=True,
    )
    (session,) = sandbox.sessions
    assert shown_url(hass, entry) == sandbox.portal_url(session)


async def test_meagre_answer(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """What an answer leaves out is told as far as the screen knows it."""
    body = {"data": {"uuid": 7, "url": "https://example.com/7"}, "meta": {}}
    sandbox.add_fault(Fault("raw", body=json.dumps(body)))
    answer = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert answer == {
        "uuid": "7",
        "url": "https://example.com/7",
        "type": "voucher",
        "shop": {"uuid": shop_uuid, "name": "Sesame Street"},
        "contact_uuid": None,
        "created_at": None,
        "events": [],
    }


async def test_get_portal_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """The screen's session is returned as Piggy knows it now, and shown so."""
    device = device_id(hass, entry)
    created = await act(hass, "create_credit_reception_session", device)
    sandbox.identify(created["uuid"], "123")
    event = sandbox.add_event(created["uuid"], "credit_reception", {"credits": 5})

    answer = await act(hass, "get_portal_session", device)

    assert answer == {
        **created,
        "contact_uuid": "123",
        "events": [
            {
                "type": "credit_reception",
                "data": {"credits": 5},
                "created_at": event["created_at"],
            }
        ],
    }
    assert list(answer) == list(created)
    assert answer == await act(hass, "get_portal_session", device, uuid=created["uuid"])
    status = hass.states.get(entity_id(hass, entry, "sensor", "session_status"))
    assert status is not None
    assert status.state == "completed"


async def test_get_event_of_unknown_kind(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """An event that says nothing is an event all the same."""
    device = device_id(hass, entry)
    created = await act(hass, "create_portal_session", device)
    sandbox.sessions[created["uuid"]].events.append({"type": "novelty"})
    answer = await act(hass, "get_portal_session", device)
    assert answer["events"] == [{"type": "novelty", "data": {}, "created_at": None}]


async def test_get_another_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Any session can be asked for; that changes nothing on the screen."""
    device = device_id(hass, entry)
    first = await act(hass, "create_voucher_session", device)
    await act(hass, "create_portal_session", device)
    before = await look(hass, entry)
    sandbox.add_event(first["uuid"], "voucher_redeemed", {"name": "Coffee"})

    answer = await act(hass, "get_portal_session", device, uuid=first["uuid"])

    assert answer["url"] == first["url"]
    assert answer["type"] is None
    assert [event["type"] for event in answer["events"]] == ["voucher_redeemed"]
    assert await look(hass, entry) == before


async def test_get_a_session_of_another_shop(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """The shop that is told is the session's own, named only as far as it is known."""
    names = ("Till 1", "Web")
    entry = account(sandbox, screen(shop_uuid), screen("123123", names[1]))
    await set_up(hass, entry)
    other = await act(hass, "create_portal_session", device_id(hass, entry, names[1]))
    device = device_id(hass, entry, names[0])
    answer = await act(hass, "get_portal_session", device, uuid=other["uuid"])
    assert answer["shop"] == {"uuid": "123123", "name": "Amsterdam Pop-up Store"}

    for uuid, name in (("123123", None), (shop_uuid, "Sesame Street")):
        data = {"uuid": "7", "url": "https://example.com/7", "shop": {"uuid": uuid}}
        sandbox.add_fault(Fault("raw", body=json.dumps({"data": data})))
        answer = await act(hass, "get_portal_session", device, uuid="7")
        assert answer["shop"] == {"uuid": uuid, "name": name}


async def test_get_without_events(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A GET may leave out the events."""
    sandbox.omit_events = True
    device = device_id(hass, entry)
    created = await act(hass, "create_voucher_session", device)
    assert await act(hass, "get_portal_session", device) == created


@pytest.mark.parametrize("uuid", ["a/b", "../shops", "..", "?x=1#y", "é ü", "%2e%2e"])
async def test_get_any_uuid(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, uuid: str
) -> None:
    """A uuid is an opaque text: it never leads to another call."""
    with pytest.raises(HomeAssistantError):
        await act(hass, "get_portal_session", device_id(hass, entry), uuid=uuid)
    path = sandbox.requests[-1].path
    assert path.startswith(f"{PREFIX}/portal-sessions/")
    assert path.count("/") == PREFIX.count("/") + 2
    assert "?" not in path


async def test_get_on_an_idle_screen(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Without a session and without a uuid there is nothing to ask for."""
    before = len(sandbox.requests)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "get_portal_session", device_id(hass, entry))
    assert caught.value.translation_key == "no_session"
    assert_readable(caught.value)
    assert len(sandbox.requests) == before


async def test_get_is_for_its_response(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Asking without wanting to know is refused."""
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN,
            "get_portal_session",
            {"device_id": device_id(hass, entry)},
            blocking=True,
        )


@pytest.mark.parametrize("uuid", ["", " ", None, [], {}])
async def test_get_with_a_uuid_that_will_not_do(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, uuid: object
) -> None:
    """An empty uuid is not taken for the screen's own session."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    with pytest.raises(vol.Invalid, match="uuid"):
        await act(hass, "get_portal_session", device_id(hass, entry), uuid=uuid)


async def clear(hass: HomeAssistant, device: str) -> None:
    """Clear a screen."""
    await hass.services.async_call(
        DOMAIN, "clear_session", {"device_id": device}, blocking=True
    )


async def test_clear_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The session leaves the screen; at Piggy it stays."""
    device = device_id(hass, entry)
    idle = await picture(hass, entry)
    created = await act(hass, "create_portal_session", device)
    before = len(sandbox.requests)

    await clear(hass, device)

    assert shown_url(hass, entry) == "unknown"
    assert await picture(hass, entry) == idle
    assert len(sandbox.requests) == before
    assert created["uuid"] in sandbox.sessions
    with pytest.raises(ServiceValidationError):
        await act(hass, "get_portal_session", device)


async def test_clear_an_idle_screen(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """There is nothing wrong with clearing what is clear."""
    before = await look(hass, entry)
    await clear(hass, device_id(hass, entry))
    assert await look(hass, entry) == before


async def test_clear_has_no_response(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Clearing tells nothing."""
    with pytest.raises(ServiceValidationError):
        await act(hass, "clear_session", device_id(hass, entry))


# --- Screens


ACTIONS: Final[list[Callable[[HomeAssistant, str], Awaitable[object]]]] = [
    lambda hass, device: act(hass, "create_voucher_session", device),
    lambda hass, device: act(hass, "get_portal_session", device, uuid="1"),
    clear,
]


async def refused(hass: HomeAssistant, sandbox: Sandbox, device: str, key: str) -> None:
    """Expect that every action refuses a device before anything is sent."""
    before = len(sandbox.requests)
    for action in ACTIONS:
        with pytest.raises(ServiceValidationError) as caught:
            await action(hass, device)
        assert caught.value.translation_key == key
        assert_readable(caught.value)
    assert len(sandbox.requests) == before


async def test_unknown_device(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A device that does not exist is no screen."""
    await refused(hass, sandbox, "0123456789abcdef", "unknown_device")


@pytest.mark.parametrize("identifier", [("hue", "lamp"), ("old_one", "lamp", "extra")])
async def test_device_of_another_integration(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    identifier: Any,
) -> None:
    """A lamp is no screen; some integrations identify theirs by more than two parts."""
    other = MockConfigEntry(domain=identifier[0])
    other.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={identifier}
    )
    await refused(hass, sandbox, lamp.id, "no_screen")


async def test_device_that_is_no_screen_any_more(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A device of the account's that belongs to none of its screens is refused."""
    left = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "gone")}
    )
    await refused(hass, sandbox, left.id, "no_screen")


async def test_unloaded_account(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The actions exist, and say what is wrong, while the account is unloaded."""
    device = device_id(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await refused(hass, sandbox, device, "not_loaded")


async def test_disabled_account(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """An account that was disabled is not loaded."""
    device = device_id(hass, entry)
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await refused(hass, sandbox, device, "not_loaded")


async def test_account_that_did_not_load(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """An account that is tried again later is not loaded."""
    device = device_id(hass, entry)
    sandbox.add_fault(Fault("status", status=503))
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await refused(hass, sandbox, device, "not_loaded")


async def test_two_screens_of_one_shop(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Sessions that are created at once stay on the screens that they are for."""
    names = ("Till 1", "Till 2")
    entry = account(sandbox, *(screen(shop_uuid, name) for name in names))
    await set_up(hass, entry)
    # The first to be asked for is the last to come.
    sandbox.add_fault(Fault("delay", path="/vouchers", delay=0.06))
    answers = await asyncio.gather(
        act(hass, "create_voucher_session", device_id(hass, entry, names[0])),
        act(hass, "create_portal_session", device_id(hass, entry, names[1])),
    )
    for name, answer in zip(names, answers, strict=True):
        await expect_whole(hass, entry, answer, name)
        device = device_id(hass, entry, name)
        assert await act(hass, "get_portal_session", device) == answer

    await clear(hass, device_id(hass, entry, names[0]))
    assert shown_url(hass, entry, names[0]) == "unknown"
    await expect_whole(hass, entry, answers[1], names[1])


async def test_two_accounts(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen's sessions are made with the key of its own account."""
    other = Account("Another business", uuid="another")
    shop = other.add_shop("Corner shop")
    sandbox.add_key("another-key", other)
    second = MockConfigEntry(
        domain=DOMAIN,
        unique_id="another",
        data={"api_key": "another-key", "url": sandbox.url},
        subentries_data=[screen(shop.uuid, "Corner")],
    )
    await set_up(hass, second)
    answer = await act(hass, "create_portal_session", device_id(hass, second, "Corner"))
    assert answer["shop"] == {"uuid": shop.uuid, "name": "Corner shop"}
    request = sandbox.calls("POST")[-1]
    assert request.headers["Authorization"] == "Bearer another-key"
    assert shown_url(hass, entry) == "unknown"


# --- Errors


# What a user reads for every code of the API's table, and whether the caller can put
# it right; the words are those that the message cannot do without.
CODES: Final = {
    1000: ("internal_error", False, "internal error"),
    1003: ("invalid_input", True, "refused what was sent"),
    1008: ("shop_not_found", False, "shop"),
    1100: ("giftcard_program_not_found", False, "giftcard program"),
    1102: ("loyalty_program_not_linked", False, "not linked to a loyalty program"),
    1103: ("loyalty_program_missing", False, "no loyalty program"),
    5001: ("giftcard_not_found", False, "giftcard"),
    5002: ("giftcard_expired", False, "expired"),
    5003: ("giftcard_insufficient", False, "too low"),
    7002: ("account_inactive", False, "account is not active"),
    7010: ("giftcard_not_valid", False, "not valid"),
    7015: ("shop_without_giftcards", False, "no giftcard program"),
    55018: ("loyalty_program_inactive", False, "not active"),
    55031: ("contact_not_found", True, "no such contact"),
    60003: ("identifier_not_found", True, "does not know this card"),
    60004: ("identifier_inactive", True, "not active"),
    60011: ("identifier_not_linked", True, "belongs to no customer"),
    99999: ("api_error", False, "refused the request"),
}


def assert_readable(error: HomeAssistantError) -> None:
    """Check that an error is told in every language, with every blank filled."""
    placeholders = error.translation_placeholders or {}
    assert error.translation_domain == DOMAIN
    key = error.translation_key
    assert key is not None
    for path in sorted(TRANSLATIONS.glob("*.json")):
        message = json.loads(path.read_text())["exceptions"][key]["message"]
        blanks = {name for _, name, _, _ in Formatter().parse(message) if name}
        assert blanks <= placeholders.keys(), path.name
        assert all(placeholders[blank] for blank in blanks), path.name
    english = json.loads((TRANSLATIONS / "en.json").read_text())
    expected = english["exceptions"][key]["message"].rstrip(".")
    assert str(error) == expected.format(**placeholders)
    assert DEFAULT_KEY not in str(error)


@pytest.mark.parametrize("code", CODES)
async def test_every_code(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, code: int
) -> None:
    """The code decides what is told, whatever the HTTP status."""
    key, callers, words = CODES[code]
    before = await look(hass, entry)
    for status in (400, 404, 422, 500):
        body = {"message": "Nee. / No.", "code": code, "status_code": status}
        sandbox.add_fault(Fault("raw", status=status, body=json.dumps(body)))
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, "create_voucher_session", device_id(hass, entry))
        assert caught.value.translation_key == key
        assert isinstance(caught.value, ServiceValidationError) is callers
        assert_readable(caught.value)
        assert words in str(caught.value)
        assert str(code) in str(caught.value)
    assert await look(hass, entry) == before
    assert reauths(hass) == 0


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (
            {
                "shop_uuid": ["Bad.", "Old."],
                "amount_in_cents": ["Too much."],
            },
            ("Invalid input.; shop_uuid: Bad., Old.; amount_in_cents: Too much."),
        ),
        ({"shop_uuid": "Is wrong."}, "Invalid input.; shop_uuid: Is wrong."),
        (None, "Invalid input."),
    ],
)
async def test_field_messages(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    errors: dict[str, list[str] | str] | None,
    expected: str,
) -> None:
    """What Piggy says of a field reaches the user, a list or one text alike."""
    sandbox.add_fault(Fault("code", code=1003, errors=errors))
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "create_portal_session", device_id(hass, entry))
    assert expected in str(caught.value)
    assert_readable(caught.value)


@pytest.mark.parametrize("code", [1003, 99999])
async def test_code_without_words(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, code: int
) -> None:
    """A message that is left out leaves no hole, one with braces is no blank."""
    device = device_id(hass, entry)
    for message in ("", "{code} {nothing} {"):
        sandbox.add_fault(Fault("code", code=code, message=message))
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, "create_portal_session", device)
        assert_readable(caught.value)
        assert (message or "-") in str(caught.value)


def kinds() -> dict[str, tuple[Fault, str]]:
    """Return every way to fail, with the message that it leads to."""
    return {
        "401": (Fault("status", status=401), "invalid_auth"),
        "401 with a code": (
            Fault("status", status=401, body='{"code": 1003, "message": "no"}'),
            "invalid_auth",
        ),
        "403": (Fault("status", status=403), "invalid_auth"),
        "429": (Fault("status", status=429), "rate_limited"),
        "503": (Fault("status", status=503), "maintenance"),
        "500": (Fault("status", status=500), "invalid_response"),
        "404": (Fault("status", status=404), "invalid_response"),
        "reset before": (Fault("reset_before"), "interrupted"),
        "reset after": (Fault("reset_after"), "interrupted"),
        "truncated": (Fault("truncate"), "interrupted"),
        "stalled": (Fault("stall"), "timeout"),
        "late": (Fault("delay", delay=0.2), "timeout"),
        "late but handled": (Fault("delay", delay=0.2, handled=True), "timeout"),
        "html": (Fault("html"), "invalid_response"),
        "no data": (Fault("no_data"), "invalid_response"),
        "malformed": (Fault("malformed"), "invalid_response"),
        "no session": (Fault("raw", body='{"data": []}'), "invalid_response"),
        "no uuid": (
            Fault("raw", body='{"data": {"url": "https://example.com"}}'),
            "invalid_response",
        ),
        "no url": (Fault("raw", body='{"data": {"uuid": "1"}}'), "invalid_response"),
        "no web address": (
            Fault("raw", body='{"data": {"uuid": "1", "url": "javascript:x"}}'),
            "invalid_response",
        ),
        "redirect": (
            Fault("redirect", location="https://example.com"),
            "invalid_response",
        ),
        "unreadable": (
            Fault("raw", headers={"Content-Encoding": "gzip"}, body="not gzip"),
            "interrupted",
        ),
    }


@contextmanager
def befalling(sandbox: Sandbox, fault: Fault, key: str) -> Iterator[None]:
    """Let a fault befall what is asked; what times out is soon given up."""
    with pytest.MonkeyPatch.context() as patch:
        if key == "timeout":
            patch.setattr(client, "TIMEOUT", ClientTimeout(total=0.1))
        sandbox.add_fault(fault)
        yield
    sandbox.clear_faults()


@pytest.mark.parametrize("kind", kinds())
async def test_every_kind_of_failure(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    kind: str,
) -> None:
    """A failure is told, changes nothing on the screen and is never tried again."""
    fault, key = kinds()[kind]
    device = device_id(hass, entry)
    # On an idle screen first, then on one with a session.
    for _ in range(2):
        before = await look(hass, entry)
        posts = len(sandbox.calls("POST"))
        with (
            befalling(sandbox, fault, key),
            pytest.raises(HomeAssistantError) as caught,
        ):
            await act(hass, "create_portal_session", device)
        await hass.async_block_till_done()

        assert caught.value.translation_key == key
        assert not isinstance(caught.value, ServiceValidationError)
        assert_readable(caught.value)
        assert caught.value.__cause__ is not None
        assert caught.value.__cause__.__cause__ is None
        assert await look(hass, entry) == before
        assert len(sandbox.calls("POST")) == posts + 1
        assert reauths(hass) == (key == "invalid_auth")
        # The same call succeeds once nothing is in its way.
        answer = await act(hass, "create_portal_session", device)
        await expect_whole(hass, entry, answer)


async def test_no_connection(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A Piggy that cannot be reached is told as such."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    before = await look(hass, entry)
    await sandbox.stop()
    await asyncio.sleep(0.01)  # the client hears that its connection was closed
    for action in ("create_portal_session", "get_portal_session"):
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, action, device)
        assert caught.value.translation_key == "cannot_connect"
        assert_readable(caught.value)
    assert await look(hass, entry) == before


READS: Final[dict[str, dict[str, Any]]] = {
    "get_portal_session": {},
    "create_portal_session": {"contact_email": "ada@example.com"},
    "create_pay_prepaid_session": {"contact_identifier": "1000001"},
}


@pytest.mark.parametrize("kind", kinds())
async def test_every_kind_of_failure_to_read(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    kind: str,
) -> None:
    """A look-up that fails is told alike; no session comes of it."""
    fault, key = kinds()[kind]
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    before = await look(hass, entry)
    for action, data in READS.items():
        if data and kind.startswith("no "):
            fault = Fault("raw", body='{"data": {"contact": {"name": "x"}}}')
        # What only reads may be asked for once more when the connection breaks off.
        with (
            befalling(sandbox, replace(fault, times=0), key),
            pytest.raises(HomeAssistantError) as caught,
        ):
            await act(hass, action, device, **data)
        await hass.async_block_till_done()

        assert caught.value.translation_key == key
        assert_readable(caught.value)
        assert await look(hass, entry) == before
        assert len(sandbox.calls("POST")) == 1
        assert reauths(hass) == (key == "invalid_auth")


async def test_reauth_starts_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """However many calls a dead key fails, the user is asked for a new one once."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    sandbox.remove_key(DEFAULT_KEY)
    failed = await asyncio.gather(
        act(hass, "create_voucher_session", device),
        act(hass, "create_portal_session", device, contact_email="ada@example.com"),
        act(hass, "get_portal_session", device),
        return_exceptions=True,
    )
    with pytest.raises(HomeAssistantError):
        await act(hass, "create_portal_session", device)
    await hass.async_block_till_done()
    assert all(isinstance(error, HomeAssistantError) for error in failed)
    assert reauths(hass) == 1


async def test_secrets_stay_out_of_the_log(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No line of the integration's holds the key, an url or a customer's address."""
    device = device_id(hass, entry)
    answer = await act(
        hass, "create_portal_session", device, contact_email="ada@example.com"
    )
    for fault, _ in kinds().values():
        if fault.kind not in ("stall", "delay"):
            sandbox.add_fault(replace(fault, method="POST"))
            with pytest.raises(HomeAssistantError):
                await act(
                    hass,
                    "create_portal_session",
                    device,
                    contact_email="ada@example.com",
                )
    lines = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.piggy")
    ]
    for secret in (DEFAULT_KEY, answer["url"], answer["uuid"], "ada@example.com"):
        assert not [line for line in lines if secret in line]


async def test_url_that_no_code_can_hold(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A url of 3000 characters is an error; the screen shows what it showed."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    before = await look(hass, entry)
    sandbox.url_for = "https://example.com/" + "x" * 2980
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "create_portal_session", device)
    assert caught.value.translation_key == "invalid_response"
    assert_readable(caught.value)
    assert "too long" in str(caught.value)
    assert "xxxx" not in str(caught.value)
    assert await look(hass, entry) == before


# --- Several calls at once


async def expect_whole(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    answer: dict[str, Any],
    name: str = "Till 1",
) -> None:
    """Expect that all of a screen is of one session."""
    found = {}
    for key in ("session_url", "session_type", "session_status"):
        state = hass.states.get(entity_id(hass, entry, "sensor", key, name))
        assert state is not None
        found[key] = state.state
    assert found == {
        "session_url": answer["url"],
        "session_type": answer["type"],
        "session_status": "identified" if answer["contact_uuid"] else "waiting",
    }
    assert codes(await picture(hass, entry, name)) == [answer["url"]]
    event = hass.states.get(entity_id(hass, entry, "event", "session", name))
    assert event is not None
    assert event.attributes["session_type"] == answer["type"]


# Seconds by which answers are held back: more, where a machine is busy.
GAPS: Final = (0.05, 0.2, 0.8, 3.2)
# Longer than anything takes; the sandbox lets answers go when it is stopped.
HELD: Final = 60


@pytest.mark.parametrize("order", permutations(range(3)))
async def test_the_later_started_call_wins(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    order: tuple[int, ...],
) -> None:
    """In whatever order the answers come, the session asked for last is shown."""
    device = device_id(hass, entry)
    actions = ("create_voucher_session", REDEEM, "create_pay_prepaid_session")

    async def run(index: int, done: list[int]) -> dict[str, Any]:
        data = {**required(actions[index]), "contact_uuid": "123"}
        answer = await act(hass, actions[index], device, **data)
        done.append(index)
        return answer

    for gap in GAPS:
        done: list[int] = []
        running = []
        before = len(sandbox.calls("POST"))
        for index, action in enumerate(actions):
            delay = gap * (1 + order.index(index))
            sandbox.add_fault(Fault("delay", path=ENDPOINTS[action], delay=delay))
            running.append(asyncio.create_task(run(index, done)))
            await sandbox.wait_for_calls(before + index + 1, "POST")
        answers = await asyncio.gather(*running)
        assert [answer["type"] for answer in answers] == [
            TYPES[action] for action in actions
        ]
        await expect_whole(hass, entry, answers[2])
        if done == list(order):
            return
    pytest.fail("the answers never came in this order")


async def test_a_slow_look_up_does_not_win(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A call counts from when it was made, not from when its customer was found."""
    device = device_id(hass, entry)
    look_up = "/contacts/find-one-by"
    for count, gap in enumerate(GAPS, 1):
        sandbox.add_fault(Fault("delay", path=look_up, delay=gap))
        early = asyncio.create_task(
            act(hass, "create_portal_session", device, contact_email="ada@example.com")
        )
        await sandbox.wait_for_calls(count, path=look_up)
        late = await act(hass, "create_voucher_session", device)
        overtaken = not early.done()
        assert (await early)["type"] == "portal"
        await expect_whole(hass, entry, late)
        if overtaken:
            return
    pytest.fail("the look-up was never overtaken")


async def test_a_later_call_that_fails_does_not_win(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """What fails is as if it had not been asked for."""
    device = device_id(hass, entry)
    for gap in GAPS:
        posts = len(sandbox.calls("POST"))
        sandbox.add_fault(Fault("delay", method="POST", delay=gap))
        early = asyncio.create_task(act(hass, "create_portal_session", device))
        await sandbox.wait_for_calls(posts + 1, "POST")
        sandbox.add_fault(Fault("code", method="POST", code=1008))
        with pytest.raises(HomeAssistantError):
            await act(hass, "create_voucher_session", device)
        overtaken = not early.done()
        await expect_whole(hass, entry, await early)
        if overtaken:
            return
    pytest.fail("the first call was never overtaken")


async def test_an_earlier_call_that_fails_late(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A failure does not take away what was asked for later."""
    device = device_id(hass, entry)
    for gap in GAPS:
        posts = len(sandbox.calls("POST"))
        sandbox.add_fault(Fault("code", method="POST", code=1008, delay=gap))
        early = asyncio.create_task(act(hass, "create_portal_session", device))
        await sandbox.wait_for_calls(posts + 1, "POST")
        late = await act(hass, "create_voucher_session", device)
        overtaken = not early.done()
        with pytest.raises(HomeAssistantError):
            await early
        await expect_whole(hass, entry, late)
        if overtaken:
            return
    pytest.fail("the first call was never overtaken")


async def test_clearing_wins_over_an_earlier_call(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen that was cleared does not fill itself again."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    sandbox.add_fault(Fault("delay", method="POST", delay=HELD))
    early = asyncio.create_task(act(hass, "create_portal_session", device))
    await sandbox.wait_for_calls(2, "POST")
    await clear(hass, device)
    assert not early.done()
    await sandbox.stop()
    assert (await early)["type"] == "portal"
    assert shown_url(hass, entry) == "unknown"
    assert codes(await picture(hass, entry)) == []


# --- Calls that outlive their screen


async def test_unloaded_while_creating(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """The caller learns that the session is not shown; nothing is kept of it."""
    sandbox.add_fault(Fault("delay", method="POST", delay=HELD))
    task = asyncio.create_task(
        act(hass, "create_portal_session", device_id(hass, entry))
    )
    await sandbox.wait_for_calls(1, "POST")
    await hass.config_entries.async_reload(entry.entry_id)
    await sandbox.stop()
    with pytest.raises(ServiceValidationError) as caught:
        await task
    assert caught.value.translation_key == "screen_unloaded"
    assert_readable(caught.value)
    assert shown_url(hass, entry) == "unknown"
    assert not hass_storage.get(f"piggy.{entry.entry_id}", {}).get("data")


async def test_unloaded_while_looking_up(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """No session is begun for a screen that is gone by then."""
    sandbox.add_fault(Fault("delay", path="/contacts/find-one-by", delay=HELD))
    task = asyncio.create_task(
        act(
            hass,
            "create_portal_session",
            device_id(hass, entry),
            contact_email="ada@example.com",
        )
    )
    await sandbox.wait_for_calls(1, path="/contacts/find-one-by")
    await hass.config_entries.async_reload(entry.entry_id)
    await sandbox.stop()
    with pytest.raises(ServiceValidationError) as caught:
        await task
    assert caught.value.translation_key == "screen_unloaded"
    assert not sandbox.calls("POST")


async def test_removed_while_getting(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """An answer that comes after the account is gone leaves nothing behind."""
    device = device_id(hass, entry)
    created = await act(hass, "create_portal_session", device)
    sandbox.identify(created["uuid"], "123")
    sandbox.add_fault(Fault("delay", path=created["uuid"], delay=HELD))
    task = asyncio.create_task(act(hass, "get_portal_session", device))
    await sandbox.wait_for_calls(1, "GET", created["uuid"])
    await hass.config_entries.async_remove(entry.entry_id)
    assert f"piggy.{entry.entry_id}" not in hass_storage
    await sandbox.stop()
    assert (await task)["contact_uuid"] == "123"
    await hass.async_block_till_done()
    assert f"piggy.{entry.entry_id}" not in hass_storage


@pytest.mark.parametrize("action", ["create_portal_session", "get_portal_session"])
async def test_removed_while_the_key_is_refused(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, action: str
) -> None:
    """Nobody is asked for a new key of an account that is gone."""
    device = device_id(hass, entry)
    await act(hass, "create_portal_session", device)
    sandbox.add_fault(
        Fault("status", path="/portal-sessions", status=401, delay=HELD),
    )
    before = len(sandbox.requests)
    task = asyncio.create_task(act(hass, action, device))
    await sandbox.wait_for_calls(before + 1)
    await hass.config_entries.async_remove(entry.entry_id)
    await sandbox.stop()
    with pytest.raises(HomeAssistantError) as caught:
        await task
    await hass.async_block_till_done()
    assert caught.value.translation_key == "invalid_auth"
    assert not hass.config_entries.flow.async_progress()


async def test_reloaded_while_getting(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """An answer for a screen of before a reload does not undo what happened since."""
    device = device_id(hass, entry)
    created = await act(hass, "create_portal_session", device)
    sandbox.identify(created["uuid"], "123")
    sandbox.add_fault(Fault("delay", path=created["uuid"], delay=HELD))
    task = asyncio.create_task(act(hass, "get_portal_session", device))
    await sandbox.wait_for_calls(1, "GET", created["uuid"])
    await hass.config_entries.async_reload(entry.entry_id)
    await clear(hass, device)
    assert not task.done()
    await sandbox.stop()
    await task
    await hass.async_block_till_done()
    assert hass_storage[f"piggy.{entry.entry_id}"]["data"] == {}
