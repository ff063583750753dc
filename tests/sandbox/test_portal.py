"""A customer uses the plain portal page as a browser would."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from sandbox import Sandbox

from .conftest import Get, Post

SHOP = "2222e1242t3324535"


class Page(HTMLParser):
    """What a page holds: attributes and text of every element that has an id."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__()
        self.elements: dict[str, dict[str, str | None]] = {}
        self.text: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._id = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._id = attributes.get("id") or ""
        if self._id:
            self.elements[self._id] = attributes

    def handle_data(self, data: str) -> None:
        """Note the first text of an element."""
        if self._id:
            self.text.setdefault(self._id, data)


class Browser:
    """Opens a session's page and presses its buttons, without the key."""

    def __init__(self, client: ClientSession, url: str) -> None:
        """Start at a session's url."""
        self._client = client
        self._url = url

    async def open(self) -> Page:
        """Open the page."""
        async with self._client.get(self._url) as response:
            assert response.status == 200
            return Page(await response.text())

    async def press(self, button: str, **fields: str) -> Page:
        """Press a button; the page shows #error exactly when the status is 400."""
        async with self._client.post(
            self._url, data={"action": button, **fields}
        ) as response:
            page = Page(await response.text())
            assert (response.status == 400) == ("error" in page.elements)
            return page


@pytest.fixture
async def start(client: ClientSession, post: Post) -> Any:
    """Return a function that creates a session and opens a browser."""

    async def create(path: str = "", **parameters: Any) -> tuple[str, Browser]:
        _, answer = await post(
            f"/portal-sessions{path}", {"shop_uuid": SHOP, **parameters}
        )
        data = answer["data"]
        return data["uuid"], Browser(client, data["url"])

    return create


async def test_page(start: Any) -> None:
    """The page tells what it is for, and needs nothing from elsewhere."""
    _, browser = await start("/vouchers", scanner_type="hand_scanner")
    page = await browser.open()
    assert page.text["shop"] == "Sesame Street"
    assert page.text["session-type"] == "Redeem a voucher"
    assert page.text["purpose"] == "Redeem a voucher."
    assert page.text["scanner"] == "hand scanner"
    assert "contact" not in page.elements
    assert page.elements["redeem-voucher"]["value"] == "redeem-voucher"
    assert "disabled" in page.elements["redeem-voucher"]
    assert "collect-credits" not in page.elements
    links = [
        attributes.get(name)
        for _, attributes in page.tags
        for name in ("src", "href", "action")
        if name in attributes
    ]
    assert links == ["data:,"]


async def test_headers(sandbox: Sandbox, client: ClientSession, start: Any) -> None:
    """The page is not cached, and its address is not sent as a referrer."""
    uuid, _ = await start()
    async with client.get(sandbox.portal_url(uuid)) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in response.headers
    sandbox.settings.refuse_framing = True
    async with client.get(sandbox.portal_url(uuid)) as response:
        assert response.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


async def test_text_is_escaped(sandbox: Sandbox, start: Any) -> None:
    """A name with markup in it stays text."""
    sandbox.shops[SHOP].name = "<img src=x>"
    _, browser = await start()
    page = await browser.open()
    assert page.text["shop"] == "<img src=x>"
    assert "img" not in [tag for tag, _ in page.tags]


async def test_unknown_session(sandbox: Sandbox, client: ClientSession) -> None:
    """A page that is not there says so."""
    for method in ("GET", "POST"):
        for query in ("", "?uuid=x"):
            url = f"{sandbox.url}/portal-sessions{query}"
            async with client.request(method, url) as response:
                assert response.status == 404
                assert "error" in Page(await response.text()).elements


async def test_identify_by_card(start: Any, get: Get) -> None:
    """A card identifies its owner."""
    uuid, browser = await start()
    page = await browser.press("identify-card", card=" 1000001 ")
    assert page.text["contact"] == "ada@example.com"
    assert "card" not in page.elements
    _, answer = await get(f"/portal-sessions/{uuid}")
    assert answer["data"]["contact"] == {"uuid": "123"}


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ("", "Contact identifier not found."),
        ("9", "Contact identifier not found."),
        ("1000003", "Contact identifier is inactive."),
        ("1000004", "Contact identifier is not linked to a contact."),
    ],
)
async def test_identify_by_wrong_card(
    sandbox: Sandbox, start: Any, card: str, problem: str
) -> None:
    """A card without a contact identifies no customer."""
    uuid, browser = await start()
    page = await browser.press("identify-card", card=card)
    assert page.text["error"] == problem
    assert sandbox.sessions[uuid].contact is None


