"""The dashboards of a real Home Assistant in a real browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, expect
import pytest
import pytest_asyncio
import pytest_socket

from hub.client import HubClient
from hub.dashboard import DASHBOARDS, load_dashboard, save_dashboard, save_kiosk
from hub.flow import DOMAIN, NewAccount
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import Screen, find_screen, picture_path
from sandbox import DEFAULT_KEY, Sandbox
from sandbox.settings import LOGO_PATH
from tests.chromium import missing_chromium
from tests.own_loop import configure_event_loop, verify_cleanup
from tests.scannability.readers import READERS

from .browser import (
    TIMEOUT,
    SetUp,
    Watch,
    add_card,
    add_dashboard,
    card,
    identify,
    log_in,
    redeem,
    running_browser,
    seen,
    start,
    view,
)

__all__ = ["configure_event_loop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

COMPLETED = 6  # seconds
RED, BLUE = (200, 0, 0), (0, 0, 200)
SIZES = {
    "800x480": (800, 480),
    "1280x800": (1280, 800),
    "1920x1080": (1920, 1080),
    "1080x1920": (1080, 1920),
}


@dataclass(frozen=True, slots=True)
class Shop:
    """A hub without an account, a sandbox, and a logged-in user."""

    hub: Hub
    sandbox: Sandbox
    client: HubClient
    context: BrowserContext
    watch: Watch
    browser: Browser


def square(color: tuple[int, int, int]) -> bytes:
    """Return a logo of one color."""
    content = BytesIO()
    Image.new("RGB", (60, 60), color).save(content, "PNG")
    return content.getvalue()


def branded() -> Sandbox:
    """Return a sandbox whose account has a logo."""
    sandbox = Sandbox()
    sandbox.set_logo(square(RED))
    return sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Start the sandbox, the hub and the browser, and log in."""
    if reason := missing_chromium():
        pytest.skip(reason)
    # Fixtures of a module come before the one that lifts the block on sockets.
    pytest_socket.enable_socket()
    async with (
        branded() as sandbox,
        Hub(tmp_path_factory.mktemp("browser")) as hub,
        running_browser() as browser,
    ):
        login = await create_owner(hub.url)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT)
        watch = Watch(hub.url)
        watch.attach(context)
        async with HubClient(hub.url, login.token) as client:
            await client.wait_until_running()
            page = await context.new_page()
            await log_in(page, hub.url, login.username, login.password)
            await page.close()
            yield Shop(hub, sandbox, client, context, watch, browser)
            await context.close()
    assert watch.wrong() == []
    assert hub.complaints(DOMAIN) == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screen(shop: Shop) -> Screen:
    """Add the integration by clicking, and return its screen."""
    # As above: the sandbox takes connections while this runs.
    pytest_socket.enable_socket()
    page = await shop.context.new_page()
    account = NewAccount(DEFAULT_KEY, shop.sandbox.url)
    set_up = SetUp(page)
    await set_up.open(shop.hub.url)
    await set_up.answer_account(account)
    await set_up.fill_in_screen(account, COMPLETED)
    await set_up.upload_logo(square(BLUE))
    await set_up.finish()
    await page.close()
    (entry,) = await shop.client.config_entries(DOMAIN)
    return await find_screen(shop.client, entry["entry_id"], account.screen)


@pytest_asyncio.fixture(loop_scope="module")
async def page(shop: Shop) -> AsyncIterator[Page]:
    """Open a tab; nothing in it may fail, nor ask another host."""
    opened = await shop.context.new_page()
    yield opened
    await opened.close()
    assert shop.watch.wrong() == []


@pytest_asyncio.fixture(loop_scope="module")
async def kiosk(shop: Shop, screen: Screen, page: Page) -> Page:
    """Show the kiosk's idle screen."""
    await shop.client.action("piggy.clear_session", device_id=screen.device_id)
    await page.goto(shop.hub.url + await save_kiosk(shop.client, screen))
    await view(page, "idle")
    return page


async def url_of(shop: Shop, screen: Screen) -> str:
    """Return the address of the session on a screen."""
    url: str = (await shop.client.state(screen.session_url))["state"]
    return url


async def test_the_address_is_filled_in(shop: Shop, page: Page) -> None:
    """The closed section is filled in already."""
    set_up = SetUp(page)
    await set_up.open(shop.hub.url)
    await expect(set_up.address).to_have_value("https://api.piggy.eu")


async def test_added_by_clicking(shop: Shop, screen: Screen, page: Page) -> None:
    """The entry and its screen have the values that were entered in the dialog."""
    (entry,) = await shop.client.config_entries(DOMAIN)
    assert entry["state"] == "loaded"
    await page.goto(f"{shop.hub.url}/config/devices/device/{screen.device_id}")
    await expect(page.get_by_text("Till 1").first).to_be_visible()
    await expect(page.get_by_text("by Piggy").first).to_be_visible()
    await expect(page.get_by_text("Session status").first).to_be_visible()
    assert shop.sandbox.calls("GET", "/shops")


