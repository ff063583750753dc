"""Home Assistant's frontend as a person uses it, in Debian's Chromium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
import re
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    TimeoutError as PlaywrightTimeoutError,
    WebError,
    async_playwright,
    expect,
)

from custom_components.piggy.coordinator import BRAKE
from hub.flow import NewAccount
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.scannability.readers import Picture

_ARGUMENTS = (
    *ARGUMENTS,
    "--headless=new",
    # Requests for other hosts are recorded and refused.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
TIMEOUT = 60_000  # milliseconds, on a machine that runs several browsers
expect.set_options(timeout=TIMEOUT)
TRY = 10_000  # milliseconds
TRIES = 6
CARD = "1000001"

# The frontend's previews of its own picture cards, while a card is being chosen.
_PREVIEW_PICTURES = re.compile(
    r"https://demo\.home-assistant\.io/stub_config/[\w-]+\.png"
)
# The hub fetches other integrations' icons from the internet when it has any.
_OTHER_ICONS = re.compile(r"/api/brands/(integration|hardware)/(?!piggy/)[\w-]+/")
_NOT_LOADED = "Failed to load resource: "


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Run Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(_ARGUMENTS)
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watch:
    """The requests and errors of a browser's pages.

    `origin` is the only one that they may ask.
    """

    origin: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Watch all pages of a context, its service worker too."""
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self._console)
        context.on("weberror", self._failure)
        context.on("page", self._page)

    def wrong(self) -> list[str]:
        """Return the errors, and the requests for other hosts, and forget them."""
        found = self.errors + [url for url in self.requests if not self._allows(url)]
        self.errors, self.requests = [], []
        return found

    def _page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        url = message.location["url"]
        if message.text.startswith(_NOT_LOADED) and (
            _PREVIEW_PICTURES.fullmatch(url) or _OTHER_ICONS.match(urlsplit(url).path)
        ):
            return
        self.errors.append(f"{message.text} ({url})")

    def _failure(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def _allows(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob") or _PREVIEW_PICTURES.fullmatch(url):
            return True
        return (
            parts.scheme in ("http", "ws")
            and parts.netloc == urlsplit(self.origin).netloc
        )


async def log_in(page: Page, hub: str, username: str, password: str) -> None:
    """Log in on a hub's page, which then shows the first dashboard."""
    await page.goto(hub)
    await page.locator("input[name=username]").fill(username)
    await page.locator("input[name=password]").fill(password)
    await page.get_by_role("button", name="Log in").click()
    await page.locator("home-assistant-main").wait_for()


class SetUp:
    """The dialog that adds the integration."""

    def __init__(self, page: Page) -> None:
        """Use a page with a logged-in user."""
        self._page = page
        self._dialog = page.locator("dialog-data-entry-flow")

    @property
    def address(self) -> Locator:
        """The field of the API's address."""
        return self._dialog.locator("input[name=url]")

    async def open(self, hub: str) -> None:
        """Select Piggy from the integrations, and open the form's closed section."""
        await self._page.goto(f"{hub}/config/integrations/dashboard")
        await self._page.get_by_role("button", name="Add integration").click()
        brands = self._page.locator("dialog-add-integration")
        await brands.get_by_role("textbox").fill("Piggy")
        item = brands.locator("ha-integration-list-item")
        await item.get_by_text("Piggy", exact=True).click()
        await self._title("Connect to Piggy")
        await self._dialog.get_by_text("Advanced", exact=True).click()
        await self.address.wait_for()

    async def answer_account(self, account: NewAccount) -> None:
        """Fill in the first form and send it."""
        await self._dialog.locator("input[type=password]").fill(account.api_key)
        await self.address.fill(account.url)
        await self._submit()
        await self._title("Screen")

    async def fill_in_screen(self, account: NewAccount, completed: int) -> None:
        """Fill in the second form; a completed session stays that many seconds."""
        shops = self._dialog.locator("ha-selector-select").first
        item = shops.locator("ha-dropdown-item", has_text=account.shop)
        await select(shops, item, account.shop)
        await self._dialog.locator("input[name=name]").fill(account.screen)
        lifetime = self._dialog.locator(
            "ha-selector-number", has_text="Completed lifetime"
        )
        await lifetime.locator("input").fill(str(completed))

    async def upload_logo(self, content: bytes) -> None:
        """Upload a PNG as the screen's logo."""
        media = self._dialog.locator("ha-selector-media")
        await media.locator("input[type=file]").set_input_files(
            {"name": "own.png", "mimeType": "image/png", "buffer": content}
        )
        await media.get_by_text("own.png", exact=True).wait_for()

    async def finish(self) -> None:
        """Send the second form and leave the dialog."""
        await self._submit()
        await self._title("Name and assign")
        await self._dialog.get_by_role("button", name="Skip and finish").click()
        await _closed(self._dialog)

    async def _submit(self) -> None:
        await self._dialog.get_by_role("button", name="Submit").click()

    async def _title(self, text: str) -> None:
        await self._dialog.locator(".dialog-title", has_text=text).wait_for()


async def select(picker: Locator, item: Locator, name: str) -> None:
    """Select an item of one of the frontend's pickers, by its name.

    A picker that is still opening may lose a click, so that it is repeated until the
    picker shows the name, as a person would do.
    """
    field = picker.locator("ha-picker-field")
    shown = field.get_by_text(name, exact=True)
    for _ in range(TRIES):
        with suppress(PlaywrightTimeoutError):
            if not await item.is_visible():
                await field.click(timeout=TRY)
            await item.click(timeout=TRY)
            await shown.wait_for(timeout=TRY)
            return
    await shown.wait_for()


async def add_dashboard(page: Page, hub: str, title: str) -> None:
    """Make an empty dashboard of a title."""
    await page.goto(f"{hub}/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    await page.get_by_text("New dashboard from scratch").click()
    details = page.locator("dialog-lovelace-dashboard-detail")
    await details.get_by_role("textbox").first.fill(title)
    await details.get_by_role("button", name="Create").click()
    await _closed(details)


async def add_card(page: Page, view: str, screen: str) -> None:
    """Add the card to a view with its editor, for a screen by name."""
    await page.goto(f"{view}?edit=1")
    await page.get_by_role("button", name="Add card").first.click()
    picker = page.locator("hui-dialog-create-card")
    await picker.get_by_text("By card", exact=True).click()
    await picker.locator("hui-card-picker").get_by_role("textbox").fill("Piggy")
    title = page.get_by_text("Piggy screen", exact=True)
    card = picker.locator("div.card", has=title)
    await card.locator("piggy-screen-card [data-view=idle]").wait_for()
    await card.locator(".overlay").click()
    editor = page.locator("hui-dialog-edit-card")
    device = editor.locator("ha-device-picker")
    # The editor has chosen the first screen.
    await device.get_by_role("button", name="Clear").click()
    await editor.get_by_text("device_id is missing").wait_for()
    listed = device.locator("ha-picker-combo-box").get_by_text(screen, exact=True)
    await select(device, listed, screen)
    await editor.locator("piggy-screen-card [data-view=idle]").wait_for()
    await editor.get_by_role("button", name="Save").click()
    await _closed(editor)
    await page.get_by_role("button", name="Done").click()


def card(page: Page) -> Locator:
    """Return the card on a page."""
    return page.locator("piggy-screen-card")


async def configure(page: Page, device_id: str, **options: object) -> None:
    """Give the card on a page another configuration."""
    config = {"device_id": device_id, **options}
    await card(page).evaluate("(card, config) => card.setConfig(config)", config)


async def view(page: Page, name: str) -> None:
    """Expect the card's view of a name."""
    shown = card(page).locator("[data-view]")
    await expect(shown).to_have_attribute("data-view", name, timeout=TIMEOUT)


async def seen(page: Page) -> Picture:
    """Return a grayscale screenshot for the QR readers."""
    content = await page.screenshot(animations="disabled")
    return np.array(Image.open(BytesIO(content)).convert("L"))


async def start(page: Page, session_type: str, amount: str = "") -> None:
    """Press a button once the hub accepts another session, and wait for the code.

    An amount is typed in cents.
    """
    await asyncio.sleep(BRAKE)
    await card(page).locator(f"[data-type={session_type}]").click()
    for digit in amount:
        await card(page).locator(f"[data-key='{digit}']").click()
    if amount:
        await card(page).locator("[data-action=confirm]").click()
    code = card(page).locator("[data-part=code]")
    await expect(code).to_have_attribute("data-state", "ready", timeout=TIMEOUT)


async def identify(tab: Page, url: str) -> None:
    """Open the URL of a code, and identify with a card."""
    await tab.goto(url)
    await tab.locator("#card").fill(CARD)
    await tab.locator("#identify-card").click()
    await expect(tab.locator("#contact")).to_be_visible()


async def redeem(tab: Page) -> None:
    """Redeem a voucher on the phone."""
    await tab.locator("#redeem-voucher").click()
    await expect(tab.locator("#events > li")).to_have_count(1)


async def hide_menus(page: Page) -> None:
    """Hide the menus, as the kiosk mode of the companion apps does."""
    await page.evaluate(
        "window.dispatchEvent("
        "new CustomEvent('hass-kiosk-mode', { detail: { enable: true } }))"
    )


async def _closed(dialog: Locator) -> None:
    """Wait until a dialog is gone; the frontend keeps its element."""
    await dialog.locator("dialog[open]").wait_for(state="detached")
