"""An automation that an owner makes by clicking alone."""

from contextlib import suppress
from typing import Any

from playwright.async_api import (
    Locator,
    Page,
    TimeoutError as PlaywrightTimeoutError,
    expect,
)
import pytest

from hub.errors import NotYetError
from hub.waiting import eventually
from tests.own_loop import configure_event_loop, verify_cleanup

from .owner import Shop, shop

__all__ = ["configure_event_loop", "shop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

SECONDS = 60
MESSAGE = "Paid: {{ -trigger.to_state.attributes.amount_in_cents }}"


async def add_element(page: Page, button: str, name: str) -> Locator:
    """Add a trigger or an action by its name; return its form."""
    await page.get_by_role("button", name=button).click()
    dialog = page.locator("add-automation-element-dialog")
    await dialog.get_by_role("textbox").first.fill(name)
    await dialog.get_by_text(name, exact=True).click()
    form = page.locator("ha-automation-sidebar")
    await expect(form.get_by_text(name, exact=True).first).to_be_visible()
    return form


async def fill_message(form: Locator) -> None:
    """Fill in the message, until it is in the editor of templates.

    A form that has just been opened is drawn again, and forgets what was typed.
    """
    message = form.locator("ha-selector-template").get_by_text("amount_in_cents")

    async def filled() -> None:
        if await message.count():
            return
        # Without a template, it is the only enabled field.
        field = form.locator("ha-selector-text input:enabled")
        with suppress(PlaywrightTimeoutError):
            await field.fill(MESSAGE, timeout=1000)
        raise NotYetError("The form has no message")

    await eventually(filled, SECONDS)


async def notified(shop: Shop) -> list[str]:
    """Return the messages among the notifications."""
    found: list[dict[str, Any]] = await shop.client.command(
        "persistent_notification/get"
    )
    return [notification["message"] for notification in found]


async def test_a_large_payment_in_an_area(shop: Shop) -> None:
    """When a payment of at least 50 is received in the shop's area, notify."""
    area = await shop.client.command("config/area_registry/create", name="Shop floor")
    await shop.client.command(
        "config/device_registry/update",
        device_id=shop.screen.device_id,
        area_id=area["area_id"],
    )
    page = shop.page
    await page.goto(f"{shop.hub.url}/config/automation/dashboard")
    await page.get_by_role("button", name="Create automation").first.click()
    await page.get_by_text("Create new automation").click()

    form = await add_element(page, "Add trigger", "Payment received")
    await form.get_by_role("button", name="Add target").click()
    found = form.locator("ha-picker-combo-box")
    await found.get_by_role("textbox").fill("Shop floor")
    await found.get_by_text("Shop floor", exact=True).last.click()
    # The area's screen, and nothing else in it.
    await expect(form.get_by_text("1 entity")).to_be_visible()
    await form.locator("ha-selector-number input").fill("50")

    form = await add_element(page, "Add action", "Send a persistent notification")
    await fill_message(form)
    await page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.locator("ha-dialog-automation-save, dialog-automation-save")
    await dialog.locator("input").first.fill("Large payment")
    await dialog.get_by_role("button", name="Save", exact=True).click()

    async def is_on() -> None:
        states = {row["entity_id"]: row["state"] for row in await shop.client.states()}
        if states.get("automation.large_payment") != "on":
            raise NotYetError("The automation does not run yet")

    await eventually(is_on, SECONDS)
    session = await shop.client.action_response(
        "piggy.create_redeem_giftcard_session",
        device_id=shop.screen.device_id,
        amount_in_cents=15_000,
    )
    for cents in (4999, 5001):
        data = {"amount_in_cents": -cents}
        shop.sandbox.add_event(session["uuid"], "giftcard_transaction", data)

    async def told() -> list[str]:
        if not (messages := [text for text in await notified(shop) if "Paid" in text]):
            raise NotYetError("There is no notification yet")
        return messages

    assert await eventually(told, SECONDS) == ["Paid: 5001"]
