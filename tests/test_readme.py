"""What the documentation says of the integration, held against the integration."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from http import HTTPStatus
import json
import re
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import yaml

from custom_components.piggy.api import SessionType
from custom_components.piggy.api.errors import ErrorCode
from custom_components.piggy.card import MODULE
from custom_components.piggy.const import (
    DEFAULT_COMPLETED_LIFETIME,
    DEFAULT_SESSION_LIFETIME,
    DOMAIN,
)
from custom_components.piggy.lifecycle import TOLD, ScreenEventType, SessionStatus
from custom_components.piggy.screen_form import (
    MAX_COMPLETED_LIFETIME,
    MAX_SESSION_LIFETIME,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from sandbox import Sandbox, Session

from .conftest import ROOT, act, device_id
from .documentation import examples, in_code, keys, page, pages

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
TEXTS: Final[dict[str, Any]] = json.loads(
    (PACKAGE / "translations/en.json").read_text(encoding="utf-8")
)
README: Final = page("README.md")
ACTIONS: Final = page("docs/actions.md")
DASHBOARDS: Final = page("docs/dashboards.md")
TROUBLESHOOTING: Final = page("docs/troubleshooting.md")

# What stands for a user's own device in every example.
PLACEHOLDER: Final = "0123456789abcdef0123456789abcdef"


# ------------------------------------------------------------------------- tables


def test_account_settings() -> None:
    """Every field of the account's form has its row."""
    step = TEXTS["config"]["step"]["user"]
    advanced = step["sections"]["advanced"]
    rows = README.table("Account settings")
    assert [row[0] for row in rows] == [
        *step["data"].values(),
        *advanced["data"].values(),
    ]
    assert advanced["name"] in rows[-1][1]


def test_screen_settings() -> None:
    """Every field of the screen's form has its row, and the defaults are right."""
    step = TEXTS["config"]["step"]["screen"]
    screen, defaults = README.tables("Screen settings")
    assert {row[0] for row in screen} == set(step["data"].values())
    assert {row[0] for row in defaults} == set(
        step["sections"]["defaults"]["data"].values()
    )
    told = {name: (meaning, default) for name, meaning, default in screen}
    for field, default, most in (
        ("session_lifetime", DEFAULT_SESSION_LIFETIME, MAX_SESSION_LIFETIME),
        ("completed_lifetime", DEFAULT_COMPLETED_LIFETIME, MAX_COMPLETED_LIFETIME),
    ):
        meaning, told_default = told[step["data"][field]]
        assert told_default == str(default)
        assert str(most) in meaning


