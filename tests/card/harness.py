"""A page that plays Home Assistant to the card."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserType, Page, Route

from custom_components.piggy import qr
from custom_components.piggy.card import FOLDER
from tests.chromium import ARGUMENTS, CHROMIUM

from .page import HUB, PORTAL, URL

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


def start_browser(chromium: BrowserType, *arguments: str) -> Browser:
    """Start Chromium, with more arguments than usual."""
    return chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments])


@contextmanager
def open_page(
    browser: Browser,
    pictures: Mapping[str, str],
    headers: Mapping[str, str],
    time: str | None = None,
) -> Iterator[Page]:
    """Open a page with the card's module; it may not fail, nor ask another host.

    `pictures` are the sessions, or failures, by the state of the image; `headers` those
    of the card's files. With a time, the page's clock is the test's.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    if time:
        opened.clock.install(time=time)
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


def _answer_picture(route: Route, pictures: Mapping[str, str]) -> None:
    """Answer a request for an image, as Home Assistant does for the state `since`."""
    since = route.request.url.partition("state=")[2].replace("%3A", ":")
    session = pictures.get(since, since)
    if session == "failure":
        route.fulfill(status=500)
    else:
        route.fulfill(body=qr.render(URL.format(session)), content_type="image/png")