async def test_identify_by_email(sandbox: Sandbox, start: Any) -> None:
    """An address identifies only where the session lets it."""
    uuid, browser = await start()
    assert "email" not in (await browser.open()).elements
    page = await browser.press("identify-email", email="ben@example.com")
    assert page.text["error"] == "That cannot be done here."
    assert sandbox.sessions[uuid].contact is None

    _, browser = await start(
        enable_email_identification=True, primary_identification_method="email"
    )
    names = list((await browser.open()).elements)
    assert names.index("email") < names.index("card")
    page = await browser.press("identify-email", email="x@example.com")
    assert page.text["error"] == "Contact not found."
    page = await browser.press("identify-email", email="Ben@example.com")
    assert page.text["contact"] == "ben@example.com"


async def test_card_comes_first(start: Any) -> None:
    """The card is the first way unless the session says otherwise."""
    _, browser = await start(enable_email_identification=True)
    names = list((await browser.open()).elements)
    assert names.index("card") < names.index("email")


async def test_register(sandbox: Sandbox, start: Any) -> None:
    """A new customer signs up only where the session lets them."""
    _, browser = await start()
    page = await browser.press("register", email="new@example.com")
    assert page.text["error"] == "That cannot be done here."

    uuid, browser = await start(enable_registration=True)
    assert "register-email" in (await browser.open()).elements
    page = await browser.press("register", email="new")
    assert page.text["error"] == "That is not an email address."
    page = await browser.press("register", email="ada@example.com")
    assert page.text["error"] == "There is a contact with that address."
    page = await browser.press("register", email="new@example.com")
    assert page.text["contact"] == "new@example.com"
    contact = sandbox.sessions[uuid].contact
    assert contact is not None
    assert sandbox.contacts[contact.uuid] is contact


async def test_every_type_pays(sandbox: Sandbox, start: Any) -> None:
    """Each type has its buttons: a press changes balance, ledger and events."""
    ada = sandbox.contacts["123"]
    card = sandbox.giftcards["GIFT50"]
    coffee, birthday = sandbox.vouchers["COFFEE"], sandbox.vouchers["BIRTHDAY"]
    lunch = next(iter(sandbox.rewards))
    rows: list[tuple[str, dict[str, Any], str, dict[str, str], str, int, Any]] = [
        (
            "/credit-reception",
            {"amount_in_cents": 1299},
            "collect-credits",
            {},
            "credit_reception",
            12,
            {"credits": 12},
        ),
        (
            "/redeem-giftcards",
            {"amount_in_cents": 1040},
            "pay-with-giftcard",
            {"giftcard": "GIFT50"},
            "giftcard_transaction",
            -1040,
            {"giftcard": {"uuid": card.uuid}, "amount_in_cents": -1040},
        ),
        (
            "/top-up-giftcards",
            {},
            "top-up-giftcard",
            {"giftcard": "GIFT50", "amount": "25"},
            "giftcard_transaction",
            2500,
            {"giftcard": {"uuid": card.uuid}, "amount_in_cents": 2500},
        ),
        (
            "/pay-prepaid",
            {"amount_in_cents": 405},
            "pay-with-prepaid",
            {},
            "prepaid_transaction",
            -405,
            {"amount_in_cents": -405},
        ),
        (
            "/top-up-prepaid",
            {},
            "top-up-prepaid",
            {"amount": "4,5"},
            "prepaid_transaction",
            450,
            {"amount_in_cents": 450},
        ),
        (
            "/vouchers",
            {},
            "redeem-voucher",
            {"voucher": "COFFEE"},
            "voucher_redeemed",
            0,
            {"uuid": coffee.uuid, "code": "COFFEE", "name": "Free coffee"},
        ),
        (
            "",
            {},
            "redeem-voucher",
            {"voucher": "BIRTHDAY"},
            "voucher_redeemed",
            0,
            {"uuid": birthday.uuid, "code": "BIRTHDAY", "name": "Birthday cake"},
        ),
        ("", {}, "claim-reward", {}, "reward_reception", -100, None),
    ]
    for path, parameters, button, fields, kind, amount, data in rows:
        uuid, browser = await start(path, contact_uuid="123", **parameters)
        page = await browser.open()
        assert page.text["contact"] == "ada@example.com"
        assert "disabled" not in page.elements[button]
        for field in fields:
            assert f"{button}-{field}" in page.elements
        page = await browser.press(button, **fields)
        assert ("li", {"data-type": kind}) in page.tags
        (event,) = sandbox.sessions[uuid].events
        assert (event["type"], event["created_at"]) == (
            kind,
            "2026-11-22T12:30:00+00:00",
        )
        if data is None:
            assert event["data"]["reward"] == {"uuid": lunch}
        else:
            assert event["data"] == data
        booked = sandbox.ledger[-1]
        assert (booked.session_uuid, booked.kind, booked.amount) == (uuid, kind, amount)
        assert (booked.time, booked.contact_uuid) == (event["created_at"], "123")
    assert len(sandbox.ledger) == len(rows)
    assert (ada.credits, ada.prepaid) == (250 + 12 - 100, 5000 - 405 + 450)
    assert card.balance == 5000 - 1040 + 2500
    assert birthday.redeemed
    assert not coffee.redeemed


