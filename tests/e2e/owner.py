"""A hub with a screen, and the browser of its logged-in owner."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Page
import pytest
import pytest_asyncio
import pytest_socket

from hub.client import HubClient
from hub.flow import DOMAIN, NewAccount, add_account
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import Screen, find_screen
from sandbox import DEFAULT_KEY, Sandbox
from tests.chromium import missing_chromium

from .browser import TIMEOUT, Watch, log_in, running_browser


@dataclass(frozen=True, slots=True)
class Shop:
    """A hub with a screen, and its logged-in owner."""

    hub: Hub
    sandbox: Sandbox
    client: HubClient
    page: Page
    screen: Screen
    entry_id: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Start a hub with a screen, and log its owner in; nothing in a page may fail."""
    if reason := missing_chromium():
        pytest.skip(reason)
    pytest_socket.enable_socket()
    async with (
        Sandbox() as sandbox,
        Hub(tmp_path_factory.mktemp("owner")) as hub,
        running_browser() as browser,
    ):
        login = await create_owner(hub.url)
        context = await browser.new_context(viewport={"width": 1500, "height": 1600})
        context.set_default_timeout(2 * TIMEOUT)
        watch = Watch(hub.url)
        watch.attach(context)
        async with HubClient(hub.url, login.token) as client:
            await client.wait_until_running()
            account = NewAccount(DEFAULT_KEY, sandbox.url)
            entry_id = await add_account(client, account)
            screen = await find_screen(client, entry_id, account.screen)
            page = await context.new_page()
            await log_in(page, hub.url, login.username, login.password)
            yield Shop(hub, sandbox, client, page, screen, entry_id)
            await context.close()
    assert watch.wrong() == []
    assert hub.complaints(DOMAIN) == []


async def add_overview(page: Page, hub: str, title: str) -> None:
    """Add the overview as a dashboard by clicking, and open it."""
    await page.goto(f"{hub}/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    await page.get_by_text("Piggy overview", exact=True).click()
    details = page.locator("dialog-lovelace-dashboard-detail")
    await details.get_by_role("textbox").first.fill(title)
    await details.get_by_role("button", name="Create").click()
    await details.locator("dialog[open]").wait_for(state="detached")
    await page.goto(f"{hub}/dashboard-{title.lower()}")
