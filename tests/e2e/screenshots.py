"""Takes the documentation's pictures of a real Home Assistant.

Usage: python -m tests.e2e.screenshots
"""

import asyncio
from functools import partial
from io import BytesIO
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize

from hub.barcode import read_codes
from hub.client import HubClient
from hub.configuration import CHECKOUT
from hub.dashboard import save_kiosk
from hub.errors import HubError
from hub.flow import DOMAIN, NewAccount, screen_answer, wait_until_loaded
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import Screen, create_voucher_session, find_screen
from sandbox import DEFAULT_KEY, Sandbox
from sandbox.settings import VENDOR_PAGE

from .browser import (
    TIMEOUT,
    SetUp,
    card,
    configure,
    hide_menus,
    identify,
    log_in,
    redeem,
    running_browser,
    start,
    view,
)
from .furnish import PASSWORD, add_user
from .owner import add_overview
from .till import submit
from .week import enable_totals, import_week

IMAGES = CHECKOUT / "docs" / "images"

_SCREEN: ViewportSize = {"width": 1280, "height": 800}
# High enough for all that a form or a device has.
_PAGE: ViewportSize = {"width": 1280, "height": 1060}
_DEVICE: ViewportSize = {"width": 1280, "height": 1260}
_GRAPHS = 7
_OVERVIEW: ViewportSize = {"width": 1500, "height": 1600}
_PHONE: ViewportSize = {"width": 390, "height": 844}
_PORTRAIT: ViewportSize = {"width": 2160, "height": 3840}
# A cup of coffee.
_LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">
<circle cx="60" cy="60" r="60" fill="#0f766e"/>
<path d="M30 48h50v24a20 20 0 0 1-20 20H50a20 20 0 0 1-20-20z" fill="#fff"/>
<path d="M80 54h6a10 10 0 0 1 0 20h-6M44 22q-6 8 0 16M55 22q-6 8 0 16M66 22q-6 8 0 16"
fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round"/></svg>"""
_BRAND = {
    "logo": "/local/logo.svg",
    "color": "#0f766e",
    "background": "#99f6e4",
    "message": "Collect credits with every purchase!",
    "languages": ["en", "nl", "de"],
}
_COMPLETED = 15  # seconds
_COLOURS = 256
_SETTLED = 1  # seconds


async def main() -> None:
    """Take all pictures; raises HubError when something does not come up."""
    with TemporaryDirectory(prefix="screenshots-") as folder:
        www = Path(folder) / "www"
        www.mkdir()
        (www / "logo.svg").write_text(_LOGO, encoding="utf-8")
        async with (
            Sandbox() as sandbox,
            Hub(Path(folder)) as hub,
            running_browser() as browser,
        ):
            login = await create_owner(hub.url)
            page = await browser.new_page(viewport=_PAGE, reduced_motion="reduce")
            page.set_default_timeout(TIMEOUT)
            async with HubClient(hub.url, login.token) as client:
                await client.wait_until_running()
                # The images show the theme's color, but for that of a brand.
                sandbox.account.brand_kit.primary_color = None
                await log_in(page, hub.url, login.username, login.password)
                account = NewAccount(DEFAULT_KEY, sandbox.url)
                screen = await _set_up(page, hub.url, client, account)
                kiosk = hub.url + await save_kiosk(client, screen)
                await _take_kiosk(browser, page, kiosk)
                await _take_options(page, screen, sandbox)
                await _take_device(page, hub.url, client, screen)
                await client.action("piggy.clear_session", device_id=screen.device_id)
                await _take_staff(browser, client, kiosk, account)
                await _take_overview(page, hub.url, client, screen)


async def _set_up(
    page: Page, hub: str, client: HubClient, account: NewAccount
) -> Screen:
    set_up = SetUp(page)
    await set_up.open(hub)
    await set_up.answer_account(account)
    await set_up.fill_in_screen(account, _COMPLETED)
    await _take(page, "config-flow")
    await set_up.finish()
    (entry,) = await client.config_entries(DOMAIN)
    return await find_screen(client, entry["entry_id"], account.screen)


async def _take_kiosk(browser: Browser, page: Page, kiosk: str) -> None:
    await page.set_viewport_size(_SCREEN)
    await page.goto(kiosk)
    await view(page, "idle")
    await hide_menus(page)
    await _take(page, "idle")
    await start(page, "voucher")
    (url,) = read_codes(await _take(page, "kiosk"))
    phone = await browser.new_page()
    await identify(phone, url)
    await view(page, "identified")
    await redeem(phone)
    await phone.close()
    await view(page, "completed")
    await _take(page, "thanks")
    await view(page, "idle")