async def test_put_up_by_clicking(shop: Shop, screen: Screen, page: Page) -> None:
    """The visual editor saves a card that shows the screen which was chosen."""
    await add_dashboard(page, shop.hub.url, "Counter")
    await add_card(page, f"{shop.hub.url}/dashboard-counter/0", screen.name)
    await view(page, "idle")
    config = await shop.client.command(
        "lovelace/config", url_path="dashboard-counter", force=True
    )
    cards = [
        found
        for section in config["views"][0]["sections"]
        for found in section["cards"]
        if found["type"] == "custom:piggy-screen-card"
    ]
    assert [found["device_id"] for found in cards] == [screen.device_id]
    await start(page, "portal")
    url = await url_of(shop, screen)
    assert READERS["zxing-cpp"](await seen(page)) == url
    await card(page).locator("[data-action=cancel]").click()
    await view(page, "idle")


async def test_a_kiosk_is_added_by_clicking(
    shop: Shop, screen: Screen, page: Page
) -> None:
    """The dashboard that Piggy offers shows the screen and nothing else."""
    await page.goto(f"{shop.hub.url}/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    await page.get_by_text("Piggy kiosk", exact=True).click()
    details = page.locator("dialog-lovelace-dashboard-detail")
    await details.get_by_role("textbox").first.fill("Window")
    await details.get_by_role("button", name="Create").click()
    await details.locator("dialog[open]").wait_for(state="detached")
    await page.goto(f"{shop.hub.url}/dashboard-window")
    await view(page, "idle")
    assert await card(page).bounding_box() == {
        "x": 0,
        "y": 0,
        "width": 1280,
        "height": 800,
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_code_scans(
    shop: Shop, screen: Screen, kiosk: Page, size: str, theme: str
) -> None:
    """Pressing a button shows a code that both readers can read from the screen."""
    width, height = SIZES[size]
    await kiosk.set_viewport_size({"width": width, "height": height})
    await kiosk.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await start(kiosk, "voucher")
    picture = await seen(kiosk)
    # The corner beside the card: menus and background follow the theme.
    assert (picture[-2, -2] < 64) == (theme == "dark")
    url = await url_of(shop, screen)
    assert {name: read(picture) for name, read in READERS.items()} == dict.fromkeys(
        READERS, url
    )
    await card(kiosk).locator("[data-action=cancel]").click()
    await view(kiosk, "idle")


async def test_the_brand_of_the_account(shop: Shop, kiosk: Page) -> None:
    """The kiosk has the color and the logo, which come from Home Assistant alone."""
    logo = card(kiosk).locator("img.logo")
    await expect(logo).to_be_visible()
    size = await logo.evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    assert size == [60, 60]
    disc = card(kiosk).locator("[data-type=voucher] .disc")
    await expect(disc).to_have_css("background-color", "rgb(91, 33, 182)")
    assert len(shop.sandbox.calls(path=LOGO_PATH)) == 1


async def test_an_uploaded_logo(shop: Shop, screen: Screen, kiosk: Page) -> None:
    """The logo that was uploaded in the form is in the center of the code."""
    await start(kiosk, "voucher")
    path = await picture_path(shop.client, screen)
    with Image.open(BytesIO(await shop.client.fetch(path))) as code:
        center = code.convert("RGB").getpixel((code.width // 2, code.height // 2))
    assert center == BLUE
    await card(kiosk).locator("[data-action=cancel]").click()
    await view(kiosk, "idle")


async def test_a_customer_redeems(shop: Shop, screen: Screen, kiosk: Page) -> None:
    """The customer opens the URL on a phone, and the screen shows each step."""
    await start(kiosk, "voucher")
    url = READERS["zxing-cpp"](await seen(kiosk))
    assert url is not None
    assert url == await url_of(shop, screen)
    watch = Watch(shop.sandbox.url)
    phone = await shop.browser.new_context(viewport={"width": 390, "height": 844})
    watch.attach(phone)
    tab = await phone.new_page()
    await identify(tab, url)
    await view(kiosk, "identified")
    await expect(card(kiosk).get_by_text("Welcome!", exact=True)).to_be_visible()
    await redeem(tab)
    await view(kiosk, "completed")
    await expect(card(kiosk).get_by_text("Thank you!", exact=True)).to_be_visible()
    await expect(
        card(kiosk).get_by_text("Free coffee redeemed", exact=True)
    ).to_be_visible()
    await view(kiosk, "idle")
    await phone.close()
    assert watch.wrong() == []


async def test_core_cards(shop: Shop, screen: Screen, page: Page) -> None:
    """A screen of the frontend's own cards only: every card works, its code scans."""
    await shop.client.action("piggy.clear_session", device_id=screen.device_id)
    config = load_dashboard(DASHBOARDS / "core-cards.yaml", {})
    path = await save_dashboard(shop.client, "shop-core-cards", config)
    await page.goto(shop.hub.url + path)
    await expect(
        page.get_by_text("What would you like to do?", exact=True)
    ).to_be_visible()
    await expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)
    await page.locator("hui-button-card", has_text="Redeem voucher").click()
    picture = page.locator("hui-image img")
    await expect(picture).to_be_visible(timeout=TIMEOUT)
    await expect(
        page.get_by_text("What would you like to do?", exact=True)
    ).to_be_hidden()
    await expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)
    url = await url_of(shop, screen)
    await page.wait_for_function(
        "image => image.complete && image.naturalWidth >= 800",
        arg=await picture.element_handle(),
    )
    await picture.scroll_into_view_if_needed()
    assert READERS["zxing-cpp"](await seen(page)) == url
    await shop.client.action("piggy.clear_session", device_id=screen.device_id)
    await expect(
        page.get_by_text("What would you like to do?", exact=True)
    ).to_be_visible()
