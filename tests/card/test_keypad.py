"""The keypad."""

from playwright.sync_api import Page, expect
import pytest

from .page import LANGUAGES, Show, calls, view

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "de-CH", "fr", "xx"])
def test_amount_by_touch(page: Page, put: Show, language: str) -> None:
    """Digits fill the amount from the last cent."""
    put(language=language)
    page.locator("[data-type=redeem_giftcard]").click()
    view(page, "keypad")
    confirm = page.locator("[data-action=confirm]")
    expect(confirm).to_be_disabled()
    for key in ("0", "2", "9", "9", "00", "5"):
        page.locator(f"[data-key='{key}']").click()
    page.locator("[data-action=delete]").click()
    amount = page.locator("[data-part=amount]").inner_text()
    assert [char for char in amount if char.isdigit()] == list("29900")
    confirm.click()
    assert calls(page) == [
        [
            "piggy.create_redeem_giftcard_session",
            {"amount_in_cents": 29900, "device_id": "till"},
        ]
    ]


def test_amount_by_keyboard(page: Page, put: Show) -> None:
    """A keyboard can enter, correct, submit and cancel an amount."""
    put({"scan": "portal"})
    page.locator("[data-type=redeem_giftcard]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("123456789", delay=80)
    page.keyboard.press("Backspace")
    expect(page.locator("[data-part=amount]")).to_have_text("€12,345.67")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    assert calls(page) == []
    page.keyboard.press("Escape")
    view(page, "idle")
    expect(page.locator("[data-type=redeem_giftcard]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("995", delay=80)
    page.keyboard.press("Enter")
    assert [data["amount_in_cents"] for _, data in calls(page)] == [995]


def test_a_session_that_starts_elsewhere_ends_the_keypad(
    page: Page, put: Show, show: Show
) -> None:
    """A session on the screen replaces a keypad with a half-typed amount."""
    put()
    page.locator("[data-type=redeem_giftcard]").click()
    page.locator("[data-key='9']").click()
    show(status="waiting", type="voucher")
    view(page, "code")
    show()
    view(page, "idle")


def test_an_amount_may_be_left_out(page: Page, put: Show) -> None:
    """Where it is optional, a session starts without one as well."""
    put({"session_types": ["pay_prepaid"]})
    page.locator("[data-type=pay_prepaid]").click()
    expect(page.get_by_role("heading", name="Purchase amount")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-type=pay_prepaid]")).to_be_focused()
    page.locator("[data-type=pay_prepaid]").click()
    page.get_by_role("button", name="Without amount").click()
    assert calls(page) == [["piggy.create_pay_prepaid_session", {"device_id": "till"}]]


def test_the_staffs_pin(page: Page, put: Show) -> None:
    """The PIN is requested if needed, shown as dots, and sent with the same call."""
    put({"session_types": ["top_up_giftcard"]}, is_admin=False)
    page.evaluate("hub.failure = { translation_key: 'pin_required' }")
    page.locator("[data-type=top_up_giftcard]").click()
    expect(page.get_by_role("heading", name="Enter the staff PIN")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("[data-key='00']")).to_have_count(0)
    page.evaluate(
        "hub.failure = { translation_key: 'pin_wrong', message: 'Not the PIN.' }"
    )
    for key in "0123":
        page.locator(f"[data-key='{key}']").click()
    expect(page.locator("[data-part=amount]")).to_have_text("●●●●")
    page.locator("[data-action=confirm]").click()
    expect(page.get_by_role("alert")).to_contain_text("Not the PIN.")
    expect(page.locator("[data-part=amount]")).to_have_text("")
    page.evaluate("hub.failure = null")
    page.keyboard.type("4321")
    page.keyboard.press("Enter")
    view(page, "idle")
    name = "piggy.create_top_up_giftcard_session"
    assert calls(page) == [
        [name, {"device_id": "till"}],
        [name, {"device_id": "till", "pin": "0123"}],
        [name, {"device_id": "till", "pin": "4321"}],
    ]


def test_the_staffs_pin_comes_before_the_amount(page: Page, put: Show) -> None:
    """Where the screen has a PIN, staff enter it first, then the amount."""
    put({"session_types": ["credit_reception"]}, is_admin=False, has_staff_pin=True)
    page.locator("[data-type=credit_reception]").click()
    expect(page.get_by_role("heading", name="Enter the staff PIN")).to_be_visible()
    page.keyboard.type("4711")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Purchase amount")).to_be_visible()
    expect(page.locator("[data-part=amount]")).to_have_text("€0.00")
    page.keyboard.type("500")
    page.keyboard.press("Enter")
    view(page, "idle")
    data = {"device_id": "till", "amount_in_cents": 500, "pin": "4711"}
    assert calls(page) == [["piggy.create_credit_reception_session", data]]


@pytest.mark.parametrize("asks", ["amount", "pin"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_cut_off(page: Page, put: Show, language: str, asks: str) -> None:
    """Every key and button is on the screen as a whole, from a phone to 4K."""
    page.add_style_tag(content="body { font-family: sans-serif; }")
    put({"session_types": ["pay_prepaid"]}, language=language)
    page.locator("[data-type=pay_prepaid]").click()
    if asks == "pin":
        page.evaluate("hub.failure = { translation_key: 'pin_required' }")
        page.locator("[data-action=skip]").click()
        expect(page.locator("[data-key='00']")).to_have_count(0)
    page.keyboard.type("99999999")
    for width, height in [
        (320, 568),
        (360, 740),
        (412, 915),
        (1024, 600),
        (3840, 2160),
    ]:
        page.set_viewport_size({"width": width, "height": height})
        for button in page.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height
        typed = page.locator("[data-part=amount]")
        assert typed.evaluate("(typed) => typed.scrollWidth <= typed.clientWidth")
