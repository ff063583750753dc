"""The dashboard card in a browser, with the hub's side of it in the test's hands."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
import pytest
import zxingcpp

from custom_components.piggy import qr
from custom_components.piggy.card import MODULE

from .chromium import ARGUMENTS, CHROMIUM, missing_chromium

pytestmark = pytest.mark.browser

HUB: Final = "http://hub.test"
NOW: Final = "2026-11-02T10:00:00Z"
URL: Final = "https://portal.test/session/{}"
USUAL: Final = [
    *("credit_reception", "redeem_giftcard", "top_up_giftcard", "voucher", "portal"),
]

# What Home Assistant's frontend is to a card: two elements of its own, and `hass`.
PAGE: Final = """<!doctype html><html lang="en"><style>body { margin: 0; }
main { height: 100vh; }</style><main></main><script>
customElements.define("ha-card", class extends HTMLElement {});
customElements.define("ha-icon", class extends HTMLElement {});
const made = (domain, key, state, attributes = {}) =>
  ({ entity_id: `${domain}.any_name_${key}`, device_id: "till", platform: "piggy",
     translation_key: key, state, attributes });
window.hub = { calls: [], failure: null };
hub.hass = (screen) => {
  const all = [
    made("sensor", "session_status", screen.status ?? "idle"),
    made("sensor", "session_type", screen.type ?? "unknown"),
    made("sensor", "session_url", screen.url ?? "unknown"),
    made("sensor", "session_expires", screen.expires ?? "unknown"),
    made("image", "qr_code", screen.since ?? "2026-11-02T09:59:00Z",
      { entity_picture: `/picture?token=${screen.token ?? "a"}` }),
    made("event", "session", "unknown", screen.event ?? {}),
  ];
  return {
    connected: screen.connected ?? true,
    language: screen.language ?? "en",
    locale: { number_format: "language" },
    config: { currency: "EUR" },
    devices: { till: { id: "till", name: "Till 1", model: "Sesame Street" } },
    entities: Object.fromEntries(all.map((entity) => [entity.entity_id, entity])),
    states: Object.fromEntries(all.map((entity) => [entity.entity_id, entity])),
    hassUrl: (path) => path,
    callService: async (domain, action, data) => {
      hub.calls.push([`${domain}.${action}`, data]);
      if (hub.failure) throw hub.failure;
    },
  };
};
hub.show = (screen) => { hub.card.hass = hub.hass(screen); };
hub.put = (config, screen) => {
  hub.card = document.createElement("piggy-screen-card");
  hub.card.setConfig({ device_id: "till", ...config });
  hub.show(screen);
  document.querySelector("main").replaceChildren(hub.card);
};
</script><script type="module" src="/card.js"></script></html>"""

type Show = Callable[..., None]


# Playwright runs a loop of its own, beside which Home Assistant's fixtures cannot run
# theirs: these tests have no hub, and take the places of all that would make one.


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Do without a hub."""


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Do without a hub's loop."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Do without a hub's loop."""


@pytest.fixture(scope="module")
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
    """Return what the hub answers to a picture's state: a session, or a failure."""
    return {}


@pytest.fixture
def page(browser: Browser, pictures: dict[str, str]) -> Iterator[Page]:
    """Open a page with the card's module; it may not fail, nor ask another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.clock.install(time=NOW)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))

    def answer(route: Route) -> None:
        url = route.request.url
        if not url.startswith(f"{HUB}/"):
            wrong.append(url)
            route.abort()
        elif url.startswith(f"{HUB}/picture"):
            _answer_picture(route, pictures)
        elif url.startswith(f"{HUB}/card.js"):
            route.fulfill(path=MODULE, content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    context.route("**/*", answer)
    opened.goto(f"{HUB}/")
    opened.wait_for_function("Boolean(customElements.get('piggy-screen-card'))")
    yield opened
    context.close()
    assert wrong == []


def _answer_picture(route: Route, pictures: dict[str, str]) -> None:
    """Answer what the hub would at a picture's address, with `since` as its state."""
    since = route.request.url.partition("state=")[2].replace("%3A", ":")
    session = pictures.get(since, since)
    if session == "failure":
        route.fulfill(status=500)
    else:
        route.fulfill(body=qr.render(URL.format(session)), content_type="image/png")


@pytest.fixture
def put(page: Page) -> Show:
    """Return what puts a card up with a screen of some state."""

    def put_up(config: dict[str, Any] | None = None, **screen: Any) -> None:
        page.evaluate("([config, screen]) => hub.put(config, screen)", [config, screen])

    return put_up


