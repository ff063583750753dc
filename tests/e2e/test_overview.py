"""The owner's overview in a real browser, with a week of statistics."""

import re

from playwright.async_api import Page, expect
import pytest

from custom_components.piggy.totals import TOTALS
from tests.own_loop import configure_event_loop, verify_cleanup

from .browser import view
from .owner import Shop, add_overview, shop
from .week import enable_totals, import_week

__all__ = ["configure_event_loop", "shop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

NUMBER = re.compile(r"\d")
ISSUES = re.compile(r"\d issue")
# The headings of each section, and how many graphs it has.
SECTIONS = (
    (["Today", "Last 24 hours"], 2),
    (["This week", "Last 7 days"], 3),
    (["This month", "Last 31 days"], 2),
)


async def test_overview(shop: Shop) -> None:
    """The owner adds the overview, reads a week in it, and opens the kiosk."""
    totals = await enable_totals(shop.client, shop.screen, shop.entry_id)
    await import_week(shop.client, totals)
    page: Page = shop.page
    await add_overview(page, shop.hub.url, "Sales")
    sections = page.locator("hui-section")
    await expect(sections).to_have_count(4)
    for index, (headings, graphs) in enumerate(SECTIONS, 1):
        section = sections.nth(index)
        await expect(section.locator("hui-heading-card")).to_have_text(headings)
        values = section.locator("hui-statistic-card .value")
        await expect(values).to_have_text([NUMBER] * len(TOTALS))
        cards = section.locator("hui-statistics-graph-card")
        await expect(cards).to_have_count(graphs)
        for graph in await cards.all():
            await expect(graph.locator("canvas").first).to_be_visible()
    week = sections.nth(2).locator("hui-statistic-card .name")
    await expect(week.first).to_have_text("Started")
    # The history of this hub keeps the URLs of sessions, which is an issue.
    await expect(page.locator("hui-repairs-card")).to_contain_text(ISSUES)
    await expect(page.locator("hui-error-card")).to_have_count(0)
    await page.get_by_text("Open the kiosk").click()
    await view(page, "idle")
    assert page.url.endswith(f"/dashboard-sales/kiosk-{shop.screen.device_id}")
