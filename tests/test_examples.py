"""The examples of the documentation do what is written above them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from http import HTTPStatus
import json
from pathlib import Path
import shutil
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MqttMockHAClient,
)

from custom_components.piggy import coordinator
from custom_components.piggy.const import DOMAIN
from homeassistant.components.recorder import CONFIG_SCHEMA as RECORDER_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.entityfilter import convert_include_exclude_filter
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from sandbox import Sandbox, Session

from .conftest import ROOT, act, clear, device_id, run_due
from .documentation import blocks, examples, page, scripts, uses

# Stands for a user's own device in every example.
PLACEHOLDER: Final = "0123456789abcdef0123456789abcdef"
TILL: Final = page("docs/till.md")


@dataclass(frozen=True)
class Shop:
    """A hub with a screen and one automation."""

    hass: HomeAssistant
    entry: MockConfigEntry
    sandbox: Sandbox
    freezer: FrozenDateTimeFactory
    client: ClientSessionGenerator
    user: ClientSessionGenerator
    mqtt: MqttMockHAClient

    async def start(self, alias: str) -> None:
        """Load the automation as it is written, with the screen's device."""
        assert await async_setup_component(self.hass, "webhook", {})
        text = json.dumps(examples()[alias])
        own = json.loads(text.replace(PLACEHOLDER, self.device))
        assert await async_setup_component(
            self.hass, "automation", {"automation": [own]}
        )
        await self.hass.async_block_till_done()
        (automation,) = self.hass.states.async_all("automation")
        assert automation.state == "on"
        assert automation.name == alias

    async def logged_in(self) -> Any:
        """Return an HTTP client of a user."""
        assert await async_setup_component(self.hass, "api", {})
        return await self.user()

    def published(self) -> list[tuple[str, Any]]:
        """Return the topics and the JSON of the messages published over MQTT."""
        calls = self.mqtt.async_publish.call_args_list
        return [(call.args[0], json.loads(call.args[1])) for call in calls]

    async def stop(self) -> None:
        """Switch the automation off."""
        await self.hass.services.async_call(
            "automation", "turn_off", {"entity_id": "all"}, blocking=True
        )

    @property
    def device(self) -> str:
        """Return the screen's device."""
        return device_id(self.hass, self.entry)

    async def change(self, entity_id: str, *states: str, **attributes: Any) -> None:
        """Let an entity of another integration go through states."""
        for state in states:
            self.hass.states.async_set(entity_id, state, attributes)
            await self.hass.async_block_till_done()

    async def tick(self, seconds: float) -> None:
        """Advance the clock."""
        self.freezer.tick(timedelta(seconds=seconds))
        await run_due(self.hass)

    def set_clock(self, at: str) -> None:
        """Advance the clock to a time of the day."""
        now = dt_util.now()
        moment = datetime.combine(now.date(), time.fromisoformat(at), now.tzinfo)
        self.freezer.move_to(moment + timedelta(days=moment < now))

    def status(self) -> str:
        """Return the screen's status."""
        state = self.hass.states.get("sensor.till_1_session_status")
        assert state is not None
        return state.state

    def session(self) -> Session:
        """Return the only session at Piggy, which the screen shows."""
        (session,) = self.sandbox.sessions.values()
        state = self.hass.states.get("sensor.till_1_session_url")
        assert state is not None
        assert state.state == self.sandbox.portal_url(session.uuid)
        return session

    async def order(self, cents: int) -> str:
        """Start a session for an order; return its UUID."""
        given = {"amount_in_cents": cents, "reference": "4711"}
        answer = await act(
            self.hass, "create_redeem_giftcard_session", self.device, **given
        )
        uuid: str = answer["uuid"]
        return uuid

    async def pay(self, uuid: str, cents: int) -> None:
        """Pay with a giftcard."""
        data = {"amount_in_cents": -cents}
        self.sandbox.add_event(uuid, "giftcard_transaction", data)
        await self.tick(16)

    async def redeem(self, event: str, data: dict[str, Any]) -> None:
        """Let the customer do something in the session on the screen."""
        self.sandbox.add_event(self.session().uuid, event, data)
        await self.tick(6)


