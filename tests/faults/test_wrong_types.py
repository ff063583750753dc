"""Every field of every answer as every type that it is not."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from itertools import cycle
import json
from typing import Any, Final, NamedTuple

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from sandbox import DEFAULT_KEY, Fault, Sandbox
from tests.conftest import (
    account,
    act,
    case,
    device_id,
    run_due,
    screen,
    set_up,
    state_of,
)

from .summary import passed
from .table import (
    BY_CARD,
    BY_EMAIL,
    CONFIG_FLOW,
    CREATES,
    GET,
    POLL,
    SCREEN_FLOW,
    SETUP,
    WRONG_TYPES,
)

_MINUTE: Final = timedelta(seconds=61)
DEEP: Final[Any] = json.loads("[" * 600 + "]" * 600)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    7,
    1.5,
    1e300,
    "",
    "text",
    [],
    {},
    [[]],
    [None],
    DEEP,
)

URL: Final = "https://portal.example.com/s?uuid=s1"
EVENT: Final = {
    "type": "credit_reception",
    "data": {"credits": 3, "giftcard": {"uuid": "g1"}},
    "created_at": "2026-11-22T12:00:00+01:00",
}
SESSION: Final = {
    "uuid": "s1",
    "url": URL,
    "contact": {"uuid": "c1"},
    "shop": {"id": 1, "uuid": "h1", "reference": None, "name": "Sesame Street"},
    "events": [EVENT],
    "created_at": "2026-11-22T12:00:00+01:00",
}
SHOPS: Final = [
    {"uuid": "h1", "name": "Sesame Street", "type": "web", "reference": "r1"}
]
ACCOUNT: Final = {"company": "Piggy", "id": 1, "uuid": "a1"}
CONTACT: Final = {"uuid": "123", "email": "ada@example.com"}
CARD: Final = {"name": "Card", "value": "1", "active": True, "contact": CONTACT}


class Wrong(NamedTuple):
    """An answer's data with another value where the path leads."""

    path: tuple[str | int, ...]
    value: Any
    data: Any

    @property
    def body(self) -> str:
        """Return the answer."""
        return json.dumps({"data": self.data, "meta": []})


def wrong(data: Any) -> Iterator[Wrong]:
    """Yield an answer's data with every value in every place, itself included."""
    for path in _paths(data):
        for value in VALUES:
            if not path:
                yield Wrong(path, value, value)
                continue
            changed = deepcopy(data)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
            yield Wrong(path, value, changed)


def _paths(data: Any) -> Iterator[tuple[str | int, ...]]:
    yield ()
    keys: Any = (
        data
        if isinstance(data, dict)
        else range(len(data))
        if isinstance(data, list)
        else ()
    )
    for key in keys:
        for path in _paths(data[key]):
            yield (key, *path)


def is_id(value: object) -> bool:
    """Return whether a value can be an id: Piggy's are opaque, some are numbers."""
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def is_session(answer: Wrong) -> bool:
    """Return whether an answer is of use as a session."""
    return answer.path not in ((), ("url",)) and (
        answer.path != ("uuid",) or is_id(answer.value)
    )


def is_session_asked_for(answer: Wrong) -> bool:
    """Return whether an answer is of use as the session that was asked for."""
    return is_session(answer) and answer.path != ("uuid",)


def is_shops(answer: Wrong) -> bool:
    """Return whether an answer is of use as a list of shops, an empty one included."""
    return (
        answer.value == []
        if answer.path == ()
        else answer.path != (0,) and (answer.path != (0, "uuid") or is_id(answer.value))
    )


def is_contact(answer: Wrong) -> bool:
    """Return whether an answer is of use as a contact."""
    return answer.path == ("email",) or (
        answer.path == ("uuid",) and is_id(answer.value)
    )


def told(answer: Wrong) -> Fault:
    """Return a fault that sends this answer."""
    return Fault("raw", body=answer.body)


def look(hass: HomeAssistant) -> dict[str, str]:
    """Return every state."""
    return {state.entity_id: state.state for state in hass.states.async_all()}


