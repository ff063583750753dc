"""Users of a real Home Assistant: what a tablet's user and a read-only user may do.

Follows docs/tablet.md step by step, and tries what the table in SECURITY.md forbids:
over WebSocket, over REST, and in Chromium.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
import json
from typing import Any

from playwright.async_api import Page, expect
import pytest
import pytest_asyncio
import pytest_socket

from custom_components.piggy.coordinator import BRAKE
from hub.client import HubClient
from hub.configuration import INTEGRATION
from hub.dashboard import save_kiosk
from hub.errors import CommandError, HubRefusedError, NotYetError
from hub.flow import NewAccount, add_account
from hub.onboarding import Login, create_owner, log_in as get_token
from hub.process import Hub
from hub.screens import Screen, find_screen
from hub.waiting import eventually
from sandbox import DEFAULT_KEY, Sandbox
from tests.chromium import missing_chromium
from tests.documentation import page as document
from tests.own_loop import configure_event_loop, verify_cleanup
from tests.permissions import OTHER, PIN, SHOWN, TABLE, WRONG, Call

from .browser import (
    CARD,
    TIMEOUT,
    card,
    configure,
    log_in,
    running_browser,
    start,
    view,
)
from .furnish import PASSWORD, add_user, until_stored
from .till import submit

__all__ = ["configure_event_loop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

ERRORS = json.loads((INTEGRATION / "translations/en.json").read_text("utf-8"))[
    "exceptions"
]
# A scanner types faster than Playwright does.
SCAN = """(code) => {
  for (const key of [...code, "Enter"]) {
    document.body.dispatchEvent(new KeyboardEvent("keydown",
      { key, bubbles: true, composed: true, cancelable: true }));
  }
}"""
CALL = """([domain, service, data]) => document.querySelector("home-assistant").hass
  .callService(domain, service, data).then(() => "yes", (error) => error.message)"""


@dataclass
class Shop:
    """A hub with two screens, and clients of its users."""

    hub: Hub
    sandbox: Sandbox
    owner: HubClient
    user: HubClient
    tablet: HubClient
    read_only: HubClient
    tablet_id: str
    own: Screen
    other: Screen
    path: str

    async def start(self) -> dict[str, Any]:
        """Start a session on the tablet's screen, as the owner, after the brake."""
        return await eventually(
            lambda: create(self.owner, self.own), 2 * BRAKE + TIMEOUT / 1000
        )


async def create(client: HubClient, screen: Screen) -> dict[str, Any]:
    """Start a session unless it is too soon."""
    try:
        return await client.action_response(
            "piggy.create_voucher_session", device_id=screen.device_id
        )
    except CommandError as err:
        raise NotYetError(str(err)) from err