@pytest.fixture
def shop(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
    hass_client: ClientSessionGenerator,
) -> Shop:
    """Return a shop with everything that the examples use."""
    return Shop(
        hass, entry, sandbox, freezer, hass_client_no_auth, hass_client, mqtt_mock
    )


type Example = Callable[[Shop], Awaitable[None]]
RUNS: Final[dict[str, Example]] = {}
VOUCHER: Final = {"uuid": "v1", "code": "COFFEE", "name": "Free coffee"}


def example(alias: str) -> Callable[[Example], Example]:
    """Register the function that runs an example and checks the result."""

    def note(run: Example) -> Example:
        RUNS[alias] = run
        return run

    return note


def assert_order(shop: Shop) -> None:
    """Check that the screen shows the session of order 4711, for 10.40."""
    assert shop.session().type.name == "redeem_giftcard"
    assert shop.session().parameters["amount_in_cents"] == 1040
    event = shop.hass.states.get("event.till_1_session")
    assert event is not None
    assert event.attributes["reference"] == "4711"


@example("Pay with a giftcard")
async def _pay_with_a_giftcard(shop: Shop) -> None:
    await shop.change("input_number.total", "10.4")
    await shop.change("input_button.giftcard", "unknown", dt_util.utcnow().isoformat())
    session = shop.session()
    assert session.type.name == "redeem_giftcard"
    assert session.parameters["amount_in_cents"] == 1040
    assert session.parameters["allow_multiple_giftcards"] is False


@example("Thank the customer")
async def _thank_the_customer(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "light", "turn_on")
    await act(shop.hass, "create_voucher_session", shop.device)
    await shop.tick(6)
    assert not calls
    await shop.redeem("voucher_redeemed", VOUCHER)
    (call,) = calls
    assert call.data == {"entity_id": ["light.till_1"], "flash": "short"}


@example("A large payment")
async def _a_large_payment(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "persistent_notification", "create")
    area = ar.async_get(shop.hass).async_create("Shop")
    dr.async_get(shop.hass).async_update_device(shop.device, area_id=area.id)
    uuid = await shop.order(10000)
    for cents in (4999, 5001):
        await shop.pay(uuid, cents)
    (call,) = calls
    assert call.data["message"] == "50.01 were paid."


@example("Somebody is at the counter")
async def _somebody_is_at_the_counter(shop: Shop) -> None:
    await shop.change("binary_sensor.counter", "off", "on")
    session = shop.session()
    assert session.type.name == "portal"
    assert session.parameters["enable_registration"] is True
    await shop.change("binary_sensor.counter", "off", "on")
    assert shop.session() is session


@example("Collect credits with a loyalty card")
async def _collect_credits_with_a_loyalty_card(shop: Shop) -> None:
    for amount in ("unknown", "10.40"):
        assert not shop.sandbox.sessions
        await shop.change("number.till_1_amount", amount)
        shop.hass.bus.async_fire("tag_scanned", {"tag_id": "1000001"})
        await shop.hass.async_block_till_done()
    session = shop.session()
    assert session.type.name == "credit_reception"
    assert session.parameters["amount_in_cents"] == 1040
    assert session.contact is not None
    assert session.contact.email == "ada@example.com"
    assert shop.status() == "identified"


@example("The till sends a total")
async def _the_till_sends_a_total(shop: Shop) -> None:
    client = await shop.client()
    till = {"order": "4711", "total": 10.40}
    (trigger,) = examples()["The till sends a total"]["triggers"]
    path = f"/api/webhook/{trigger['webhook_id']}"
    answer = await client.post(path, json=till)
    assert answer.status == HTTPStatus.OK
    await shop.hass.async_block_till_done()
    assert_order(shop)


