"""A session's code."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Final

from PIL import Image
from playwright.sync_api import Page, Request, expect
import pytest

from .page import NOW, URL, Show, calls, codes, ready, view

pytestmark = pytest.mark.browser

SINCE: Final = "2026-11-02T09:59:00Z"


def hub_time(minutes: int, seconds: int) -> str:
    """Return a moment of a hub that is some minutes ahead of the tablet."""
    moment = datetime.fromisoformat(NOW) + timedelta(minutes=minutes, seconds=seconds)
    return moment.isoformat()


def bar(page: Page) -> float:
    """Return the share of the time that the bar shows."""
    scale = page.locator(".bar i").evaluate("(bar) => bar.style.transform")
    return float(scale.removeprefix("scaleX(").removesuffix(")"))


def requests(page: Page, path: str) -> list[str]:
    """Return a list that collects the requests for a path from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if path in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 568), (568, 320), (740, 334), (800, 480), (1280, 800), (1080, 1920)],
)
def test_the_code_scans(page: Page, put: Show, width: int, height: int) -> None:
    """A camera can read the code, which fills most of the available space.

    A phone that lies on its side has some 334 pixels below the dashboard's header.
    """
    page.set_viewport_size({"width": width, "height": height})
    put(status="waiting", type="voucher", expires="2026-11-02T10:04:30Z")
    ready(page)
    assert codes(page) == [URL.format("2026-11-02T09:59:00Z")]
    box = page.locator("[data-part=code-image]").bounding_box()
    assert box
    assert box["width"] == pytest.approx(box["height"], abs=1)
    assert box["width"] > 0.8 * min(width, height)
    assert box["y"] + box["height"] <= height
    expect(page.get_by_role("img")).to_have_accessible_name("QR code: Redeem voucher")


def test_dark_and_forced_colors_leave_the_code_alone(page: Page, put: Show) -> None:
    """The code is black on white in every theme."""
    page.emulate_media(color_scheme="dark", forced_colors="active")
    page.add_style_tag(content="html { --card-background-color: #111; }")
    put(status="waiting")
    ready(page)
    assert len(codes(page)) == 1
    picture = page.locator("[data-part=code]").screenshot()
    colors = Image.open(BytesIO(picture)).convert("L").getcolors()
    assert colors
    strong = sorted(shade for count, shade in colors if count > 1000)
    assert (strong[0], strong[-1]) == (0, 255)


def test_no_code_of_an_older_session(
    page: Page, put: Show, show: Show, pictures: dict[str, str]
) -> None:
    """While the image of the next session does not load, no code is shown."""
    put(status="waiting", since="2026-11-02T09:59:00Z")
    ready(page)
    since = "2026-11-02T09:59:30Z"
    pictures[since] = "failure"
    show(status="waiting", since=since)
    expect(page.locator("[data-part=code]")).to_have_attribute("data-state", "failed")
    assert codes(page) == []
    del pictures[since]
    page.clock.run_for(20_000)
    ready(page)
    assert codes(page) == [URL.format(since)]
    show()
    view(page, "idle")
    assert codes(page) == []


def test_a_renewed_token_is_the_same_picture(page: Page, put: Show, show: Show) -> None:
    """The hub renews the picture's address often; the code does not flicker."""
    put(status="waiting")
    ready(page)
    page.evaluate("hub.image = hub.card.shadowRoot.querySelector('img')")
    show(status="waiting", token="b")
    assert page.evaluate("hub.image === hub.card.shadowRoot.querySelector('img')")
    ready(page)


