"""The API of the vendor's page: what it reads and writes, without a key."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession
import pytest

from sandbox import Sandbox, Session
from sandbox.page_api import PAGE_PREFIX
from sandbox.session_types import SESSION_TYPES, PurchaseAmount, SessionType

from .conftest import NOW

SHOP = "2222e1242t3324535"

type Call = Callable[..., Awaitable[Any]]


def create(sandbox: Sandbox, name: str, **parameters: Any) -> Session:
    """Create a session of a type."""
    kind = next(row for row in SESSION_TYPES if row.name == name)
    body = {"shop_uuid": SHOP, **parameters}
    return sandbox.store.create(sandbox.account, kind, body)


@pytest.fixture
async def call(sandbox: Sandbox) -> Any:
    """Return a function that calls the page's API: data, or code and wrong fields."""
    async with ClientSession() as client:

        async def send(
            session: Session | str, method: str, path: str = "", **body: Any
        ) -> Any:
            uuid = session if isinstance(session, str) else session.uuid
            url = f"{sandbox.url}{PAGE_PREFIX}/{uuid}{path}"
            async with client.request(
                method, url, json=body if method != "GET" else None
            ) as response:
                answer = await response.json()
                if response.ok:
                    return answer if isinstance(answer, list) else answer["data"]
                assert response.status == 400
                # The page shows a list of errors for each field.
                errors = answer.get("errors", {})
                assert all(isinstance(each, list) for each in errors.values())
                return answer["code"], *errors

        yield send


async def test_session(sandbox: Sandbox, call: Call) -> None:
    """A session shows its type, and its parameters as they were sent."""
    session = create(
        sandbox, "redeem_giftcard", amount_in_cents=1040, enable_registration=False
    )
    assert await call(session, "GET") == {
        "uuid": session.uuid,
        "type": "REDEEM_GIFTCARD",
        "contact": None,
        "currency": "EUR",
        "events": [],
        "input_data": {"amount_in_cents": 1040, "enable_registration": False},
        "loyalty_program": {"custom_credit_name": "Credits"},
        "results": {"remaining_amount": 1040},
    }
    types = [(await call(create(sandbox, name), "GET"))["type"] for name in TYPES]
    assert types == list(TYPES.values())
    assert await call("unknown", "GET") == (1003, "portal_session_uuid")
    brand = await call(session, "GET", "/brand-kit")
    assert (brand["primary_color"], brand["quaternary_color"]) == ("#5b21b6", None)


TYPES = {
    "portal": "PORTAL",
    "credit_reception": "POINTS_TRANSACTION",
    "top_up_giftcard": "TOP_UP_GIFTCARD",
    "pay_prepaid": "PAY_PREPAID",
    "top_up_prepaid": "TOP_UP_PREPAID",
    "voucher": "VOUCHER",
}


async def test_identification(sandbox: Sandbox, call: Call) -> None:
    """A card or an address identifies; the next read shows the contact's balances."""
    session = create(sandbox, "portal")
    for path in ("/contacts", "/prepaid", "/vouchers", "/contact-identifiers"):
        assert await call(session, "GET", path) == (55031,)
    known = await call(session, "PUT", contact_identifier_value="1000001")
    assert known["contact"] == {"uuid": "123", "email": "ada@example.com"}
    contact = await call(session, "GET", "/contacts?contact_uuid=123")
    assert contact["credit_balance"]["balance"] == 250
    assert contact["prepaid_balance"] == {"balance_in_cents": 5000}
    assert await call(session, "GET", "/contacts?contact_uuid=x") == (55031,)
    assert await call(session, "GET", "/prepaid") == {"balance_in_cents": 5000}
    cards = await call(session, "GET", "/contact-identifiers")
    assert [card["value"] for card in cards] == ["1000001"]
    assert await call(session, "GET", "/contact-attributes") == {"new_elements": []}
    assert await call(session, "GET", "/subscriptions/contact") == []
    known = await call(session, "PUT", email="ben@example.com")
    assert known["contact"]["email"] == "ben@example.com"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (1003, "email")),
        ({"email": "x"}, (1003, "email")),
        ({"email": None}, (1003, "email")),
        ({"contact_identifier_value": 1}, (1003, "contact_identifier_value")),
        ({"email": "stranger@example.com"}, (55031,)),
        ({"contact_identifier_value": "9"}, (60003,)),
        ({"contact_identifier_value": "1000003"}, (60004,)),
        ({"contact_identifier_value": "1000004"}, (60011,)),
        ({"card": "1000001"}, (1003, "card")),
    ],
)
async def test_not_identified(
    sandbox: Sandbox, call: Call, body: dict[str, Any], answer: Any
) -> None:
    """Each way to find no contact has its own error code."""
    session = create(sandbox, "portal")
    assert await call(session, "PUT", **body) == answer
    assert session.contact is None


