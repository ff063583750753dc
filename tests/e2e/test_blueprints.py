"""The blueprints, as automations of a real Home Assistant."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any

import aiohttp
import pytest
import pytest_socket

from hub.client import HubClient
from hub.configuration import CHECKOUT
from hub.errors import NotYetError
from hub.flow import NewAccount, add_account, screen_answer
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import Screen, find_screen
from hub.waiting import eventually
from sandbox import DEFAULT_KEY

from .till import IDLE, Till, submit

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]

BLUEPRINTS = CHECKOUT / "blueprints" / "automation" / "piggy"
NAMES = (
    *("scan_card", "show_elsewhere", "standing_code"),
    *("start_session", "thank_customer"),
)
WEEK = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
ALWAYS = {day: [{"from": "00:00:00", "to": "24:00:00"}] for day in WEEK}
NEVER: dict[str, list[dict[str, str]]] = {day: [] for day in WEEK}
# Seconds to wait to see that nothing happens.
SOON = 1.0

CONFIGURATION: dict[str, Any] = {
    "input_boolean": {"lamp": None, "afterwards": None, "refused": None},
    "input_button": {"wall": None},
    "input_text": {"said": None, "scanned": None},
    "schedule": None,
    "template": [
        {
            "light": [
                {
                    "name": "Counter",
                    "unique_id": "counter",
                    "state": "{{ is_state('input_boolean.lamp', 'on') }}",
                    "turn_on": {
                        "action": "input_boolean.turn_on",
                        "target": {"entity_id": "input_boolean.lamp"},
                    },
                    "turn_off": {
                        "action": "input_boolean.turn_off",
                        "target": {"entity_id": "input_boolean.lamp"},
                    },
                }
            ]
        }
    ],
}
LIGHT = "light.counter"
# Log lines that the tests cause on purpose.
EXPECTED = (
    "Piggy does not know this loyalty card",
    "Piggy is down for maintenance",
    "automation.thanks: at least one of",
    "[homeassistant.components.automation.thanks] thanks: ",
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A hub and a Piggy that run; a screen for each blueprint."""

    hub: Hub
    sandbox_url: str
    token: str
    screens: dict[str, Screen]


class Visit:
    """What one test does in the shop."""

    def __init__(
        self, shop: Shop, client: HubClient, http: aiohttp.ClientSession, till: Till
    ) -> None:
        """Use the connections given, at one screen."""
        self.hub = shop.hub
        self.client = client
        self.till = till
        self.device_id = till.device_id
        self._http = http

    async def automate(self, name: str, blueprint: str, **inputs: Any) -> None:
        """Save an automation as the frontend does, and check that it is valid."""
        await self.client.post(
            f"/api/config/automation/config/{name}",
            {
                "alias": name,
                "use_blueprint": {"path": f"piggy/{blueprint}.yaml", "input": inputs},
            },
        )
        await self.wait_for_state(f"automation.{name}", "on")

    async def scan(self, tag: str, reader: str | None = None) -> None:
        """Hold a tag before a reader."""
        await self.client.post(
            "/api/events/tag_scanned", {"tag_id": tag, "device_id": reader}
        )

    async def state(self, entity: str) -> str:
        """Return a state."""
        state: str = (await self.client.state(entity))["state"]
        return state

    async def wait_until_done(self, name: str) -> None:
        """Wait until an automation in mode `single` can be triggered again."""

        async def look() -> None:
            state = await self.client.state(f"automation.{name}")
            if state["attributes"]["current"]:
                raise NotYetError(f"The automation {name} is still running")

        await eventually(look)

    async def wait_for_state(self, entity: str, wanted: str) -> None:
        """Wait until an entity has a state."""

        async def look() -> None:
            states = {
                row["entity_id"]: row["state"] for row in await self.client.states()
            }
            if states.get(entity) != wanted:
                raise NotYetError(f"{entity} is {states.get(entity)}, not {wanted}")

        await eventually(look)

    async def sandbox(self, method: str, path: str, data: Any = None) -> Any:
        """Ask the sandbox's own API."""
        async with self._http.request(method, path, json=data) as response:
            assert response.ok, await response.text()
            return await response.json() if response.content_length else None

    async def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions that Piggy has, oldest first."""
        rows: list[dict[str, Any]] = (await self.sandbox("GET", "/sandbox/state"))[
            "sessions"
        ]
        return rows

    async def session(self, url: str) -> dict[str, Any]:
        """Return the session that a code leads to."""
        return next(row for row in await self.sessions() if row["url"] == url)

    async def hold_back(self) -> None:
        """Delay the answer to the next request that creates a session."""
        fault = {"kind": "delay", "method": "POST", "delay": SOON}
        await self.sandbox("POST", "/sandbox/faults", fault)

    async def look(self) -> None:
        """Poll now instead of at the next scheduled time."""
        await self.client.action_response(
            "piggy.get_portal_session", device_id=self.device_id
        )

    async def stays(self, shown: object) -> None:
        """Check that the screen stays as it is."""
        await asyncio.sleep(SOON)
        assert await self.till.shown() == shown


@pytest.fixture(scope="module")
def piggy() -> Iterator[str]:
    """Run a Piggy as a process of its own; return its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("Sandbox: ").strip()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory, real_hass: Path, piggy: str
) -> Iterator[Shop]:
    """Run one hub for all tests, with the blueprints in it."""
    # Fixtures of a module come before the one that lifts the block on sockets.
    pytest_socket.enable_socket()
    folder = tmp_path_factory.mktemp("blueprints") / "hub"
    shutil.copytree(BLUEPRINTS, folder / "blueprints" / "automation" / "piggy")
    hub = Hub(folder, extra=CONFIGURATION, executable=real_hass)
    try:
        yield asyncio.run(_open(hub, piggy))
    finally:
        pytest_socket.enable_socket()
        asyncio.run(hub.stop())
    _check_log(hub)


