"""The actions: their requests, their responses and their errors."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
import json
from typing import Any, Final

from aiohttp import ClientTimeout
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.piggy.api import http
from custom_components.piggy.api.session_types import SESSION_TYPES
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.options import OPTIONS
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from sandbox import DEFAULT_KEY, Fault, Sandbox

from .conftest import (
    CREATE_ACTIONS,
    Advance,
    account,
    act,
    clear,
    codes,
    device_id,
    picture,
    screen,
    set_up,
    state_of,
    values_of,
)

PREFIX: Final = "/api/v3/oauth/clients"
REDEEM: Final = "create_redeem_giftcard_session"
LOOK_UP: Final = "/contacts/find-one-by"
# Longer than anything takes; the sandbox releases answers when it is stopped.
HELD: Final = 60

VALUES: Final = {option.name: values_of(option) for option in OPTIONS if option.is_sent}


def required(action: str) -> dict[str, Any]:
    """Return the fields that an action requires besides its device."""
    info = SESSION_TYPES[CREATE_ACTIONS[action]]
    is_required = info.purchase_amount == "required"
    return {"amount_in_cents": 1040} if is_required else {}


def path_of(action: str) -> str:
    """Return the path of an action's request."""
    return f"{PREFIX}/portal-sessions{SESSION_TYPES[CREATE_ACTIONS[action]].path}"


def sent(sandbox: Sandbox) -> bytes:
    """Return the last body that was posted, as canonical JSON: true is not 1."""
    return canonical(sandbox.calls("POST")[-1].json)


def canonical(body: object) -> bytes:
    """Return JSON that is the same for the same content."""
    return json.dumps(body, sort_keys=True).encode()