@example("Book each payment")
async def _book_each_payment(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "rest_command", "book_payment")
    uuid = await shop.order(5000)
    for cents in (1000, 4000):
        await shop.pay(uuid, cents)
        await clear(shop.hass, shop.device)
    booked = [call.data for call in calls]
    assert len({row["event_id"] for row in booked}) == 2
    assert [{**row, "event_id": None} for row in booked] == [
        {
            "event_id": None,
            "order": 4711,
            "paid_in_cents": paid,
            "remaining_in_cents": remaining,
        }
        for paid, remaining in ((1000, 4000), (4000, 0))
    ]


@example("Close the order")
async def _close_the_order(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "rest_command", "close_order")
    await shop.pay(await shop.order(5000), 1000)
    await clear(shop.hass, shop.device)
    await shop.tick(1)
    await shop.pay(await shop.order(1000), 1000)
    await shop.tick(16)
    assert [call.data for call in calls] == [
        {"order": 4711, "remaining_in_cents": remaining, "may_still_be_paid": True}
        for remaining in (4000, 0)
    ]


@example("Top up a giftcard")
async def _top_up_a_giftcard(shop: Shop) -> None:
    await shop.change("event.wall_button", "unknown")
    pressed = dt_util.utcnow().isoformat()
    await shop.change("event.wall_button", pressed, event_type="press")
    assert shop.session().type.name == "top_up_giftcard"


@example("Pay at the counter of the members")
async def _pay_at_the_counter(shop: Shop) -> None:
    await shop.change("input_number.total", "10.4")
    await shop.change("input_text.member", "ben@example.com")
    await shop.change(
        "input_button.pay_prepaid", "unknown", dt_util.utcnow().isoformat()
    )
    session = shop.session()
    assert session.type.name == "pay_prepaid"
    assert session.contact is not None
    assert session.contact.email == "ben@example.com"
    assert session.parameters["scanner_type"] == "hand_scanner"
    assert session.parameters["amount_in_cents"] == 1040


@example("Top up a prepaid balance")
async def _top_up_a_prepaid_balance(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "input_select", "select_first")
    await shop.change("input_select.till_1", "Nothing", "Top up")
    assert shop.session().type.name == "top_up_prepaid"
    (call,) = calls
    assert call.data == {"entity_id": ["input_select.till_1"]}


@example("Voucher at the counter")
async def _voucher_at_the_counter(shop: Shop) -> None:
    for tag in ("elsewhere", "counter"):
        assert not shop.sandbox.sessions
        shop.hass.bus.async_fire("tag_scanned", {"tag_id": tag})
        await shop.hass.async_block_till_done(wait_background_tasks=True)
    assert shop.session().type.name == "voucher"


@example("Pay the total with giftcards")
async def _pay_the_total_with_giftcards(shop: Shop) -> None:
    await shop.change("input_text.order", "4711")
    await shop.change("input_number.total", "0", "10.4")
    assert_order(shop)


@example("Tell the staff")
async def _tell_the_staff(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "persistent_notification", "create")
    await act(shop.hass, "create_portal_session", shop.device)
    await shop.redeem("credit_reception", {"credits": 5})
    (call,) = calls
    assert call.data == {"title": "Sesame Street", "message": "credit_reception"}


@example("Closing time")
async def _closing_time(shop: Shop) -> None:
    shop.set_clock("17:59:30")
    await act(shop.hass, "create_voucher_session", shop.device)
    assert shop.status() == "waiting"
    await shop.tick(31)
    assert shop.status() == "idle"
    event = shop.hass.states.get("event.till_1_session")
    assert event is not None
    assert event.attributes["event_type"] == "session_cleared"


@example("Voucher redeemed")
async def _voucher_redeemed(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "persistent_notification", "create")
    await act(shop.hass, "create_voucher_session", shop.device)
    await shop.redeem("voucher_redeemed", VOUCHER)
    (call,) = calls
    assert call.data == {"title": "Voucher redeemed", "message": "Free coffee"}


@example("Orders over MQTT")
async def _orders_over_mqtt(shop: Shop) -> None:
    order = {"order": "4711", "amount_in_cents": 1040}
    async_fire_mqtt_message(shop.hass, "till/1/order", json.dumps(order))
    await shop.hass.async_block_till_done(wait_background_tasks=True)
    assert shop.session().parameters["amount_in_cents"] == 1040
    ((topic, answer),) = shop.published()
    assert topic == "till/1/started"
    assert answer.pop("session")
    assert answer == {"order": "4711", "shown": True}