async def _open(hub: Hub, sandbox_url: str) -> Shop:
    await hub.start()
    login = await create_owner(hub.url)
    account = NewAccount(DEFAULT_KEY, sandbox_url, screen=NAMES[0])
    async with HubClient(hub.url, login.token) as client:
        await client.wait_until_running()
        entry_id = await add_account(client, account)
        for name in NAMES[1:]:
            form = await client.start_subentry_flow(entry_id, "screen")
            answer = screen_answer(form, account) | {
                "name": name,
                "completed_lifetime": 0,
            }
            await client.continue_subentry_flow(form["flow_id"], answer)
        await client.command("schedule/create", name="Shop", **NEVER)
        screens = {name: await find_screen(client, entry_id, name) for name in NAMES}
    return Shop(hub, sandbox_url, login.token, screens)


@asynccontextmanager
async def visit(shop: Shop, name: str) -> AsyncIterator[Visit]:
    """Return a visit at the screen of a blueprint."""
    async with (
        HubClient(shop.hub.url, shop.token) as client,
        aiohttp.ClientSession(shop.sandbox_url) as http,
    ):
        await client.wait_until_running()
        till = Till(client, shop.screens[name])
        yield Visit(shop, client, http, till)


async def test_home_assistant_takes_every_blueprint(shop: Shop) -> None:
    """Home Assistant lists the blueprints without errors, with their sources."""
    async with visit(shop, "start_session") as at:
        listed = await at.client.command("blueprint/list", domain="automation")
    ours = {path: row for path, row in listed.items() if path.startswith("piggy/")}
    assert sorted(ours) == [f"piggy/{name}.yaml" for name in NAMES]
    assert sorted(path.stem for path in BLUEPRINTS.iterdir()) == sorted(NAMES)
    for path, row in ours.items():
        metadata = row["metadata"]
        assert metadata["source_url"].endswith(f"/blueprints/automation/{path}")
        assert metadata["homeassistant"]["min_version"] == "2026.8.0"


async def test_start_a_session(shop: Shop) -> None:
    """A button or a tag starts a session; a second press in the meantime does not."""
    async with visit(shop, "start_session") as at:
        await at.automate(
            "start",
            "start_session",
            start=[
                {"trigger": "state", "entity_id": "input_button.wall"},
                {"trigger": "tag", "tag_id": "at-the-till"},
            ],
            screen=at.device_id,
            session_type="credit_reception",
            keep_customer=True,
            then=[
                {
                    "action": "input_boolean.turn_on",
                    "target": {"entity_id": "input_boolean.afterwards"},
                }
            ],
        )
        await at.hold_back()
        for _ in range(3):
            await at.client.action("input_button.press", entity_id="input_button.wall")
        first = await at.till.wait_for("waiting")
        assert first.type == "credit_reception"
        assert await at.till.code() == first.url
        await at.wait_for_state("input_boolean.afterwards", "on")
        assert [row["type"] for row in await at.sessions()] == ["credit_reception"]

        await at.scan("at-the-till")
        second = await at.till.wait_for("waiting", other_than=first.url)
        await submit(second.url, "identify-card", card="1000001")
        await at.look()
        kept = await at.till.wait_for("identified")
        await at.scan("at-the-till")
        await at.stays(kept)


