"""A shop's day: every type of session, from an action to the thanks on the wall.

The customer's phone reads the code off the wall, and opens Piggy's own portal page.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
import time
from typing import Any, Final

from playwright.async_api import Browser, Page, expect
import pytest
import pytest_asyncio
import pytest_socket

from custom_components.piggy.coordinator import BRAKE
from hub.client import HubClient
from hub.dashboard import save_kiosk
from hub.errors import NotYetError
from hub.flow import DOMAIN, NewAccount, add_account
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import find_screen
from hub.waiting import eventually
from sandbox import DEFAULT_KEY, Fault, Sandbox
from sandbox.settings import VENDOR_PAGE
from tests.chromium import missing_chromium
from tests.own_loop import configure_event_loop, verify_cleanup
from tests.portal_page.matrix import Outcome, Way, note
from tests.portal_page.phone import Phone, missing_page, open_phone
from tests.portal_page.plays import AMOUNT, CONTACT, PLAYS, Play
from tests.scannability.readers import READERS

from .browser import (
    TIMEOUT,
    Watch,
    card,
    configure,
    log_in,
    running_browser,
    seen,
    view,
)
from .till import IDLE, Till

__all__ = ["configure_event_loop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

TITLE: Final = "From the action to the wall's thanks"
LIMIT: Final = "Piggy does not accept more requests"
# The attribute of the event with the amount.
ATTRIBUTES: Final = {
    "credit_reception": "credits",
    "giftcard_transaction": "amount_in_cents",
    "prepaid_transaction": "amount_in_cents",
}


@dataclass(slots=True)
class Shop:
    """A wall with the kiosk on it, and all that is behind it."""

    sandbox: Sandbox
    till: Till
    wall: Page
    watch: Watch
    browser: Browser
    free_at: float = 0

    async def start(self, name: str, way: Way, **parameters: Any) -> str:
        """Start a session with an action; return the URL that the wall shows."""
        if way is Way.AT_ONCE:
            parameters["contact_uuid"] = CONTACT
        if way is Way.EMAIL:
            parameters["enable_email_identification"] = True
        url = await self.create(name, **parameters)
        code = card(self.wall).locator("[data-part=code]")
        await expect(code).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
        assert READERS["zxing-cpp"](await seen(self.wall)) == url
        return url

    async def create(self, name: str, **parameters: Any) -> str:
        """Start a session with an action; return its URL."""
        # A second session right after the first is refused as a double press.
        await asyncio.sleep(max(0, self.free_at - time.monotonic()))
        answer = await self.till.client.action_response(
            f"piggy.create_{name}_session",
            device_id=self.till.device_id,
            **parameters,
        )
        self.free_at = time.monotonic() + BRAKE
        url: str = answer["url"]
        return url

    async def pause_polls(self) -> None:
        """Have Piggy limit the rate, so that Home Assistant does not poll for long."""
        after = {"Retry-After": "3600"}
        # Not the page, which asks for the session as well.
        poll = "/clients/portal-sessions/"
        fault = Fault("status", "GET", poll, status=429, headers=after)
        self.sandbox.add_fault(fault)

        # The page's message may take it before a poll does: polls pause all the same.
        async def taken() -> None:
            if self.sandbox.faults:
                raise NotYetError("Home Assistant has not asked yet")

        await eventually(taken, TIMEOUT)

    async def resume_polls(self) -> None:
        """Load the account again, which has no memory of the limit."""
        await self.till.client.action(
            "homeassistant.reload_config_entry",
            entity_id=self.till.entity("image.qr_code"),
        )

    async def clear(self) -> None:
        """Clear the wall."""
        await self.till.clear()
        await view(self.wall, "idle")
        assert await self.till.shown() == IDLE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Start a hub with one screen, and show its kiosk on a wall."""
    if reason := missing_chromium() or missing_page():
        pytest.skip(reason)
    # Fixtures of a module come before the one that lifts the block on sockets.
    pytest_socket.enable_socket()
    async with (
        Sandbox(json_only=True, vendor_page=VENDOR_PAGE) as sandbox,
        Hub(tmp_path_factory.mktemp("portal-page")) as hub,
        running_browser() as browser,
    ):
        login = await create_owner(hub.url)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT)
        watch = Watch(hub.url)
        watch.attach(context)
        async with HubClient(hub.url, login.token) as client:
            await client.wait_until_running()
            account = NewAccount(DEFAULT_KEY, sandbox.url)
            entry_id = await add_account(client, account)
            screen = await find_screen(client, entry_id, account.screen)
            wall = await context.new_page()
            await log_in(wall, hub.url, login.username, login.password)
            await wall.goto(hub.url + await save_kiosk(client, screen))
            await view(wall, "idle")
            yield Shop(sandbox, Till(client, screen), wall, watch, browser)
            await context.close()
    assert watch.wrong() == []
    # A test has Piggy limit the rate.
    complaints = [line for line in hub.complaints(DOMAIN) if LIMIT not in line]
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def shop(running: Shop) -> AsyncIterator[Shop]:
    """Return the shop with fresh balances, and clear its wall afterwards."""
    sandbox = running.sandbox
    ada = sandbox.contacts[CONTACT]
    ada.credits, ada.prepaid = 250, 5000
    sandbox.giftcards["GIFT50"].balance = 5000
    sandbox.vouchers["BIRTHDAY"].redeemed_at = None
    sandbox.ledger.clear()
    yield running
    await running.clear()


