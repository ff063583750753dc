"""A customer uses the portal page as a browser would."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple

from aiohttp import ClientSession
import pytest

from sandbox import Sandbox
from sandbox.actions import GIFTCARD, RECEPTION, REWARD, VOUCHER

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
    """The page is not kept, and its address, which is a capability, goes nowhere."""
    uuid, _ = await start()
    async with client.get(sandbox.portal_url(uuid)) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


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
    """A card that leads to nobody identifies nobody."""
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


class Row(NamedTuple):
    """A button of a type's page, what is put in, and the event that it leads to."""

    path: str
    button: str
    amount: str
    event_type: str
    data: Mapping[str, object]


@pytest.mark.parametrize(
    "row",
    [
        Row(
            "/credit-reception",
            "collect-credits",
            "12",
            "credit_reception",
            {"credits": 12},
        ),
        Row(
            "/top-up-giftcards",
            "top-up-giftcard",
            "25",
            "giftcard_transaction",
            {"giftcard": {"uuid": GIFTCARD}, "amount_in_cents": 2500},
        ),
        Row(
            "/pay-prepaid",
            "pay-with-prepaid",
            "4.05",
            "prepaid_transaction",
            {"amount_in_cents": -405},
        ),
        Row(
            "/top-up-prepaid",
            "top-up-prepaid",
            "4,5",
            "prepaid_transaction",
            {"amount_in_cents": 450},
        ),
        Row("/vouchers", "redeem-voucher", "", "voucher_redeemed", VOUCHER),
        Row(
            "",
            "claim-reward",
            "",
            "reward_reception",
            {"uuid": RECEPTION, "reward": {"uuid": REWARD}},
        ),
        Row(
            "",
            "pay-with-giftcard",
            "1",
            "giftcard_transaction",
            {"giftcard": {"uuid": GIFTCARD}, "amount_in_cents": -100},
        ),
    ],
    ids=lambda row: row.button,
)
async def test_action(start: Any, get: Get, row: Row) -> None:
    """A button leads to an event of the documented shape."""
    uuid, browser = await start(row.path, contact_uuid="123")
    page = await browser.open()
    assert page.text["contact"] == "ada@example.com"
    assert "disabled" not in page.elements[row.button]
    assert (f"{row.button}-amount" in page.elements) == bool(row.amount)
    page = await browser.press(row.button, amount=row.amount)
    assert ("li", {"data-type": row.event_type}) in page.tags
    _, answer = await get(f"/portal-sessions/{uuid}")
    assert answer["data"]["events"] == [
        {
            "type": row.event_type,
            "data": row.data,
            "created_at": "2026-11-22T12:30:00+00:00",
        }
    ]


async def test_portal_offers_everything(start: Any) -> None:
    """The generic portal has a button for each action."""
    _, browser = await start()
    page = await browser.open()
    buttons = {attributes["id"] for tag, attributes in page.tags if tag == "button"} - {
        "identify-card"
    }
    assert buttons == {
        "collect-credits",
        "claim-reward",
        "redeem-voucher",
        "pay-with-giftcard",
        "top-up-giftcard",
        "pay-with-prepaid",
        "top-up-prepaid",
    }


@pytest.mark.parametrize(
    "amount", ["", "x", "0", "-1", "1.5", "NaN", "Infinity", "1e999999", "9" * 30]
)
async def test_wrong_amount(sandbox: Sandbox, start: Any, amount: str) -> None:
    """What is no amount leads to no event."""
    uuid, browser = await start("/credit-reception", contact_uuid="123")
    page = await browser.press("collect-credits", amount=amount)
    assert page.text["error"] == "That is not an amount."
    assert not sandbox.sessions[uuid].events


async def test_refused(sandbox: Sandbox, start: Any) -> None:
    """An action needs a contact, and has to belong to the session."""
    uuid, browser = await start("/vouchers")
    page = await browser.press("redeem-voucher")
    assert page.text["error"] == "Please identify first."
    for button in ("collect-credits", "", "nonsense"):
        page = await browser.press(button, amount="1")
        assert page.text["error"] == "That cannot be done here."
    assert not sandbox.sessions[uuid].events


async def test_pay_with_giftcards(sandbox: Sandbox, start: Any) -> None:
    """Several giftcards pay an amount, and no more than that."""
    uuid, browser = await start("/redeem-giftcards", amount_in_cents=1040)
    page = await browser.open()
    assert page.text["amount-due"] == "10.40"
    assert page.elements["pay-with-giftcard-amount"]["value"] == "10.40"
    page = await browser.press("pay-with-giftcard", amount="10.41")
    assert page.text["error"] == "That is more than is to be paid."
    page = await browser.press("pay-with-giftcard", amount="10")
    assert page.text["amount-due"] == "0.40"
    page = await browser.press("pay-with-giftcard", amount="0.40")
    assert page.text["amount-due"] == "0.00"
    assert "pay-with-giftcard" not in page.elements
    amounts = [
        event["data"]["amount_in_cents"] for event in sandbox.sessions[uuid].events
    ]
    assert amounts == [-1000, -40]


async def test_pay_with_one_giftcard(sandbox: Sandbox, start: Any) -> None:
    """One giftcard pays all where only one may be used."""
    uuid, browser = await start(
        "/redeem-giftcards", amount_in_cents=1040, allow_multiple_giftcards=False
    )
    page = await browser.press("pay-with-giftcard", amount="10")
    assert page.text["error"] == "One giftcard has to pay it all."
    await browser.press("pay-with-giftcard", amount="10.40")
    assert len(sandbox.sessions[uuid].events) == 1