@pytest.fixture
def show(page: Page) -> Show:
    """Return what tells the card a new state of its screen."""

    def tell(**screen: Any) -> None:
        page.evaluate("(screen) => hub.show(screen)", screen)

    return tell


def calls(page: Page) -> Any:
    """Return the actions that the card called."""
    return page.evaluate("hub.calls")


def view(page: Page, name: str) -> None:
    """Expect a view."""
    expect(page.locator("[data-view]")).to_have_attribute("data-view", name)


def codes(page: Page) -> list[str]:
    """Return what a camera before the screen would read."""
    picture = Image.open(BytesIO(page.screenshot()))
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def ready(page: Page) -> None:
    """Wait for the code."""
    expect(page.locator("[data-part=code]")).to_have_attribute("data-state", "ready")


def test_idle_offers_what_was_chosen(page: Page, put: Show) -> None:
    """The buttons are those of the configuration, in its order."""
    put({"session_types": ["voucher", "portal", "voucher"]})
    expect(page.get_by_role("heading", name="Sesame Street")).to_be_visible()
    expect(page.get_by_text("Till 1")).to_be_visible()
    starts = page.locator("[data-action=start]")
    assert starts.all_inner_texts() == ["Redeem voucher", "Open portal"]
    starts.first.click()
    assert calls(page) == [["piggy.create_voucher_session", {"device_id": "till"}]]


def test_a_name_of_one_long_word(page: Page, put: Show) -> None:
    """It is broken, and stays within the card."""
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


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr", "es"])
@pytest.mark.parametrize(
    ("width", "height"), [(320, 480), (320, 568), (360, 740), (412, 915), (568, 320)]
)
def test_words_stay_within_their_buttons(
    page: Page, put: Show, width: int, height: int, language: str
) -> None:
    """No language's words spill over the edge of what is to be touched."""
    page.set_viewport_size({"width": width, "height": height})
    page.add_style_tag(content="body { font-family: sans-serif; }")
    for types in (USUAL, [*USUAL, "pay_prepaid", "top_up_prepaid"]):
        put({"session_types": types}, language=language)
        view(page, "idle")
        spilt = page.evaluate("""() => [...hub.card.shadowRoot.querySelectorAll(
          "h2, p, button")].filter((part) => part.scrollWidth > part.clientWidth)
          .map((part) => part.textContent)""")
        assert spilt == []


def test_a_screen_without_buttons(page: Page, put: Show) -> None:
    """A card that starts nothing asks nothing."""
    put({"session_types": [], "title": "Welcome in"})
    expect(page.get_by_role("heading", name="Welcome in")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("What would you like to do?")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "de-CH", "fr", "xx"])
def test_amount_by_touch(page: Page, put: Show, language: str) -> None:
    """The keypad's digits are whole cents, whatever they look like."""
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
    """A keyboard types an amount, mends it, sends it, and can leave."""
    put()
    page.locator("[data-type=redeem_giftcard]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("123456789")
    page.keyboard.press("Backspace")
    expect(page.locator("[data-part=amount]")).to_have_text("€12,345.67")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    assert calls(page) == []
    page.keyboard.press("Escape")
    view(page, "idle")
    expect(page.locator("[data-type=redeem_giftcard]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("995")
    page.keyboard.press("Enter")
    assert [data["amount_in_cents"] for _, data in calls(page)] == [995]


def test_a_double_tap_starts_once(page: Page, put: Show) -> None:
    """The second tap neither starts another session nor cancels the first."""
    put()
    page.locator("[data-type=voucher]").dblclick()
    assert len(calls(page)) == 1


def test_a_session_that_starts_elsewhere_ends_the_keypad(
    page: Page, put: Show, show: Show
) -> None:
    """What stands on the screen goes before an amount half typed."""
    put()
    page.locator("[data-type=redeem_giftcard]").click()
    page.locator("[data-key='9']").click()
    show(status="waiting", type="voucher")
    view(page, "code")
    show()
    view(page, "idle")


def test_an_error_is_said_and_dismissed(page: Page, put: Show) -> None:
    """An action's error stands there in words until it is dismissed."""
    put()
    page.evaluate("hub.failure = { message: 'Piggy is down for maintenance.' }")
    page.locator("[data-type=voucher]").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Piggy is down for maintenance.")
    expect(page.locator("[data-type=voucher]")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(alert).to_be_hidden()


def test_an_error_goes_by_itself(page: Page, put: Show) -> None:
    """Nobody may be there to dismiss it, on a screen on the wall."""
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
        ({"error": {"code": 3}}, "The connection broke off."),
        ({}, "Something went wrong."),
        (3, "Something went wrong."),
    ],
)
def test_an_error_without_words(
    page: Page, put: Show, failure: object, said: str
) -> None:
    """A failure that has no words of its own gets some."""
    put()
    page.evaluate("(failure) => { hub.failure = failure; }", failure)
    page.locator("[data-type=portal]").click()
    expect(page.get_by_role("alert")).to_contain_text(said)


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 568), (568, 320), (740, 334), (800, 480), (1280, 800), (1080, 1920)],
)
def test_the_code_scans(page: Page, put: Show, width: int, height: int) -> None:
    """A camera reads the code; it takes most of what the shorter side leaves.

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
    """The code's plate is white, and its modules are black, in every theme."""
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
    """While the next session's picture does not load there is none at all."""
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
    page.clock.pause_at("2026-11-02T10:00:30Z")
    countdown = page.locator("[data-part=countdown]")
    expect(countdown).to_have_text("0:35")
    page.clock.run_for(34_000)
    expect(countdown).to_have_text("0:01")
    page.clock.run_for(60_000)
    expect(countdown).to_have_text("0:00")
    show(status="waiting")
    expect(countdown).to_have_count(0)


