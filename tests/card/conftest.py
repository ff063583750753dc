"""The card in Chromium; the tests play Home Assistant."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright
import pytest

from custom_components.piggy import qr
from custom_components.piggy.card import FOLDER
from tests.chromium import ARGUMENTS, CHROMIUM, missing_chromium

from .page import HUB, NOW, PORTAL, URL, Show

# The parts of the frontend that a card uses: two elements, and `hass`.
PAGE: Final = """<!doctype html><html lang="en"><style>body { margin: 0; }
main { height: 100vh; }</style><main></main><script type="module">
import { hassOf } from "/tests/hass.js";
customElements.define("ha-card", class extends HTMLElement {});
customElements.define("ha-icon", class extends HTMLElement {});
window.hub = { calls: [], failure: null, texts: {} };
hub.hass = (screen) => ({
  ...hassOf(screen),
  callService: async (domain, action, data) => {
    hub.calls.push([`${domain}.${action}`, data]);
    await hub.answer;
    if (hub.failure) throw hub.failure;
  },
  callWS: async ({ type }) =>
    type.startsWith("media_source") ? { url: hub.media } : { resources: hub.texts },
});
hub.show = (screen) => { hub.card.hass = hub.hass(screen); };
hub.put = (config, screen) => {
  hub.card = document.createElement("piggy-screen-card");
  hub.card.setConfig({ device_id: "till", ...config });
  hub.show(screen);
  document.querySelector("main").replaceChildren(hub.card);
};
await import("/card/piggy-screen-card.js");
</script></html>"""
# What Piggy's page is to a card: it says that something happened.
PORTAL_PAGE: Final = """<!doctype html><title>Portal</title>
<button onclick="parent.postMessage([], '*')">Redeem</button>
<button onclick="try { top.location = 'https://portal.test/out'; } catch {}">Leave
</button>"""
TYPES: Final = {
    ".js": {"Content-Type": "text/javascript"},
    ".json": {"Content-Type": "application/json"},
}
FOLDERS: Final = {"card": FOLDER, "tests": Path(__file__).parent}


# Playwright runs a loop of its own, beside which Home Assistant's fixtures cannot run
# theirs: these tests have no hub, and take the places of all that would make one.


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Do not load Home Assistant."""


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Keep the event loop as it is."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Keep the event loop as it is."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    if reason := missing_chromium():
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
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
    """Open a page with the card's module; it may not fail, nor ask another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.clock.install(time=NOW)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(f"{PORTAL}/"):
            route.fulfill(body=PORTAL_PAGE, content_type="text/html")
        elif not url.startswith(f"{HUB}/"):
            wrong.append(url)
            route.abort()
        elif url.startswith(f"{HUB}/picture"):
            _answer_picture(route, pictures)
        elif (folder := FOLDERS.get(urlsplit(url).path.split("/")[1])) is not None:
            path = folder / urlsplit(url).path.split("/", 2)[2]
            route.fulfill(path=path, headers={**TYPES[path.suffix], **headers})
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    context.route("**/*", answer)
    opened.goto(f"{HUB}/")
    opened.wait_for_function("Boolean(customElements.get('piggy-screen-card'))")
    yield opened
    context.close()
    assert wrong == []


def _answer_picture(route: Route, pictures: dict[str, str]) -> None:
    """Answer a request for an image, as Home Assistant does for the state `since`."""
    since = route.request.url.partition("state=")[2].replace("%3A", ":")
    session = pictures.get(since, since)
    if session == "failure":
        route.fulfill(status=500)
    else:
        route.fulfill(body=qr.render(URL.format(session)), content_type="image/png")


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
