"""The session's page on the shop's own screen."""

from typing import Any, Final

from playwright.sync_api import FrameLocator, Page, expect
import pytest

from .page import HUB, LANGUAGES, PORTAL, URL, Show, calls, codes, ready, view

pytestmark = pytest.mark.browser

EXPIRES: Final = "2026-11-02T10:05:00Z"
SESSION: Final = {
    "status": "waiting",
    "type": "voucher",
    "url": URL.format("a"),
    "expires": EXPIRES,
}
SIZES: Final = [(360, 740), (1024, 768), (1280, 800), (2160, 3840)]
# Phones and small tablets, either way, and the screens above.
GRID: Final = [
    *((320, 568), (412, 915), (568, 320), (640, 360), (740, 360), (768, 1024)),
    *((800, 480), (820, 1180), (900, 900), *SIZES),
]


def portal(page: Page) -> FrameLocator:
    """Return the frame of the session's page."""
    return page.frame_locator(".portal iframe")


def test_the_page_is_framed(page: Page, put: Show, show: Show) -> None:
    """The countdown, Cancel and the button for the code are shown around the page."""
    put({"show": "page"}, **SESSION)
    view(page, "page")
    expect(portal(page).get_by_role("button", name="Redeem")).to_be_visible()
    frame = page.locator(".portal iframe")
    expect(frame).to_have_attribute(
        "sandbox", "allow-scripts allow-forms allow-same-origin"
    )
    expect(frame).to_have_attribute("allow", "camera")
    expect(frame).to_have_attribute("referrerpolicy", "no-referrer")
    expect(page.locator("[data-part=countdown]")).to_contain_text(":")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for name in ("Show the code instead", "Cancel"):
            page.get_by_role("button", name=name).click(trial=True)
    frame.evaluate("(frame) => { frame.kept = true; }")
    show(
        **{**SESSION, "status": "identified"},
        event={"event_type": "contact_identified"},
    )
    view(page, "page")
    assert frame.evaluate("(frame) => frame.kept")
    page.get_by_role("button", name="Show the code instead").click()
    expect(frame).to_have_count(0)
    show(**{**SESSION, "since": "2026-11-02T09:59:30Z"})
    expect(frame).to_have_count(1)
    show()
    view(page, "idle")
    expect(frame).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("show", ["page", "both"])
def test_the_buttons_are_in_reach(
    page: Page, put: Show, show: str, language: str
) -> None:
    """No button around the page has to be scrolled to, on any screen."""
    amounts = {
        "purchase_amount_in_cents": 5000,
        "paid_in_cents": 1250,
        "remaining_in_cents": 3750,
    }
    for width, height in GRID:
        page.set_viewport_size({"width": width, "height": height})
        put(
            {"show": show},
            **SESSION | {"type": "redeem_giftcard", "amounts": amounts},
            language=language,
        )
        view(page, "page")
        cut = page.evaluate("""() =>
          [...hub.card.shadowRoot.querySelectorAll("button")].filter((button) => {
            const { top, bottom, left, right } = button.getBoundingClientRect();
            return top < 0 || left < 0 || bottom > innerHeight || right > innerWidth;
          }).map((button) => button.textContent)""")
        assert cut == [], (width, height)


def test_code_and_page(page: Page, put: Show) -> None:
    """The code beside the page can be read from its first frame."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        put({"show": "both"}, **SESSION, since="2026-11-02T09:59:00Z")
        ready(page)
        expect(page.locator("[data-view]")).to_have_css("animation-name", "none")
        assert codes(page) == [URL.format("2026-11-02T09:59:00Z")]
        expect(portal(page).get_by_role("button", name="Redeem")).to_be_visible()


def test_the_page_may_not_leave_its_frame(page: Page, put: Show) -> None:
    """The page in the frame cannot navigate the dashboard to another address."""
    put({"show": "page"}, **SESSION)
    portal(page).get_by_role("button", name="Leave").click()
    page.wait_for_timeout(300)
    assert page.url == f"{HUB}/"


def test_a_message_of_the_page_has_the_hub_ask_piggy(page: Page, put: Show) -> None:
    """The page's messages cause a poll, at most one a second; others are ignored."""
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put({"show": "page"}, **SESSION)
    page.evaluate("""() => {
      hub.heard = 0;
      addEventListener("message", () => { hub.heard += 1; });
    }""")
    asked = ["piggy.get_portal_session", {"device_id": "till"}]
    page.evaluate("window.postMessage([], '*')")
    page.evaluate("""() => {
      const source = hub.card.shadowRoot.querySelector("iframe").contentWindow;
      window.dispatchEvent(new MessageEvent("message",
        { source, origin: "https://other.test", data: [] }));
    }""")
    redeem = portal(page).get_by_role("button", name="Redeem")
    redeem.click()
    page.wait_for_function("hub.heard === 3")
    assert calls(page) == [asked]
    redeem.click()
    redeem.click()
    page.wait_for_function("hub.heard === 5")
    assert calls(page) == [asked]
    page.clock.run_for(1000)
    assert calls(page) == [asked, asked]
    page.clock.run_for(5000)
    assert calls(page) == [asked, asked]


@pytest.mark.parametrize("url", [f"{HUB}/session/a"])
def test_a_page_of_the_hubs_own(page: Page, put: Show, url: Any) -> None:
    """A page on Home Assistant's own host is framed with an opaque origin."""
    put({"show": "page"}, **{**SESSION, "url": url})
    expect(page.locator(".portal iframe")).to_have_attribute(
        "sandbox", "allow-scripts allow-forms"
    )
    assert PORTAL not in url
