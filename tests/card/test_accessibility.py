"""Check every view with axe: contrast, names, roles and touch targets."""

from typing import Any, Final

from playwright.sync_api import Page, expect
import pytest

from tests.conftest import ROOT

from .page import LANGUAGES, PORTAL, Show

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
    "invitation": {},
    "page": {"status": "waiting", "type": "voucher", "expires": EXPIRES, "url": PORTAL},
}
CONFIGS: Final[dict[str, dict[str, Any]]] = {
    "invitation": {
        "languages": LANGUAGES,
        "message": "Hello!",
        "images": ["/picture?state=a"],
        "background": "#fde68a",
    },
    "page": {"show": "both"},
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
SIZES: Final = [(320, 568), (1280, 800), (3840, 2160)]


def show(page: Page, put: Show, name: str, language: str, theme: str) -> None:
    """Show a view and wait for its animations to end."""
    put(
        {"show_link": True, **BRANDS[theme], **CONFIGS.get(name, {})},
        **VIEWS[name],
        language=language,
    )
    if name == "pin":
        page.evaluate("hub.failure = { translation_key: 'pin_required' }")
        page.locator("[data-type=voucher]").click()
        expect(page.locator(".keypad")).to_be_visible()
        page.evaluate("hub.failure = null")
    elif name == "keypad":
        page.locator("[data-type=redeem_giftcard]").click()
    elif name == "expired":
        put(status="waiting", language=language)
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


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(page: Page, put: Show, language: str, theme: str) -> None:
    """No view has a violation, in any language, from a phone to 4K."""
    page.emulate_media(reduced_motion="reduce")
    colors = "".join(f"--{name}: {value};" for name, value in THEMES[theme].items())
    # The frontend's pages have a title and headings; these are the card's alone.
    page.add_style_tag(
        content=f"html {{ {colors} background: var(--card-background-color, #fff); }}"
    )
    page.evaluate("document.title = 'Dashboard'")
    page.add_script_tag(path=AXE)
    for name in VIEWS:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            show(page, put, name, language, theme)
            found = page.evaluate("""async () => {
              const { violations } = await axe.run(document.querySelector("main"), {
                rules: { region: { enabled: false } } });
              return violations.map(({ id, nodes }) => [id, ...nodes.map(
                ({ target, failureSummary }) => `${target} ${failureSummary}`)]);
            }""")
            assert found == [], (name, width, height)