def policy(device_id: str) -> dict[str, Any]:
    """Return the group of docs/tablet.md, for a device."""
    (group,) = (json.loads(text) for text in document("docs/tablet.md").fenced("json"))
    text = json.dumps(group).replace("0123456789abcdef0123456789abcdef", device_id)
    changed: dict[str, Any] = json.loads(text)
    return changed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Make the group and the users, as docs/tablet.md says."""
    pytest_socket.enable_socket()
    hub = Hub(tmp_path_factory.mktemp("users"))
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox())
        await hub.start()
        stack.push_async_callback(hub.stop)
        owner_login = await create_owner(hub.url)
        own, other, path = await furnish(hub, sandbox, owner_login)
        await hub.stop()
        auth = hub.folder / ".storage" / "auth"
        stored = json.loads(auth.read_text("utf-8"))
        stored["data"]["groups"].append(policy(own.device_id))
        auth.write_text(json.dumps(stored), "utf-8")
        await hub.start()

        async def client(token: str) -> HubClient:
            return await stack.enter_async_context(HubClient(hub.url, token))

        owner = await client(owner_login.token)
        await owner.wait_until_running()
        tablet_id = await add_user(owner, "till-1", "tablet")
        await add_user(owner, "guest", "system-read-only")
        await add_user(owner, "clerk", "system-users")
        clerk = await client(await get_token(hub.url, "clerk", PASSWORD))
        tablet = await client(await get_token(hub.url, "till-1", PASSWORD))
        guest = await client(await get_token(hub.url, "guest", PASSWORD))
        yield Shop(
            hub, sandbox, owner, clerk, tablet, guest, tablet_id, own, other, path
        )


async def furnish(
    hub: Hub, sandbox: Sandbox, login: Login
) -> tuple[Screen, Screen, str]:
    """Add an account with two screens, of which the first has a PIN, and a kiosk."""
    async with HubClient(hub.url, login.token) as client:
        await client.wait_until_running()
        entry_id = await add_account(client, NewAccount(DEFAULT_KEY, sandbox.url))
        (subentry,) = await client.command(
            "config_entries/subentries/list", entry_id=entry_id
        )
        shop = next(iter(sandbox.shops))
        for name, data in (
            ("Till 1", {"subentry_id": subentry["subentry_id"]}),
            ("Till 2", {}),
        ):
            form = await client.start_subentry_flow(entry_id, "screen", **data)
            await client.continue_subentry_flow(
                form["flow_id"], {"shop": shop, "name": name, "staff_pin": PIN}
            )
        own = await find_screen(client, entry_id, "Till 1")
        other = await find_screen(client, entry_id, "Till 2")
        path = await save_kiosk(client, own)
    await until_stored(hub, {"auth": "long_lived", "core.device_registry": "Till 2"})
    return own, other, path


async def outcome(client: HubClient, action: str, **data: Any) -> str:
    """Return `yes`, or why an action is refused over the WebSocket."""
    response = action == "piggy.get_portal_session"
    call = client.action_response if response else client.action
    try:
        await call(action, **data)
    except CommandError as err:
        return str(err)
    return "yes"


async def over_rest(client: HubClient, action: str, **data: Any) -> int:
    """Return the status of an action over REST."""
    domain, service = action.split(".")
    try:
        await client.post(f"/api/services/{domain}/{service}", data)
    except HubRefusedError as err:
        return err.status
    return 200


async def test_forbidden(shop: Shop) -> None:
    """What the table forbids is refused over WebSocket and REST; nothing is sent."""
    shown = await shop.start()
    sent = len(shop.sandbox.calls("POST")), len(shop.sandbox.calls("GET", "/contacts"))
    portal, top_up = (
        "piggy.create_portal_session",
        "piggy.create_top_up_giftcard_session",
    )
    own = {"device_id": shop.own.device_id}
    other = {"device_id": shop.other.device_id}
    for action, data in (
        (portal, {**own, "contact_email": "ada@example.com"}),
        (portal, {**own, "contact_uuid": "123"}),
        (portal, other),
        (portal, {**other, "contact_identifier": "1000001"}),
        (top_up, {**other, "pin": PIN}),
        ("piggy.clear_session", other),
        ("button.press", {"entity_id": shop.other.entities["button.voucher"]}),
    ):
        for client in (shop.tablet, shop.read_only):
            assert "Unauthorized" in await outcome(client, action, **data), action
            assert await over_rest(client, action, **data) == 401, action
    for action in (portal, "piggy.clear_session"):
        assert "Unauthorized" in await outcome(shop.read_only, action, **own)
        assert await over_rest(shop.read_only, action, **own) == 401
    get = "piggy.get_portal_session"
    assert "Unauthorized" in await outcome(shop.read_only, get, **own)
    assert "Unauthorized" in await outcome(shop.tablet, get, **own, uuid="another")
    asks = await outcome(shop.tablet, top_up, **own)
    assert "PIN" in asks
    assert await over_rest(shop.tablet, top_up, **own) == 400
    assert "not the staff PIN" in await outcome(shop.tablet, top_up, **own, pin="0000")
    button = shop.own.entities["button.top_up_giftcard"]
    assert "PIN" in await outcome(shop.tablet, "button.press", entity_id=button)
    now = len(shop.sandbox.calls("POST")), len(shop.sandbox.calls("GET", "/contacts"))
    assert now == sent
    state = await shop.owner.state(shop.own.session_url)
    assert state["state"] == shown["url"]


@dataclass(frozen=True)
class Caller:
    """A user who makes the calls of the table for a screen."""

    shop: Shop
    client: HubClient
    screen: Screen

    async def make(self, call: Call, other: str) -> str:
        """Make a call; return `yes`, or the key of the error."""
        owner, entities = self.shop.owner, self.screen.entities
        data = dict(call.data)
        if call.action == "piggy.get_portal_session":
            shown = await eventually(
                lambda: create(owner, self.screen), 2 * BRAKE + TIMEOUT / 1000
            )
            uuids = {SHOWN: shown["uuid"], OTHER: other}
            data = {key: uuids[value] for key, value in data.items()}
        if not call.entity:
            return await self._outcome(
                call.action, device_id=self.screen.device_id, **data
            )
        entity_id = entities[".".join(call.entity)]
        if call.action == "state":
            try:
                await self.client.state(entity_id)
            except HubRefusedError:
                return "unauthorized"
            return "yes"
        number = entities["number.purchase_amount"]
        await owner.action("number.set_value", entity_id=number, value=5)
        return await self._outcome(call.action, entity_id=entity_id, **data)

    async def _outcome(self, action: str, **data: Any) -> str:
        """Return the key of the error; the brake comes after what is tested here."""
        found = await outcome(self.client, action, **data)
        if "Unauthorized" in found:
            return "unauthorized"
        for key in ("pin_required", "pin_wrong", "pin_locked", "too_soon"):
            if ERRORS[key]["message"].partition(".")[0] in found:
                return "yes" if key == "too_soon" else key
        return found


@pytest.mark.parametrize(
    ("name", "user", "is_own"),
    [
        ("Administrator", "owner", True),
        ("User", "user", True),
        ("Read-only user", "read_only", True),
        ("User of this screen", "tablet", True),
        ("User of another screen", "tablet", False),
    ],
)
async def test_table(shop: Shop, name: str, user: str, *, is_own: bool) -> None:
    """Users may do what the table says, on a screen with a PIN; nothing else is sent.

    The unit tests try templates and images, buttons that are disabled here, screens
    without a PIN, automations, and scripts.
    """
    screen = shop.own if is_own else shop.other
    caller = Caller(shop, getattr(shop, user), screen)
    other = (await shop.start())["uuid"]
    for row in TABLE:
        for call in row.calls:
            if row.pin is False or call.action in ("template", "image"):
                continue
            if call.entity and ".".join(call.entity) not in screen.entities:
                continue
            sent = len(shop.sandbox.calls("POST"))
            found = await caller.make(call, other)
            if row.cells[name] == "yes":
                assert found == "yes", (row.what, call)
                continue
            assert found in row.errors, (row.what, call)
            if call.action != "piggy.get_portal_session":
                assert len(shop.sandbox.calls("POST")) == sent, (row.what, call)
            if found == "pin_wrong":  # so that no lock comes in the way
                top_up = Call("piggy.create_top_up_giftcard_session", {"pin": PIN})
                assert await caller.make(top_up, other) == "yes"


async def test_logbook(shop: Shop) -> None:
    """The core shows every user the logbook of every screen, as the docs say."""
    shown = await eventually(
        lambda: create(shop.owner, shop.other), 2 * BRAKE + TIMEOUT / 1000
    )
    url = shop.other.session_url
    for client in (shop.tablet, shop.read_only):

        async def look(client: HubClient = client) -> None:
            entries = await client.get(f"/api/logbook?entity={url}")
            if shown["url"] not in {entry.get("state") for entry in entries}:
                raise NotYetError("The recorder has not written the URL yet")

        await eventually(look, TIMEOUT / 1000)


async def test_allowed(shop: Shop) -> None:
    """A tablet's user sees and uses its own screen, and only that."""
    seen = {row["entity_id"] for row in await shop.tablet.states()}
    assert seen == set(shop.own.entities.values())
    shown = await shop.start()
    own = {"device_id": shop.own.device_id}
    get = "piggy.get_portal_session"
    assert await outcome(shop.tablet, get, **own) == "yes"
    assert await outcome(shop.tablet, get, **own, uuid=shown["uuid"]) == "yes"
    assert await outcome(shop.tablet, "piggy.clear_session", **own) == "yes"
    for command in (
        "config/auth/list",
        "config_entries/subentries/list",
        "backup/info",
    ):
        with pytest.raises(CommandError):
            await shop.tablet.command(command)