async def test_start_a_payment(shop: Shop) -> None:
    """A giftcard is redeemed for the amount that the screen is set to, to the cent."""
    async with visit(shop, "start_session") as at:
        await at.till.clear()
        await at.automate(
            "pay",
            "start_session",
            start=[{"trigger": "tag", "tag_id": "pay"}],
            screen=at.device_id,
            session_type="redeem_giftcard",
        )
        await at.scan("pay")
        await at.stays(IDLE)
        await at.client.action(
            "number.set_value",
            entity_id=at.till.entity("number.purchase_amount"),
            value=1136.1,
        )
        await at.scan("pay")
        shown = await at.till.wait_for("waiting")
        session = await at.session(shown.url)
        assert session["type"] == "redeem_giftcard"
        assert session["parameters"]["amount_in_cents"] == 113610


async def test_thank_the_customer(shop: Shop) -> None:
    """The light turns on and off, and the message names the transaction."""
    async with visit(shop, "thank_customer") as at:
        await at.automate(
            "thanks",
            "thank_customer",
            screens=[at.device_id],
            message="{{ voucher_name }}{{ credits }}{{ amount }} ({{ event }})",
            announcement=[
                {
                    "action": "input_text.set_value",
                    "target": {"entity_id": "input_text.said"},
                    "data": {"value": "{{ message }}"},
                },
                # The light has to turn off even if the announcement fails.
                {"action": "input_text.set_value", "data": {"value": "nowhere"}},
            ],
            lights=[LIGHT],
            duration=1,
        )
        assert await at.state(LIGHT) == "off"
        for button, event, data, message in (
            (
                "voucher",
                "voucher_redeemed",
                {"name": "Free coffee"},
                "Free coffee (voucher_redeemed)",
            ),
            (
                "credit_reception",
                "credit_reception",
                {"credits": 25},
                "25 (credit_reception)",
            ),
            (
                "top_up_giftcard",
                "giftcard_transaction",
                {"amount_in_cents": 1040},
                "10.40 EUR (giftcard_transaction)",
            ),
        ):
            await at.till.start(button)
            shown = await at.till.wait_for("waiting")
            await submit(shown.url, "identify-card", card="1000001")
            uuid = (await at.session(shown.url))["uuid"]
            await at.sandbox(
                "POST",
                f"/sandbox/sessions/{uuid}/events",
                {"type": event, "data": data},
            )
            await at.look()
            await at.wait_for_state(LIGHT, "on")
            await at.wait_for_state("input_text.said", message)
            await at.wait_for_state(LIGHT, "off")

        # Nothing to thank for, and a light that was on before stays on.
        await at.client.action("light.turn_on", entity_id=LIGHT)
        await at.client.action(
            "input_text.set_value", entity_id="input_text.said", value="nothing"
        )
        await at.till.start("voucher")
        await at.till.clear()
        await asyncio.sleep(SOON)
        assert await at.state("input_text.said") == "nothing"
        await at.till.start("voucher")
        shown = await at.till.wait_for("waiting")
        await submit(shown.url, "identify-card", card="1000001")
        await submit(shown.url, "redeem-voucher")
        await at.look()
        await at.wait_for_state("input_text.said", "Free coffee (voucher_redeemed)")
        await asyncio.sleep(2 * SOON)
        assert await at.state(LIGHT) == "on"


async def test_scan_a_card(shop: Shop) -> None:
    """The session is that of the card's customer; other cards open none."""
    async with visit(shop, "scan_card") as at:
        await at.sandbox(
            "POST",
            "/sandbox/identifiers",
            {"value": "0070042", "contact_uuid": "123"},
        )
        await at.automate(
            "card",
            "scan_card",
            screen=at.device_id,
            readers=[at.device_id],
            texts=["input_text.scanned"],
            pattern=r"^(?:card-)?(\d{7})$",
            refused=[
                {
                    "action": "input_boolean.turn_on",
                    "target": {"entity_id": "input_boolean.refused"},
                }
            ],
        )
        await at.scan("1000002", reader="another reader")
        await at.scan("light-switch", reader=at.device_id)
        await at.stays(IDLE)

        known = len(await at.sessions())
        await at.hold_back()
        for _ in range(2):
            await at.scan("card-0070042", reader=at.device_id)
        first = await at.till.wait_for("identified")
        assert first.type == "portal"
        session = await at.session(first.url)
        assert session["contact"] == {"uuid": "123"}
        assert len(await at.sessions()) == known + 1
        assert await at.state("input_boolean.refused") == "off"

        # The automation ignores a card that is scanned while it handles another one.
        await at.wait_until_done("card")
        await at.scan("9999999", reader=at.device_id)
        await at.wait_for_state("input_boolean.refused", "on")
        assert await at.till.shown() == first

        url = first.url
        for _ in range(2):
            await at.wait_until_done("card")
            await at.client.action(
                "input_text.set_value", entity_id="input_text.scanned", value="1000002"
            )
            shown = await at.till.wait_for("identified", other_than=url)
            session = await at.session(shown.url)
            assert session["contact"] == {
                "uuid": "0f6c1f0e-5a0d-4a8f-8c39-5f4f3a0b7c22"
            }
            await at.wait_for_state("input_text.scanned", "")
            url = shown.url


