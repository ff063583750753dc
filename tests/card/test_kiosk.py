"""A card that fills a screen on the wall."""

from collections.abc import Callable
from typing import Any, Final, Literal

from playwright.sync_api import Page, expect
import pytest

from .page import HUB, URL, Show, calls, view

pytestmark = pytest.mark.browser


def wall(page: Page, put: Show, config: dict[str, Any] | None = None) -> None:
    """Show a kiosk in a panel view, and record its requests to hide the menus."""
    page.evaluate("""() => {
      hub.hidden = [];
      addEventListener("hass-kiosk-mode", (event) => {
        hub.hidden.push(event.detail.enable);
      });
    }""")
    put({"kiosk": True, **(config or {})})
    page.evaluate("hub.card.layout = 'panel'")


def hidden(page: Page) -> Any:
    """Return the card's requests to hide or show the frontend's menus."""
    return page.evaluate("hub.hidden")


def test_menus_are_hidden_while_the_card_is_there(page: Page, put: Show) -> None:
    """The menus return with the editor, and when the card is removed."""
    wall(page, put)
    assert hidden(page) == [True]
    page.evaluate("hub.card.preview = true")
    page.clock.run_for(1)
    assert hidden(page) == [True, False]
    page.evaluate("hub.card.preview = false")
    page.evaluate("hub.card.remove()")
    page.clock.run_for(1)
    assert hidden(page) == [True, False, True, False]


@pytest.mark.parametrize(
    ("kiosk", "layout"), [(False, "panel"), (True, "grid"), (True, None)]
)
def test_other_cards_leave_the_page_alone(
    page: Page, put: Show, *, kiosk: bool, layout: str | None
) -> None:
    """Only a kiosk in a panel view changes the page."""
    wall(page, put, {"kiosk": kiosk})
    page.evaluate("(layout) => { hub.card.layout = layout; }", layout)
    page.clock.run_for(1)
    assert hidden(page)[-1:] in ([], [False])
    assert page.evaluate("document.documentElement.style.userSelect") == ""


@pytest.mark.parametrize("kiosk", [False, True])
def test_a_wall_is_not_zoomed(page: Page, put: Show, *, kiosk: bool) -> None:
    """Two fingers do not enlarge a wall, and a long press opens no menu."""
    wall(page, put, {"kiosk": kiosk})
    page.evaluate("""() => {
      addEventListener("contextmenu", (event) => {
        hub.refused = event.defaultPrevented;
      });
    }""")
    page.mouse.click(640, 20, button="right")
    assert page.evaluate("hub.refused") is kiosk
    tablet = page.context.new_cdp_session(page)
    size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    tablet.send("Emulation.setDeviceMetricsOverride", size)
    tablet.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for kind, way in (("touchStart", 0), ("touchMove", 50), ("touchMove", 200)):
        fingers = [
            {"x": 600 - way, "y": 20, "id": 1},
            {"x": 680 + way, "y": 20, "id": 2},
        ]
        tablet.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    tablet.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert (page.evaluate("visualViewport.scale") == 1) is kiosk


def test_an_idle_wall_dims_and_wakes(page: Page, put: Show, show: Show) -> None:
    """A touch wakes the card and presses the button at once; a session wakes it too."""
    wall(page, put, {"dim_after": 5})
    frame = page.locator(".frame")
    page.clock.run_for(4 * 60_000)
    expect(frame).not_to_have_class("frame dim")
    page.clock.run_for(61_000)
    expect(frame).to_have_class("frame dim")
    page.locator("[data-type=voucher]").click()
    expect(frame).to_have_class("frame")
    assert len(calls(page)) == 1
    page.clock.run_for(6 * 60_000)
    expect(frame).to_have_class("frame dim")
    show(status="waiting")
    expect(frame).to_have_class("frame")


WAKING: Final[dict[str, Callable[[Page], None]]] = {
    "tap": lambda page: page.get_by_role("heading").click(),
    "key": lambda page: page.keyboard.press("Shift"),
    "scan": lambda page: scan(page, "1000001"),
}


@pytest.mark.parametrize("way", WAKING)
def test_what_does_nothing_else_wakes_a_dimmed_wall(
    page: Page, put: Show, way: str
) -> None:
    """A touch of any place, any key, and a scanned card wake it."""
    wall(page, put, {"dim_after": 5, "scan": "portal"})
    frame = page.locator(".frame")
    page.clock.run_for(6 * 60_000)
    expect(frame).to_have_class("frame dim")
    WAKING[way](page)
    expect(frame).to_have_class("frame")
    assert len(calls(page)) == (way == "scan")


def test_an_idle_wall_moves(page: Page, put: Show) -> None:
    """An idle card moves, so that nothing burns in."""
    wall(page, put)
    places = set()
    for _ in range(6):
        box = page.get_by_role("heading").bounding_box()
        assert box
        places.add((round(box["x"]), round(box["y"])))
        page.clock.run_for(60_000)
    assert len(places) == 6


def test_a_keypad_that_is_left_alone(page: Page, put: Show) -> None:
    """A keypad that is not touched is cleared, so the next customer starts at zero."""
    put()
    page.locator("[data-type=redeem_giftcard]").click()
    page.locator("[data-key='5']").click()
    page.clock.run_for(31_000)
    view(page, "idle")
    page.locator("[data-type=redeem_giftcard]").click()
    expect(page.locator("[data-part=amount]")).to_have_text("€0.00")