@example("Events over MQTT")
async def _events_over_mqtt(shop: Shop) -> None:
    await shop.pay(await shop.order(1000), 1000)
    await shop.tick(16)
    (first, paid), (second, ended) = shop.published()
    assert first == second == "till/1/event"
    assert paid.pop("event_id")
    assert paid.pop("session") == ended.pop("session")
    rest = {"order": "4711", "paid": 1000, "remaining": 0}
    assert paid == {"event": "giftcard_transaction", **rest}
    assert ended == {"event": "session_ended", "event_id": None, **rest}


@example("Write the code to a file")
async def _write_the_code_to_a_file(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "image", "snapshot")
    await act(shop.hass, "create_voucher_session", shop.device)
    await shop.hass.async_block_till_done()
    (call,) = calls
    assert call.data["entity_id"] == ["image.till_1_qr_code"]
    assert Path(call.data["filename"]).parent == Path("/media")


def test_every_example_is_run() -> None:
    """Every automation has a test, and every test its automation."""
    assert RUNS.keys() == examples().keys()
    for automation in examples().values():
        for action in automation["actions"]:
            if action["action"].startswith(f"{DOMAIN}."):
                assert action["data"]["device_id"] == PLACEHOLDER


@pytest.mark.parametrize("alias", RUNS)
async def test_example(
    shop: Shop, caplog: pytest.LogCaptureFixture, alias: str
) -> None:
    """An example does what is written above it."""
    await shop.start(alias)
    await RUNS[alias](shop)
    await shop.stop()
    assert not [
        record
        for record in caplog.records
        if record.levelname in {"WARNING", "ERROR"}
        and record.name.startswith(("homeassistant.components.automation", "custom_"))
    ]


# -------------------------------------------------------------------- a till over HTTP


def requests() -> list[tuple[str, dict[str, Any]]]:
    """Return the requests that the page about tills shows: path and body."""
    found = []
    for block in TILL.fenced("http"):
        line, body = block.split("\n", 1)
        method, path = line.split()
        assert method == "POST"
        found.append((path, json.loads(body)))
    return found