def test_countdown(page: Page, put: Show, show: Show) -> None:
    """The time that is left counts down; without an expiry there is none."""
    put(status="waiting", expires="2026-11-02T10:01:05Z")
    page.clock.pause_at("2026-11-02T10:00:30.500Z")
    countdown = page.locator("[data-part=countdown]")
    expect(countdown).to_have_text("0:35")
    page.clock.run_for(34_000)
    expect(countdown).to_have_text("0:01")
    page.clock.run_for(60_000)
    expect(countdown).to_have_text("0:00")
    show(status="waiting")
    expect(countdown).to_have_count(0)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_countdown_follows_the_hub(
    page: Page, put: Show, show: Show, minutes: int
) -> None:
    """A tablet whose clock is wrong shows the seconds that Home Assistant counts."""
    put(updated=hub_time(minutes, -3600))
    page.clock.pause_at("2026-11-02T10:00:30Z")
    waiting = {
        "status": "waiting",
        "since": hub_time(minutes, 30),
        "updated": hub_time(minutes, 30),
        "expires": hub_time(minutes, 90),
    }
    show(**waiting)
    countdown = page.locator("[data-part=countdown]")
    expect(countdown).to_have_text("1:00")
    page.clock.run_for(15_000)
    expect(countdown).to_have_text("0:45")
    assert bar(page) == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_countdown_of_a_session_that_runs_already(
    page: Page, put: Show, headers: dict[str, str], minutes: int
) -> None:
    """A page that is opened on a session asks Home Assistant for the time, once."""
    headers["Date"] = format_datetime(
        datetime.fromisoformat(hub_time(minutes, 30)), usegmt=True
    )
    asked = requests(page, "/countdown.js")
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put(
        status="waiting",
        since=hub_time(minutes, 30),
        expires=hub_time(minutes, 90),
        type="voucher",
    )
    expect(page.locator("[data-part=countdown]")).to_have_text("1:00")
    page.evaluate("hub.card.hass = { ...hub.card.hass, language: 'de' }")
    expect(page.get_by_role("button", name="Abbrechen")).to_be_visible()
    assert len(asked) == 1


def test_a_picture_is_tried_again(
    page: Page, put: Show, pictures: dict[str, str]
) -> None:
    """The pauses between the tries grow up to eight seconds."""
    asked = requests(page, "/picture")
    pictures[SINCE] = "failure"
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put(status="waiting")
    code = page.locator("[data-part=code]")
    for number, pause in enumerate((1000, 2000, 4000, 8000, 8000), start=1):
        page.wait_for_function(
            "hub.card.shadowRoot.querySelector('[data-part=code-image]')?.complete"
        )
        expect(code).to_have_attribute("data-state", "failed")
        page.clock.run_for(pause - 1)
        assert len(asked) == number
        with page.expect_request("**/picture*"):
            page.clock.run_for(1)
        assert len(asked) == number + 1
    del pictures[SINCE]
    page.clock.run_for(8000)
    ready(page)


def test_a_picture_is_tried_at_once_with_a_renewed_token(
    page: Page, put: Show, show: Show, pictures: dict[str, str]
) -> None:
    """A renewed token loads the image at once: the old one has probably expired."""
    asked = requests(page, "/picture")
    pictures[SINCE] = "failure"
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put(status="waiting", token="a")
    expect(page.locator("[data-part=code]")).to_have_attribute("data-state", "failed")
    del pictures[SINCE]
    show(status="waiting", token="b")
    ready(page)
    assert [url.partition("token=")[2][0] for url in asked] == ["a", "b"]
    page.clock.run_for(60_000)
    assert len(asked) == 2