async def test_portal_is_profile_rewards_and_vouchers(start: Any) -> None:
    """In the generic portal, customers can neither collect credits nor pay."""
    _, browser = await start(contact_uuid="123", amount_in_cents=1000)
    page = await browser.open()
    buttons = {attributes["id"] for tag, attributes in page.tags if tag == "button"}
    assert buttons == {"claim-reward", "redeem-voucher"}
    assert (page.text["credits"], page.text["prepaid"]) == ("250", "50.00")
    for button in ("collect-credits", "pay-with-prepaid", "top-up-prepaid"):
        page = await browser.press(button, amount="1")
        assert page.text["error"] == "That cannot be done here."


async def test_credits_need_an_amount(sandbox: Sandbox, start: Any) -> None:
    """Without an amount there is an error instead of credits."""
    uuid, browser = await start("/credit-reception", contact_uuid="123")
    page = await browser.open()
    assert page.text["error"] == "This session has no amount to collect credits for."
    assert "disabled" in page.elements["collect-credits"]
    page = await browser.press("collect-credits", amount="5")
    assert page.text["error"] == "There is nothing to pay."
    assert not sandbox.sessions[uuid].events


async def test_prepaid_needs_an_amount(sandbox: Sandbox, start: Any) -> None:
    """Without an amount there is nothing to pay, and the button is disabled."""
    uuid, browser = await start("/pay-prepaid", contact_uuid="123")
    page = await browser.open()
    assert page.text["amount-due"] == "0.00"
    assert "disabled" in page.elements["pay-with-prepaid"]
    await browser.press("pay-with-prepaid", amount="5")
    assert not sandbox.sessions[uuid].events


async def test_prepaid_pays_what_is_there(sandbox: Sandbox, start: Any) -> None:
    """A balance that is too low pays in part, as on the vendor's page."""
    sandbox.contacts["123"].prepaid = 300
    uuid, browser = await start(
        "/pay-prepaid", contact_uuid="123", amount_in_cents=1040
    )
    assert (await browser.open()).text["amount-due"] == "3.00"
    await browser.press("pay-with-prepaid")
    assert sandbox.ledger[-1].amount == -300
    page = await browser.press("pay-with-prepaid")
    assert page.text["error"] == "There is nothing to pay."
    assert len(sandbox.sessions[uuid].events) == 1


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "x",
        "0",
        "-1",
        "1.005",
        "NaN",
        "Infinity",
        "1e999999",
        "9" * 30,
        "1000000.01",
    ],
)
async def test_wrong_amount(sandbox: Sandbox, start: Any, amount: str) -> None:
    """An invalid amount changes nothing."""
    uuid, browser = await start("/top-up-prepaid", contact_uuid="123")
    page = await browser.press("top-up-prepaid", amount=amount)
    assert page.text["error"] == "That is not an amount."
    assert not sandbox.sessions[uuid].events
    assert not sandbox.ledger


