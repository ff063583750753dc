"""Check every view with axe: contrast, names, roles and touch targets."""

from typing import Any, Final

from playwright.sync_api import Page, expect
import pytest

from tests.conftest import ROOT

from .page import ALL_TYPES, LANGUAGES, PORTAL, Show, codes, ready

pytestmark = pytest.mark.browser

AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
EXPIRES: Final = "2026-11-02T10:05:00Z"
AMOUNTS: Final = {
    "purchase_amount_in_cents": 5000,
    "paid_in_cents": 1000,
    "remaining_in_cents": 4000,
}
TOLD: Final = {"event_type": "credit_reception", "credits": 10}
VIEWS: Final[dict[str, dict[str, Any]]] = {
    "idle": {},
    "code": {"status": "waiting", "type": "voucher", "expires": EXPIRES},
    "part paid": {"status": "waiting", "type": "redeem_giftcard", "amounts": AMOUNTS},
    "identified": {
        "status": "identified",
        "event": {"event_type": "contact_identified"},
    },
    "completed": {"status": "completed", "event": TOLD},
    "trouble": {"status": "unavailable"},
    "keypad": {},
    "expired": {},
    "error": {},
    "pin": {},
    "wrong pin": {},
    "invitation": {},
    "crowded": {},
    "both": {"status": "waiting", "type": "voucher", "expires": EXPIRES, "url": PORTAL},
    "page": {
        "status": "waiting",
        "amounts": AMOUNTS,
        "expires": EXPIRES,
        "url": PORTAL,
    },
    "page's code": {"status": "waiting", "type": "portal", "url": PORTAL},
    "no code": {"status": "waiting", "since": "unavailable"},
    "part of the thanks": {"status": "completed", "event": TOLD, "amounts": AMOUNTS},
    "offline": {"connected": False},
    "closed": {"buttons": {"voucher": "unavailable"}},
    "missing": {},
    "unset": {},
}
CONFIGS: Final[dict[str, dict[str, Any]]] = {
    "crowded": {"session_types": ALL_TYPES},
    "closed": {"session_types": ["voucher"]},
    "missing": {"device_id": "gone"},
    "unset": {"device_id": ""},
    "page's code": {"show": "page"},
    "page": {"show": "page"},
    "invitation": {
        "languages": LANGUAGES,
        "message": "Hello!",
        "images": ["/picture?state=a"],
        "background": "#fde68a",
    },
    "both": {"show": "both"},
}
# Home Assistant's own colors, as its themes set them.
THEMES: Final = {
    "light": {},
    "brand": {},
    "dark": {
        "card-background-color": "#1c1c1c",
        "primary-text-color": "#e1e1e1",
        "secondary-text-color": "#9b9b9b",
    },
}
BRANDS: Final[dict[str, dict[str, Any]]] = {
    "light": {},
    "dark": {"color": "#5b21b6"},
    "brand": {"color": "#facc15", "logo": "/picture?state=logo"},
}
# A kit's primary color can be any.
AWKWARD: Final = ("#ffffff", "#000000", "#767676", "#ff0000", "#00ff00", "#0000ff")
SIZES: Final = [(320, 568), (1280, 800), (3840, 2160), (2160, 3840)]


def show(
    page: Page, put: Show, name: str, language: str, brand: dict[str, Any]
) -> None:
    """Show a view and wait for its animations to end."""
    config = {"show_link": True, **brand}
    put(config | CONFIGS.get(name, {}), **VIEWS[name], language=language)
    if key := {"pin": "pin_required", "wrong pin": "pin_wrong"}.get(name):
        failure = {"translation_key": key, "message": "That is not the staff PIN."}
        page.evaluate("(failure) => { hub.failure = failure; }", failure)
        page.locator("[data-type=voucher]").click()
        expect(page.locator(".keypad")).to_be_visible()
        page.evaluate("hub.failure = null")
    elif name == "page's code":
        page.locator("[data-action=code]").click()
    elif name == "keypad":
        page.locator("[data-type=redeem_giftcard]").click()
        page.locator("[data-key='9']").click()  # enables what has the brand's color
    elif name == "expired":
        put(config, status="waiting", language=language)
        page.evaluate(
            "(language) => hub.show("
            "{ language, event: { event_type: 'session_expired' } })",
            language,
        )
    elif name == "error":
        page.evaluate("hub.failure = { message: 'Piggy is down for maintenance.' }")
        page.locator("[data-type=voucher]").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.evaluate("hub.failure = null")


def prepare(page: Page, theme: str) -> None:
    """Load axe into a page that has a theme's colors."""
    page.emulate_media(reduced_motion="reduce")
    colors = "".join(f"--{name}: {value};" for name, value in THEMES[theme].items())
    # The frontend's pages have a title and headings; these are the card's alone.
    page.add_style_tag(
        content=f"html {{ {colors} background: var(--card-background-color, #fff); }}"
    )
    page.evaluate("document.title = 'Dashboard'")
    page.add_script_tag(path=AXE)


def violations(page: Page) -> Any:
    """Return what axe finds or cannot decide. The frame has the session's own page."""
    return page.evaluate("""async () => {
      const { violations, incomplete } = await axe.run(document.querySelector("main"), {
        rules: { region: { enabled: false }, "frame-tested": { enabled: false } } });
      return [...violations, ...incomplete].map(({ id, nodes }) => [id, ...nodes.map(
        ({ target, failureSummary }) => `${target} ${failureSummary}`)]);
    }""")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(page: Page, put: Show, language: str, theme: str) -> None:
    """No view has a violation, in any language and colors, from a phone to 4K.

    Any three of view, language, colors, and size are tested together.
    """
    prepare(page, theme)
    shift = [*THEMES].index(theme) + LANGUAGES.index(language)
    for number, name in enumerate(VIEWS, shift):
        for width, height in SIZES[number % 2 :: 2]:
            page.set_viewport_size({"width": width, "height": height})
            show(page, put, name, language, BRANDS[theme])
            assert violations(page) == [], (name, width, height)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("color", AWKWARD)
def test_axe_finds_nothing_in_any_color(
    page: Page, put: Show, color: str, theme: str
) -> None:
    """No color of a brand makes a text hard to read, nor that of a hovered button."""
    prepare(page, theme)
    for name in ("idle", "keypad", "code", "error"):
        show(page, put, name, "en", {"color": color})
        for button in page.locator("button:not(:disabled)").all()[:1]:
            button.hover()
        assert violations(page) == [], name


def test_a_browser_that_does_not_know_the_newest_styles(page: Page, put: Show) -> None:
    """Without them, nothing is lost that a customer needs."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("document.title = 'Dashboard'")
    page.add_script_tag(path=AXE)
    for name in ("idle", "code", "keypad", "completed"):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            show(page, put, name, "de", {})
            page.locator(".view").wait_for()
            left = page.evaluate("""() => {
              const style = hub.card.shadowRoot.querySelector("style");
              for (const newer of [/color-mix/g, /text-wrap/g, /safe(?= center)/g,
                /hyphens/g, /forced-color-adjust/g, /dir(?=\\()/g]) {
                style.textContent = style.textContent.replace(newer, "unknown");
              }
              const view = hub.card.shadowRoot.querySelector(".view");
              return view.scrollHeight - view.clientHeight;
            }""")
            assert left <= 0, (name, width, height)
            assert violations(page) == [], (name, width, height)
            if name == "code":
                ready(page)
                assert len(codes(page)) == 1