def shown(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the URL of the session on a screen."""
    return state_of(hass, entry, "sensor", "session_url", name).state


async def look(hass: HomeAssistant, entry: MockConfigEntry) -> list[object]:
    """Return the states and the image of Till 1."""
    keys = ("session_url", "session_status", "session_type", "session_expires")
    states = [state_of(hass, entry, "sensor", key) for key in keys]
    states.append(state_of(hass, entry, "image", "qr_code"))
    states.append(state_of(hass, entry, "event", "session"))
    found = [(state.state, state.attributes) for state in states]
    return [*found, await picture(hass, entry)]


async def expect_shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    answer: dict[str, Any],
    name: str = "Till 1",
) -> None:
    """Expect that a screen shows the session of a response."""
    found = {
        key: state_of(hass, entry, "sensor", f"session_{key}", name).state
        for key in ("url", "type", "status")
    }
    assert found == {
        "url": answer["url"],
        "type": answer["type"],
        "status": "identified" if answer["contact_uuid"] else "waiting",
    }
    assert codes(await picture(hass, entry, name)) == [answer["url"]]


def assert_readable(error: HomeAssistantError) -> None:
    """Check that an error has its English text, and does not contain the API key."""
    assert error.translation_domain == DOMAIN
    assert str(error) not in ("", error.translation_key)
    assert DEFAULT_KEY not in str(error)


def reauths(hass: HomeAssistant) -> int:
    """Return how many re-authentications are open."""
    return sum(
        flow["context"]["source"] == SOURCE_REAUTH
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    )


# ------------------------------------------------------------- what reaches Piggy


@pytest.mark.parametrize("action", CREATE_ACTIONS)
async def test_every_parameter_over_the_wire(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    shop_uuid: str,
    action: str,
) -> None:
    """A call sends the given parameters to its endpoint, and nothing else."""
    device, needed = device_id(hass, entry), required(action)
    await act(hass, action, device, **needed)
    (request,) = sandbox.calls("POST")
    assert request.path == path_of(action)
    assert request.headers["Authorization"] == f"Bearer {DEFAULT_KEY}"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/json"
    assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, **needed})

    every: dict[str, Any] = dict(needed)
    for option in OPTIONS:
        for value in VALUES.get(option.name, ()):
            given = {**needed, option.name: value}
            if CREATE_ACTIONS[action] not in option.session_types:
                with pytest.raises(vol.Invalid, match=option.name):
                    await act(hass, action, device, **given)
                continue
            await act(hass, action, device, **given)
            assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, **given})
            every[option.name] = value
    await act(hass, action, device, **every)
    assert sent(sandbox) == canonical({"shop_uuid": shop_uuid, **every})


@pytest.mark.parametrize("action", ["create_voucher_session", REDEEM])
async def test_defaults(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, action: str
) -> None:
    """A screen's defaults are sent, an action overrides each; unknown keys are not."""
    names = [option.name for option in OPTIONS if option.is_default]
    defaults = {name: VALUES[name][0] for name in names}
    strange = {"amount_in_cents": 5, "contact_email": "a@example.com", "unknown": 1}
    entry = account(sandbox, screen(shop_uuid, defaults={**defaults, **strange}))
    await set_up(hass, entry)
    device, needed = device_id(hass, entry), required(action)
    base = {"shop_uuid": shop_uuid, **defaults, **needed}
    await act(hass, action, device, **needed)
    assert sent(sandbox) == canonical(base)
    for name in names:
        other = {name: VALUES[name][1]}
        await act(hass, action, device, **needed, **other)
        assert sent(sandbox) == canonical({**base, **other})
    await act(hass, action, device, **needed)
    assert sent(sandbox) == canonical(base)


GOOD: Final[list[tuple[str, object, object]]] = [
    ("amount_in_cents", 1040.0, 1040),
    ("amount_in_cents", " 1040 ", 1040),
    ("amount_in_cents", "100000000", 100_000_000),
    ("camera_service", "2", 2),
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
    """A text that contains a number or a boolean is sent as that type."""
    for name, given, expected in GOOD:
        data = {"amount_in_cents": 5, name: given}
        await act(hass, REDEEM, device_id(hass, entry), **data)
        body = {"shop_uuid": shop_uuid, "amount_in_cents": 5, name: expected}
        assert sent(sandbox) == canonical(body), (name, given)


NO_TEXT: Final[list[object]] = ["", "  ", None, [], {}, "a\nb", "a\0b", "\ud800"]
NO_VALUE: Final[dict[str, list[object]]] = {
    "boolean": ["", None, "maybe", [], {}],
    "number": [0, 1.5, True, "", None, "three", [1], 100_000_001],
    "select": ["", None, 1, "Camera", "User", ["camera"], {}],
    "text": NO_TEXT,
}
NO_AMOUNT: Final[list[object]] = [
    *(-1, 10.5, False, 2**53, 1e300, float("nan"), float("inf"), float("-inf")),
    *("0", "-1", "10.5", "10,50", " ", "1e3", "0x10", "1_040", "²", "\u0661\u0660"),
    *("100000001", "9" * 5000, [], {}),
]
BAD: Final[dict[str, list[object]]] = {
    **{
        option.name: NO_VALUE[next(iter(option.selector.serialize()["selector"]))]
        for option in OPTIONS
    },
    "amount_in_cents": NO_VALUE["number"] + NO_AMOUNT,
    "reference": [*NO_TEXT, "x" * 65],
    "device_id": [None, [], ["a", "b"]],
    "shop_uuid": ["123123"],
    "url": ["https://example.com"],
}


@pytest.mark.parametrize("name", BAD)
async def test_invalid_values(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, name: str
) -> None:
    """A wrong value is named in the error, and no request is sent."""
    before = len(sandbox.requests)
    good = {"device_id": device_id(hass, entry), "amount_in_cents": 1040}
    for value in BAD[name]:
        data = {**good, name: value}
        with pytest.raises(vol.Invalid) as caught:
            await hass.services.async_call(DOMAIN, REDEEM, data, blocking=True)
        assert name in str(caught.value), value
        assert len(sandbox.requests) == before, value


async def test_required_fields(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Every action is for a screen; redeeming a giftcard needs an amount, too."""
    for action in (*CREATE_ACTIONS, "get_portal_session", "clear_session"):
        data = required(action) if action in CREATE_ACTIONS else {}
        with pytest.raises(vol.Invalid, match="device_id"):
            await hass.services.async_call(
                DOMAIN,
                action,
                data,
                blocking=True,
                return_response=action != "clear_session",
            )
    with pytest.raises(vol.Invalid, match="amount_in_cents"):
        await act(hass, REDEEM, device_id(hass, entry))
    assert not sandbox.calls("POST")


async def test_device_as_a_list(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The device can be given as a target, or as a list of one, and of no more."""
    device = device_id(hass, entry)
    with pytest.raises(vol.Invalid, match="expected the device of one screen"):
        await hass.services.async_call(
            DOMAIN, "clear_session", {"device_id": [device, device]}, blocking=True
        )
    for given in (
        {"target": {"device_id": device}},
        {"target": {"device_id": [device]}},
    ):
        answer = await hass.services.async_call(
            DOMAIN,
            "create_voucher_session",
            blocking=True,
            return_response=True,
            **given,
        )
        assert answer is not None
        assert answer["url"] == shown(hass, entry)


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
            "reference": "{{ order }}",
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
    till = device_id(hass, entry)
    answer = await hass.services.async_call(
        "script",
        "pay",
        {"till": till, "euros": "10.40", "card": 1000001, "order": 4711},
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
    assert answer["url"] == shown(hass, entry)
    assert (answer["contact_uuid"], answer["reference"]) == ("123", "4711")


# ------------------------------------------------------------------------ customers


@pytest.mark.parametrize("action", ["create_portal_session", REDEEM])
async def test_customers_are_looked_up_first(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    shop_uuid: str,
    action: str,
) -> None:
    """An address or a card stands for a contact; only its uuid reaches the session."""
    identifier = "/contact-identifiers/find?contact_identifier_value="
    for name, value, path in (
        ("contact_email", "ada@example.com", f"{LOOK_UP}?email=ada@example.com"),
        ("contact_identifier", "1000001", f"{identifier}1000001"),
        ("contact_identifier", 1000001, f"{identifier}1000001"),
    ):
        before = len(sandbox.requests)
        given = {**required(action), name: value}
        answer = await act(hass, action, device_id(hass, entry), **given)
        assert [(call.method, call.path) for call in sandbox.requests[before:]] == [
            ("GET", PREFIX + path),
            ("POST", path_of(action)),
        ]
        body = {"shop_uuid": shop_uuid, "contact_uuid": "123", **required(action)}
        assert sent(sandbox) == canonical(body)
        assert answer["contact_uuid"] == "123"
        await expect_shown(hass, entry, answer)


async def test_an_answer_without_the_customer(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The customer of a call is known, also where Piggy's answer leaves it out."""
    session = {"uuid": "a", "url": "https://portal.piggy.eu/a"}
    sandbox.add_fault(Fault("raw", "POST", body=json.dumps({"data": session})))
    device = device_id(hass, entry)
    answer = await act(hass, "create_portal_session", device, contact_uuid="123")
    assert (answer["contact_uuid"], answer["status"]) == ("123", "identified")


@pytest.mark.parametrize("value", ["a+b&email=c@example.com", "é #?%/@example.com"])
async def test_what_is_looked_up_is_not_a_query(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, value: str
) -> None:
    """A card number with special characters is sent as it was read."""
    contact = sandbox.add_contact("odd@example.com")
    sandbox.add_identifier(value, contact)
    device = device_id(hass, entry)
    answer = await act(hass, "create_portal_session", device, contact_identifier=value)
    assert answer["contact_uuid"] == contact.uuid


@pytest.mark.parametrize(
    "left_out", [None, "contact_uuid", "contact_email", "contact_identifier"]
)
async def test_one_customer_at_most(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, left_out: str | None
) -> None:
    """A session is for one customer: two ways to name them are refused."""
    before = len(sandbox.requests)
    given = {
        "contact_uuid": "123",
        "contact_email": "ada@example.com",
        "contact_identifier": "1000001",
    }
    said = f"at most one of {', '.join(given)}"
    if left_out:
        del given[left_out]
    with pytest.raises(vol.Invalid, match=said):
        await act(hass, "create_portal_session", device_id(hass, entry), **given)
    assert len(sandbox.requests) == before


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"contact_uuid": "stranger"}, "contact_not_found"),
        ({"contact_email": "stranger@example.com"}, "contact_not_found"),
        ({"contact_email": "no address"}, "invalid_input"),
        ({"contact_identifier": "9999999"}, "identifier_not_found"),
        ({"contact_identifier": "1000003"}, "identifier_inactive"),
        ({"contact_identifier": "1000004"}, "identifier_not_linked"),
    ],
)
async def test_unknown_customers(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    given: dict[str, str],
    key: str,
) -> None:
    """Each kind of unknown customer has its own error, without the value entered."""
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
        ({"active": True}, "identifier_not_linked"),
        ({"active": True, "contact": {"email": "a@b.c"}}, "invalid_response"),
    ],
)
async def test_cards_that_stand_for_no_customer(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    data: dict[str, Any],
    key: str,
) -> None:
    """A card that Piggy reports as inactive, or without a contact, is refused."""
    sandbox.add_fault(Fault("raw", body=json.dumps({"data": data, "meta": []})))
    device = device_id(hass, entry)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "create_portal_session", device, contact_identifier="1000001")
    assert caught.value.translation_key == key
    assert_readable(caught.value)
    assert not sandbox.calls("POST")


