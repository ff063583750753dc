"""A customer's phone that shows Piggy's own portal page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
import re
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, Frame, Locator, Page, Route, expect

from sandbox.settings import VENDOR_PAGE

TIMEOUT: Final = 20_000  # milliseconds
expect.set_options(timeout=TIMEOUT)


def missing_page() -> str | None:
    """Return why there is no page, or None; CI has to have one."""
    if VENDOR_PAGE.is_dir() or os.environ.get("CI") == "true":
        return None
    return "Piggy's portal page is not built: run scripts/portal-page"


class Phone:
    """Shows one session's page."""

    def __init__(self, page: Page | Frame) -> None:
        """Use a page, or the frame that shows it."""
        self.page = page
        # Requests for other hosts than the session's; all were refused.
        self.foreign: list[str] = []

    def button(self, name: str) -> Locator:
        """Return a button by its label."""
        return self.page.get_by_role("button", name=name, exact=True)

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Expect a text on the page."""
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=TIMEOUT)

    async def enter(self, text: str, button: str) -> None:
        """Type a code or an address into the page's only field, and send it."""
        await self.page.get_by_role("textbox").fill(text)
        await self.button(button).click()

    async def pick(self, tab: str, row: str) -> None:
        """Select a row on a tab of the portal, and confirm."""
        await self.page.get_by_text(tab, exact=True).first.click()
        await self.page.get_by_text(row, exact=True).first.click()
        await self.button("Confirm").click()

    async def refuse(self, route: Route) -> None:
        """Refuse a request for another host."""
        self.foreign.append(route.request.url)
        await route.abort()


@asynccontextmanager
async def open_phone(browser: Browser, url: str) -> AsyncIterator[Phone]:
    """Open a session on a phone that reaches no other host than the session's."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB"
    )
    context.set_default_timeout(TIMEOUT)
    page = await context.new_page()
    phone = Phone(page)
    host = urlsplit(url).netloc
    await context.route(lambda other: urlsplit(other).netloc != host, phone.refuse)
    try:
        await page.goto(url)
        yield phone
    finally:
        await context.close()
