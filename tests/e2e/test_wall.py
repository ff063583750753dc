"""A screen on the wall while the hub and the network fail."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
import json
import os
from pathlib import Path
import shutil
import signal
import time

import jwt
from playwright.async_api import (
    Error as PlaywrightError,
    Page,
    Request,
    Response,
    Route,
    expect,
)
import pytest
import pytest_asyncio
import pytest_socket

from hub import configuration
from hub.client import HubClient
from hub.dashboard import (
    EXAMPLE_DEVICE,
    KIOSK,
    load_dashboard,
    save_dashboard,
    save_kiosk,
)
from hub.errors import NotYetError
from hub.flow import NewAccount, add_account, screen_answer
from hub.onboarding import Login, create_owner
from hub.process import EXECUTABLE, Hub
from hub.screens import Screen, find_screen
from hub.waiting import eventually
from sandbox import DEFAULT_KEY, Sandbox
from tests.chromium import missing_chromium
from tests.own_loop import configure_event_loop, verify_cleanup

from .browser import TIMEOUT, card, log_in, running_browser, start, view
from .proxy import Network

__all__ = ["configure_event_loop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

HOUR = 3600
# An integration of the hub: tokens of images and browsers are valid for seconds, not
# minutes. Piggy is set up after it, and it waits while there is a file.
STAND_IN = "stand_in"
MANIFEST = {
    "domain": STAND_IN,
    "name": "Stand-in",
    "codeowners": [],
    "documentation": "https://stand-in.example",
    "integration_type": "service",
    "iot_class": "calculated",
    "version": "1.0.0",
}
TOKEN_SECONDS = 8
LEEWAY = 10  # seconds for which Home Assistant accepts a token that has expired
HOLD = "hold"
CODE = f'''\
"""Renews the tokens of images often, gives browsers short ones, and can be slow."""

import asyncio
from datetime import timedelta
from pathlib import Path

from homeassistant.components import image
from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_track_time_interval

CONFIG_SCHEMA = cv.empty_config_schema("{STAND_IN}")
EVERY = timedelta(seconds={TOKEN_SECONDS})


async def async_setup(hass, config):
    """Renew the tokens from now on."""
    create, own = hass.auth.async_create_refresh_token, f":{{hass.config.api.port}}/"

    async def create_short(user, client_id=None, **options):
        token = await create(user, client_id, **options)
        if client_id and not client_id.endswith(own):  # through the network
            token.access_token_expiration = EVERY
        return token

    hass.auth.async_create_refresh_token = create_short

    @callback
    def renew(now):
        component = hass.data.get(image.DATA_COMPONENT)
        for entity in component.entities if component else ():
            entity.async_update_token()
            entity.async_write_ha_state()

    async_track_time_interval(hass, renew, EVERY)
    hold = Path(hass.config.path("{HOLD}"))
    while await hass.async_add_executor_job(hold.exists):
        await asyncio.sleep(0.1)
    return True
'''
# Python runs it first. Home Assistant is then another release, if a file names one, and
# has another frontend, if there is one.
RELEASE = "release"
FRONTEND = "frontend"
WORKER = "sw-modern.js"
BEFORE = f'''\
"""Names another release of Home Assistant, and another frontend."""

from pathlib import Path

release = Path(__file__).with_name("{RELEASE}")
if release.exists():
    from homeassistant import const

    const.__version__ = release.read_text()

frontend = Path(__file__).with_name("{FRONTEND}")
if frontend.exists():
    import hass_frontend

    hass_frontend.where = lambda: frontend
'''
HASS = "document.querySelector('home-assistant').hass"
ACCESS_TOKEN = f"{HASS}.auth.data.access_token"
# Whether the card is seen at the place of the frontend's header.
TOPMOST = """() => {
  let found = document.elementFromPoint(640, 10);
  while (found.shadowRoot && found.localName !== "piggy-screen-card") {
    found = found.shadowRoot.elementFromPoint(640, 10);
  }
  return found.localName === "piggy-screen-card";
}"""

# What the frontend says above the wall; it loads what says so late.
WATCH = """async () => {
  await customElements.whenDefined("notification-manager");
  window.said = [];
  const look = () => {
    const { shadowRoot } = document.querySelector("home-assistant");
    const manager = shadowRoot.querySelector("notification-manager");
    const toasts = manager?.shadowRoot.querySelectorAll("ha-toast") ?? [];
    said.push(...[...toasts].map(({ labelText }) => labelText));
    requestAnimationFrame(look);
  };
  look();
}"""
GO = """(path) => {
  history.pushState(null, "", path);
  dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
}"""


@dataclass
class Wall:
    """A screen on the wall, with its hub and its network."""

    hub: Hub
    client: HubClient
    network: Network
    page: Page
    login: Login
    screen: Screen
    path: str
    entry_id: str
    integration: Path
    # The pages and cards that the browser loaded, and what it was refused.
    loads: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def pass_time(self, seconds: int) -> None:
        """Let the browser's time pass, in steps that its timers can follow."""
        for _ in range(0, seconds, 20):
            await self.page.clock.fast_forward(20_000)
            await asyncio.sleep(0.05)

    def watch(self) -> None:
        """Note what the browser loads, and what it is refused."""

        def on_load(page: Page) -> None:
            self.loads.append(page.url)

        def on_response(answer: Response) -> None:
            if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                self.refused.append(answer.url)
            if answer.url.endswith("/piggy-screen-card.js"):
                self.cards.append(answer.url)

        self.page.on("load", on_load)
        self.page.on("response", on_response)

    async def next_token(self) -> None:
        """Wait until the screen's image has another token."""

        async def token() -> str:
            state = await self.client.state(self.screen.qr_code)
            return str(state["attributes"]["access_token"])

        before = await token()

        async def changed() -> None:
            if await token() == before:
                raise NotYetError("The image has the same token")

        await eventually(changed)

    async def until_loaded(self) -> None:
        """Wait until the browser has loaded the page again."""

        async def loaded() -> None:
            if not self.loads:
                raise NotYetError("The page was not loaded again")

        await eventually(loaded)

    async def start_hub(self) -> None:
        """Start the hub, and wait until the session's code is back."""
        await self.hub.start()
        await self.client.wait_until_running()
        code = card(self.page).locator("[data-part=code]")
        await expect(code).to_have_attribute("data-state", "ready", timeout=3 * TIMEOUT)

    async def update_card(self) -> None:
        """Start the hub again with another version of the card."""
        await self.hub.stop()
        with (self.integration / "frontend" / "words" / "nl.json").open("a") as file:
            file.write("\n")
        await self.start_hub()

    async def clear(self) -> None:
        """Take a session off the screen."""
        await self.client.action("piggy.clear_session", device_id=self.screen.device_id)
        await view(self.page, "idle")