async def test_keep_a_standing_code(shop: Shop) -> None:
    """Each code is replaced by the next one, until the shop closes."""
    async with visit(shop, "standing_code") as at:
        await _set_hours(at, ALWAYS)
        # Saved while the shop is open, it begins at once.
        await _automate_standing(at)
        first = await at.till.wait_for("waiting")
        assert first.type == "voucher"
        assert await at.till.code() == first.url

        # Cleared, redeemed, and while Piggy is down for a moment.
        await at.till.press("clear_session")
        second = await at.till.wait_for("waiting", other_than=first.url)
        await submit(second.url, "identify-card", card="1000001")
        await submit(second.url, "redeem-voucher")
        third = await at.till.wait_for("waiting", other_than=second.url)
        await at.sandbox(
            "POST",
            "/sandbox/faults",
            {"kind": "status", "status": 503, "method": "POST"},
        )
        await at.till.clear()
        await at.stays(IDLE)
        fourth = await at.till.wait_for("waiting", other_than=third.url)
        await at.stays(fourth)

        # The staff's own session stays over closing time, the standing one does not.
        await at.till.start("credit_reception")
        other = await at.till.wait_for("waiting", other_than=fourth.url)
        await _set_hours(at, NEVER)
        await at.stays(other)
        await at.till.clear()
        await at.stays(IDLE)
        await _set_hours(at, ALWAYS)
        await at.till.wait_for("waiting")
        await _set_hours(at, NEVER)
        await at.till.wait_for("idle")
        await at.stays(IDLE)

        # A customer who has identified has some patience's time left.
        await _set_hours(at, ALWAYS)
        last = await at.till.wait_for("waiting")
        await submit(last.url, "identify-card", card="1000001")
        await at.look()
        kept = await at.till.wait_for("identified")
        await _set_hours(at, NEVER)
        await at.stays(kept)
        await at.till.wait_for("idle")


async def test_a_standing_code_comes_back_with_the_hub(shop: Shop) -> None:
    """After a restart, the code appears or disappears as the opening hours say."""
    async with visit(shop, "standing_code") as at:
        fault = {"kind": "status", "status": 503, "method": "POST", "times": 0}
        await at.sandbox("POST", "/sandbox/faults", fault)
        await _automate_standing(at)
        await _set_hours(at, ALWAYS)
        await at.stays(IDLE)
        await _stop(at)
        await at.sandbox("DELETE", "/sandbox/faults")
        await at.hub.start()
    async with visit(shop, "standing_code") as at:
        shown = await at.till.wait_for("waiting")
        await at.client.action("automation.turn_off", entity_id="automation.standing")
        await _set_hours(at, NEVER)
        await at.stays(shown)
        await at.client.action("automation.turn_on", entity_id="automation.standing")
        await _stop(at)
        await at.hub.start()
    async with visit(shop, "standing_code") as at:
        await at.till.wait_for("idle")


def _check_log(hub: Hub) -> None:
    """Check that the log has no other warnings or errors."""
    assert [
        text
        for text in hub.complaints()
        if not any(expected in text for expected in EXPECTED)
    ] == []


async def _stop(at: Visit) -> None:
    await at.hub.stop()
    _check_log(at.hub)


async def _automate_standing(at: Visit) -> None:
    await at.automate(
        "standing",
        "standing_code",
        screen=at.device_id,
        opening_hours="schedule.shop",
        patience={"seconds": 3},
    )


async def _set_hours(at: Visit, hours: dict[str, Any]) -> None:
    await at.client.command("schedule/update", schedule_id="shop", name="Shop", **hours)
