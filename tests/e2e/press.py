"""Measures the card on a wall, beside a picture-entity that shows the same image.

Usage: python -m tests.e2e.press [--quick]. Prints the results as JSON.
"""

import asyncio
from dataclasses import dataclass, field
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Final

import aiohttp
from playwright.async_api import Browser, Page, Request, ViewportSize

from benchmarks.piggy import running_piggy
from custom_components.piggy.coordinator import BRAKE
from hub.barcode import read_codes
from hub.client import HubClient
from hub.dashboard import save_dashboard, save_kiosk
from hub.flow import NewAccount, add_account, screen_answer
from hub.onboarding import Login, create_owner
from hub.process import Hub
from hub.screens import Screen, find_screen
from sandbox import DEFAULT_KEY

from .browser import log_in, running_browser, view

ROUNDS: Final = 40
WARM_UP: Final = 3
IDLE: Final = 60  # seconds
QUICK: Final = 8
DELAY: Final = 0.05  # seconds that the API takes
WALL: Final[ViewportSize] = {"width": 1280, "height": 800}
PLAIN: Final[ViewportSize] = {"width": 760, "height": 900}
# What a picture-entity calls: an action needs the device, which is added later.
SCRIPT: Final[dict[str, Any]] = {
    "script": {
        "start": {
            "sequence": [
                {
                    "action": "piggy.create_voucher_session",
                    "data": {"device_id": "{{ device_id('image.till_2_qr_code') }}"},
                }
            ]
        }
    }
}
PRESS: Final = """(host, selector) => {
  const find = () => host.shadowRoot.querySelector(selector);
  const before = find()?.src;
  window.painted = new Promise((resolve) => {
    window.addEventListener("click", ({ timeStamp }) => {
      const look = async () => {
        const image = find();
        if (!image || image.src === before || !image.complete || image.hidden) {
          requestAnimationFrame(look);
          return;
        }
        await image.decode();
        requestAnimationFrame(() => setTimeout(
          () => resolve(performance.now() - timeStamp)));
      };
      look();
    }, { capture: true, once: true });
  });
}"""
# Whether the picture is that of the image's state, which is idle.
SETTLED: Final = """([status, entity]) => {
  const { states } = document.querySelector("home-assistant").hass;
  return states[status].state === "idle" && states[entity].state;
}"""


@dataclass(slots=True)
class Side:
    """A dashboard that shows a screen, and what is pressed on it."""

    page: Page
    screen: Screen
    host: str  # the element with the image
    image: str
    pressed: str
    free_at: float = 0
    samples: list[float] = field(default_factory=list)


class Wall:
    """A hub whose screens are pressed in turn."""

    def __init__(self, client: HubClient) -> None:
        """Use a client of the owner."""
        self._client = client

    async def press(self, side: Side) -> float:
        """Return the milliseconds from a press to a painted code, and check it."""
        page, screen = side.page, side.screen
        await page.bring_to_front()
        await self._client.action("piggy.clear_session", device_id=screen.device_id)
        await asyncio.sleep(max(0, side.free_at - time.monotonic()))
        status = screen.entities["sensor.session_status"]
        await page.wait_for_function(SETTLED, arg=[status, screen.qr_code])
        await page.wait_for_load_state("networkidle")
        await page.locator(side.host).evaluate(PRESS, side.image)
        await page.locator(side.pressed).click()
        duration: float = await page.evaluate("window.painted")
        side.free_at = time.monotonic() + BRAKE
        url = (await self._client.state(screen.session_url))["state"]
        if read_codes(await page.screenshot()) != [url]:
            msg = "The screen does not show the session's code"
            raise ValueError(msg)
        return duration