async def test_refused(sandbox: Sandbox, start: Any) -> None:
    """An action needs a contact, and has to belong to the session."""
    uuid, browser = await start("/vouchers")
    page = await browser.press("redeem-voucher")
    assert page.text["error"] == "Please identify first."
    for button in ("collect-credits", "", "nonsense"):
        page = await browser.press(button, amount="1")
        assert page.text["error"] == "That cannot be done here."
    await browser.press("identify-card", card="1000002")
    page = await browser.press("redeem-voucher", voucher="BIRTHDAY")
    assert "belongs to another contact" in page.text["error"]
    page = await browser.press("redeem-voucher", voucher="NOTHING")
    assert page.text["error"] == "The code field is unknown."
    assert not sandbox.sessions[uuid].events


async def test_pay_with_giftcards(sandbox: Sandbox, start: Any) -> None:
    """Several giftcards pay an amount, and no more than that."""
    uuid, browser = await start("/redeem-giftcards", amount_in_cents=1040)
    page = await browser.open()
    assert page.text["amount-due"] == "10.40"
    page = await browser.press("pay-with-giftcard", giftcard="GIFTOLD")
    assert page.text["error"] == "Giftcard is expired."
    page = await browser.press("pay-with-giftcard", giftcard="NOTHING")
    assert page.text["error"] == "Giftcard not found."
    page = await browser.press("pay-with-giftcard", giftcard="GIFT5")
    assert page.text["amount-due"] == "5.40"
    page = await browser.press("pay-with-giftcard", giftcard="GIFT50")
    assert page.text["amount-due"] == "0.00"
    assert "pay-with-giftcard" not in page.elements
    assert [row.amount for row in sandbox.ledger] == [-500, -540]
    assert sandbox.giftcards["GIFT5"].balance == 0
    assert sandbox.giftcards["GIFT50"].balance == 4460
    assert len(sandbox.sessions[uuid].events) == 2


async def test_pay_with_one_giftcard(sandbox: Sandbox, start: Any) -> None:
    """A second giftcard is refused where only one may be used."""
    uuid, browser = await start(
        "/redeem-giftcards", amount_in_cents=1040, allow_multiple_giftcards=False
    )
    await browser.press("pay-with-giftcard", giftcard="GIFT5")
    page = await browser.press("pay-with-giftcard", giftcard="GIFT50")
    assert page.text["error"] == "The uuid field is a second giftcard."
    assert len(sandbox.sessions[uuid].events) == 1


async def test_vendor_page(
    sandbox: Sandbox, client: ClientSession, start: Any, tmp_path: Path
) -> None:
    """A built page is shown instead of the plain one, and reaches no other host."""
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "index.html").write_text("<title>Built</title>")
    (folder / "page.js").write_text("built()")
    (tmp_path / "secret.js").write_text("secret()")
    uuid, _ = await start()
    assets = f"{sandbox.url}/portal-sessions/assets"
    async with client.get(f"{assets}/page.js") as response:
        assert response.status == 404
    sandbox.settings.vendor_page = folder
    async with client.get(sandbox.portal_url(uuid)) as response:
        assert await response.text() == "<title>Built</title>"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert response.headers["Cache-Control"] == "no-store"
    async with client.get(f"{assets}/page.js") as response:
        assert await response.text() == "built()"
    for name in ("nothing.js", "..%2Fsecret.js", "%2e%2e/secret.js"):
        async with client.get(URL(f"{assets}/{name}", encoded=True)) as response:
            assert response.status == 404


async def test_start_page(sandbox: Sandbox, client: ClientSession, post: Post) -> None:
    """The start page has what a person needs, and leads to every session."""
    await post("/portal-sessions/vouchers", {"shop_uuid": SHOP})
    (uuid,) = sandbox.sessions
    async with client.get(f"{sandbox.url}/") as answer:
        text = await answer.text()
    for word in (*sandbox.keys, *sandbox.giftcards, *sandbox.vouchers, "1000001"):
        assert f"<code>{word}</code>" in text
    links = [attributes["href"] for tag, attributes in Page(text).tags if tag == "a"]
    assert links == [sandbox.portal_url(uuid)]