def test_no_timer_is_early(page: Page, put: Show) -> None:
    """Browsers drop fractions of a millisecond, and then nothing would be due yet."""
    page.evaluate("""() => {
      hub.waits = [];
      const { setTimeout } = window;
      window.setTimeout = (run, wait) => {
        hub.waits.push(Math.floor(wait));
        return setTimeout(run, wait);
      };
    }""")
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put()
    page.locator("[data-type=redeem_giftcard]").click()
    view(page, "keypad")
    assert page.evaluate("Math.max(...hub.waits)") == 30_001


def test_customers_are_not_shown_the_owners_problems(page: Page, put: Show) -> None:
    """Users who are not administrators see a message to ask the staff for help."""
    put(is_admin=False)
    page.evaluate("hub.failure = { message: 'Enter a new API key.' }")
    page.locator("[data-type=voucher]").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Please ask our staff.")
    expect(alert).not_to_contain_text("API key")


def test_buttons_that_cannot_work(page: Page, put: Show) -> None:
    """No user is offered them while the screen's own buttons are unavailable."""
    for is_admin in (True, False):
        put(buttons={"voucher": "unavailable"}, is_admin=is_admin)
        expect(page.get_by_text("Please ask our staff.", exact=True)).to_be_visible()
        expect(page.get_by_role("button")).to_have_count(0)


def test_a_link_is_not_selected_on_a_wall(page: Page, put: Show) -> None:
    """Nothing on a wall can be selected; elsewhere, the link can."""
    session = {"status": "waiting", "url": URL.format("a")}
    put({"show_link": True, "kiosk": True}, **session)
    link = page.locator("[data-part=link]")
    expect(link).to_have_css("user-select", "text")
    page.evaluate("hub.card.layout = 'panel'")
    expect(link).to_have_css("user-select", "none")


def test_the_screen_stays_on(page: Page, put: Show) -> None:
    """A kiosk holds one wake lock, and takes another when its tab is shown again."""
    page.evaluate("""() => {
      hub.locks = [];
      const request = async (type) => {
        const lock = { type, released: false };
        lock.release = async () => { lock.released = true; };
        hub.locks.push(lock);
        return lock;
      };
      Object.defineProperty(navigator, "wakeLock", { value: { request } });
    }""")
    held = "hub.locks.filter(({ type, released }) => type === 'screen' && !released)"
    wall(page, put)
    page.wait_for_function(f"{held}.length === 1")
    # Browsers release the lock of a tab that is hidden.
    page.evaluate("""() => {
      hub.locks[0].released = true;
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_function(f"{held}.length === 1")
    page.evaluate("hub.card.remove()")
    page.clock.run_for(1)
    page.wait_for_function(f"{held}.length === 0")
    assert page.evaluate("hub.locks.length") == 2


@pytest.mark.parametrize("reduced", ["reduce", "no-preference"])
def test_reduced_motion(
    page: Page, put: Show, reduced: Literal["reduce", "no-preference"]
) -> None:
    """Nothing is animated for who asked for less motion; the wall still moves."""
    page.emulate_media(reduced_motion=reduced)
    wall(page, put, {"dim_after": 1, "images": ["/picture?state=a"]})
    page.clock.run_for(61_000)
    expect(page.locator(".frame")).to_have_class("frame pictured dim")
    moving = page.evaluate("""() => {
      const root = hub.card.shadowRoot;
      const styles = [...root.querySelectorAll("*")].flatMap((part) =>
        ["", "::after"].map((pseudo) => getComputedStyle(part, pseudo)));
      return styles.filter(({ animationName, transitionDuration }) =>
        animationName !== "none" || transitionDuration !== "0s").length;
    }""")
    assert (moving > 0) is (reduced == "no-preference")
    assert page.locator(".screen").evaluate("(screen) => screen.style.translate") != ""


def test_only_the_words_of_the_user_are_fetched(page: Page, put: Show) -> None:
    """One language is loaded with the card, another one when a user needs it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    put(language="nl-BE")
    expect(page.get_by_text("Wat wil je doen?", exact=True)).to_be_visible()
    put(language="en")
    expect(page.get_by_text("What would you like to do?", exact=True)).to_be_visible()
    assert asked == [f"{HUB}/card/words/nl.json"]


def scan(page: Page, code: str) -> None:
    """Type as a scanner does, into what has the focus."""
    page.evaluate(
        """(code) => {
      const focused = hub.card.shadowRoot.activeElement ?? hub.card;
      for (const key of [...code, "Enter"]) {
        focused.dispatchEvent(new KeyboardEvent("keydown",
          { key, bubbles: true, composed: true, cancelable: true }));
      }
    }""",
        code,
    )


def test_a_scanner_that_types(page: Page, put: Show) -> None:
    """Scanning a card starts its customer's session; an unfinished amount is lost."""
    put({"scan": "portal"})
    page.locator("[data-type=redeem_giftcard]").click()
    page.locator("[data-key='5']").click()
    scan(page, "1000001")
    view(page, "idle")
    scan(page, "1000001")
    call = [
        "piggy.create_portal_session",
        {"device_id": "till", "contact_identifier": "1000001"},
    ]
    assert calls(page) == [call]


def test_a_card_that_was_refused_is_scanned_again(page: Page, put: Show) -> None:
    """Staff need not wait ten seconds where nothing came of a scan."""
    put({"scan": "portal"})
    page.evaluate("hub.failure = { message: 'No such card.' }")
    scan(page, "1000001")
    expect(page.get_by_text("No such card.").first).to_be_visible()
    scan(page, "1000001")
    page.wait_for_function("hub.calls.length === 2")