async def test_config_flow(
    hass: HomeAssistant, sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    """Shops need an id; the health check may contain anything."""
    key = {"api_key": DEFAULT_KEY, "advanced": {"url": sandbox.url}}
    flows = hass.config_entries.flow
    cases: list[tuple[Wrong, Any, bool]] = [
        (answer, SHOPS, is_shops(answer)) for answer in wrong(SHOPS)
    ]
    cases += [(answer, ACCOUNT, True) for answer in wrong(ACCOUNT)]
    for answer, kind, usable in cases:
        fault = told(answer)
        # The health check's path is within every other one: it is the second call.
        sandbox.add_fault(*([fault] if kind is SHOPS else [Fault("delay"), fault]))
        form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        result = await flows.async_configure(form["flow_id"], key)
        if usable and answer.data != []:
            assert result["step_id"] == "screen", answer.path
        elif usable and kind is SHOPS:
            assert result["errors"] == {"base": "no_shops"}
        elif kind is SHOPS:
            assert result["errors"] == {"base": "unknown"}, answer.path
        flows.async_abort(result["flow_id"])
        sandbox.clear_faults()
    form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flows.async_configure(form["flow_id"], key)
    assert result["step_id"] == "screen"
    passed(request, WRONG_TYPES, CONFIG_FLOW)


async def test_setup(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    request: pytest.FixtureRequest,
) -> None:
    """An account without shops that can be understood is tried again later."""
    entry = account(sandbox, screen(shop_uuid))
    entry.add_to_hass(hass)
    for answer in wrong(SHOPS):
        sandbox.add_fault(told(answer))
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        if is_shops(answer):
            assert entry.state is ConfigEntryState.LOADED, answer.path
        else:
            assert entry.state is ConfigEntryState.SETUP_RETRY, answer.path
            assert entry.error_reason_translation_key == "invalid_response"
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    passed(request, WRONG_TYPES, SETUP)


async def test_screen_flow(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    request: pytest.FixtureRequest,
) -> None:
    """A screen cannot be added without shops that can be understood."""
    flows = hass.config_entries.subentries
    context = SubentryFlowContext(source=SOURCE_USER)
    for answer in [*wrong(SHOPS), None]:
        if answer:
            sandbox.add_fault(told(answer))
        result = await flows.async_init((entry.entry_id, "screen"), context=context)
        if answer is None or (is_shops(answer) and answer.data != []):
            assert result["step_id"] == "screen"
            flows.async_abort(result["flow_id"])
        else:
            reason = "no_shops" if is_shops(answer) else "unknown"
            assert result["reason"] == reason, answer.path
    passed(request, WRONG_TYPES, SCREEN_FLOW)


async def assert_session(
    hass: HomeAssistant, action: str, device: str, *, usable: bool, **data: Any
) -> None:
    """Check what an action does with an answer."""
    before = look(hass)
    if usable:
        response = await act(hass, action, device, **data)
        assert response["url"] == URL
        assert json.dumps(response)
        return
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, device, **data)
    assert caught.value.translation_key == "invalid_response"
    assert look(hass) == before


async def test_created(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    request: pytest.FixtureRequest,
) -> None:
    """A session needs an id and a web address; anything else may be anything.

    The actions that create one take turns, so that each meets every field.
    """
    device = device_id(hass, entry)
    met: dict[str, set[tuple[str | int, ...]]] = {action: set() for action in CREATES}
    amounts = {
        action: {"amount_in_cents": 1} if "redeem" in action else {}
        for action in CREATES
    }
    for answer, action in zip(wrong(SESSION), cycle(CREATES), strict=False):
        met[action].add(answer.path)
        sandbox.add_fault(Fault("raw", method="POST", body=answer.body))
        usable, amount = is_session(answer), amounts[action]
        with case(action, answer.path, answer.value):
            await assert_session(hass, action, device, usable=usable, **amount)
    for action in CREATES:
        assert met[action] == set(_paths(SESSION))
        response = await act(hass, action, device, **amounts[action])
        assert response["uuid"] in sandbox.sessions
        passed(request, WRONG_TYPES, action)


async def test_asked_for(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    request: pytest.FixtureRequest,
) -> None:
    """A session that is asked for needs the id that it was asked by."""
    device, uuid = device_id(hass, entry), SESSION["uuid"]
    await act(hass, "create_portal_session", device)
    for answer in wrong(SESSION):
        sandbox.add_fault(Fault("raw", method="GET", body=answer.body))
        usable = is_session_asked_for(answer)
        with case(answer.path, answer.value):
            await assert_session(hass, GET, device, usable=usable, uuid=uuid)
    passed(request, WRONG_TYPES, GET)


@pytest.mark.parametrize("moment", [BY_EMAIL, BY_CARD])
async def test_customer(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    moment: str,
    request: pytest.FixtureRequest,
) -> None:
    """A customer needs an id: a card without one counts as unlinked."""
    by_card = moment == BY_CARD
    data = (
        {"contact_identifier": "1000001"}
        if by_card
        else {"contact_email": "ada@example.com"}
    )
    device, before = device_id(hass, entry), look(hass)
    for answer in wrong(CARD if by_card else CONTACT):
        sandbox.clear_faults()
        sandbox.add_fault(told(answer), Fault("code", code=424242))
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, "create_portal_session", device, **data)
        # The second fault is met only by a customer who was found.
        if by_card:
            keys = {"api_error", "identifier_not_linked", "invalid_response"}
            assert caught.value.translation_key in keys
            assert (caught.value.translation_key == "identifier_not_linked") is (
                (answer.path == ("contact",) and not answer.value)
                or (answer.path, answer.value) == ((), {})
            ), answer
        else:
            assert caught.value.translation_key == (
                "api_error" if is_contact(answer) else "invalid_response"
            ), answer.path
        assert look(hass) == before
    sandbox.clear_faults()
    await act(hass, "create_portal_session", device, **data)
    passed(request, WRONG_TYPES, moment)


async def test_poll(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    request: pytest.FixtureRequest,
) -> None:
    """The code stays on the screen, whatever a poll returns."""
    made = account(
        sandbox, screen(shop_uuid, session_lifetime=0, completed_lifetime=3600)
    )
    await set_up(hass, made)
    device = device_id(hass, made)
    sandbox.add_fault(told(Wrong((), SESSION, {**SESSION, "events": []})))
    session = await act(hass, "create_voucher_session", device)
    for number, answer in enumerate(wrong(SESSION), 1):
        sandbox.add_fault(told(answer))
        await run_due(hass, 60)
        assert len(sandbox.calls("GET", "/portal-sessions/")) == number
        shown = state_of(hass, made, "sensor", "session_url")
        assert shown.state == session["url"], answer.path
    assert state_of(hass, made, "sensor", "session_status").state == "completed"
    passed(request, WRONG_TYPES, POLL)