async def test_registration(sandbox: Sandbox, call: Call) -> None:
    """A customer signs up, and links a card, unless the session strictly forbids it."""
    session = create(sandbox, "portal")
    new = {"email": "new@example.com"}
    card = {"contact_identifier_value": "1000004"}
    link = ("POST", "/contacts/link-identifier")
    assert await call(session, *link, **card, **new) == (55031,)
    assert (await call(session, "POST", "/contacts", **new))["email"] == new["email"]
    assert session.contact is None
    assert (await call(session, *link, **card, **new))["value"] == "1000004"
    assert (await call(session, "PUT", **card))["contact"]["email"] == new["email"]
    assert await call(session, "POST", "/contacts", **new) == (1003, "email")
    taken = {"contact_identifier_value": "1000001"}
    assert await call(session, *link, **taken, **new) == (1003, *taken)
    assert (await call(session, *link, contact_identifier_value="55", **new))["active"]

    session = create(sandbox, "portal", enable_registration=False)
    answer = await call(session, "POST", "/contacts", email="other@example.com")
    assert answer == (1003, "email")


async def test_credits(sandbox: Sandbox, call: Call) -> None:
    """Each whole euro is a credit; without an amount the page posts null."""
    session = create(sandbox, "credit_reception", amount_in_cents=1299)
    path = "/credit-receptions/create"
    assert await call(session, "POST", path, unit_value=12.99) == (55031,)
    sandbox.identify(session.uuid, "123")
    for wrong in (None, "12", 0, -1, True, 1_000_001):
        answer = await call(session, "POST", path, unit_value=wrong)
        assert answer == (1003, "unit_value")
    assert not sandbox.ledger
    assert (await call(session, "POST", path, unit_value=12.99))["credits"] == 12
    assert sandbox.contacts["123"].credits == 262
    (event,) = (await call(session, "GET"))["events"]
    assert (event["type"], event["data"]) == ("credit_reception", {"credits": 12})
    (row,) = await call(session, "GET", "/loyalty-transactions")
    assert (row["type"], row["credits"]) == (1, 12)


async def test_prepaid(sandbox: Sandbox, call: Call) -> None:
    """The balance goes down by what is due, and up by what was typed."""
    session = create(sandbox, "pay_prepaid", amount_in_cents=1040, contact_uuid="123")
    path = "/prepaid/transaction"
    for wrong in (None, "1", 0, 1040, -1041, 10.4):
        answer = await call(session, "POST", path, amount_in_cents=wrong)
        assert answer == (1003, "amount_in_cents")
    paid = await call(
        session, "POST", path, amount_in_cents=-1040, contact_identifier_value="1"
    )
    assert paid["amount_in_cents"] == -1040
    assert paid["prepaid_balance"] == {"balance_in_cents": 3960}
    answer = await call(session, "POST", path, amount_in_cents=-1)
    assert answer == (1003, "amount_in_cents")

    session = create(sandbox, "top_up_prepaid", contact_uuid="123")
    for wrong in (-100, 0, 100_000_001):
        answer = await call(session, "POST", path, amount_in_cents=wrong)
        assert answer == (1003, "amount_in_cents")
    await call(session, "POST", path, amount_in_cents=40)
    assert sandbox.contacts["123"].prepaid == 4000
    assert [row.amount for row in sandbox.ledger] == [-1040, 40]

    # Nothing to pay without an amount, and no more than the balance.
    session = create(sandbox, "pay_prepaid", contact_uuid="123")
    answer = await call(session, "POST", path, amount_in_cents=-1)
    assert answer == (1003, "amount_in_cents")
    session = create(sandbox, "pay_prepaid", amount_in_cents=9000, contact_uuid="123")
    answer = await call(session, "POST", path, amount_in_cents=-4001)
    assert answer == (1003, "amount_in_cents")


