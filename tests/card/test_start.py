"""The start view, its errors, and what is shown instead of it."""

from typing import Any, Final

from playwright.sync_api import Page, expect
import pytest

from .page import ALL_TYPES, LANGUAGES, USUAL, Show, calls, codes, ready, view

pytestmark = pytest.mark.browser

# Tablets and screens either way, with and without the frontend's header, and phones.
GRID: Final = [
    *((320, 568), (320, 640), (360, 740), (412, 915), (600, 600), (560, 560)),
    *((640, 500), (700, 560), (700, 600), (768, 1024), (820, 900), (820, 1180)),
    *((800, 480), (900, 900), (960, 720), (1000, 750), (1000, 900), (1024, 600)),
    *((1024, 712), (1024, 768), (1112, 834), (1180, 764), (1180, 820), (1280, 800)),
    *((1280, 850), (1280, 900), (1366, 768), (1366, 1024), (1920, 1080), (2160, 3840)),
]


def test_idle_offers_what_was_chosen(page: Page, put: Show) -> None:
    """The buttons are those of the configuration, in its order."""
    put({"session_types": ["voucher", "portal", "voucher"]})
    expect(page.get_by_role("heading", name="Sesame Street")).to_be_visible()
    expect(page.get_by_text("Till 1", exact=True)).to_be_visible()
    starts = page.locator("[data-action=start]")
    assert starts.all_inner_texts() == ["Redeem voucher", "View rewards"]
    starts.first.click()
    assert calls(page) == [["piggy.create_voucher_session", {"device_id": "till"}]]


def test_a_name_of_one_long_word(page: Page, put: Show) -> None:
    """A long word wraps, and does not overflow the card."""
    page.set_viewport_size({"width": 320, "height": 568})
    put({"title": "Kundenbindungsprogrammverwaltungsbildschirm"})
    page.evaluate(
        """() => {
          const hass = hub.hass({});
          hass.devices.till.name = "Kundenbindungsprogrammverwaltungsbildschirm2";
          hub.card.hass = hass;
        }"""
    )
    for name in page.locator(".head > *").all():
        box = name.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


@pytest.mark.parametrize(
    "invitation",
    [{}, {"logo": "/picture?state=logo", "message": "Collect credits here, today!"}],
    ids=["plain", "branded"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_is_cut_off(
    page: Page, put: Show, language: str, invitation: dict[str, str]
) -> None:
    """Every button and its words are on the screen as a whole, at any size."""
    page.add_style_tag(content="body { font-family: sans-serif; }")
    for count in range(1, 8):
        put({"session_types": ALL_TYPES[:count], **invitation}, language=language)
        view(page, "idle")
        expect(page.locator("img.logo")).to_be_visible(visible=bool(invitation))
        for width, height in GRID:
            page.set_viewport_size({"width": width, "height": height})
            cut = page.evaluate("""() => {
              const root = hub.card.shadowRoot;
              const view = root.querySelector(".view");
              const parts = [...root.querySelectorAll("h2, p, button")];
              return parts.filter((part) => part.scrollWidth > part.clientWidth
                || part.getBoundingClientRect().bottom > innerHeight
                || view.scrollHeight > view.clientHeight)
                .map((part) => part.textContent);
            }""")
            assert cut == [], (count, width, height)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(320, 480), (568, 320)])
def test_words_stay_within_their_buttons(
    page: Page, put: Show, width: int, height: int, language: str
) -> None:
    """Where not all buttons have room at once, their words still do."""
    page.set_viewport_size({"width": width, "height": height})
    page.add_style_tag(content="body { font-family: sans-serif; }")
    for types in (USUAL, ALL_TYPES):
        put({"session_types": types}, language=language)
        view(page, "idle")
        spilt = page.evaluate("""() => [...hub.card.shadowRoot.querySelectorAll(
          "h2, p, button")].filter((part) => part.scrollWidth > part.clientWidth)
          .map((part) => part.textContent)""")
        assert spilt == []