def make_hub(folder: Path) -> Hub:
    """Return a hub with the stand-in."""
    integration = folder / "custom_components" / STAND_IN
    integration.mkdir(parents=True)
    manifest = json.dumps(MANIFEST)
    (integration / "manifest.json").write_text(manifest, encoding="utf-8")
    (integration / "__init__.py").write_text(CODE, encoding="utf-8")
    before = folder / "sitecustomize.py"
    before.write_text(BEFORE, encoding="utf-8")
    return Hub(folder, extra={STAND_IN: {}}, env={"PYTHONPATH": str(folder)})


def make_frontend(folder: Path) -> None:
    """Make a frontend that differs from the real one in its service worker."""
    (real,) = EXECUTABLE.parent.parent.glob("lib/python*/site-packages/hass_frontend")
    folder.mkdir()
    for path in real.iterdir():
        if not path.name.startswith(WORKER):
            (folder / path.name).symlink_to(path)
    worker = (real / WORKER).read_text(encoding="utf-8")
    (folder / WORKER).write_text(f"{worker}\n// Newer\n", encoding="utf-8")


def copy_integration(folder: Path) -> Path:
    """Return a copy of the integration that is set up after the stand-in."""
    integration = folder / "piggy"
    shutil.copytree(configuration.INTEGRATION, integration)
    path = integration / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["after_dependencies"].append(STAND_IN)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return integration


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wall]:
    """Show a kiosk of a hub that has its own copy of the integration."""
    if reason := missing_chromium():
        pytest.skip(reason)
    pytest_socket.enable_socket()
    integration = copy_integration(tmp_path_factory.mktemp("copy"))
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(configuration, "INTEGRATION", integration)
    async with (
        Sandbox() as sandbox,
        make_hub(tmp_path_factory.mktemp("wall")) as hub,
        running_browser() as browser,
        Network(hub.port) as network,
    ):
        login = await create_owner(hub.url)
        async with HubClient(hub.url, login.token) as client:
            await client.wait_until_running()
            account = NewAccount(DEFAULT_KEY, sandbox.url)
            entry_id = await add_account(client, account)
            screen = await find_screen(client, entry_id, account.screen)
            path = await save_kiosk(client, screen)
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            page = await context.new_page()
            wall = Wall(
                hub, client, network, page, login, screen, path, entry_id, integration
            )
            wall.watch()
            await page.clock.install()
            await log_in(page, network.url, login.username, login.password)
            await page.goto(network.url + path)
            await view(page, "idle")
            yield wall
            await context.close()
    monkeypatch.undo()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _ready(wall: Wall) -> AsyncIterator[None]:
    """Start each test with an idle screen and empty records; nothing may be refused."""
    pytest_socket.enable_socket()
    await wall.clear()
    wall.loads.clear()
    wall.refused.clear()
    yield
    assert wall.refused == []
    assert "Login attempt" not in wall.hub.log_text()