async def test_giftcards(sandbox: Sandbox, call: Call) -> None:
    """A giftcard is looked up by its code, and pays what is left, down to its last."""
    session = create(sandbox, "redeem_giftcard", amount_in_cents=1040)
    path = "/giftcards/transaction"
    assert await call(session, "GET", "/giftcards/NOTHING") == (5001,)
    assert await call(session, "GET", "/giftcards/GIFTOLD") == (5002,)
    small = await call(session, "GET", "/giftcards/GIFT5")
    assert (small["hash"], small["amount_in_cents"]) == ("GIFT5", 500)
    answer = await call(session, "POST", path, uuid=small["uuid"], amount_in_cents=-501)
    assert answer == (5003,)
    paid = await call(session, "POST", path, uuid=small["uuid"], amount_in_cents=-500)
    assert paid["card"]["uuid"] == small["uuid"]
    assert (await call(session, "GET"))["results"] == {"remaining_amount": 540}
    large = await call(session, "GET", "/giftcards/GIFT50")
    for wrong in (-541, 540, 0, None):
        answer = await call(
            session, "POST", path, uuid=large["uuid"], amount_in_cents=wrong
        )
        assert answer == (1003, "amount_in_cents")
    await call(session, "POST", path, uuid=large["uuid"], amount_in_cents=-540)
    assert (await call(session, "GET"))["results"] == {"remaining_amount": 0}
    assert [row.reference for row in sandbox.ledger] == [small["uuid"], large["uuid"]]

    session = create(sandbox, "top_up_giftcard")
    answer = await call(session, "POST", path, uuid=small["uuid"], amount_in_cents=-1)
    assert answer == (1003, "amount_in_cents")
    await call(session, "POST", path, uuid=small["uuid"], amount_in_cents=2500)
    assert sandbox.giftcards["GIFT5"].balance == 2500
    sandbox.giftcards["GIFT5"].expires = NOW + timedelta(seconds=1)
    assert await call(session, "GET", "/giftcards/GIFT5")
    sandbox.giftcards["GIFT5"].expires = NOW
    answer = await call(session, "POST", path, uuid=small["uuid"], amount_in_cents=1)
    assert answer == (5002,)


async def test_vouchers(sandbox: Sandbox, call: Call) -> None:
    """A voucher is checked, then redeemed once, by its owner."""
    session = create(sandbox, "voucher")
    found = await call(session, "GET", "/vouchers/check/BIRTHDAY")
    assert found == await call(session, "GET", "/vouchers/BIRTHDAY")
    assert found["status"] == "ACTIVE"
    assert found["contact"]["email"] == "ada@example.com"
    assert (await call(session, "GET", "/vouchers/check/COFFEE"))["contact"] is None
    assert await call(session, "GET", "/vouchers/check/NOTHING") == (1003, "code")
    redeem = ("POST", "/vouchers/redeem")
    assert await call(session, *redeem, code="BIRTHDAY") == (55031,)
    await call(session, "PUT", email="ben@example.com")
    assert await call(session, *redeem, code="BIRTHDAY") == (1003, "code")
    await call(session, "PUT", email="ada@example.com")
    listed = await call(session, "GET", "/vouchers")
    assert [row["code"] for row in listed] == ["BIRTHDAY"]
    redeemed = await call(session, *redeem, code="BIRTHDAY")
    assert (redeemed["status"], redeemed["is_redeemed"]) == ("REDEEMED", True)
    assert await call(session, *redeem, code="BIRTHDAY") == (1003, "code")
    for _ in range(2):
        again = await call(session, *redeem, code="COFFEE")
        assert again["status"] == "ACTIVE"
    assert [row.reference for row in sandbox.ledger] == ["BIRTHDAY", "COFFEE", "COFFEE"]