def test_nothing_runs_for_a_card_that_is_gone(page: Page, put: Show) -> None:
    """A card that is taken off leaves no timer, and comes back as it was."""
    put(status="waiting", expires="2026-11-02T10:01:05Z")
    ready(page)
    page.evaluate("""() => {
      hub.started = 0;
      const start = window.setTimeout;
      hub.card.remove();
      window.setTimeout = (...given) => { hub.started += 1; return start(...given); };
    }""")
    page.clock.run_for(30_000)
    assert page.evaluate("hub.started") == 0
    page.evaluate("document.querySelector('main').append(hub.card)")
    ready(page)
    expect(page.locator("[data-part=countdown]")).not_to_be_empty()


def test_cancel(page: Page, put: Show) -> None:
    """The customer can leave."""
    put(status="waiting")
    page.get_by_role("button", name="Cancel").click()
    assert calls(page) == [["piggy.clear_session", {"device_id": "till"}]]


def test_link(page: Page, put: Show, show: Show) -> None:
    """Whoever cannot scan can type, if the shop wants that."""
    put({"show_link": True}, status="waiting", url="https://portal.test/s")
    expect(page.get_by_text("https://portal.test/s")).to_be_visible()
    show(status="waiting")
    expect(page.locator("[data-part=link]")).to_have_count(0)


def test_identified(page: Page, put: Show, show: Show) -> None:
    """A known customer still needs the code; one who scanned it does not."""
    put(status="identified", event={"event_type": "session_created"})
    ready(page)
    show(status="identified", event={"event_type": "contact_identified"})
    view(page, "identified")
    assert codes(page) == []


@pytest.mark.parametrize(
    ("kind", "event", "line"),
    [
        ("credit_reception", {"credits": 1}, "1 credit earned"),
        ("credit_reception", {"credits": 1200.5}, "1,200.5 credits earned"),
        ("credit_reception", {}, "All done"),
        ("giftcard_transaction", {"amount_in_cents": -1040}, "€10.40 redeemed"),
        ("giftcard_transaction", {"amount_in_cents": 2500}, "€25.00 added"),
        ("prepaid_transaction", {"amount_in_cents": -5}, "€0.05 paid"),
        ("prepaid_transaction", {"amount_in_cents": 5}, "€0.05 added"),
        ("voucher_redeemed", {"voucher_name": "Free coffee"}, "Free coffee redeemed"),
        ("voucher_redeemed", {}, "Voucher redeemed"),
        ("reward_reception", {}, "Reward received"),
        ("other", {}, "All done"),
    ],
)
def test_completed(
    page: Page, put: Show, kind: str, event: dict[str, Any], line: str
) -> None:
    """It says what happened."""
    put(status="completed", type="portal", event={"event_type": kind, **event})
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    expect(page.locator("[data-part=line]")).to_have_text(line)


def test_completed_says_the_telling_event(page: Page, put: Show, show: Show) -> None:
    """What follows the telling event does not take back what it said."""
    event = {"event_type": "credit_reception", "credits": 10}
    put(status="completed", event=event)
    show(status="completed", event={"event_type": "other"})
    expect(page.locator("[data-part=line]")).to_have_text("10 credits earned")
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


