"""A card that runs for months."""

from playwright.sync_api import Browser
import pytest

from .wear import wear

pytestmark = pytest.mark.browser


def test_sessions_leave_nothing_behind(browser: Browser) -> None:
    """Nodes and listeners stay as they are, and so does the memory within 5%."""
    first, last = wear(browser.browser_type, 300)
    # A view that is about to go has a node or a listener more.
    assert last.nodes - first.nodes < 10
    assert last.listeners - first.listeners < 10
    assert last.heap <= 1.05 * first.heap