# -------------------------------------------------------------------------- answers


@pytest.mark.parametrize("action", CREATE_ACTIONS)
async def test_response(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    shop_uuid: str,
    action: str,
) -> None:
    """A create action answers with the session that it created."""
    amount = required(action).get("amount_in_cents")
    given = {**required(action), "reference": "Order 4711"}
    answer = await act(hass, action, device_id(hass, entry), **given)
    (session,) = sandbox.sessions.values()
    assert answer == {
        "uuid": session.uuid,
        "url": sandbox.portal_url(session.uuid),
        "session_id": answer["session_id"],
        "reference": "Order 4711",
        "shown": True,
        "type": CREATE_ACTIONS[action].value,
        "status": "waiting",
        "purchase_amount_in_cents": amount,
        "paid_in_cents": None if amount is None else 0,
        "remaining_in_cents": amount,
        "shop": {"uuid": shop_uuid, "name": "Sesame Street"},
        "contact_uuid": None,
        "created_at": session.created_at,
        "events": [],
    }
    assert session.uuid not in answer["session_id"]
    assert type(answer["type"]) is str
    assert json.loads(json.dumps(answer)) == answer
    await expect_shown(hass, entry, answer)
    assert "reference" not in session.sent


async def test_meagre_answer(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """Fields that an answer leaves out are filled in from the screen."""
    body = {"data": {"uuid": 7, "url": "https://example.com/7"}, "meta": {}}
    sandbox.add_fault(Fault("raw", body=json.dumps(body)))
    answer = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert (answer["uuid"], answer["url"]) == ("7", "https://example.com/7")
    assert answer["shop"] == {"uuid": shop_uuid, "name": "Sesame Street"}
    assert (answer["contact_uuid"], answer["created_at"]) == (None, None)
    assert answer["events"] == []


async def test_get_portal_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The screen's session is returned as Piggy knows it now, and shown so."""
    device = device_id(hass, entry)
    created = await act(hass, REDEEM, device, amount_in_cents=5000, reference="4711")
    sandbox.identify(created["uuid"], "123")
    event = sandbox.add_event(
        created["uuid"], "giftcard_transaction", {"amount_in_cents": -1000}
    )
    sandbox.sessions[created["uuid"]].events.append({"type": "novelty"})
    answer = await act(hass, "get_portal_session", device)
    assert answer == {
        **created,
        "status": "identified",
        "paid_in_cents": 1000,
        "remaining_in_cents": 4000,
        "contact_uuid": "123",
        "events": [event, {"type": "novelty", "data": {}, "created_at": None}],
    }
    assert list(answer) == list(created)
    assert answer == await act(hass, "get_portal_session", device, uuid=created["uuid"])
    assert state_of(hass, entry, "sensor", "session_status").state == "identified"
    sandbox.settings.omit_events = True
    without = await act(hass, "get_portal_session", device)
    assert without == {**answer, "events": []}


async def test_get_a_followed_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A session that left the screen keeps its reference; the screen stays as it is."""
    device = device_id(hass, entry)
    first = await act(hass, "create_voucher_session", device, reference="first")
    await act(hass, "create_portal_session", device)
    url = shown(hass, entry)
    sandbox.add_event(first["uuid"], "voucher_redeemed", {"name": "Coffee"})
    answer = await act(hass, "get_portal_session", device, uuid=first["uuid"])
    assert {**answer, "events": []} == {**first, "shown": False, "status": "completed"}
    assert [event["type"] for event in answer["events"]] == ["voucher_redeemed"]
    assert shown(hass, entry) == url


async def test_get_a_session_of_another_screen(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """An unknown session is returned with Piggy's data only."""
    entry = account(sandbox, screen(shop_uuid), screen("123123", "Web"))
    await set_up(hass, entry)
    other = await act(hass, "create_portal_session", device_id(hass, entry, "Web"))
    device = device_id(hass, entry, "Till 1")
    before = await look(hass, entry)
    answer = await act(hass, "get_portal_session", device, uuid=other["uuid"])
    assert list(answer) == list(other)
    ours = ("session_id", "reference", "type", "status", "purchase_amount_in_cents")
    assert all(answer[key] is None for key in ours)
    assert answer["shown"] is False
    assert answer["url"] == other["url"]
    assert answer["shop"] == {"uuid": "123123", "name": "Amsterdam Pop-up Store"}
    names = {
        "unknown": None,
        "123123": "Amsterdam Pop-up Store",
        shop_uuid: "Sesame Street",
    }
    for uuid, name in names.items():
        data = {"uuid": "7", "url": "https://example.com/7", "shop": {"uuid": uuid}}
        sandbox.add_fault(Fault("raw", body=json.dumps({"data": data})))
        answer = await act(hass, "get_portal_session", device, uuid="7")
        assert answer["shop"] == {"uuid": uuid, "name": name}
    assert await look(hass, entry) == before


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


async def test_get_nothing(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """An idle screen has no session, and an empty uuid is not the screen's session."""
    before = len(sandbox.requests)
    device = device_id(hass, entry)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "get_portal_session", device)
    assert caught.value.translation_key == "no_session"
    assert_readable(caught.value)
    for uuid in NO_TEXT:
        with pytest.raises(vol.Invalid, match="uuid"):
            await act(hass, "get_portal_session", device, uuid=uuid)
    assert len(sandbox.requests) == before


async def test_events_have_the_context_of_their_action(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Automations can tell who started and cleared a session."""
    data = {"device_id": device_id(hass, entry)}
    for action in ("create_voucher_session", "clear_session"):
        context = Context()
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=context
        )
        assert state_of(hass, entry, "event", "session").context.id == context.id


async def test_clear_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The session leaves the screen, and stays at Piggy; clearing twice is fine."""
    device = device_id(hass, entry)
    idle = await look(hass, entry)
    await clear(hass, device)
    assert await look(hass, entry) == idle
    created = await act(hass, "create_portal_session", device)
    for _ in range(2):
        await clear(hass, device)
        assert shown(hass, entry) == "unknown"
        assert await picture(hass, entry) == idle[-1]
    assert created["uuid"] in sandbox.sessions
    with pytest.raises(ServiceValidationError):
        await act(hass, "get_portal_session", device)


# -------------------------------------------------------------------------- screens


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


@pytest.mark.parametrize(
    "identifier", [("hue", "lamp"), ("old_one", "lamp", "extra"), (DOMAIN, "gone")]
)
async def test_devices_that_are_no_screens(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, identifier: Any
) -> None:
    """Devices of other integrations, and devices without a screen, are refused.

    Some integrations identify devices by more than two parts.
    """
    other = entry
    if identifier[0] != DOMAIN:
        other = MockConfigEntry(domain=identifier[0])
        other.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={identifier}
    )
    await refused(hass, sandbox, lamp.id, "no_screen")
    await refused(hass, sandbox, "0123456789abcdef", "unknown_device")


async def test_account_that_is_not_loaded(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Unloaded, failed or disabled: the actions exist, and name the reason."""
    device = device_id(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await refused(hass, sandbox, device, "not_loaded")
    sandbox.add_fault(Fault("status", status=503))
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await refused(hass, sandbox, device, "not_loaded")
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await refused(hass, sandbox, device, "not_loaded")


async def test_two_screens_of_one_shop(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Sessions that are created at once appear on the screens that they are for."""
    names = ("Till 1", "Till 2")
    entry = account(sandbox, *(screen(shop_uuid, name) for name in names))
    await set_up(hass, entry)
    # The session that is asked for first is the last to come.
    sandbox.add_fault(Fault("delay", path="/vouchers", delay=0.06))
    answers = await asyncio.gather(
        act(hass, "create_voucher_session", device_id(hass, entry, names[0])),
        act(hass, "create_portal_session", device_id(hass, entry, names[1])),
    )
    for name, answer in zip(names, answers, strict=True):
        await expect_shown(hass, entry, answer, name)
        device = device_id(hass, entry, name)
        assert await act(hass, "get_portal_session", device) == answer
    await clear(hass, device_id(hass, entry, names[0]))
    assert shown(hass, entry, names[0]) == "unknown"
    await expect_shown(hass, entry, answers[1], names[1])


# --------------------------------------------------------------------------- errors


# A few of each kind; tests/faults has all of them.
FAILURES: Final[dict[str, tuple[Fault, str]]] = {
    "401": (Fault("status", status=401), "invalid_auth"),
    "7011": (Fault("code", code=7011), "invalid_auth"),
    "403": (Fault("status", status=403), "invalid_response"),
    "429": (Fault("status", status=429), "rate_limited"),
    "503": (Fault("status", status=503), "maintenance"),
    "1000": (Fault("code", code=1000), "internal_error"),
    "99999": (Fault("code", code=99999), "api_error"),
    "reset": (Fault("reset_after"), "interrupted"),
    "stalled": (Fault("stall"), "timeout"),
    "html": (Fault("html"), "invalid_response"),
    "no uuid": (
        Fault("raw", body='{"data": {"contact": {"a": 1}}}'),
        "invalid_response",
    ),
}


@contextmanager
def fault(sandbox: Sandbox, injected: Fault, key: str) -> Iterator[None]:
    """Add a fault, with short timeouts."""
    with pytest.MonkeyPatch.context() as patch:
        if key == "timeout":
            patch.setattr(http, "TIMEOUT", ClientTimeout(total=0.1))
        sandbox.add_fault(injected)
        yield
    sandbox.clear_faults()


@pytest.mark.parametrize("kind", FAILURES)
async def test_failed_create(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, kind: str
) -> None:
    """A failure is reported, changes nothing on the screen and is not repeated."""
    injected, key = FAILURES[kind]
    device = device_id(hass, entry)
    # On an idle screen first, then on one with a session.
    for _ in range(2):
        before = await look(hass, entry)
        posts = len(sandbox.calls("POST"))
        with (
            fault(sandbox, injected, key),
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
        await expect_shown(hass, entry, answer)


async def test_field_messages(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Piggy's messages about fields reach the user, including braces."""
    errors = {"shop_uuid": ["Bad.", "{Old}."], "amount_in_cents": "Too much."}
    sandbox.add_fault(Fault("code", code=1003, message="{No}.", errors=errors))
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "create_portal_session", device_id(hass, entry))
    expected = "{No}.; shop_uuid: Bad., {Old}.; amount_in_cents: Too much."
    assert expected in str(caught.value)


async def test_reauth_starts_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """However many calls a refused key fails, the user is asked for a new one once."""
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


async def test_url_that_no_code_can_hold(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A URL of 3000 characters is an error; the screen shows what it showed."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    before = await look(hass, entry)
    sandbox.settings.url_for = "https://example.com/" + "x" * 2980
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "create_portal_session", device)
    assert caught.value.translation_key == "invalid_response"
    assert "too long" in str(caught.value)
    assert "xxxx" not in str(caught.value)
    assert await look(hass, entry) == before


# ------------------------------------------------------------- several calls at once


async def test_equal_calls_share_a_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """Equal creates at the same time are one request; another order is another one."""
    device = device_id(hass, entry)
    given = {"amount_in_cents": 1040, "contact_identifier": "1000001"}
    answers = await asyncio.gather(
        *(act(hass, REDEEM, device, **given) for _ in range(3)),
        act(hass, REDEEM, device, **given, reference="another"),
    )
    assert answers[0]["uuid"] == answers[1]["uuid"] == answers[2]["uuid"]
    assert answers[3]["shown"] is True
    await expect_shown(hass, entry, answers[3])
    # Later, an equal call is a new purchase.
    await act(hass, REDEEM, device, **given)
    assert len(sandbox.calls("POST")) == len(sandbox.sessions) == 3


async def test_people_are_braked(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    hass_admin_user: MockUser,
) -> None:
    """A user has to wait two seconds after any create that succeeded."""
    device = device_id(hass, entry)

    async def call(action: str) -> None:
        await hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": device},
            blocking=True,
            context=Context(user_id=hass_admin_user.id),
        )

    await act(hass, "create_voucher_session", device)
    url = shown(hass, entry)
    for _ in range(2):
        with pytest.raises(ServiceValidationError) as caught:
            await call("create_portal_session")
        assert caught.value.translation_key == "too_soon"
        assert_readable(caught.value)
        await advance(0.9)
    assert shown(hass, entry) == url
    assert len(sandbox.calls("POST")) == 1
    await advance(0.3)
    sandbox.add_fault(Fault("code", method="POST"))
    with pytest.raises(HomeAssistantError):
        await call("create_portal_session")
    await call("create_portal_session")  # one that failed brakes nothing
    # Automations are not braked.
    await act(hass, "create_voucher_session", device)
    await act(hass, "create_voucher_session", device)
    assert state_of(hass, entry, "sensor", "session_type").state == "voucher"


async def test_a_slow_look_up_does_not_win(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A call counts from its start, not from when its customer was found."""
    device = device_id(hass, entry)
    sandbox.add_fault(Fault("delay", path=LOOK_UP, delay=1))
    early = asyncio.create_task(
        act(hass, "create_portal_session", device, contact_email="ada@example.com")
    )
    await sandbox.wait_for_calls(1, path=LOOK_UP)
    late = await act(hass, "create_voucher_session", device)
    assert not early.done()
    assert (await early)["shown"] is False
    await expect_shown(hass, entry, late)


async def test_a_later_call_that_fails_does_not_win(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A create that failed later does not keep an earlier one off the screen."""
    device = device_id(hass, entry)
    sandbox.add_fault(Fault("delay", path="/vouchers", delay=HELD))
    early = asyncio.create_task(act(hass, "create_voucher_session", device))
    await sandbox.wait_for_calls(1, "POST")
    sandbox.add_fault(Fault("code", method="POST", code=1008))
    with pytest.raises(HomeAssistantError):
        await act(hass, "create_portal_session", device)
    await sandbox.stop()
    await expect_shown(hass, entry, await early)


async def test_an_earlier_call_that_fails_late(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """An earlier call that fails does not remove the session of a later one."""
    device = device_id(hass, entry)
    sandbox.add_fault(Fault("code", path="/vouchers", code=1008, delay=HELD))
    early = asyncio.create_task(act(hass, "create_voucher_session", device))
    await sandbox.wait_for_calls(1, "POST")
    late = await act(hass, "create_portal_session", device)
    await sandbox.stop()
    with pytest.raises(HomeAssistantError):
        await early
    await expect_shown(hass, entry, late)


async def test_clearing_wins_over_an_earlier_call(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A screen that was cleared stays empty."""
    device = device_id(hass, entry)
    await act(hass, "create_voucher_session", device)
    sandbox.add_fault(Fault("delay", method="POST", delay=HELD))
    early = asyncio.create_task(act(hass, "create_portal_session", device))
    await sandbox.wait_for_calls(2, "POST")
    await clear(hass, device)
    assert not early.done()
    await sandbox.stop()
    answer = await early
    assert (answer["type"], answer["shown"]) == ("portal", False)
    assert shown(hass, entry) == "unknown"
    assert codes(await picture(hass, entry)) == []


# ------------------------------------------------------ calls that outlive their screen


@pytest.mark.parametrize("held", ["/portal-sessions", LOOK_UP])
async def test_unloaded_while_creating(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, held: str
) -> None:
    """The account unloads at once, and the caller gets an error."""
    sandbox.add_fault(Fault("delay", path=held, delay=HELD))
    device = device_id(hass, entry)
    task = asyncio.create_task(
        act(hass, "create_portal_session", device, contact_email="ada@example.com")
    )
    await sandbox.wait_for_calls(1, path=held)
    async with asyncio.timeout(5):
        await hass.config_entries.async_reload(entry.entry_id)
    await sandbox.stop()
    with pytest.raises(ServiceValidationError) as caught:
        await task
    assert caught.value.translation_key == "screen_unloaded"
    assert_readable(caught.value)
    assert shown(hass, entry) == "unknown"
    assert len(sandbox.calls("POST")) == (held != LOOK_UP)


@pytest.mark.parametrize("action", ["create_portal_session", "get_portal_session"])
async def test_removed_while_the_key_is_refused(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, action: str
) -> None:
    """No new key is asked for when the account was removed."""
    device = device_id(hass, entry)
    await act(hass, "create_portal_session", device)
    sandbox.add_fault(Fault("status", path="/portal-sessions", status=401, delay=HELD))
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


@pytest.mark.parametrize("removed", [False, True])
async def test_reloaded_or_removed_while_reading(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    *,
    removed: bool,
) -> None:
    """An answer for a screen of before a reload changes nothing that happened since."""
    device = device_id(hass, entry)
    created = await act(hass, "create_portal_session", device)
    sandbox.identify(created["uuid"], "123")
    sandbox.add_fault(Fault("delay", path=created["uuid"], delay=HELD))
    task = asyncio.create_task(act(hass, "get_portal_session", device))
    await sandbox.wait_for_calls(1, "GET", created["uuid"])
    file = f"piggy.{entry.entry_id}"
    if removed:
        await hass.config_entries.async_remove(entry.entry_id)
        assert file not in hass_storage
    else:
        await hass.config_entries.async_reload(entry.entry_id)
        await clear(hass, device)
    before = json.dumps(hass_storage.get(file))
    await sandbox.stop()
    assert (await task)["contact_uuid"] == "123"
    await hass.async_block_till_done()
    assert json.dumps(hass_storage.get(file)) == before
