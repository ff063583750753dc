"""Secrets do not leave the places where they belong.

Canaries stand for the key, a session's url and uuid, and a customer's uuid, email
address and card. Whatever a user does and whatever Piggy says of it, none of them is in
what the hub logs, at debug level, downloads, asks to repair, tells as an event, records
or raises. The url is on the screen: as the state of its sensor, and in the response of
the action that was asked for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
import json
import logging
import traceback
from typing import Any, Final

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    RecorderInstanceContextManager,
    WebSocketGenerator,
)
from sqlalchemy import text

from custom_components.piggy.api.session_types import SESSION_TYPES
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.coordinator import BRAKE
from homeassistant.components.recorder.core import Recorder
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.json import JSONEncoder
from homeassistant.helpers.recorder import session_scope
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import Advance, act, device_id, entity_id
from .flows import Flow, befalling

type Browser = TestClient[Any, Any]

KEY: Final = "canary-key|4711"
NEW_KEY: Final = "canary-new-key|4711"
EMAIL: Final = "Canary.Mail@example.com"
CARD: Final = "canary-card-4711"
CONTACT: Final = "canary-contact-4711"
URL: Final = "https://portal.example.com/canary-url/{uuid}"
CANARIES: Final = ("canary-key", "canary-new-key", "canary.mail", CARD, CONTACT)
URL_CANARY: Final = "canary-url"

# Home Assistant's own logs of requests and responses. The
# integration can do nothing about them, and their content comes from the user.
#   the event of a call      what the caller gave: logged, sent over the bus, recorded
#   the event of a state     the url's sensor has the url as its state
#   either, on its way to be recorded
#   sent over a websocket    the response that was asked for, and states
#   the statements of a database, where those states go
#   what the tests' stand-in for the private storage reads and writes
CORES_OWN: Final = (
    ("homeassistant.core", "Bus:Handling <Event call_service["),
    ("homeassistant.core", "Bus:Handling <Event state_changed[L]: entity_id=sensor."),
    ("homeassistant.components.websocket_api.http.connection", "Sending "),
    ("homeassistant.components.websocket_api.http.connection", "Received "),
    ("homeassistant.components.recorder.core", "Processing task: <Event call_service["),
    (
        "homeassistant.components.recorder.core",
        "Processing task: <Event state_changed[",
    ),
    ("sqlalchemy.engine", ""),
    ("pytest_homeassistant_custom_component.common", "Writing data to "),
    ("pytest_homeassistant_custom_component.common", "Loading data for "),
)

CREATES: Final[dict[str, dict[str, Any]]] = {
    f"create_{session_type}_session": (
        {"amount_in_cents": 1040} if row.purchase_amount == "required" else {}
    )
    for session_type, row in SESSION_TYPES.items()
}
CUSTOMERS: Final[tuple[dict[str, str], ...]] = (
    {"contact_email": EMAIL},
    {"contact_identifier": CARD},
    {"contact_uuid": CONTACT},
)


@pytest.fixture
def mock_recorder_before_hass(
    async_test_recorder: RecorderInstanceContextManager,
) -> None:
    """Prepare the recorder before Home Assistant starts."""


@pytest.fixture
async def browser(
    hass: HomeAssistant, socket_enabled: None, hass_client: ClientSessionGenerator
) -> Browser:
    """Return an HTTP client that is logged in as the frontend is."""
    # Views can only be added before the hub's server serves.
    for component in (
        *("config", "diagnostics", "image", "repairs", "system_health"),
        *("websocket_api", DOMAIN),
    ):
        assert await async_setup_component(hass, component, {})
    return await hass_client()


@dataclass
class Sinks:
    """The output of the hub, by place."""

    logs: list[tuple[str, str]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


class _Log(logging.Handler):
    """Keeps everything that is logged, with its tracebacks."""

    def __init__(self, kept: list[tuple[str, str]]) -> None:
        super().__init__(logging.DEBUG)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append((record.name, self.format(record)))


@pytest.fixture
def sinks(hass: HomeAssistant) -> Iterator[Sinks]:
    """Collect the output of the hub, with logs at debug level."""
    found = Sinks()
    handler, root = _Log(found.logs), logging.getLogger()
    levels = {
        name: logging.getLogger(name).level
        for name in ("", "custom_components", "homeassistant")
    }

    @callback
    def keep(event: Event[Any]) -> None:
        found.events.append(json.dumps(event.as_dict(), cls=JSONEncoder))

    stop = hass.bus.async_listen(MATCH_ALL, keep)
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield found
    stop()
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def talkative(sandbox: Sandbox, *known: str, key: str = KEY) -> list[Fault]:
    """Return refusals that contain secrets in many forms.

    `known` is what else Piggy can tell of, from what it is asked or was asked before.
    """
    session = next(reversed(sandbox.sessions), "no-session")
    url = URL.format(uuid=session)
    words = ", ".join(f"“{word}” ({word})" for word in known)
    said = f"{key} ({EMAIL}) <{session}> {words}: {url}."
    fields = {said: [said, said.upper()], "email": said.lower(), url: [EMAIL]}
    answer = {"message": said, "errors": fields, "status_code": 400}
    return [
        Fault("raw", status=400, body=json.dumps({**answer, "code": 1003}), times=0),
        Fault("raw", status=400, body=json.dumps({**answer, "code": 99999}), times=0),
        Fault("raw", status=500, body=json.dumps({**answer, "code": 1000}), times=0),
        Fault("raw", status=400, body=json.dumps(answer), times=0),
        Fault("raw", status=401, body=json.dumps(answer), times=0),
        Fault("raw", status=503, body=said, times=0),
        Fault("raw", body=said, times=0),
        Fault("raw", body=json.dumps({"data": said}), times=0),
        Fault("raw", body=json.dumps({"data": [answer]}), times=0),
        Fault("redirect", location=f"https://example.com/{key}?email={EMAIL}", times=0),
        Fault("status", status=429, headers={"Retry-After": said}, times=0),
        Fault("truncate", times=0),
        Fault("reset_after", times=0),
    ]


@pytest.fixture
def trusted(sandbox: Sandbox) -> Sandbox:
    """Return a sandbox with every canary."""
    sandbox.add_key(KEY)
    sandbox.settings.url_for = URL
    sandbox.add_identifier(CARD, sandbox.add_contact(EMAIL, uuid=CONTACT))
    return sandbox


class User:
    """A user who tries everything, and the results."""

    def __init__(
        self,
        hass: HomeAssistant,
        sandbox: Sandbox,
        browser: Browser,
        sinks: Sinks,
        skip: Advance,
    ) -> None:
        """Prepare the user."""
        self.skip = skip
        self.hass = hass
        self.sandbox = sandbox
        self.browser = browser
        self.sinks = sinks
        self.entry: Any = None

    @property
    def till(self) -> str:
        """Return the screen's device."""
        return device_id(self.hass, self.entry, "Till 1")

    async def adds_the_account(self) -> None:
        """Add the account, with every failure before it succeeds."""
        filled = {"api_key": KEY, "advanced": {"url": self.sandbox.url}}
        flow = await Flow(self.browser).start()
        for fault in talkative(self.sandbox):
            with befalling(self.sandbox, fault):
                await flow.send(**filled)
            # The form fills in the key again for the user who typed it.
            self.sinks.shown.append(json.dumps(flow.result.get("errors")))
        await flow.send(**filled)
        self.sinks.shown.append(json.dumps(flow.result))
        # A session for a known customer must outlast two skipped minutes.
        shop = next(iter(self.sandbox.shops))
        await flow.send(shop=shop, name="Till 1", customer_lifetime=5)
        await self.hass.async_block_till_done()
        (self.entry,) = self.hass.config_entries.async_entries(DOMAIN)
        assert self.entry.state is ConfigEntryState.LOADED

    async def reloads(self) -> None:
        """Reload the account, with every failure."""
        for fault in talkative(self.sandbox):
            with befalling(self.sandbox, fault):
                await self.hass.config_entries.async_reload(self.entry.entry_id)
                await self.hass.async_block_till_done()
            self.sinks.shown.append(str(self.entry.reason))
            self.leave_flows()
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        assert self.entry.state is ConfigEntryState.LOADED

    async def starts_sessions(self) -> None:
        """Start a session of every type, for every kind of customer."""
        for action, data in CREATES.items():
            for customer in ({}, *CUSTOMERS):
                answer = await act(self.hass, action, self.till, **data, **customer)
                assert URL_CANARY in answer["url"]
        await act(self.hass, "get_portal_session", self.till)

    async def fails_to_start_sessions(self, ask: Any) -> None:
        """Meet every failure with every customer, in an automation and a browser."""
        await self.skip(BRAKE)  # or a browser would meet that instead
        calls = [
            *(("create_portal_session", customer) for customer in ({}, *CUSTOMERS)),
            ("get_portal_session", {}),
            ("get_portal_session", {"uuid": next(reversed(self.sandbox.sessions))}),
        ]
        for action, data in calls:
            known = tuple(data.values())
            # Once in the lookup, and once in the session of the customer.
            faults = [
                *talkative(self.sandbox, *known),
                *(
                    replace(fault, path="/portal-sessions")
                    for fault in talkative(self.sandbox, *known, CONTACT)
                    if data or action == "get_portal_session"
                ),
            ]
            for fault in faults:
                with (
                    befalling(self.sandbox, fault),
                    pytest.raises(HomeAssistantError) as caught,
                ):
                    await act(self.hass, action, self.till, **data)
                self.sinks.raised.append(whole(caught.value))
                self.leave_flows()
        for fault in talkative(self.sandbox, CARD):
            with befalling(self.sandbox, fault):
                answer = await ask(
                    "create_portal_session", {"contact_identifier": CARD}
                )
            assert not answer["success"]
            self.sinks.shown.append(json.dumps(answer))
            self.leave_flows()

    async def presses_buttons(self) -> None:
        """Press a button, with and without a failure."""
        button = entity_id(self.hass, self.entry, "button", "voucher")
        data = {"entity_id": button}
        for fault in talkative(self.sandbox):
            # Makes the button available again, after a fault that refused the key.
            await act(self.hass, "get_portal_session", self.till)
            with (
                befalling(self.sandbox, fault),
                pytest.raises(HomeAssistantError) as caught,
            ):
                await self.hass.services.async_call(
                    "button", "press", data, blocking=True
                )
            self.sinks.raised.append(whole(caught.value))
            self.leave_flows()
        await act(self.hass, "get_portal_session", self.till)
        await self.hass.services.async_call("button", "press", data, blocking=True)

    async def watches_a_customer(self) -> None:
        """Let a customer use the session, between polls that fail."""
        for fault in talkative(self.sandbox):
            await act(self.hass, "create_voucher_session", self.till)
            with befalling(self.sandbox, fault):
                await self.polls()
            await self.resumes()
        for fault in talkative(self.sandbox, CONTACT):
            session = await act(self.hass, "create_voucher_session", self.till)
            self.sandbox.identify(session["uuid"], CONTACT)
            await self.polls()
            with befalling(self.sandbox, fault):
                await self.polls()
                with pytest.raises(HomeAssistantError) as caught:
                    await act(self.hass, "get_portal_session", self.till)
            self.sinks.raised.append(whole(caught.value))
            await self.resumes()
        session = await act(self.hass, "create_voucher_session", self.till)
        uuid = session["uuid"]
        told = {"contact": {"uuid": CONTACT, "email": EMAIL}, "code": CARD}
        for event in ("dance", "credit_reception", "reward_reception"):
            self.sandbox.add_event(uuid, event, {**told, "credits": 3})
            await self.polls()
        self.sandbox.add_event(
            uuid, "voucher_redeemed", {**told, "name": "Coffee", "uuid": CONTACT}
        )
        await self.polls()

    async def polls(self) -> None:
        """Let a minute pass: no wait after a failure is longer."""
        await self.skip(61)

    async def gives_a_new_key(self) -> None:
        """Give a new key after the old one expired, with every failure before."""
        self.sandbox.remove_key(KEY)
        self.sandbox.add_key(NEW_KEY)
        with pytest.raises(HomeAssistantError) as caught:
            await act(self.hass, "create_portal_session", self.till)
        self.sinks.raised.append(whole(caught.value))
        await self.hass.async_block_till_done()
        progress = self.hass.config_entries.flow.async_progress()
        self.sinks.shown.append(json.dumps(progress, cls=JSONEncoder))
        flow = await Flow(self.browser).resume(progress[0]["flow_id"])
        for fault in talkative(self.sandbox, key=NEW_KEY):
            # Sessions are polled meanwhile, with the old key.
            with befalling(self.sandbox, replace(fault, path="/shops")):
                await flow.send(api_key=NEW_KEY)
            self.sinks.shown.append(json.dumps(flow.result))
        await flow.send(api_key=NEW_KEY)
        assert flow.result["reason"] == "reauth_successful"
        await self.hass.async_block_till_done()

    async def repairs(self) -> None:
        """Repair a missing shop, with every failure."""
        shop = self.sandbox.shops.pop(next(iter(self.sandbox.shops)))
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()
        (issue,) = [
            issue
            for issue in ir.async_get(self.hass).issues.values()
            if issue.domain == DOMAIN and issue.is_fixable
        ]
        self.sinks.shown.append(repr(issue))
        url = "/api/repairs/issues/fix"
        begun = await self.browser.post(
            url, json={"handler": DOMAIN, "issue_id": issue.issue_id}
        )
        url = f"{url}/{(await begun.json())['flow_id']}"
        await self.browser.post(url, json={"next_step_id": "shop"})
        for fault in talkative(self.sandbox):
            with befalling(self.sandbox, fault):
                form = await self.browser.post(url, json={})
            self.sinks.shown.append(await form.text())
        self.sandbox.shops[shop.uuid] = shop
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def asks_for_help(self, websocket: MockHAClientWebSocket) -> None:
        """Look at the system's health, and download diagnostics after every failure."""
        await websocket.send_json_auto_id({"type": "system_health/info"})
        assert (await websocket.receive_json())["success"]
        while (told := await websocket.receive_json())["event"]["type"] != "finish":
            self.sinks.shown.append(json.dumps(told))
        path = f"/api/diagnostics/config_entry/{self.entry.entry_id}"
        for fault in talkative(self.sandbox, CONTACT):
            await act(
                self.hass, "create_pay_prepaid_session", self.till, **CUSTOMERS[0]
            )
            with befalling(self.sandbox, fault):
                await self.polls()
            for url in (path, f"{path}/device/{self.till}"):
                answer = await self.browser.get(url)
                assert answer.status == HTTPStatus.OK
                self.sinks.shown.append(await answer.text())
            await self.resumes()

    async def resumes(self) -> None:
        """Continue after a failed poll; polling is slow while a new key is needed."""
        if self.leave_flows():
            await self.hass.config_entries.async_reload(self.entry.entry_id)
        # A poll that is under way on a slow machine would be counted as asked.
        await self.hass.async_block_till_done(wait_background_tasks=True)
        asked = len(self.sandbox.calls("GET", "/portal-sessions/"))
        self.entry.runtime_data.account.paused_until = 0.0  # the pause of a 429 is over
        await self.polls()
        assert len(self.sandbox.calls("GET", "/portal-sessions/")) > asked

    def leave_flows(self) -> bool:
        """Close the flows that ask for a new key; return whether there were any."""
        left = False
        for flow in self.hass.config_entries.flow.async_progress():
            if flow["context"]["source"] == "reauth":
                self.hass.config_entries.flow.async_abort(flow["flow_id"])
                left = True
        return left