def test_a_hub_that_is_gone(page: Page, put: Show) -> None:
    """The code goes with the hub, and returns on what the hub says anew only."""
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


@pytest.mark.parametrize(
    ("config", "screen", "heading"),
    [
        ({}, {"status": "unavailable"}, "Not available right now"),
        ({}, {"status": "unknown"}, "Not available right now"),
        ({"device_id": "gone"}, {"status": "waiting"}, "Screen not found"),
        ({"device_id": ""}, {"status": "waiting"}, "No screen chosen"),
    ],
)
def test_trouble(
    page: Page, put: Show, config: dict[str, Any], screen: dict[str, Any], heading: str
) -> None:
    """A card that has nothing to show says why."""
    put(config, **screen)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_picture_that_is_switched_off(page: Page, put: Show) -> None:
    """A session whose code cannot be had says so."""
    put(status="waiting", since="unavailable")
    expect(page.locator("[data-part=code]")).to_have_text(
        "The QR code of this screen is switched off in Home Assistant."
    )


def test_preview_starts_nothing(page: Page, put: Show) -> None:
    """A card that is only looked at starts no session, by touch or keyboard."""
    put()
    page.evaluate("hub.card.preview = true")
    page.locator("[data-type=voucher]").click(force=True)
    page.evaluate("hub.card.shadowRoot.querySelector('[data-type=voucher]').click()")
    assert calls(page) == []
    page.evaluate("hub.card.preview = false")
    page.locator("[data-type=voucher]").click()
    assert len(calls(page)) == 1


def test_many_updates_draw_nothing(page: Page, put: Show) -> None:
    """What other entities do costs no drawing."""
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


def test_another_configuration_while_it_runs(page: Page, put: Show) -> None:
    """The visual editor changes a card that is shown."""
    put()
    page.evaluate(
        "hub.card.setConfig({ device_id: 'till', title: 'Bar', session_types: [] })"
    )
    expect(page.get_by_role("heading", name="Bar")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "device_id is missing"),
        ({"device_id": 1}, "device_id must be a text"),
        ({"device_id": "a", "title": []}, "title must be a text"),
        ({"device_id": "a", "show_link": "yes"}, "show_link must be true or false"),
        ({"device_id": "a", "session_types": "portal"}, "must be a list of"),
        ({"device_id": "a", "session_types": ["toString"]}, "must be a list of"),
    ],
)
def test_wrong_configurations(page: Page, config: dict[str, Any], message: str) -> None:
    """A configuration that is wrong is refused with the reason."""
    said = page.evaluate(
        """(config) => {
          try {
            document.createElement("piggy-screen-card").setConfig(config);
            return "";
          } catch (error) {
            return error.message;
          }
        }""",
        config,
    )
    assert message in said


def test_picker_and_editor(page: Page) -> None:
    """A new card has the first screen; the picker's entry and the form have words."""
    made = page.evaluate("""() => {
      const card = customElements.get("piggy-screen-card");
      const hass = hub.hass({});
      const [entry] = window.customCards;
      const form = card.getConfigForm();
      return {
        stub: card.getStubConfig(hass),
        empty: card.getStubConfig({ entities: {}, devices: {} }),
        entry: { ...entry },
        suggested: entry.getEntitySuggestion(hass, "image.any_name_qr_code").config,
        other: entry.getEntitySuggestion(hass, "light.kitchen"),
        names: form.schema.map(({ name }) => name),
        labels: form.schema.map(form.computeLabel),
        helpers: form.schema.map(form.computeHelper),
        entries: window.customCards.length,
      };
    }""")
    assert made["stub"]["device_id"] == "till"
    assert made["empty"]["device_id"] == ""
    assert made["entries"] == 1
    assert made["entry"]["type"] == "piggy-screen-card"
    assert made["entry"]["preview"] is True
    assert made["entry"]["name"] == "Piggy screen"
    assert made["suggested"] == {"type": "custom:piggy-screen-card", **made["stub"]}
    assert made["other"] is None
    assert made["names"] == ["device_id", "title", "session_types", "show_link"]
    assert made["labels"] == ["Screen", "Title", "Buttons", "Show the link"]
    assert all(made["helpers"][1:])


def test_a_module_that_is_loaded_twice(page: Page) -> None:
    """A newer version that arrives while the page is open breaks nothing."""
    page.evaluate("import('/card.js?v=newer')")
    assert page.evaluate("window.customCards.length") == 1