def test_nothing_runs_for_a_card_that_is_gone(
    page: Page, put: Show, pictures: dict[str, str]
) -> None:
    """A card that was removed leaves no timers or listeners behind."""
    page.evaluate("""() => {
      hub.timers = new Set();
      const { setTimeout, clearTimeout } = window;
      window.setTimeout = (act, wait) => {
        const timer = setTimeout(() => { hub.timers.delete(timer); act(); }, wait);
        hub.timers.add(timer);
        return timer;
      };
      window.clearTimeout = (timer) => {
        hub.timers.delete(timer);
        clearTimeout(timer);
      };
      hub.listeners = 0;
      for (const target of [window, document]) {
        const { addEventListener: add, removeEventListener: remove } = target;
        target.addEventListener = (...given) => {
          hub.listeners += 1;
          add.apply(target, given);
        };
        target.removeEventListener = (...given) => {
          hub.listeners -= 1;
          remove.apply(target, given);
        };
      }
    }""")
    pictures[SINCE] = "failure"
    put(
        {"kiosk": True, "scan": "portal"},
        status="waiting",
        expires="2026-11-02T10:01:05Z",
    )
    page.evaluate("hub.card.layout = 'panel'")
    page.evaluate("hub.failure = { message: 'Piggy is down for maintenance.' }")
    page.locator("[data-action=cancel]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[data-part=code]")).to_have_attribute("data-state", "failed")
    # The picture's next try, the countdown, the end of the error, and an announcement.
    assert page.evaluate("hub.timers.size") >= 3
    assert page.evaluate("hub.listeners") > 3
    page.evaluate("hub.card.remove()")
    assert page.evaluate("[hub.timers.size, hub.listeners]") == [0, 0]
    page.clock.run_for(30_000)
    assert page.evaluate("hub.timers.size") == 0
    del pictures[SINCE]
    page.evaluate("document.querySelector('main').append(hub.card)")
    ready(page)
    expect(page.locator("[data-part=countdown]")).not_to_be_empty()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_amount_is_beside_the_code(page: Page, put: Show) -> None:
    """The card shows the amount, and how much of it is paid."""
    amounts = {"purchase_amount_in_cents": 5000}
    put(status="waiting", type="redeem_giftcard", amounts=amounts)
    ready(page)
    amount = page.locator("[data-part=sum]")
    expect(amount).to_have_text("€50.00")
    size = "(part) => parseFloat(getComputedStyle(part).fontSize)"
    heading = page.locator("[data-part=heading]")
    assert amount.evaluate(size) >= 1.5 * heading.evaluate(size)
    page.evaluate("""() => {
      const { hass } = hub.card;
      const locale = { ...hass.locale, number_format: "decimal_comma" };
      hub.card.hass = { ...hass, locale };
    }""")
    expect(amount).to_have_text("50,00\u00a0€")
    expect(page.locator("[data-part=part-paid]")).to_have_count(0)
    amounts |= {"paid_in_cents": 1000, "remaining_in_cents": 4000}
    put(
        status="identified",
        event={"event_type": "giftcard_transaction"},
        amounts=amounts,
    )
    ready(page)
    expect(page.get_by_text("€10.00 paid, €40.00 to go", exact=True)).to_be_visible()


def test_an_expired_session_says_so(page: Page, put: Show, show: Show) -> None:
    """The view stays for some seconds, and then the screen is idle."""
    page.clock.pause_at("2026-11-02T10:00:30Z")
    put(status="waiting")
    show(event={"event_type": "session_expired"})
    page.clock.run_for(7000)
    expect(page.get_by_role("heading", name="Time is up")).to_be_visible()
    page.clock.run_for(1001)
    view(page, "idle")


def test_whose_session_it_is(page: Page, put: Show) -> None:
    """Beside another card, a session has the name of its screen above it."""
    put(status="waiting")
    name = page.locator("[data-part=subheading]")
    expect(name).to_have_count(0)
    page.evaluate("""() => {
      hub.other = document.createElement("piggy-screen-card");
      hub.other.setConfig({ device_id: "till", title: "Bar" });
      hub.other.hass = hub.hass({ status: "completed" });
      document.querySelector("main").append(hub.other);
    }""")
    assert name.all_inner_texts() == ["Till 1", "Bar"]
    page.evaluate("hub.other.remove()")
    expect(name).to_have_count(0)


def test_no_cancel(page: Page, put: Show) -> None:
    """The Cancel button can be turned off in the configuration."""
    put({"hide_cancel": True}, status="waiting")
    ready(page)
    expect(page.get_by_role("button")).to_have_count(0)


def test_cancel(page: Page, put: Show) -> None:
    """The Cancel button clears the session."""
    put(status="waiting")
    page.get_by_role("button", name="Cancel").click()
    assert calls(page) == [["piggy.clear_session", {"device_id": "till"}]]


def test_link(page: Page, put: Show, show: Show) -> None:
    """Customers who cannot scan can type the URL, if the shop wants that."""
    put({"show_link": True}, status="waiting", url="https://portal.test/s")
    expect(page.get_by_text("https://portal.test/s")).to_be_visible()
    show(status="waiting")
    expect(page.locator("[data-part=link]")).to_have_count(0)


@pytest.mark.parametrize(
    ("is_admin", "text"),
    [
        (True, "The QR code of this screen is disabled in Home Assistant."),
        (False, "Please ask our staff."),
    ],
)
def test_a_picture_that_is_switched_off(
    page: Page, put: Show, text: str, *, is_admin: bool
) -> None:
    """A session without an image says so, and tells only the owner why."""
    put(status="waiting", since="unavailable", is_admin=is_admin)
    expect(page.locator("[data-part=code]")).to_have_text(text)