# Wider than high, but below 4:3.
LOW: Final = [(1024, 768), (1180, 820), (1280, 850), (1280, 900), (1000, 900)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_leave_room_for_the_buttons(
    page: Page, put: Show, language: str
) -> None:
    """No button is below those of the languages."""
    page.add_style_tag(content="body { font-family: sans-serif; }")
    languages = [language, *(other for other in LANGUAGES if other != language)]
    for count in (3, 5, 7):
        put({"session_types": ALL_TYPES[:count], "languages": languages})
        view(page, "idle")
        for width, height in LOW:
            page.set_viewport_size({"width": width, "height": height})
            room = page.evaluate("""() => {
              const root = hub.card.shadowRoot;
              const bar = root.querySelector(".languages").getBoundingClientRect();
              const buttons = [...root.querySelectorAll(".types button")];
              return bar.top - Math.max(
                ...buttons.map((button) => button.getBoundingClientRect().bottom));
            }""")
            assert room >= 0, (count, width, height)


@pytest.mark.parametrize("count", [3, 5, 7])
def test_a_language_of_the_customers(page: Page, put: Show, count: int) -> None:
    """The language buttons are visible at any size; errors use that language too."""
    page.add_style_tag(content="body { font-family: sans-serif; }")
    config = {"session_types": ALL_TYPES[:count], "languages": LANGUAGES}
    put(config, language="fr")
    text = page.locator("[data-part=text]")
    expect(text).to_have_text("Was möchten Sie tun?")
    for width, height in GRID:
        page.set_viewport_size({"width": width, "height": height})
        cut = page.evaluate("""() => {
          const buttons = hub.card.shadowRoot.querySelectorAll(".languages button");
          return [...buttons].filter((button) =>
            button.getBoundingClientRect().bottom > innerHeight).length;
        }""")
        assert cut == 0, (width, height)
    page.get_by_role("button", name="Nederlands").click()
    expect(text).to_have_text("Wat wil je doen?")
    assert page.locator(".frame").get_attribute("lang") == "nl"
    page.evaluate("""() => {
      hub.failure = { translation_key: "too_soon", translation_domain: "piggy" };
      hub.texts = { "component.piggy.exceptions.too_soon.message": "Wacht even." };
    }""")
    page.locator("[data-type=voucher]").click()
    expect(page.get_by_role("alert")).to_contain_text("Wacht even.")
    page.clock.run_for(31_000)
    expect(text).to_have_text("Was möchten Sie tun?")


def test_an_invitation(
    page: Page, put: Show, show: Show, pictures: dict[str, str]
) -> None:
    """Images rotate behind the buttons, which can still be pressed."""
    pictures["broken"] = "failure"
    picked = {"media_content_id": "media-source://media_source/local/c.png"}
    images = [f"/picture?state={name}" for name in ("a", "broken", "b")]
    page.evaluate("hub.media = '/picture?state=c'")
    put({"message": "Collect credits here!", "images": [*images, picked]})
    expect(page.locator("[data-part=text]")).to_have_text("Collect credits here!")
    page.wait_for_function("""() => [...hub.card.shadowRoot.querySelectorAll(
      ".backdrop img")].filter((image) => image.complete).length === 3""")
    lit = page.locator(".backdrop img.on")
    seen = []
    for _ in range(4):
        expect(lit).to_have_count(1)
        seen.append((lit.get_attribute("src") or "")[-1])
        page.clock.run_for(10_000)
    assert sorted(set(seen)) == ["a", "b", "c"]
    assert seen[0] == seen[3]
    page.locator("[data-type=voucher]").click(trial=True)
    show(status="waiting")
    expect(page.locator(".backdrop")).to_be_hidden()
    page.evaluate("hub.card.remove()")
    expect(page.locator(".backdrop img")).to_have_count(0)


def test_a_hub_that_starts_has_no_media_yet(page: Page, put: Show) -> None:
    """Images that could not be found are asked for again; the others stay."""
    picked = {"media_content_id": "media-source://media_source/local/c.png"}
    put({"logo": picked, "background": picked, "images": ["/picture?state=a", picked]})
    expect(page.locator(".backdrop img.on")).to_have_count(1)
    page.evaluate("hub.first = hub.card.shadowRoot.querySelector('.backdrop img')")
    expect(page.locator("img.logo")).to_be_hidden()
    page.evaluate("hub.media = '/picture?state=c'")
    page.evaluate("hub.show({ language: 'nl' })")
    expect(page.locator("img.logo")).to_be_visible()
    image = 'url("http://hub.test/picture?state=c")'
    expect(page.locator(".frame")).to_have_css("background-image", image)
    expect(page.locator(".backdrop img")).to_have_count(2)
    assert page.evaluate("hub.first.isConnected")


def test_the_shops_brand(page: Page, put: Show) -> None:
    """The card's options come before the account's brand at Piggy."""
    logo = page.locator("img.logo")
    icon = page.locator("[data-type=voucher] .disc")
    put(brand={"brand_color": "#facc15", "brand_logo": "/picture?state=account"})
    expect(icon).to_have_css("background-color", "rgb(250, 204, 21)")
    expect(icon).to_have_css("color", "rgb(0, 0, 0)")
    tint = page.locator("[data-type=voucher]")
    assert "0.980392 0.8" in tint.evaluate(
        "(part) => getComputedStyle(part).backgroundColor"
    )
    expect(logo).to_have_attribute("src", "/picture?state=account")
    expect(logo).to_be_visible()
    put(
        {"color": [91, 33, 182], "logo": "/picture?state=own", "background": "#0f766e"},
        brand={"brand_color": "#facc15", "brand_logo": "/picture?state=account"},
    )
    expect(icon).to_have_css("background-color", "rgb(91, 33, 182)")
    expect(icon).to_have_css("color", "rgb(255, 255, 255)")
    expect(logo).to_have_attribute("src", "/picture?state=own")
    expect(page.locator(".frame")).to_have_css("background-color", "rgb(15, 118, 110)")
    put({"background": "/picture?state=wall"})
    image = 'url("http://hub.test/picture?state=wall")'
    expect(page.locator(".frame")).to_have_css("background-image", image)
    expect(logo).to_be_hidden()


def test_a_screen_without_buttons(page: Page, put: Show) -> None:
    """A card without buttons shows no question."""
    put({"session_types": [], "title": "Welcome in"})
    expect(page.get_by_role("heading", name="Welcome in")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("What would you like to do?")).to_have_count(0)


def test_a_double_tap_starts_once(page: Page, put: Show) -> None:
    """The second tap neither starts another session nor cancels the first."""
    put()
    page.locator("[data-type=voucher]").dblclick()
    assert len(calls(page)) == 1


def test_preview_starts_nothing(page: Page, put: Show) -> None:
    """A preview starts no session, by touch or keyboard."""
    put()
    page.evaluate("hub.card.preview = true")
    page.locator("[data-type=voucher]").click(force=True)
    page.evaluate("hub.card.shadowRoot.querySelector('[data-type=voucher]').click()")
    assert calls(page) == []
    page.evaluate("hub.card.preview = false")
    page.locator("[data-type=voucher]").click()
    assert len(calls(page)) == 1


def test_many_updates_draw_nothing(page: Page, put: Show) -> None:
    """Updates of other entities do not redraw the card."""
    put()
    changes = page.evaluate("""async () => {
      let changes = 0;
      new MutationObserver((all) => { changes += all.length; }).observe(
        hub.card.shadowRoot,
        { subtree: true, childList: true, attributes: true, characterData: true });
      for (let number = 0; number < 500; number += 1) {
        const { states } = hub.card.hass;
        hub.card.hass = {
          ...hub.card.hass, states: { ...states, "sensor.other": { state: number } } };
      }
      await Promise.resolve();
      return changes;
    }""")
    assert changes == 0


def test_an_error_is_said_and_dismissed(page: Page, put: Show) -> None:
    """The error message of an action is shown until the user dismisses it."""
    put()
    page.evaluate("hub.failure = { message: 'Piggy is down for maintenance.' }")
    page.locator("[data-type=voucher]").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Piggy is down for maintenance.")
    expect(page.locator("[data-type=voucher]")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(alert).to_be_hidden()


def test_an_error_goes_by_itself(page: Page, put: Show) -> None:
    """An error disappears by itself: a screen on the wall may be unattended."""
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put()
    page.evaluate("hub.failure = { message: 'Piggy is down for maintenance.' }")
    page.locator("[data-type=voucher]").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    page.clock.run_for(29_000)
    expect(alert).to_be_visible()
    page.clock.run_for(2_000)
    expect(alert).to_be_hidden()


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ({"error": {"code": 3}}, "The connection was lost."),
        ({}, "Something went wrong."),
        (3, "Something went wrong."),
    ],
)
def test_an_error_without_words(
    page: Page, put: Show, failure: object, said: str
) -> None:
    """A failure without a message shows a general one."""
    put()
    page.evaluate("(failure) => { hub.failure = failure; }", failure)
    page.locator("[data-type=portal]").click()
    expect(page.get_by_role("alert")).to_contain_text(said)


@pytest.mark.parametrize(
    ("config", "screen", "heading"),
    [
        ({}, {"status": "unavailable"}, "Not available right now"),
        ({}, {"status": "unknown"}, "Not available right now"),
        ({"device_id": "gone"}, {"status": "waiting"}, "Screen not found"),
        ({"device_id": ""}, {"status": "waiting"}, "No screen selected"),
    ],
)
def test_trouble(
    page: Page, put: Show, config: dict[str, Any], screen: dict[str, Any], heading: str
) -> None:
    """A card without a screen says why."""
    put(config, **screen)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_hub_that_is_gone(page: Page, put: Show) -> None:
    """The code disappears with the connection, and returns with new states only."""
    put(status="waiting")
    ready(page)
    page.evaluate("""() => {
      const old = hub.card.hass;
      hub.card.hass = { ...old, connected: false };
      hub.gone = old;
    }""")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    assert codes(page) == []
    page.evaluate("() => { hub.card.hass = { ...hub.gone, connected: true }; }")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.evaluate("hub.show({ status: 'waiting' })")
    ready(page)
