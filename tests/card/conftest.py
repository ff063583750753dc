"""The card in Chromium; the tests play Home Assistant."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
import pytest

from tests.chromium import missing_chromium
from tests.own_loop import configure_event_loop, verify_cleanup

from .harness import open_page, start_browser
from .page import NOW, Show

__all__ = ["configure_event_loop", "verify_cleanup"]

# Playwright runs a loop of its own, beside which Home Assistant's fixtures cannot run
# theirs: these tests have no hub, and take the places of all that would make one.


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    if reason := missing_chromium():
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = start_browser(playwright.chromium)
        yield started
        started.close()


@pytest.fixture
def pictures() -> dict[str, str]:
    """Return the sessions, or failures, by the state of the image."""
    return {}


@pytest.fixture
def headers() -> dict[str, str]:
    """Return the headers of the answers for the card's files."""
    return {}


@pytest.fixture
def page(
    browser: Browser, pictures: dict[str, str], headers: dict[str, str]
) -> Iterator[Page]:
    """Open a page with the card's module."""
    with open_page(browser, pictures, headers, NOW) as opened:
        yield opened


@pytest.fixture
def put(page: Page) -> Show:
    """Return a function that shows a card for a screen in a given state."""

    def put_up(config: dict[str, Any] | None = None, **screen: Any) -> None:
        page.evaluate("([config, screen]) => hub.put(config, screen)", [config, screen])

    return put_up


@pytest.fixture
def show(page: Page) -> Show:
    """Return a function that updates the state of the card's screen."""

    def tell(**screen: Any) -> None:
        page.evaluate("(screen) => hub.show(screen)", screen)

    return tell