async def complete(shop: Shop, phone: Phone, play: Play, way: Way) -> None:
    """Complete the session as a customer, and check what the shop sees."""
    await play.identify(phone, way)
    if play.after is not None and way in (Way.CARD, Way.EMAIL):
        await view(shop.wall, "identified")
        assert (await shop.till.last_event())["event_type"] == "contact_identified"
    await play.finish(phone)

    await view(shop.wall, "completed")
    await expect(card(shop.wall).get_by_text("Thank you!", exact=True)).to_be_visible()
    told = card(shop.wall).locator("[data-part=line]")
    await expect(told).to_contain_text(play.told)
    assert (await shop.till.shown()).status == "completed"
    event = await shop.till.last_event()
    assert event["event_type"] == play.kind
    assert event["on_screen"] is True
    if attribute := ATTRIBUTES.get(play.kind):
        assert event[attribute] == play.amount
    (row,) = shop.sandbox.ledger
    assert (row.kind, row.amount) == (play.kind, play.amount)


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("name", PLAYS)
async def test_matrix(
    shop: Shop, request: pytest.FixtureRequest, name: str, way: Way
) -> None:
    """Action, code on the wall, phone, identification, and thanks with the amount."""
    play = PLAYS[name]
    outcome = play.outcome(way)
    amount = {} if play.purchase is None else {"amount_in_cents": play.purchase}
    url = await shop.start(name, way, **amount)
    async with open_phone(shop.browser, url) as phone:
        if outcome is Outcome.DONE:
            await complete(shop, phone, play, way)
        elif outcome is Outcome.WAITS:
            await phone.sees("Scan or enter the identifier")
            assert (await shop.till.shown()).status == "waiting"
        else:
            await phone.sees("Scan or enter a giftcard")
            assert (await shop.till.shown()).status == "waiting"
        assert phone.foreign == []
    note(request, TITLE, name, way, outcome)


# The page sends a message when these are completed, and none for the others.
TELLS: Final = {"portal", "redeem_giftcard", "top_up_giftcard", "voucher"}
# Note when messages come, and when the card thanks, in milliseconds.
NOTE: Final = """(card) => {
  window.told = [];
  window.thanked = undefined;
  addEventListener("message", () => told.push(performance.now()));
  const look = () => {
    if (card.shadowRoot.querySelector("[data-view=completed]")) {
      window.thanked = performance.now();
    } else requestAnimationFrame(look);
  };
  look();
}"""
# From the last message before the thanks; null where there was none.
DELAY: Final = """() => {
  const before = told.filter((at) => at <= thanked);
  return before.length ? thanked - Math.max(...before) : null;
}"""


@pytest.mark.parametrize("name", PLAYS)
async def test_the_page_on_the_wall(shop: Shop, name: str) -> None:
    """The page is used on the wall, which thanks within a second of the page's message.

    Home Assistant does not poll by itself meanwhile. Where the page sends no message,
    its next poll brings the thanks.
    """
    play = PLAYS[name]
    wall = card(shop.wall)
    kiosk = partial(configure, shop.wall, shop.till.device_id, kiosk=True)
    await kiosk(show="page")
    amount = {} if play.purchase is None else {"amount_in_cents": play.purchase}
    url = await shop.create(name, contact_uuid=CONTACT, **amount)
    await view(shop.wall, "page")
    if name in TELLS:
        await shop.pause_polls()
    await wall.evaluate(NOTE)
    frame = await wall.locator(".portal iframe").element_handle()
    content = await frame.content_frame()
    assert content
    phone = Phone(content)
    if name != "credit_reception":  # is completed as soon as the customer is known
        await play.identify(phone, Way.AT_ONCE)
        await play.finish(phone)
    await view(shop.wall, "completed")
    await shop.wall.wait_for_function("window.thanked")
    delay = await shop.wall.evaluate(DELAY)
    assert delay < 1000 if name in TELLS else delay is None
    (row,) = shop.sandbox.ledger
    assert (row.kind, row.amount) == (play.kind, play.amount)
    assert url.startswith(shop.sandbox.url)
    shop.watch.wrong()  # the page is not the hub's, and complains of blocked requests
    await kiosk(show="code")
    if name in TELLS:
        await shop.resume_polls()
        await view(shop.wall, "completed")


async def test_portal_with_an_amount(shop: Shop) -> None:
    """A portal takes an amount, and shows nothing else for it."""
    url = await shop.start("portal", Way.AT_ONCE, amount_in_cents=AMOUNT)
    async with open_phone(shop.browser, url) as phone:
        await complete(shop, phone, PLAYS["portal"], Way.AT_ONCE)


async def test_credits_without_an_amount(shop: Shop) -> None:
    """Without an amount the phone shows an error, and the wall still shows the code."""
    url = await shop.start("credit_reception", Way.CARD)
    async with open_phone(shop.browser, url) as phone:
        await PLAYS["credit_reception"].identify(phone, Way.CARD)
        await phone.sees("Amount in cents is required")
        await view(shop.wall, "identified")
    assert not shop.sandbox.ledger
    assert (await shop.till.last_event())["event_type"] == "contact_identified"


async def test_prepaid_without_an_amount(shop: Shop) -> None:
    """Without an amount there is nothing that the phone could pay."""
    url = await shop.start("pay_prepaid", Way.CARD)
    async with open_phone(shop.browser, url) as phone:
        await PLAYS["pay_prepaid"].identify(phone, Way.CARD)
        await expect(phone.button("Confirm €0.00")).to_be_disabled()
        await view(shop.wall, "identified")
    assert not shop.sandbox.ledger