async def test_fills_the_screen(wall: Wall) -> None:
    """The frontend's header and sidebar are gone."""
    box = await card(wall.page).bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1280, "height": 800}
    await wall.page.wait_for_function(TOPMOST)


async def test_an_idle_wall_asks_for_nothing(wall: Wall) -> None:
    """Half an hour passes without a request, except on the WebSocket."""
    asked: list[str] = []

    def on_request(request: Request) -> None:
        # The frontend loads parts of its own late.
        if "/frontend_latest/" not in request.url:
            asked.append(request.url)

    wall.page.on("request", on_request)
    await wall.pass_time(HOUR // 2)
    await view(wall.page, "idle")
    wall.page.remove_listener("request", on_request)
    assert asked == []


async def test_a_screen_is_added(wall: Wall) -> None:
    """Adding a screen reloads the account; the card causes no refused requests."""
    await start(wall.page, "voucher")
    form = await wall.client.start_subentry_flow(wall.entry_id, "screen")
    answer = screen_answer(form, NewAccount(DEFAULT_KEY, "", screen="Till 2"))
    await wall.client.continue_subentry_flow(form["flow_id"], answer)
    await find_screen(wall.client, wall.entry_id, "Till 2")
    code = card(wall.page).locator("[data-part=code]")
    await asyncio.sleep(2)
    await expect(code).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    assert wall.loads == []


async def test_the_image_gets_other_tokens(wall: Wall) -> None:
    """The code stands, and the next one is loaded with a token that is valid."""
    await start(wall.page, "voucher")
    for _ in range(3):
        await wall.next_token()
    code = card(wall.page).locator("[data-part=code]")
    await expect(code).to_have_attribute("data-state", "ready")
    await wall.clear()
    await start(wall.page, "portal")
    assert wall.loads == []


async def go(page: Page, path: str) -> None:
    """Go to another page of the frontend, once it knows the dashboard."""
    _, panel, *_ = path.split("/")
    await page.wait_for_function(f"Boolean({HASS}.panels['{panel}'])")
    await page.evaluate(GO, path)


async def menus(page: Page, *, shown: bool) -> None:
    """Expect the frontend's menus, or none."""
    await page.wait_for_function(f"{HASS}.kioskMode === {str(not shown).lower()}")
    await expect(page.locator("ha-sidebar")).to_be_visible(visible=shown)


async def test_the_hub_restarts(wall: Wall) -> None:
    """The session is there again, without a load of the page, and nothing else is."""
    await start(wall.page, "voucher")
    await wall.page.evaluate(WATCH)
    await wall.hub.stop()
    await view(wall.page, "trouble")
    await wall.start_hub()
    await menus(wall.page, shown=False)
    await wall.page.wait_for_function(TOPMOST)
    assert await wall.page.evaluate("said") == []
    assert wall.loads == []


async def test_menus_come_back_only_where_no_wall_is(wall: Wall) -> None:
    """A view that was left hides them when it is shown again."""
    config = load_dashboard(KIOSK, {EXAMPLE_DEVICE: wall.screen.device_id})
    config["views"].append({"title": "Other", "path": "other"})
    path = await save_dashboard(wall.client, "two-views", config)
    for place, shown in (
        (path, False),
        ("/two-views/other", True),
        (path, False),
        (wall.path, False),
        ("/profile", True),
        (wall.path, False),
    ):
        await go(wall.page, place)
        await menus(wall.page, shown=shown)
    await view(wall.page, "idle")
    assert wall.loads == []


async def test_a_dashboard_that_makes_itself(wall: Wall) -> None:
    """A restart leaves the wall of its second screen what it is."""
    form = await wall.client.start_subentry_flow(wall.entry_id, "screen")
    answer = screen_answer(form, NewAccount(DEFAULT_KEY, "", screen="Bar"))
    await wall.client.continue_subentry_flow(form["flow_id"], answer)
    bar = await find_screen(wall.client, wall.entry_id, "Bar")
    config = {"title": "Made", "strategy": {"type": "custom:piggy-kiosk"}}
    path = await save_dashboard(wall.client, "made-kiosks", config, bar.device_id)
    await go(wall.page, path)
    name = card(wall.page).get_by_text("Bar", exact=True)
    await expect(name).to_be_visible()
    await start(wall.page, "voucher")
    await wall.page.evaluate(WATCH)
    await wall.hub.stop()
    await view(wall.page, "trouble")
    hold = wall.hub.folder / HOLD
    hold.touch()
    await wall.hub.start()
    unknown = f"{HASS}.connected && !{HASS}.states['{bar.qr_code}']"
    await wall.page.wait_for_function(
        f"{unknown} && {HASS}.config.state !== 'RUNNING'", timeout=TIMEOUT
    )
    # The frontend makes it anew when a connection is back.
    root = wall.page.locator("hui-root")
    await root.evaluate("({ lovelace }) => { lovelace.isOld = true; }")
    wall.network.cut()
    await wall.page.wait_for_function(f"!{HASS}.connected")
    wall.network.restore()

    async def made_anew() -> list[str]:
        is_old, paths = await root.evaluate(
            "({ lovelace: { isOld, config: { views } } }) => "
            "[Boolean(isOld), views.map(({ path }) => path)]"
        )
        if is_old:
            raise NotYetError("The dashboard was not made anew")
        return list(paths)

    assert bar.device_id in await eventually(made_anew)
    assert await wall.page.evaluate(unknown)
    hold.unlink()
    await wall.start_hub()
    await menus(wall.page, shown=False)
    assert await wall.page.evaluate("said") == []
    assert wall.page.url.endswith(path)
    assert wall.loads == []
    await wall.client.action("piggy.clear_session", device_id=bar.device_id)
    await expect(name).to_be_visible()
    await go(wall.page, wall.path)


async def test_the_hub_hangs_and_is_killed(wall: Wall) -> None:
    """The screen notices within two minutes, and recovers with the hub."""
    await start(wall.page, "voucher")
    assert wall.hub.pid is not None
    os.kill(wall.hub.pid, signal.SIGSTOP)
    try:
        await wall.pass_time(120)
        await view(wall.page, "trouble")
    finally:
        await wall.hub.kill()
    await wall.start_hub()
    assert wall.loads == []


async def test_the_network_is_gone_for_an_hour(wall: Wall) -> None:
    """The access token has expired meanwhile; the frontend gets another one."""
    await start(wall.page, "voucher")
    wall.network.cut()
    await view(wall.page, "trouble")
    await wall.pass_time(HOUR)
    await wall.client.action("piggy.clear_session", device_id=wall.screen.device_id)
    wall.network.restore()
    await view(wall.page, "idle")
    await start(wall.page, "voucher")
    assert wall.loads == []


async def test_the_access_token_expires(wall: Wall) -> None:
    """A token that Home Assistant no longer accepts is replaced before it is used."""
    await start(wall.page, "voucher")
    token = await wall.page.evaluate(ACCESS_TOKEN)
    wall.network.cut()
    await view(wall.page, "trouble")

    expires = jwt.decode(token, options={"verify_signature": False})["exp"]
    await asyncio.sleep(max(0, expires + LEEWAY - time.time()))
    wall.network.restore()
    code = card(wall.page).locator("[data-part=code]")
    await expect(code).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    assert await wall.page.evaluate(ACCESS_TOKEN) != token
    await wall.clear()
    await start(wall.page, "portal")
    assert wall.loads == []


async def test_the_card_is_updated(wall: Wall) -> None:
    """The page is loaded again, once, when the screen is idle and the hub answers."""
    before = wall.cards[-1]
    await start(wall.page, "voucher")
    await wall.update_card()
    assert wall.loads == []
    await wall.client.action("piggy.clear_session", device_id=wall.screen.device_id)
    await wall.until_loaded()
    await view(wall.page, "idle")
    assert wall.cards[-1] != before
    await wall.hub.stop()
    await view(wall.page, "trouble")
    await wall.hub.start()
    await wall.client.wait_until_running()
    await view(wall.page, "idle")
    await asyncio.sleep(2)
    assert len(wall.loads) == 1


async def test_the_server_is_down_when_a_load_is_due(wall: Wall) -> None:
    """The page that works is kept until the server answers, and then loaded once."""
    await start(wall.page, "voucher")
    await wall.update_card()
    asked: list[str] = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.url)
        await route.abort()

    # The connection that brings the states stays.
    await wall.page.route("**/*", refuse)
    await wall.clear()

    async def asked_for_the_page(times: int) -> None:
        pages = [url for url in asked if url.startswith(f"{wall.network.url}/?")]
        if len(pages) < times:
            raise NotYetError("The card has not asked for the page")

    for times in (1, 2):
        await eventually(partial(asked_for_the_page, times))
        await wall.pass_time(60)
        await view(wall.page, "idle")
    assert wall.loads == []
    await wall.page.unroute("**/*")
    # No more than the pause between two tries: a page that is loading needs its time.
    await wall.page.clock.fast_forward(10_000)
    await wall.until_loaded()
    await view(wall.page, "idle")
    await wall.pass_time(60)
    await view(wall.page, "idle")
    assert len(wall.loads) == 1


