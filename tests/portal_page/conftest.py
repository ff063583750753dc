"""A sandbox that shows Piggy's own portal page, and a browser to open it in."""

from collections.abc import AsyncIterator

from playwright.async_api import Browser, async_playwright
import pytest
import pytest_asyncio
import pytest_socket

from sandbox import Sandbox
from sandbox.settings import VENDOR_PAGE
from tests.chromium import ARGUMENTS, CHROMIUM, missing_chromium
from tests.own_loop import configure_event_loop, verify_cleanup

from .phone import missing_page

__all__ = ["configure_event_loop", "verify_cleanup"]

# One browser serves the module, on a loop of the module's own. The fixtures that belong
# to a Home Assistant in the test process would look after another loop.


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium."""
    if reason := missing_chromium() or missing_page():
        pytest.skip(reason)
    # Fixtures of a module come before the one that lifts the block on sockets.
    pytest_socket.enable_socket()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(browser: Browser, socket_enabled: None) -> AsyncIterator[Sandbox]:
    """Run a sandbox with fresh balances."""
    async with Sandbox(vendor_page=VENDOR_PAGE) as running:
        yield running