def whole(error: BaseException | None) -> str:
    """Return every text of an exception and its causes."""
    parts = traceback.format_exception(error) if error else []
    while error is not None:
        told = getattr(error, "translation_placeholders", None)
        parts.append(f"{error} {error!r} {error.args} {vars(error)} {told}")
        error = error.__cause__ or error.__context__
    return "\n".join(parts)


def recorded(instance: Recorder) -> dict[str, list[str]]:
    """Return the content of the recorder, by table."""
    queries = {
        "attributes": "SELECT shared_attrs FROM state_attributes",
        "events": (
            "SELECT event_types.event_type, shared_data FROM events"
            " JOIN event_types USING (event_type_id)"
            " LEFT JOIN event_data USING (data_id)"
            " WHERE event_types.event_type != 'call_service'"
        ),
        "states": (
            "SELECT states_meta.entity_id, state FROM states"
            " JOIN states_meta USING (metadata_id)"
        ),
    }
    with session_scope(session=instance.get_session(), read_only=True) as session:
        return {
            name: [str(tuple(row)) for row in session.execute(text(query))]
            for name, query in queries.items()
        }


def found(lines: list[str], *canaries: str) -> list[str]:
    """Return the lines that contain a canary in any notation."""
    folded = [canary.casefold() for canary in canaries]
    return [line for line in lines if any(word in line.casefold() for word in folded)]


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_nothing_secret_gets_out(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    trusted: Sandbox,
    browser: Browser,
    hass_ws_client: WebSocketGenerator,
    sinks: Sinks,
    skip: Advance,
) -> None:
    """Canaries are only on the screen and in the responses to its callers."""
    websocket = await hass_ws_client(hass)
    user = User(hass, trusted, browser, sinks, skip)

    async def ask(action: str, data: dict[str, Any]) -> Any:
        await websocket.send_json_auto_id(
            {
                "type": "call_service",
                "domain": DOMAIN,
                "service": action,
                "service_data": {"device_id": user.till, **data},
                "return_response": True,
            }
        )
        return await websocket.receive_json()

    await user.adds_the_account()
    await user.starts_sessions()
    await user.fails_to_start_sessions(ask)
    await user.presses_buttons()
    await user.watches_a_customer()
    await user.reloads()
    # The minutes that were skipped have closed the other connection.
    await user.asks_for_help(await hass_ws_client(hass))
    await user.repairs()
    await user.gives_a_new_key()
    await hass.async_block_till_done()
    await recorder_mock.async_recorder_ready.wait()
    await hass.async_add_executor_job(recorder_mock.block_till_done)
    tables = await hass.async_add_executor_job(recorded, recorder_mock)

    sessions = tuple(trusted.sessions)
    everything = (*CANARIES, URL_CANARY, *sessions)
    sensor = entity_id(hass, user.entry, "sensor", "session_url")
    logs = [
        f"{name}: {line}"
        for name, line in sinks.logs
        if not any(name.startswith(own) and words in line for own, words in CORES_OWN)
    ]
    assert [line for line in logs if line.startswith("custom_components.piggy")]
    assert not found(logs, *everything)
    assert not found(sinks.raised, *everything)
    assert not found(sinks.shown, *everything)
    assert not found(tables["attributes"], *everything)
    assert not found(tables["events"], *everything)
    assert not found(tables["states"], *CANARIES)
    # The url is the state of its sensor, so this looks where it would be.
    shown = found(tables["states"], URL_CANARY, *sessions)
    assert shown
    assert not [row for row in shown if not row.startswith(f"('{sensor}'")]
    told = [line for line in sinks.events if '"event_type": "call_service"' not in line]
    assert not found(told, *CANARIES)
    shown = found(told, URL_CANARY, *sessions)
    assert shown
    for line in shown:
        data = json.loads(line)["data"]
        assert data["entity_id"] == sensor
        for state in filter(None, (data["old_state"], data["new_state"])):
            assert not found([json.dumps(state["attributes"])], *everything)