async def test_home_assistant_is_updated(wall: Wall) -> None:
    """The page is loaded once: when the session is over, and the card can be loaded."""
    await start(wall.page, "voucher")
    await wall.hub.stop()
    (wall.hub.folder / RELEASE).write_text("2099.1.0", encoding="utf-8")
    hold = wall.hub.folder / HOLD
    hold.touch()
    await wall.hub.start()
    await wall.page.wait_for_function(
        f"{HASS}.connected && {HASS}.config.version === '2099.1.0'", timeout=TIMEOUT
    )
    hold.unlink()
    await wall.client.wait_until_running()
    code = card(wall.page).locator("[data-part=code]")
    await expect(code).to_have_attribute("data-state", "ready", timeout=3 * TIMEOUT)
    assert wall.loads == []
    await wall.clear()
    await wall.until_loaded()
    await view(wall.page, "idle")
    await wall.pass_time(60)
    await view(wall.page, "idle")
    assert len(wall.loads) == 1


async def test_the_frontend_is_updated_by_its_service_worker(wall: Wall) -> None:
    """It has one on localhost and https, which waits for the session's end, too."""
    page = await wall.page.context.new_page()
    secure = replace(wall, page=page, loads=[], cards=[], refused=[])
    origin = f"http://localhost:{wall.hub.port}"
    await page.clock.install()
    await log_in(page, origin, wall.login.username, wall.login.password)
    await page.wait_for_function(
        "async () => !!(await navigator.serviceWorker.ready)", timeout=3 * TIMEOUT
    )

    async def opened() -> None:
        try:
            await page.goto(origin + wall.path)
        except PlaywrightError as err:
            # A page that had no worker yet loads itself once more.
            raise NotYetError("The frontend loads its page") from err

    await eventually(opened)
    await page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    await view(page, "idle")
    await start(page, "voucher")
    secure.watch()
    await page.evaluate(WATCH)
    await wall.hub.stop()
    (wall.hub.folder / RELEASE).write_text("2099.2.0", encoding="utf-8")
    make_frontend(wall.hub.folder / FRONTEND)
    await secure.start_hub()
    # Of an expression, Playwright would not wait for the promise.
    waits = "async () => !!(await navigator.serviceWorker.getRegistration()).waiting"
    await page.wait_for_function(waits, timeout=3 * TIMEOUT)
    await secure.pass_time(80)
    assert await page.evaluate("said") == []
    assert secure.loads == []
    await secure.clear()
    await secure.until_loaded()
    await view(page, "idle")
    await secure.pass_time(80)
    await view(page, "idle")
    assert not await page.evaluate(waits)
    assert len(secure.loads) == 1
    # The worker answers with what it kept, but not when asked which card there is.
    secure.loads.clear()
    await start(page, "voucher")
    await secure.update_card()
    await secure.clear()
    await secure.until_loaded()
    await view(page, "idle")
    assert secure.refused == []
    await page.close()