async def _take_options(page: Page, screen: Screen, sandbox: Sandbox) -> None:
    """Take what the card's options and the size of its screen make of it."""
    kiosk = partial(configure, page, screen.device_id, kiosk=True)
    await kiosk(**_BRAND)
    await card(page).locator("img.logo").wait_for()
    await _take(page, "brand")
    await kiosk()
    await start(page, "voucher")
    for name, size in (("phone", _PHONE), ("portrait", _PORTRAIT)):
        await page.set_viewport_size(size)
        await _take(page, name)
    await page.set_viewport_size(_SCREEN)
    sandbox.settings.vendor_page = VENDOR_PAGE
    await kiosk(show="page")
    await view(page, "page")
    frame = card(page).frame_locator(".portal iframe")
    await frame.get_by_text("Scan or enter").first.wait_for()
    await _take(page, "page")
    sandbox.settings.vendor_page = None
    await kiosk()
    await card(page).locator("[data-action=cancel]").click()
    await view(page, "idle")
    await start(page, "redeem_giftcard", amount="2000")
    (url,) = read_codes(await page.screenshot())
    await submit(url, "pay-with-giftcard", giftcard="GIFT5", amount="5.00")
    await card(page).locator("[data-part=part-paid]").wait_for()
    await _take(page, "part-payment")
    await card(page).locator("[data-action=cancel]").click()
    await view(page, "idle")


async def _take_staff(
    browser: Browser, client: HubClient, kiosk: str, account: NewAccount
) -> None:
    """Take what the screen asks staff who are no administrators."""
    (entry,) = await client.config_entries(DOMAIN)
    screens = await client.command(
        "config_entries/subentries/list", entry_id=entry["entry_id"]
    )
    form = await client.start_subentry_flow(
        entry["entry_id"], "screen", subentry_id=screens[0]["subentry_id"]
    )
    answer = screen_answer(form, account) | {"staff_pin": "4711"}
    await client.continue_subentry_flow(form["flow_id"], answer)
    await wait_until_loaded(client, entry["entry_id"])
    screen = await find_screen(client, entry["entry_id"], account.screen)
    await add_user(client, "staff", "system-users")
    page = await browser.new_page(viewport=_SCREEN, reduced_motion="reduce")
    page.set_default_timeout(TIMEOUT)
    await log_in(page, client.url, "staff", PASSWORD)
    await page.goto(kiosk)
    await view(page, "idle")
    types = ["top_up_giftcard"]
    await configure(page, screen.device_id, kiosk=True, session_types=types)
    await card(page).locator("[data-type=top_up_giftcard]").click()
    for digit in "471":
        await card(page).locator(f"[data-key='{digit}']").click()
    await _take(page, "pin")


async def _take_device(page: Page, hub: str, client: HubClient, screen: Screen) -> None:
    """Take the device's page while a session is on the screen."""
    await create_voucher_session(client, screen)
    await page.set_viewport_size(_DEVICE)
    await page.goto(f"{hub}/config/devices/device/{screen.device_id}")
    await page.get_by_text("Waiting").first.wait_for()
    await _take(page, "device")


async def _take_overview(
    page: Page, hub: str, client: HubClient, screen: Screen
) -> None:
    """Take the owner's overview of a busy week."""
    (entry,) = await client.config_entries(DOMAIN)
    await import_week(client, await enable_totals(client, screen, entry["entry_id"]))
    await page.set_viewport_size(_OVERVIEW)
    await add_overview(page, hub, "Sales")
    await page.locator("hui-statistics-graph-card canvas").nth(_GRAPHS - 1).wait_for()
    await page.locator("hui-statistic-card .value:not(:empty)").last.wait_for()
    await _take(page, "overview")


async def _take(page: Page, name: str) -> bytes:
    """Write a picture, with as many colours as it takes; return it."""
    # Nothing is hovered. Dialogs slide in, and shadows of what was pressed fade.
    await page.mouse.move(0, 0)
    await asyncio.sleep(_SETTLED)
    content = await page.screenshot(animations="disabled")
    picture = Image.open(BytesIO(content)).convert("RGB")
    written = BytesIO()
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(
        written, "PNG", optimize=True
    )
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.png"
    path.write_bytes(written.getvalue())
    print(path.relative_to(CHECKOUT))  # noqa: T201
    return written.getvalue()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except HubError as err:
        sys.exit(f"screenshots: {err}")