async def test_one_call(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The script answers with what was paid, also when a second order comes first.

    Nothing here waits for all tasks of Home Assistant: the requests are among them.
    """
    monkeypatch.setattr(coordinator, "BRAKE", 0)
    (script,) = scripts()
    text = json.dumps(scripts()).replace(PLACEHOLDER, device_id(hass, entry))
    assert await async_setup_component(hass, "api", {})
    assert await async_setup_component(hass, "script", {"script": json.loads(text)})
    path, body = requests()[0]
    assert path == f"/api/services/script/{script}?return_response"
    client = await hass_client()

    async def call(order: dict[str, Any]) -> Any:
        response = await client.post(path, json=order)
        return (await response.json())["service_response"]

    async with asyncio.timeout(20):
        first = hass.loop.create_task(call(body))
        await sandbox.wait_for_calls(1, "POST")
        second = hass.loop.create_task(call({"order": "B2", "amount_in_cents": 500}))
        answer = await first
        (shown,) = TILL.fenced("json")
        assert answer.keys() == json.loads(shown).keys()
        assert answer.pop("session")
        assert answer == {"order": "4711", "paid": 0, "remaining": 1040}

        uuid = list(sandbox.sessions)[-1]
        data = {"amount_in_cents": -500}
        sandbox.add_event(uuid, "giftcard_transaction", data)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))
        answer = await second
    assert answer.pop("session")
    assert answer == {"order": "B2", "paid": 500, "remaining": 0}


async def test_ask_until_it_is_paid(shop: Shop) -> None:
    """The till starts a session, asks by its UUID, and clears the screen."""
    client = await shop.logged_in()
    _, create, ask, clear_screen = requests()

    async def send(request: tuple[str, dict[str, Any]], uuid: str = "") -> Any:
        path, body = request
        text = json.dumps(body).replace(PLACEHOLDER, shop.device)
        answer = await client.post(path, data=text.replace("THE_UUID", uuid))
        assert answer.status == HTTPStatus.OK
        told = await answer.json()
        return told["service_response"] if "return_response" in path else told

    started = await send(create)
    assert (started["shown"], started["reference"]) == (True, "4711")
    for paid in (400, 640):
        shop.sandbox.add_event(
            started["uuid"], "giftcard_transaction", {"amount_in_cents": -paid}
        )
        told = await send(ask, started["uuid"])
    assert told["remaining_in_cents"] == 0
    assert [event["data"]["amount_in_cents"] for event in told["events"]] == [
        -400,
        -640,
    ]
    await send(clear_screen)
    assert (await send(ask, started["uuid"]))["shown"] is False
    for _ in range(50):
        await shop.tick(15)
    told = await send(ask, started["uuid"])
    assert (told["status"], told["remaining_in_cents"]) == (None, None)


async def test_a_person_has_to_wait(shop: Shop) -> None:
    """A second call with a token within two seconds is rejected."""
    client = await shop.logged_in()
    path, body = requests()[1]
    statuses = []
    for reference in ("4711", "4712"):
        body |= {"device_id": shop.device, "reference": reference}
        statuses.append((await client.post(path, json=body)).status)
    # Home Assistant 2026.8 answers with 500, later releases with 400.
    assert statuses[0] == HTTPStatus.OK
    assert statuses[1] in {HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR}
    assert len(shop.sandbox.sessions) == 1


# ------------------------------------------------------------------------ other YAML


def test_recorder() -> None:
    """The filter keeps the URLs of sessions out of the history, and nothing else."""
    (block,) = [block for block in blocks() if "recorder" in block]
    config = RECORDER_SCHEMA(block)["recorder"]
    keeps = convert_include_exclude_filter(config)
    assert not keeps("sensor.till_1_session_url")
    assert keeps("sensor.till_1_session_status")


async def test_cards(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Cards show entities that exist; `test_card` looks at the integration's own."""
    cards = [block for block in blocks() if "type" in block]
    own, *others = sorted(cards, key=lambda card: "custom:" not in card["type"])
    assert own["type"] == "custom:piggy-screen-card"
    assert others
    for card in others:
        assert hass.states.get(card["entity"]) is not None


async def test_touchkio_wakes(shop: Shop) -> None:
    """A session turns on the display, as TouchKio announces it over MQTT."""
    folder = Path(shop.hass.config.config_dir, "blueprints", "automation", "piggy")
    shutil.copytree(ROOT / "blueprints" / "automation" / "piggy", folder)
    announced = {
        "name": "Display",
        "unique_id": "rpi_0A1B2C_display",
        "command_topic": "touchkio/rpi_0A1B2C/display/power/set",
        "state_topic": "touchkio/rpi_0A1B2C/display/power/state",
        "platform": "light",
        "device": {"name": "TouchKio Counter", "identifiers": ["rpi_0A1B2C"]},
    }
    topic = "homeassistant/light/rpi_0A1B2C/display/config"
    async_fire_mqtt_message(shop.hass, topic, json.dumps(announced))
    await shop.hass.async_block_till_done()
    text = json.dumps(uses()["Wake TouchKio"]).replace(PLACEHOLDER, shop.device)
    config = {"automation": [json.loads(text)]}
    assert await async_setup_component(shop.hass, "automation", config)
    await act(shop.hass, "create_voucher_session", shop.device)
    await shop.hass.async_block_till_done()
    sent = [call.args[:2] for call in shop.mqtt.async_publish.call_args_list]
    assert sent == [("touchkio/rpi_0A1B2C/display/power/set", "ON")]


def test_every_block_is_tested() -> None:
    """Every YAML block is something that a test runs.

    `tests/e2e/test_displays.py` runs what uses a blueprint, and the configurations.
    """
    known = {"triggers", "use_blueprint", "recorder", "type", "rest_command", "display"}
    for block in blocks():
        kinds = (known | scripts().keys()) & block.keys()
        assert len(kinds) == 1, block