async def _sides(
    browser: Browser, hub: Hub, login: Login, client: HubClient, url: str
) -> tuple[Side, Side, int]:
    """Show two dashboards; return them, and the bytes of the card that were loaded."""
    account = NewAccount(DEFAULT_KEY, url)
    entry_id = await add_account(client, account)
    form = await client.start_subentry_flow(entry_id, "screen")
    other = NewAccount(DEFAULT_KEY, url, screen="Till 2")
    await client.continue_subentry_flow(form["flow_id"], screen_answer(form, other))
    ours = await find_screen(client, entry_id, "Till 1")
    theirs = await find_screen(client, entry_id, "Till 2")
    core = {
        "type": "picture-entity",
        "entity": theirs.qr_code,
        "fit_mode": "contain",
        "show_name": False,
        "show_state": False,
        "tap_action": {"action": "perform-action", "perform_action": "script.start"},
    }
    views = [{"path": "picture", "type": "panel", "cards": [core]}]
    plain = await save_dashboard(client, "plain-card", {"title": "A", "views": views})
    kiosk = await save_kiosk(client, ours)
    context = await browser.new_context()
    await log_in(await context.new_page(), hub.url, login.username, login.password)
    known = await context.storage_state()
    await context.close()
    # With nothing in its cache, and as large as the other's code.
    page = await browser.new_page(viewport=WALL, storage_state=known)
    loaded: list[Request] = []

    def note(request: Request) -> None:
        if "/piggy_static/" in request.url:
            loaded.append(request)

    page.on("requestfinished", note)
    await page.goto(hub.url + kiosk)
    await view(page, "idle")
    size = sum([(await request.sizes())["responseBodySize"] for request in loaded])
    picture = await browser.new_page(viewport=PLAIN, storage_state=known)
    await picture.goto(hub.url + plain)
    await picture.locator("hui-image img").wait_for()
    card = "piggy-screen-card"
    return (
        Side(page, ours, card, "[data-part=code-image]", f"{card} [data-type=voucher]"),
        Side(
            picture,
            theirs,
            "hui-image",
            "img",
            "hui-picture-entity-card .image-container",
        ),
        size,
    )


async def _idle(browser: Browser, wall: Page, seconds: int) -> float:
    """Return the share of a core that an idle kiosk takes, in percent.

    Raises ValueError if it asks the hub for anything but by its WebSocket.
    """
    requests: list[str] = []
    wall.on("request", lambda request: requests.append(request.url))
    devtools = await browser.new_browser_cdp_session()

    async def spent() -> float:
        found = await devtools.send("SystemInfo.getProcessInfo")
        return sum(float(process["cpuTime"]) for process in found["processInfo"])

    before = await spent()
    await asyncio.sleep(seconds)
    share = (await spent() - before) / seconds * 100
    if requests:
        msg = f"An idle kiosk asked for {requests}"
        raise ValueError(msg)
    return share


async def main(*, quick: bool) -> None:
    """Measure, and print the results."""
    rounds, idle = (ROUNDS // QUICK, IDLE // QUICK) if quick else (ROUNDS, IDLE)
    with TemporaryDirectory(prefix="press-") as folder:
        async with (
            running_piggy() as piggy,
            aiohttp.ClientSession() as http,
            Hub(Path(folder), extra=SCRIPT) as hub,
            running_browser() as browser,
        ):
            login = await create_owner(hub.url)
            async with HubClient(hub.url, login.token) as client:
                await client.wait_until_running()
                *sides, size = await _sides(browser, hub, login, client, piggy.url)
                fault = {"kind": "delay", "delay": DELAY, "times": 0}
                await piggy.admin(http, "POST", "faults", **fault)
                wall = Wall(client)
                for number in range(WARM_UP + rounds):
                    for side in sides if number % 2 else reversed(sides):
                        duration = await wall.press(side)
                        if number >= WARM_UP:
                            side.samples.append(duration)
                ours, theirs = sides
                await theirs.page.close()
                await client.action(
                    "piggy.clear_session", device_id=ours.screen.device_id
                )
                await view(ours.page, "idle")
                await ours.page.mouse.move(0, 0)
                await asyncio.sleep(BRAKE)
                share = await _idle(browser, ours.page, idle)
    results = {"this": ours.samples, "other": theirs.samples, "bytes": size}
    print(json.dumps(results | {"idle": share}))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(quick="--quick" in sys.argv))