async def test_entities(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Every entity of a screen has its row, by its id and name."""
    told = {row[0].strip("`"): row[1] for row in README.table("Entities")}
    found = {
        state.entity_id: state.name.removeprefix("Till 1 ")
        for state in hass.states.async_all()
        if "till_1" in state.entity_id
    }
    assert told == found


def test_states() -> None:
    """Every state of the sensors with fixed states is listed."""
    told = {row[0].strip("`"): in_code(row[2]) for row in README.table("Entities")}
    assert told["sensor.till_1_session_status"] == list(SessionStatus)
    assert told["sensor.till_1_session_type"] == list(SessionType)


def test_events() -> None:
    """Every event has its row, with the attributes that it may have."""
    left = {ScreenEventType.SESSION_EXPIRED, ScreenEventType.SESSION_CLEARED}
    assert {row[0].strip("`"): in_code(row[-1]) for row in README.table("Events")} == {
        event: ["status"] if event in left else list(TOLD.get(event, ()))
        for event in ScreenEventType
    }
    completing = in_code(README.section("Events").rsplit("The five", maxsplit=1)[1])
    assert completing == [next(iter(TOLD)), next(reversed(list(TOLD)))]


async def test_actions(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Every action has its row, by its name."""
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert {row[0].strip("`"): row[1] for row in README.table("Actions")} == {
        f"{DOMAIN}.{action}": TEXTS["services"][action]["name"] for action in registered
    }


def test_fields() -> None:
    """Every field of an action has its row, and says which actions take it."""
    fields = {
        action: set(description["fields"])
        for action, description in TEXTS["services"].items()
    }
    creating = {action for action in fields if action.startswith("create_")}
    groups = {
        "all": set(fields),
        "those that start a session": creating,
        "redeem giftcard": {"create_redeem_giftcard_session"},
        "get portal session": {"get_portal_session"},
    }
    told: dict[str, set[str]] = {action: set() for action in fields}
    for name, actions, _ in ACTIONS.table("Fields"):
        for action in groups[actions]:
            told[action].add(name.strip("`"))
    assert told == fields


async def test_response(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Every key of an answer has its row."""
    answer = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert keys(ACTIONS.table("Response")) == list(answer)


def test_every_action_has_an_example() -> None:
    """Every action is shown under its name."""
    used = {
        action["action"]
        for example in examples().values()
        for action in example["actions"]
    }
    assert {f"{DOMAIN}.{action}" for action in TEXTS["services"]} <= used
    headings = re.findall(r"^### (.+)$", ACTIONS.text, re.MULTILINE)
    assert {text["name"] for text in TEXTS["services"].values()} <= set(headings)


def test_blueprints() -> None:
    """Every blueprint has its row, with a button that imports it."""
    folder = "blueprints/automation/piggy"
    manifest = json.loads((PACKAGE / "manifest.json").read_text())
    rows = README.table("Blueprints")
    told = [re.findall(r"\]\((blueprints/[^)]+)\)", row[0])[0] for row in rows]
    assert sorted(told) == [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / folder).glob("*.yaml"))
    ]
    for path, row in zip(told, rows, strict=True):
        source = f"{manifest['documentation']}/blob/main/{path}"
        quoted = source.replace(":", "%3A").replace("/", "%2F")
        assert f"/redirect/blueprint_import/?blueprint_url={quoted})" in row[-1]
        assert f"source_url: {source}" in (ROOT / path).read_text()


def test_card() -> None:
    """Every key of the card's configuration has its row, and the example is of them."""
    card = MODULE.read_text(encoding="utf-8")
    known = re.findall(r"^ \* @property \{[^}]+\} \[?(\w+)", card, re.MULTILINE)
    (pictures, told) = DASHBOARDS.tables("The card")
    assert len(pictures) == 1
    assert sorted(row[0].strip("`") for row in told) == sorted(known)
    example = yaml.safe_load(DASHBOARDS.fenced("yaml")[0])
    assert sorted(example) == sorted(known)
    assert set(example["session_types"]) <= set(SessionType)
    listed = DASHBOARDS.section("The card").rsplit("The session types are", 1)[1]
    assert in_code(listed) == list(SessionType)


def test_dashboards() -> None:
    """Every dashboard to copy has its row."""
    rows = DASHBOARDS.table("Whole dashboards")
    told = {match for row in rows for match in re.findall(r"\]\(([^)]+)\)", row[0])}
    found = (ROOT / "docs/dashboards").glob("*.yaml")
    assert told == {f"dashboards/{path.name}" for path in found}


# ------------------------------------------------------------------- troubleshooting


def matching(told: str, texts: dict[str, str]) -> list[str]:
    """Return the keys of the texts that a user reads as they are told."""
    return [
        key
        for key, text in texts.items()
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)), told)
    ]


def test_messages_of_forms() -> None:
    """Every error of a form is listed word by word."""
    screen = TEXTS["config_subentries"]["screen"]
    done = {"reauth_successful", "reconfigure_successful"}
    texts = {
        key: text
        for forms in (
            TEXTS["config"],
            screen,
            TEXTS["issues"]["shop_missing"]["fix_flow"],
        )
        for group in ("error", "abort")
        for key, text in forms[group].items()
        if key not in done
    }
    told = [row[0] for row in TROUBLESHOOTING.table("While setting up")]
    assert sorted(key for text in told for key in matching(text, texts)) == sorted(
        texts
    )
    assert len(told) == len(texts)


def test_messages_of_actions() -> None:
    """Every error of an action is listed word by word, with its own number."""
    texts = {key: text["message"] for key, text in TEXTS["exceptions"].items()}
    told = [row[0] for row in TROUBLESHOOTING.table("When a session is started")]
    found: list[str] = []
    for text in told:
        (key,) = matching(text, texts)
        found.append(key)
        if (code := re.search(r"\(error (\d+)", text)) is not None:
            assert ErrorCode(int(code[1])).name.lower() == key
    assert sorted(found) == sorted(texts)


def test_message_of_repairs() -> None:
    """The issue's title is quoted word by word."""
    title = TEXTS["issues"]["shop_missing"]["title"].format(screen="Till 1")
    assert f"*{title}*" in TROUBLESHOOTING.section("The shop is missing")


# ------------------------------------------------------------------------ examples


