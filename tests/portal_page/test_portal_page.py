"""Every type of session, completed in Piggy's own portal page against the sandbox."""

import asyncio
from typing import Any, Final

from aiohttp import web
from playwright.async_api import Browser, expect
import pytest

from sandbox import Sandbox, Session, Transaction
from sandbox.page_api import PAGE_PREFIX
from sandbox.session_types import SESSION_TYPES

from .matrix import Outcome, Way, note
from .phone import TIMEOUT, open_phone
from .plays import AMOUNT, CONTACT, PLAYS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SHOP: Final = "2222e1242t3324535"
OFF: Final = {"enable_registration": False}
TITLE: Final = "In Piggy's own portal page"


def create(sandbox: Sandbox, name: str, way: Way, **parameters: Any) -> Session:
    """Create a session in which a customer can identify in a way."""
    kind = next(row for row in SESSION_TYPES if row.name == name)
    if way is Way.AT_ONCE:
        parameters["contact_uuid"] = CONTACT
    if way is Way.EMAIL:
        parameters["enable_email_identification"] = True
    body = {"shop_uuid": SHOP, **parameters}
    return sandbox.store.create(sandbox.account, kind, body)


def amount(cents: int | None) -> dict[str, int]:
    """Return a purchase amount as a parameter."""
    return {} if cents is None else {"amount_in_cents": cents}


async def booked(sandbox: Sandbox, count: int = 1) -> list[Transaction]:
    """Wait for the page's payments, and return what they did."""
    async with asyncio.timeout(TIMEOUT / 1000):
        await sandbox.wait_for_calls(count, "POST", PAGE_PREFIX)
    return sandbox.ledger


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("name", PLAYS)
async def test_matrix(
    browser: Browser,
    sandbox: Sandbox,
    request: pytest.FixtureRequest,
    name: str,
    way: Way,
) -> None:
    """Each session type has the expected outcome for each way to identify."""
    play = PLAYS[name]
    outcome = play.outcome(way)
    session = create(sandbox, name, way, **amount(play.purchase))
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        if outcome is Outcome.DONE:
            await play.identify(phone, way)
            await play.finish(phone)
            (row,) = await booked(sandbox)
            assert (row.session_uuid, row.kind, row.amount) == (
                session.uuid,
                play.kind,
                play.amount,
            )
            known = play.asks or way is Way.AT_ONCE
            assert row.contact_uuid == (CONTACT if known else None)
            assert [event["type"] for event in session.events] == [play.kind]
        elif outcome is Outcome.WAITS:
            await phone.sees("Scan or enter the identifier")
            assert await phone.button("Continue").is_disabled()
            assert session.contact is None
        else:
            await phone.sees("Scan or enter a giftcard")
            await expect(phone.button("Use email address")).to_have_count(0)
        assert phone.foreign == []
    note(request, TITLE, name, way, outcome)


@pytest.mark.parametrize("cents", [None, AMOUNT])
async def test_portal_ignores_the_amount(
    browser: Browser, sandbox: Sandbox, cents: int | None
) -> None:
    """The portal shows profile, rewards and vouchers, with an amount or without."""
    session = create(sandbox, "portal", Way.AT_ONCE, **amount(cents))
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        for tab in ("Profile", "Rewards", "Vouchers"):
            await expect(phone.page.get_by_text(tab, exact=True).first).to_be_visible()
        await phone.page.get_by_text("Profile", exact=True).first.click()
        await phone.sees("€50.00")
        await phone.sees("No activity yet")
        await phone.pick("Vouchers", "Birthday cake")
        (row,) = await booked(sandbox)
        assert (row.kind, row.reference) == ("voucher_redeemed", "BIRTHDAY")
        assert await phone.page.get_by_text("10.40").count() == 0


async def test_credits_without_an_amount(browser: Browser, sandbox: Sandbox) -> None:
    """The page says that the amount is missing, and posts null, which is refused."""
    session = create(sandbox, "credit_reception", Way.AT_ONCE)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await phone.sees("Amount in cents is required")
        await phone.sees("Invalid input.")
    posted = sandbox.calls("POST", "/credit-receptions/create")
    assert [call.json for call in posted] == [{"unit_value": None}]
    assert not sandbox.ledger


async def test_prepaid_without_an_amount(browser: Browser, sandbox: Sandbox) -> None:
    """The page shows nothing to pay, and its button is disabled."""
    session = create(sandbox, "pay_prepaid", Way.AT_ONCE)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await expect(phone.button("Confirm €0.00")).to_be_disabled()
    assert not sandbox.ledger


