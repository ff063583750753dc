"""The views during and after a customer's use of a session."""

from typing import Any

from playwright.sync_api import Page, expect
import pytest

from .page import Show, codes, ready, view

pytestmark = pytest.mark.browser


def test_identified(page: Page, put: Show, show: Show) -> None:
    """The code stays for a customer known from the start, and goes after a scan."""
    put(status="identified", event={"event_type": "session_created"})
    ready(page)
    show(status="identified", event={"event_type": "contact_identified"})
    view(page, "identified")
    assert codes(page) == []


@pytest.mark.parametrize(
    ("kind", "event", "line"),
    [
        ("credit_reception", {"credits": 1}, "1 credit collected"),
        ("credit_reception", {"credits": 1200.5}, "1,200.5 credits collected"),
        ("credit_reception", {}, "All done"),
        ("giftcard_transaction", {"amount_in_cents": -1040}, "€10.40 redeemed"),
        ("giftcard_transaction", {"amount_in_cents": 2500}, "€25.00 added"),
        ("prepaid_transaction", {"amount_in_cents": -5}, "€0.05 paid"),
        ("prepaid_transaction", {"amount_in_cents": 5}, "€0.05 added"),
        ("voucher_redeemed", {"voucher_name": "Free coffee"}, "Free coffee redeemed"),
        ("voucher_redeemed", {}, "Voucher redeemed"),
        ("reward_reception", {}, "Reward claimed"),
        ("other", {}, "All done"),
    ],
)
def test_completed(
    page: Page, put: Show, kind: str, event: dict[str, Any], line: str
) -> None:
    """The view says what happened."""
    put(status="completed", type="portal", event={"event_type": kind, **event})
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    expect(page.locator("[data-part=line]")).to_have_text(line)


def test_completed_says_the_telling_event(page: Page, put: Show, show: Show) -> None:
    """Later events do not replace the text of the event that counts."""
    event = {"event_type": "credit_reception", "credits": 10}
    put(status="completed", event=event)
    show(status="completed", event={"event_type": "other"})
    expect(page.locator("[data-part=line]")).to_have_text("10 credits collected")
    show(status="waiting", event=event)
    show(status="completed", event={"event_type": "contact_identified"})
    expect(page.locator("[data-part=line]")).to_have_text("All done")


def test_announced_once(page: Page, put: Show, show: Show) -> None:
    """A screen reader hears the new state, not every second of it."""
    put(status="waiting", type="voucher", expires="2026-11-02T10:05:00Z")
    announcer = page.locator("[data-part=announcer]")
    page.clock.run_for(1000)
    said = "Redeem voucher. Scan this code with your phone."
    expect(announcer).to_have_text(said)
    page.evaluate("""() => {
      hub.said = 0;
      const announcer = hub.card.shadowRoot.querySelector("[data-part=announcer]");
      new MutationObserver(() => { hub.said += 1; }).observe(
        announcer, { childList: true });
    }""")
    page.clock.run_for(30_000)
    show(status="waiting", type="voucher", expires="2026-11-02T10:05:00Z", token="b")
    page.clock.run_for(1000)
    assert page.evaluate("hub.said") == 0
    show(
        status="completed",
        event={"event_type": "voucher_redeemed", "voucher_name": "A"},
    )
    page.clock.run_for(1000)
    expect(announcer).to_have_text("Thank you! A redeemed.")
    assert page.evaluate("hub.said") == 1
