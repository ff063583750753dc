"""Every caller makes every call of the table, as a user of Home Assistant would."""

from http import HTTPStatus
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import (
    CLIENT_ID,
    MockConfigEntry,
    MockUser,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.piggy import coordinator
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.staff_pin import LOCK, MAX_LOCK, MAX_WRONG
from homeassistant.auth.const import (
    GROUP_ID_ADMIN,
    GROUP_ID_READ_ONLY,
    GROUP_ID_USER,
)
from homeassistant.auth.permissions.models import PermissionLookup
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from sandbox import Sandbox

from .conftest import (
    Advance,
    account,
    act,
    device_id,
    entity_id,
    press,
    screen,
    set_up,
    state_of,
)
from .documentation import page
from .permissions import CALLERS, OTHER, PIN, SHOWN, TABLE, WRONG, Call, markdown

pytestmark = pytest.mark.usefixtures("all_entities")

GROUPS: Final = {
    "Administrator": [GROUP_ID_ADMIN],
    "User": [GROUP_ID_USER],
    "Read-only user": [GROUP_ID_READ_ONLY],
    "User of this screen": [],
    "User of another screen": [],
    "Script that a user runs": [GROUP_ID_USER],
}
# Calls what it is told to, and passes on the response.
SCRIPT: Final = {
    "relay": {
        "sequence": [
            {"action": "{{ call }}", "data": "{{ given }}"},
        ]
    }
}


async def token_of(hass: HomeAssistant, caller: str, device: str, other: str) -> str:
    """Make the user of a caller, and return an access token."""
    # The first user of a Home Assistant is its owner, whatever the group.
    await hass.auth.async_create_user("Owner", group_ids=[GROUP_ID_ADMIN])
    if GROUPS[caller]:
        user = await hass.auth.async_create_user(caller, group_ids=GROUPS[caller])
    else:
        user = MockUser(name=caller).add_to_hass(hass)
        user.perm_lookup = PermissionLookup(er.async_get(hass), dr.async_get(hass))
        allowed = device if caller == "User of this screen" else other
        user.mock_policy({"entities": {"device_ids": {allowed: True}}})
    refresh = await hass.auth.async_create_refresh_token(user, CLIENT_ID)
    return hass.auth.async_create_access_token(refresh)


class Caller:
    """Makes calls in the name of a caller; returns `yes`, or the error."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, name: str, device: str
    ) -> None:
        """Keep who calls, and for which screen."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._device = device
        self._websocket: Any = None
        self._rest: Any = None

    async def connect(
        self, other: str, clients: ClientSessionGenerator, sockets: WebSocketGenerator
    ) -> None:
        """Log in."""
        if self._name != "Automation":
            token = await token_of(self._hass, self._name, self._device, other)
            self._rest = await clients(token)
            self._websocket = await sockets(self._hass, token)

    async def make(self, call: Call, uuids: dict[str, str]) -> str:
        """Make a call and return its outcome."""
        if call.action == "template":
            return await self._render(call)
        if call.action in ("state", "image"):
            return await self._look(call)
        data = dict(call.data)
        if "uuid" in data:
            data["uuid"] = uuids[data["uuid"]]
        if call.entity:
            data["entity_id"] = entity_id(self._hass, self._entry, *call.entity)
        else:
            data["device_id"] = self._device
        domain, service = call.action.split(".")
        response = call.action == "piggy.get_portal_session"
        if self._name == "Automation":
            return await self._automate(domain, service, data, response=response)
        if self._name.startswith("Script"):
            given = {"given": data, "call": call.action}
            domain, service, data = "script", f"relay{'_get' * response}", given
        message = {"domain": domain, "service": service, "service_data": data}
        await self._websocket.send_json_auto_id(
            {"type": "call_service", "return_response": response, **message}
        )
        answer = await self._websocket.receive_json()
        if answer["success"]:
            return "yes"
        error = answer["error"]
        if error["message"] == "Unauthorized":
            return "unauthorized"
        return str(error.get("translation_key") or error)

    async def _automate(
        self, domain: str, service: str, data: dict[str, Any], *, response: bool
    ) -> str:
        try:
            await self._hass.services.async_call(
                domain, service, data, blocking=True, return_response=response
            )
        except HomeAssistantError as err:
            return str(err.translation_key)
        return "yes"

    async def _render(self, call: Call) -> str:
        assert call.entity
        found = entity_id(self._hass, self._entry, *call.entity)
        await self._websocket.send_json_auto_id(
            {"type": "render_template", "template": f"{{{{ states('{found}') }}}}"}
        )
        answer = await self._websocket.receive_json()
        if not answer["success"]:
            return str(answer["error"]["code"])
        rendered = (await self._websocket.receive_json())["event"]["result"]
        await self._websocket.send_json_auto_id(
            {"type": "unsubscribe_events", "subscription": answer["id"]}
        )
        await self._websocket.receive_json()
        url = state_of(self._hass, self._entry, *call.entity).state
        return "yes" if rendered == url else "error"

    async def _look(self, call: Call) -> str:
        assert call.entity
        found = entity_id(self._hass, self._entry, *call.entity)
        path = "states" if call.action == "state" else "image_proxy"
        answer = await self._rest.get(f"/api/{path}/{found}")
        if answer.status == HTTPStatus.OK:
            return "yes"
        return "unauthorized" if answer.status == HTTPStatus.UNAUTHORIZED else "error"


@pytest.mark.parametrize("has_pin", [False, True], ids=["without PIN", "with PIN"])
@pytest.mark.parametrize("name", CALLERS)
async def test_table(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    *,
    has_pin: bool,
) -> None:
    """What the table forbids is refused before anything is sent; the rest works."""
    monkeypatch.setattr(coordinator, "BRAKE", 0)
    # No poll is to be mistaken for what a call sends.
    monkeypatch.setattr(
        coordinator.ScreenCoordinator, "_schedule_refresh", lambda _: None
    )
    get = {**SCRIPT["relay"]["sequence"][0], "response_variable": "response"}
    stop = {"stop": "", "response_variable": "response"}
    scripts = {**SCRIPT, "relay_get": {"sequence": [get, stop]}}
    assert await async_setup_component(hass, "script", {"script": scripts})
    for component in ("api", "image", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    pin = {"staff_pin": PIN} if has_pin else {}
    entry = account(
        sandbox, screen(shop_uuid, **pin), screen(shop_uuid, "Till 2", **pin)
    )
    await set_up(hass, entry)
    device, elsewhere = (
        device_id(hass, entry, title) for title in ("Till 1", "Till 2")
    )
    caller = Caller(hass, entry, name, device)
    await caller.connect(elsewhere, hass_client, hass_ws_client)
    other = await act(hass, "create_voucher_session", device)
    tried = 0
    for row in TABLE:
        if (cell := row.cells[name]) == "-" or row.pin not in (None, has_pin):
            continue
        for call in row.calls:
            shown = await act(hass, "create_voucher_session", device)
            await hass.services.async_call(
                "number",
                "set_value",
                {
                    "entity_id": entity_id(hass, entry, "number", "purchase_amount"),
                    "value": 5,
                },
                blocking=True,
            )
            before = len(sandbox.requests)
            outcome = await caller.make(
                call, {SHOWN: shown["uuid"], OTHER: other["uuid"]}
            )
            if cell == "yes":
                assert outcome == "yes", (row.what, call)
            else:
                assert outcome in row.errors, (row.what, call)
                assert len(sandbox.requests) == before, (row.what, call)
                url = state_of(hass, entry, "sensor", "session_url").state
                assert url == shown["url"]
            if outcome == "pin_wrong":  # so that no lock comes in the way
                entry.runtime_data.screens[
                    next(iter(entry.subentries))
                ].staff_pin.async_check(PIN)
            tried += 1
    assert tried > 1


def test_documentation() -> None:
    """The table in SECURITY.md is this one."""
    assert markdown() in page("SECURITY.md").text


async def test_unknown_user(hass: HomeAssistant, till: str, sandbox: Sandbox) -> None:
    """A user who was deleted may do nothing, as elsewhere in Home Assistant."""
    with pytest.raises(UnknownUser):
        await hass.services.async_call(
            DOMAIN,
            "create_portal_session",
            {"device_id": till},
            blocking=True,
            context=Context(user_id="gone"),
        )
    assert not sandbox.calls("POST")


async def test_without_the_image_entity(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    till: str,
    hass_read_only_user: MockUser,
) -> None:
    """A user who may control all entities is refused if the image entity is missing."""
    hass_read_only_user.mock_policy({"entities": True})
    er.async_get(hass).async_remove(entity_id(hass, entry, "image", "qr_code"))
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "clear_session",
            {"device_id": till},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


# -------------------------------------------------------------------- the staff's PIN


@pytest.fixture
async def guarded(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    monkeypatch: pytest.MonkeyPatch,
) -> MockConfigEntry:
    """Return an account with a screen that has a PIN."""
    monkeypatch.setattr(coordinator, "BRAKE", 0)
    made = account(
        sandbox,
        screen(shop_uuid, staff_pin=PIN),
        screen(shop_uuid, "Till 2", staff_pin=PIN),
    )
    await set_up(hass, made)
    return made


@pytest.fixture
async def clerk(hass: HomeAssistant) -> Context:
    """Return the context of calls by a user who is no administrator."""
    await hass.auth.async_create_user("Owner", group_ids=[GROUP_ID_ADMIN])
    user = await hass.auth.async_create_user("Clerk", group_ids=[GROUP_ID_USER])
    return Context(user_id=user.id)


async def enter(
    hass: HomeAssistant, device: str, clerk: Context, pin: str
) -> ServiceValidationError | None:
    """Enter a PIN, and return the error."""
    try:
        await hass.services.async_call(
            DOMAIN,
            "create_top_up_giftcard_session",
            {"device_id": device, "pin": pin},
            blocking=True,
            context=clerk,
        )
    except ServiceValidationError as err:
        return err
    return None


async def test_lock(
    hass: HomeAssistant,
    guarded: MockConfigEntry,
    clerk: Context,
    skip: Advance,
) -> None:
    """Five wrong PINs in a row lock the screen, each time for twice as long."""
    device = device_id(hass, guarded)
    expected = LOCK
    for _ in range(7):
        for _ in range(MAX_WRONG):
            error = await enter(hass, device, clerk, WRONG)
            assert error
            assert error.translation_key == "pin_wrong"
        error = await enter(hass, device, clerk, PIN)
        assert error
        assert error.translation_key == "pin_locked"
        assert error.translation_placeholders == {"seconds": str(expected)}
        # Another screen has a lock of its own.
        assert await enter(hass, device_id(hass, guarded, "Till 2"), clerk, PIN) is None
        await skip(expected - 1)
        error = await enter(hass, device, clerk, PIN)
        assert error
        assert error.translation_key == "pin_locked"
        await skip(1)
        expected = min(2 * expected, MAX_LOCK)
    assert expected == MAX_LOCK
    # The right PIN starts anew.
    assert await enter(hass, device, clerk, PIN) is None
    for _ in range(MAX_WRONG - 1):
        await enter(hass, device, clerk, WRONG)
    assert await enter(hass, device, clerk, PIN) is None
    for _ in range(MAX_WRONG):
        await enter(hass, device, clerk, WRONG)
    error = await enter(hass, device, clerk, PIN)
    assert error
    assert error.translation_placeholders == {"seconds": str(LOCK)}


async def test_the_owner_is_told(
    hass: HomeAssistant,
    guarded: MockConfigEntry,
    clerk: Context,
    hass_client: ClientSessionGenerator,
    socket_enabled: None,
) -> None:
    """A lock is an issue, which stays over a reload until it is confirmed."""
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    device = device_id(hass, guarded)
    for count in range(MAX_WRONG):
        assert not ir.async_get(hass).issues, count
        await enter(hass, device, clerk, WRONG)
    await hass.config_entries.async_reload(guarded.entry_id)
    await hass.async_block_till_done()
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.active
    assert issue.translation_placeholders == {
        "account": guarded.title,
        "screen": "Till 1",
    }
    assert PIN not in repr(issue)
    url = "/api/repairs/issues/fix"
    answer = await client.post(
        url, json={"handler": DOMAIN, "issue_id": issue.issue_id}
    )
    form = await answer.json()
    assert (form["type"], form["step_id"]) == ("form", "confirm")
    answer = await client.post(f"{url}/{form['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert not ir.async_get(hass).issues


async def test_sessions_do_not_know_the_pin(
    hass: HomeAssistant, sandbox: Sandbox, guarded: MockConfigEntry, clerk: Context
) -> None:
    """The PIN is neither sent to Piggy nor part of what makes two calls equal."""
    assert await enter(hass, device_id(hass, guarded), clerk, PIN) is None
    (request,) = sandbox.calls("POST")
    assert isinstance(request.json, dict)
    assert request.json.keys() == {"shop_uuid"}


async def test_button_of_an_automation(
    hass: HomeAssistant, sandbox: Sandbox, guarded: MockConfigEntry, clerk: Context
) -> None:
    """An automation presses a button for staff; a user is asked for the PIN."""
    with pytest.raises(ServiceValidationError) as caught:
        await press(hass, guarded, "top_up_prepaid", context=clerk)
    assert caught.value.translation_key == "pin_required"
    assert not sandbox.calls("POST")
    await press(hass, guarded, "top_up_prepaid")
    assert len(sandbox.calls("POST")) == 1


async def test_comparison_takes_no_text_apart(
    hass: HomeAssistant, guarded: MockConfigEntry, clerk: Context
) -> None:
    """A PIN of other characters is wrong, not an error."""
    error = await enter(hass, device_id(hass, guarded), clerk, "４７１１é")
    assert error
    assert error.translation_key == "pin_wrong"