async def test_two_giftcards(browser: Browser, sandbox: Sandbox) -> None:
    """The page asks for another giftcard until the amount is paid."""
    session = create(sandbox, "redeem_giftcard", Way.NONE, amount_in_cents=AMOUNT)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await phone.enter("GIFT5", "Submit")
        await phone.button("Confirm €5.00").click()
        await phone.button("Use another giftcard").click()
        await phone.enter("GIFT50", "Submit")
        await phone.button("Confirm €5.40").click()
        await booked(sandbox, 2)
    assert [row.amount for row in sandbox.ledger] == [-500, -540]


async def test_refusals_are_shown(browser: Browser, sandbox: Sandbox) -> None:
    """The page shows the sandbox's message for an unknown code."""
    session = create(sandbox, "redeem_giftcard", Way.NONE, amount_in_cents=AMOUNT)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await phone.enter("NOTHING", "Submit")
        await phone.sees("Giftcard not found.")
        await phone.enter("GIFTOLD", "Submit")
        await phone.sees("Giftcard is expired.")


@pytest.mark.parametrize("sent", [{}, {"enable_registration": True}, OFF])
async def test_registration(
    browser: Browser, sandbox: Sandbox, sent: dict[str, bool]
) -> None:
    """Only a strict false keeps the page from offering to sign up."""
    session = create(sandbox, "portal", Way.EMAIL, **sent)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await phone.button("Use email address").click()
        await phone.enter("new@example.com", "Continue")
        if sent == OFF:
            await phone.sees("Contact not found.")
            assert session.contact is None
        else:
            await phone.sees("Continue as new@example.com?")
            await phone.button("Confirm").click()
            await phone.sees("Rewards to save for")
            assert session.contact is not None
            assert session.contact.email == "new@example.com"


async def test_a_new_card(browser: Browser, sandbox: Sandbox) -> None:
    """A card without an owner is linked to the address that the customer enters."""
    session = create(sandbox, "portal", Way.CARD)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await phone.enter("1000004", "Continue")
        await phone.sees("This card has no owner yet.")
        await phone.enter("ben@example.com", "Continue")
        await phone.sees("Rewards to save for")
    assert session.contact is sandbox.identifiers["1000004"].contact


async def test_brand_kit(browser: Browser, sandbox: Sandbox) -> None:
    """The page takes the account's color."""
    session = create(sandbox, "voucher", Way.NONE)
    async with open_phone(browser, sandbox.portal_url(session.uuid)) as phone:
        await phone.sees("Scan or enter the voucher code")
        await phone.page.wait_for_function(
            "[...document.documentElement.style].includes('--primary-500')"
        )


async def test_unknown_session(browser: Browser, sandbox: Sandbox) -> None:
    """The page says that there is no such session."""
    async with open_phone(browser, sandbox.portal_url("unknown")) as phone:
        await phone.sees("No portal session found with uuid: unknown.")


EMBEDDING: Final = """<!doctype html><title>Shop</title>
<script>
  window.received = [];
  addEventListener("message", ({ data, origin }) => received.push({ data, origin }));
</script>
<iframe src="URL" style="width: 390px; height: 800px"></iframe>"""


async def test_events_reach_an_embedding_page(
    browser: Browser, sandbox: Sandbox
) -> None:
    """A page that embeds a session receives its events by postMessage."""
    session = create(sandbox, "redeem_giftcard", Way.NONE, amount_in_cents=AMOUNT)
    url = sandbox.portal_url(session.uuid)

    async def embed(_: web.Request) -> web.Response:
        html = EMBEDDING.replace("URL", url)
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", embed)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    page = await browser.new_page(locale="en-GB")
    try:
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        frame = page.frame_locator("iframe")
        await frame.get_by_role("textbox").fill("GIFT50")
        await frame.get_by_role("button", name="Submit", exact=True).click()
        await frame.get_by_role("button", name="Confirm €10.40", exact=True).click()
        await page.wait_for_function("received.length > 0", timeout=TIMEOUT)
        received = await page.evaluate("received")
    finally:
        await page.close()
        await runner.cleanup()
    assert received[-1] == {"data": session.events, "origin": sandbox.url}
    assert session.events[0]["data"]["amount_in_cents"] == -AMOUNT


async def test_framing_can_be_refused(browser: Browser, sandbox: Sandbox) -> None:
    """A setting keeps other pages from embedding the session."""
    session = create(sandbox, "voucher", Way.NONE)
    url = sandbox.portal_url(session.uuid)
    sandbox.settings.refuse_framing = True
    page = await browser.new_page()
    await page.set_content(f'<iframe src="{url}"></iframe>')
    field = page.frame_locator("iframe").get_by_role("textbox")
    await expect(field).to_have_count(0)
    await page.goto(url)
    await expect(page.get_by_role("textbox")).to_be_visible(timeout=TIMEOUT)
    await page.close()