async def test_rewards(sandbox: Sandbox, call: Call) -> None:
    """Credits buy a reward, as long as there are enough."""
    session = create(sandbox, "portal", contact_uuid="123")
    lunch, weekend = await call(session, "GET", "/rewards")
    assert (lunch["title"], lunch["required_credits"]) == ("Free lunch", 100)
    claim = ("POST", "/rewards/claim")
    assert await call(session, *claim, uuid=weekend["uuid"]) == (1003, "uuid")
    assert await call(session, *claim, uuid="unknown") == (1003, "uuid")
    for _ in range(2):
        assert (await call(session, *claim, uuid=lunch["uuid"]))[
            "title"
        ] == "Free lunch"
    assert await call(session, *claim, uuid=lunch["uuid"]) == (1003, "uuid")
    assert sandbox.contacts["123"].credits == 50
    rows = await call(session, "GET", "/loyalty-transactions")
    assert [row["loyalty_transaction_data"]["title"] for row in rows] == [
        "Free lunch",
        "Free lunch",
    ]


# The names of the plain page's actions in the page's API.
PATHS = {
    "collect-credits": "/credit-receptions/create",
    "claim-reward": "/rewards/claim",
    "redeem-voucher": "/vouchers/redeem",
    "pay-with-giftcard": "/giftcards/transaction",
    "top-up-giftcard": "/giftcards/transaction",
    "pay-with-prepaid": "/prepaid/transaction",
    "top-up-prepaid": "/prepaid/transaction",
}


@pytest.mark.parametrize("row", SESSION_TYPES, ids=lambda row: row.name)
async def test_each_type_does_its_own(
    sandbox: Sandbox, call: Call, row: SessionType
) -> None:
    """A session does only what its type is for, as on the plain page."""
    sandbox.contacts["123"].credits = 100
    takes_amount = row.purchase_amount is not PurchaseAmount.NONE
    more = {"amount_in_cents": 100} if takes_amount else {}
    session = create(sandbox, row.name, contact_uuid="123", **more)
    cents = -100 if row.name.startswith(("redeem", "pay")) else 100
    calls: dict[str, dict[str, Any]] = {
        "/credit-receptions/create": {"unit_value": 1},
        "/giftcards/transaction": {
            "uuid": sandbox.giftcards["GIFT50"].uuid,
            "amount_in_cents": cents,
        },
        "/prepaid/transaction": {"amount_in_cents": cents},
        "/vouchers/redeem": {"code": "COFFEE"},
        "/rewards/claim": {"uuid": next(iter(sandbox.rewards))},
    }
    done = {
        path
        for path, body in calls.items()
        if not isinstance(await call(session, "POST", path, **body), tuple)
    }
    offered = {PATHS[name] for name in row.actions}
    assert done == offered != set()


async def test_only_json(sandbox: Sandbox) -> None:
    """Bodies that are not JSON are refused, and so are unknown paths."""
    session = create(sandbox, "portal")
    url = f"{sandbox.url}{PAGE_PREFIX}/{session.uuid}"
    async with ClientSession() as client:
        async with client.put(url, data={"email": "ada@example.com"}) as response:
            assert (response.status, (await response.json())["code"]) == (400, 1003)
        async with client.get(f"{url}/nothing") as response:
            assert response.status == 404
            assert response.content_type == "application/json"