@dataclass(frozen=True)
class Shop:
    """A hub with a screen and one automation."""

    hass: HomeAssistant
    entry: MockConfigEntry
    sandbox: Sandbox
    freezer: FrozenDateTimeFactory
    client: ClientSessionGenerator

    async def start(self, alias: str) -> None:
        """Load the automation as it is written, but for the device."""
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
        """Let time pass."""
        self.freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def set_clock(self, at: str) -> None:
        """Put the clock forward to a time of the hub's day."""
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

    async def redeem(self, event: str, data: dict[str, Any]) -> None:
        """Let the customer do something in the session on the screen."""
        self.sandbox.add_event(self.session().uuid, event, data)
        await self.tick(6)


type Example = Callable[[Shop], Awaitable[None]]
RUNS: Final[dict[str, Example]] = {}
VOUCHER: Final = {"uuid": "v1", "code": "COFFEE", "name": "Free coffee"}


def example(alias: str) -> Callable[[Example], Example]:
    """Note how an example is run, and what is to come of it."""

    def note(run: Example) -> Example:
        RUNS[alias] = run
        return run

    return note


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
    shop.hass.bus.async_fire("tag_scanned", {"tag_id": "1000001"})
    await shop.hass.async_block_till_done()
    session = shop.session()
    assert session.type.name == "credit_reception"
    assert session.contact is not None
    assert session.contact.email == "ada@example.com"
    assert shop.status() == "identified"


@example("The total is to be paid with a giftcard")
async def _the_total_is_to_be_paid(shop: Shop) -> None:
    client = await shop.client()
    answer = await client.post("/api/webhook/till-1-total", json={"total": 10.40})
    assert answer.status == HTTPStatus.OK
    await shop.hass.async_block_till_done()
    assert shop.session().type.name == "redeem_giftcard"
    assert shop.session().parameters["amount_in_cents"] == 1040


@example("Top up a giftcard")
async def _top_up_a_giftcard(shop: Shop) -> None:
    await shop.change("event.wall_button", "unknown")
    pressed = dt_util.utcnow().isoformat()
    await shop.change("event.wall_button", pressed, event_type="press")
    assert shop.session().type.name == "top_up_giftcard"


@example("Pay at the counter of the members")
async def _pay_at_the_counter(shop: Shop) -> None:
    await shop.change("input_text.member", "ben@example.com")
    await shop.change(
        "input_button.pay_prepaid", "unknown", dt_util.utcnow().isoformat()
    )
    session = shop.session()
    assert session.type.name == "pay_prepaid"
    assert session.contact is not None
    assert session.contact.email == "ben@example.com"
    assert session.parameters["scanner_type"] == "hand_scanner"


@example("Top up a prepaid balance")
async def _top_up_a_prepaid_balance(shop: Shop) -> None:
    calls = async_mock_service(shop.hass, "input_select", "select_first")
    await shop.change("input_select.till_1", "Nothing", "Top up")
    assert shop.session().type.name == "top_up_prepaid"
    (call,) = calls
    assert call.data == {"entity_id": ["input_select.till_1"]}


@example("Voucher in the window")
async def _voucher_in_the_window(shop: Shop) -> None:
    shop.set_clock("08:59:30")
    await shop.tick(31)
    first = shop.session()
    assert first.type.name == "voucher"
    await shop.tick(301)
    assert len(shop.sandbox.sessions) == 2
    assert shop.status() == "waiting"
    shop.set_clock("17:59:00")
    await shop.tick(1)
    assert len(shop.sandbox.sessions) == 3
    await shop.tick(301)
    assert shop.status() == "idle"
    assert len(shop.sandbox.sessions) == 3


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


def test_every_example_is_run() -> None:
    """No example is untried, and none that is tried is gone."""
    assert RUNS.keys() == examples().keys()
    for automation in examples().values():
        for action in automation["actions"]:
            if action["action"].startswith(f"{DOMAIN}."):
                assert action["data"]["device_id"] == PLACEHOLDER


@pytest.mark.parametrize("alias", RUNS)
async def test_example(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    alias: str,
) -> None:
    """An example does what is written above it."""
    shop = Shop(hass, entry, sandbox, freezer, hass_client_no_auth)
    await shop.start(alias)
    await RUNS[alias](shop)
    await shop.stop()
    assert not [
        record
        for record in caplog.records
        if record.levelname in {"WARNING", "ERROR"}
        and record.name.startswith(("homeassistant.components.automation", "custom_"))
    ]


def test_other_examples_are_yaml() -> None:
    """What is no automation can be read at least."""
    for each in pages():
        for text in each.fenced("yaml"):
            assert isinstance(yaml.safe_load(text), dict), each.name