@pytest_asyncio.fixture(loop_scope="module")
async def wall(shop: Shop) -> AsyncIterator[Page]:
    """Show the kiosk to the tablet's user, with buttons for staff and a scanner."""
    if reason := missing_chromium():
        pytest.skip(reason)
    await outcome(shop.owner, "piggy.clear_session", device_id=shop.own.device_id)
    async with running_browser() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await log_in(page, shop.hub.url, "till-1", PASSWORD)
        await page.goto(shop.hub.url + shop.path)
        await view(page, "idle")
        await configure(
            page,
            shop.own.device_id,
            session_types=["top_up_giftcard", "redeem_giftcard"],
            scan="portal",
            kiosk=True,
        )
        yield page


async def test_the_staff_types_the_pin(shop: Shop, wall: Page) -> None:
    """The wall asks for the PIN, refuses a wrong one, and starts with the right one."""
    sent = len(shop.sandbox.calls("POST"))
    await asyncio.sleep(BRAKE)
    await card(wall).locator("[data-type=top_up_giftcard]").click()
    asks = card(wall).get_by_role("heading", name="Enter the staff PIN")
    for pin in (WRONG, PIN):
        await expect(asks).to_be_visible()
        for digit in pin:
            await card(wall).locator(f"[data-key='{digit}']").click()
        typed = card(wall).locator("[data-part=amount]")
        await expect(typed).to_have_text("●" * len(pin))
        assert len(shop.sandbox.calls("POST")) == sent
        await card(wall).get_by_role("button", name="Continue").click()
        if pin == WRONG:
            alert = card(wall).get_by_role("alert")
            await expect(alert).to_contain_text("not the staff PIN")
            await expect(typed).to_have_text("")
    await view(wall, "code")
    session_type = shop.own.entities["sensor.session_type"]
    assert (await shop.owner.state(session_type))["state"] == "top_up_giftcard"
    assert len(shop.sandbox.calls("POST")) == sent + 1


async def test_a_customer_pays_in_parts(shop: Shop, wall: Page) -> None:
    """The code stays for the next giftcard until all is paid, with what is left."""
    await start(wall, "redeem_giftcard", amount="2000")
    await expect(card(wall).locator("[data-part=sum]")).to_have_text("€20.00")
    url = (await shop.owner.state(shop.own.session_url))["state"]
    await submit(url, "pay-with-giftcard", giftcard="GIFT5", amount="5.00")
    left = card(wall).locator("[data-part=part-paid]")
    await expect(left).to_have_text("€5.00 paid, €15.00 to go")
    await view(wall, "code")
    await submit(url, "pay-with-giftcard", giftcard="GIFT50", amount="15.00")
    await view(wall, "completed")
    await expect(card(wall).locator("[data-part=line]")).to_have_text("€20.00 redeemed")


async def test_a_card_is_scanned(shop: Shop, wall: Page) -> None:
    """A scanner's keys start one session of the card's owner; a person's keys none."""
    await asyncio.sleep(BRAKE)
    sent = len(shop.sandbox.calls("POST"))
    await wall.keyboard.type(CARD, delay=150)
    await wall.keyboard.press("Enter")
    await view(wall, "idle")
    await wall.evaluate(SCAN, CARD)
    await view(wall, "code")
    await wall.evaluate(SCAN, CARD)
    status = shop.own.entities["sensor.session_status"]
    assert (await shop.owner.state(status))["state"] == "identified"
    assert len(shop.sandbox.calls("POST")) == sent + 1
    assert CARD not in shop.hub.log_text()


async def test_the_key_is_refused(shop: Shop, wall: Page) -> None:
    """The wall sends customers to the staff without a reason, and offers no button."""
    await configure(wall, shop.own.device_id, session_types=["voucher"])
    await asyncio.sleep(BRAKE)
    shop.sandbox.remove_key(DEFAULT_KEY)
    await card(wall).locator("[data-type=voucher]").click()
    await view(wall, "trouble")
    text = card(wall).locator("[data-part=text]")
    await expect(text).to_have_text("Please ask our staff.")
    # The refused call may be said after that, with a button that closes it.
    buttons = card(wall).locator("button:not([data-action=dismiss])")
    await expect(buttons).to_have_count(0)
    await expect(card(wall).get_by_text("API key")).to_have_count(0)
    shop.sandbox.add_key(DEFAULT_KEY)
    await shop.owner.action(
        "homeassistant.reload_config_entry", entity_id=shop.own.qr_code
    )
    await view(wall, "idle")


async def test_tablet(shop: Shop) -> None:
    """The dashboard opens by itself as that user, in kiosk mode, and works."""
    if reason := missing_chromium():
        pytest.skip(reason)
    await outcome(shop.owner, "piggy.clear_session", device_id=shop.own.device_id)
    await shop.tablet.command(
        "frontend/set_user_data",
        key="core",
        value={"default_panel": shop.path.strip("/").split("/")[0]},
    )
    async with running_browser() as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        tab = await context.new_page()
        await log_in(tab, shop.hub.url, "till-1", PASSWORD)
        await view(tab, "idle")
        assert shop.path.strip("/").split("/")[0] in tab.url
        await expect(tab.locator("ha-sidebar")).to_be_hidden()
        await start(tab, "voucher")
        url = (await shop.owner.state(shop.own.session_url))["state"]
        assert url.startswith("http")
        own = {"device_id": shop.own.device_id}
        for action, data, expected in (
            ("create_portal_session", {**own, "contact_uuid": "123"}, "Unauthorized"),
            ("create_top_up_prepaid_session", own, "PIN"),
            ("clear_session", {"device_id": shop.other.device_id}, "Unauthorized"),
        ):
            assert expected in await tab.evaluate(CALL, ["piggy", action, data])
        assert (await shop.owner.state(shop.own.session_url))["state"] == url
        for path in ("/config/users", "/config/integrations/dashboard"):
            await tab.goto(shop.hub.url + path)
            await expect(
                tab.locator("ha-config-users, ha-config-integrations")
            ).to_have_count(0)
        # How it ends: the user is gone, and its page is logged out.
        await shop.owner.command("config/auth/delete", user_id=shop.tablet_id)
        with pytest.raises((HubRefusedError, CommandError)):
            await shop.tablet.get("/api/states")
        await tab.goto(shop.hub.url)
        await tab.locator("input[name=username]").wait_for()
