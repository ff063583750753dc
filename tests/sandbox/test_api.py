"""The calls of the API answer as Piggy's documents say."""

from typing import Any

from aiohttp import ClientSession, FormData
import pytest

from sandbox import Account, Sandbox
from sandbox.api import PREFIX

from .conftest import Get, Post

SHOP = "2222e1242t3324535"
PATHS = [
    "/portal-sessions",
    "/portal-sessions/credit-reception",
    "/portal-sessions/redeem-giftcards",
    "/portal-sessions/top-up-giftcards",
    "/portal-sessions/pay-prepaid",
    "/portal-sessions/top-up-prepaid",
    "/portal-sessions/vouchers",
]


def _error(code: int, message: str) -> tuple[int, dict[str, Any]]:
    return 400, {"message": message, "code": code, "status_code": 400}


def _body(path: str) -> dict[str, Any]:
    body: dict[str, Any] = {"shop_uuid": SHOP}
    if path.endswith("redeem-giftcards"):
        body["amount_in_cents"] = 1040
    return body


async def test_health(get: Get, sandbox: Sandbox) -> None:
    """The health check names the account, as far as it is known."""
    assert await get("") == (
        200,
        {
            "data": {"company": "Piggy Sandbox", "id": 1, "uuid": "piggy-sandbox"},
            "meta": [],
        },
    )
    sandbox.account.uuid = None
    sandbox.account.id = None
    assert (await get(""))[1]["data"] == {"company": "Piggy Sandbox"}


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic sandbox-key", "sandbox-key"]
)
@pytest.mark.parametrize("path", ["", "/shops", "/no-such-call"])
async def test_wrong_key(
    sandbox: Sandbox, client: ClientSession, authorization: str, path: str
) -> None:
    """Without a valid key every call is refused."""
    async with client.get(
        f"{sandbox.url}{PREFIX}{path}", headers={"Authorization": authorization}
    ) as response:
        assert response.status == 401
        assert "data" not in await response.json()


async def test_keys_change(get: Get, sandbox: Sandbox) -> None:
    """A key can expire, and come back for another account."""
    sandbox.remove_key("sandbox-key")
    assert (await get(""))[0] == 401
    sandbox.add_key("sandbox-key", Account("Somebody else"))
    assert (await get(""))[1]["data"]["company"] == "Somebody else"
    assert (await get("/shops"))[1]["data"] == []


async def test_shops(get: Get, sandbox: Sandbox) -> None:
    """Shops are listed and shown."""
    status, answer = await get("/shops")
    assert status == 200
    assert answer["meta"] == []
    assert [(shop["name"], shop["type"]) for shop in answer["data"]] == [
        ("Sesame Street", "physical"),
        ("Amsterdam Pop-up Store", "physical"),
        ("Web shop", "web"),
    ]
    assert [shop["reference"] for shop in answer["data"]] == ["", None, "webshop"]
    for shop in answer["data"]:
        assert await get(f"/shops/{shop['uuid']}") == (200, {"data": shop, "meta": []})

    added = sandbox.add_shop("New", type="popup")
    assert (await get("/shops"))[1]["data"][-1] == {
        "uuid": added.uuid,
        "name": "New",
        "type": "popup",
        "reference": None,
    }
    sandbox.remove_shop(added.uuid)
    assert await get(f"/shops/{added.uuid}") == _error(1008, "Shop not found.")


async def test_contacts(get: Get) -> None:
    """Contacts are found by uuid and by address."""
    ada = {"data": {"uuid": "123", "email": "ada@example.com"}, "meta": []}
    assert await get("/contacts/123") == (200, ada)
    assert await get("/contacts/find-one-by?email=ada@example.com") == (200, ada)
    unknown = _error(55031, "Contact not found.")
    assert await get("/contacts/stranger") == unknown
    assert await get("/contacts/find-one-by?email=stranger@example.com") == unknown
    for query in ("", "?email=", "?email=ada"):
        status, answer = await get(f"/contacts/find-one-by{query}")
        assert (status, answer["code"]) == (400, 1003)
        assert list(answer["errors"]) == ["email"]


async def test_people_come_and_go(get: Get, sandbox: Sandbox) -> None:
    """Contacts and cards can be added, changed and removed at run time."""
    eve = sandbox.add_contact("eve@example.com", uuid="eve")
    sandbox.add_identifier("77", eve, name="Ring")
    path = "/contact-identifiers/find?contact_identifier_value=77"
    assert (await get(path))[1]["data"] == {
        "name": "Ring",
        "value": "77",
        "active": True,
        "contact": {"uuid": "eve", "email": "eve@example.com"},
    }
    sandbox.identifiers["77"].active = False
    assert (await get(path))[1]["code"] == 60004
    del sandbox.contacts["eve"]
    assert (await get("/contacts/eve"))[1]["code"] == 55031


async def test_identifiers(get: Get) -> None:
    """A card leads to its contact, unless it has none or is not in use."""
    path = "/contact-identifiers/find?contact_identifier_value="
    card = {"name": "Loyalty card", "active": True}
    ada = {"uuid": "123", "email": "ada@example.com"}
    assert await get(f"{path}1000001") == (
        200,
        {"data": card | {"value": "1000001", "contact": ada}, "meta": []},
    )
    assert await get(f"{path}1000004") == (
        200,
        {"data": card | {"value": "1000004", "contact": None}, "meta": []},
    )
    assert await get(f"{path}9") == _error(60003, "Contact identifier not found.")
    assert await get(f"{path}1000003") == _error(
        60004, "Contact identifier is inactive."
    )
    assert (await get(path))[1]["code"] == 1003


@pytest.mark.parametrize("path", PATHS)
async def test_create(get: Get, post: Post, sandbox: Sandbox, path: str) -> None:
    """Every kind of session is created, and can be read again."""
    status, answer = await post(path, _body(path))
    assert status == 201
    uuid = answer["data"]["uuid"]
    assert answer == {
        "data": {
            "uuid": uuid,
            "url": f"{sandbox.url}/portal-sessions?uuid={uuid}",
            "contact": None,
            "shop": {
                "id": 243,
                "uuid": SHOP,
                "reference": "",
                "name": "Sesame Street",
            },
            "events": [],
            "created_at": "2026-11-22T12:30:00+00:00",
        },
        "meta": [],
    }
    assert await get(f"/portal-sessions/{uuid}") == (200, answer)
    _, second = await post(path, _body(path))
    assert second["data"]["uuid"] != uuid


async def test_create_with_everything(post: Post, sandbox: Sandbox) -> None:
    """Every documented parameter is taken, and kept beside the defaults."""
    given = {
        "shop_uuid": SHOP,
        "contact_uuid": "123",
        "scanner_type": "hand_scanner",
        "enable_email_identification": True,
        "enable_registration": True,
        "enable_on_screen_keyboard": True,
        "camera_service": 1,
        "facing_mode": "environment",
        "primary_identification_method": "email",
        "amount_in_cents": 1040,
        "allow_multiple_giftcards": False,
    }
    sandbox.settings.created_status = 200
    status, answer = await post("/portal-sessions/redeem-giftcards", given)
    assert status == 200
    assert answer["data"]["contact"] == {"uuid": "123"}
    session = sandbox.sessions[answer["data"]["uuid"]]
    assert given.items() <= session.parameters.items()
    assert session.type.name == "redeem_giftcard"

    _, answer = await post("/portal-sessions", {"shop_uuid": SHOP})
    assert (
        sandbox.sessions[answer["data"]["uuid"]].parameters.items()
        >= {
            "shop_uuid": SHOP,
            "scanner_type": "camera",
            "enable_email_identification": False,
            "enable_registration": False,
            "enable_on_screen_keyboard": False,
            "camera_service": 3,
            "facing_mode": "user",
            "primary_identification_method": "identifier",
        }.items()
    )


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (PATHS[0], {"shop_uuid": 1}),
        (PATHS[0], {"shop_uuid": ""}),
        (PATHS[0], {"contact_uuid": None}),
        (PATHS[0], {"scanner_type": "laser"}),
        (PATHS[0], {"enable_email_identification": "true"}),
        (PATHS[0], {"enable_registration": 1}),
        (PATHS[0], {"enable_on_screen_keyboard": None}),
        (PATHS[0], {"camera_service": 4}),
        (PATHS[0], {"camera_service": "1"}),
        (PATHS[0], {"camera_service": True}),
        (PATHS[0], {"facing_mode": ["user"]}),
        (PATHS[0], {"primary_identification_method": "card"}),
        *(
            (path, {"amount_in_cents": amount})
            for path in (PATHS[0], PATHS[1], PATHS[4])
            for amount in (0, 100_000_001, "1040", 10.4, None)
        ),
        *((path, {"amount_in_cents": 100}) for path in (PATHS[3], *PATHS[5:])),
        *(
            (path, {"allow_multiple_giftcards": True})
            for path in PATHS
            if path != PATHS[2]
        ),
        (PATHS[0], {"self": "unknown"}),
        (PATHS[2], {"amount_in_cents": "1040"}),
        (PATHS[2], {"amount_in_cents": 10.4}),
        (PATHS[2], {"amount_in_cents": 0}),
        (PATHS[2], {"amount_in_cents": 100_000_001}),
        (PATHS[2], {"amount_in_cents": True}),
        (PATHS[2], {"allow_multiple_giftcards": 0}),
    ],
)
async def test_create_invalid(
    post: Post, sandbox: Sandbox, path: str, change: dict[str, Any]
) -> None:
    """A wrong value is refused by name, and no session is created."""
    status, answer = await post(path, _body(path) | change)
    (name,) = change
    assert status == 400
    assert answer == {
        "message": "Invalid input.",
        "code": 1003,
        "status_code": 400,
        "errors": {name: answer["errors"][name]},
    }
    assert name in answer["errors"][name][0]
    assert not sandbox.sessions


@pytest.mark.parametrize("path", [PATHS[0], PATHS[1], PATHS[4]])
async def test_optional_amount(post: Post, sandbox: Sandbox, path: str) -> None:
    """Three types take an amount and work without one, up to a million euros."""
    for amount in (1, 100_000_000):
        body = {"shop_uuid": SHOP, "amount_in_cents": amount}
        _, answer = await post(path, body)
        session = sandbox.sessions[answer["data"]["uuid"]]
        assert session.parameters["amount_in_cents"] == amount
    _, answer = await post(path, {"shop_uuid": SHOP})
    assert "amount_in_cents" not in sandbox.sessions[answer["data"]["uuid"]].parameters


async def test_create_names_every_field(post: Post) -> None:
    """All invalid fields are reported in one error."""
    _, answer = await post(PATHS[2], {"camera_service": 9})
    assert set(answer["errors"]) == {"shop_uuid", "amount_in_cents", "camera_service"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[]", "application/json"),
        (b"", "application/json"),
        (b'{"shop_uuid": NaN}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"shop_uuid": "\xff"}', "application/json"),
        (b'{"shop_uuid": "123123"}', "text/plain"),
    ],
)
async def test_create_not_json(
    sandbox: Sandbox, client: ClientSession, body: bytes, content_type: str
) -> None:
    """Only a JSON object is taken."""
    async with client.post(
        f"{sandbox.url}{PREFIX}/portal-sessions",
        data=body,
        headers={"Content-Type": content_type},
    ) as response:
        assert response.status == 400
        answer = await response.json()
    assert answer["code"] == 1003
    assert list(answer["errors"]) == ["body"]


@pytest.mark.parametrize("path", PATHS)
async def test_create_as_form(
    sandbox: Sandbox, client: ClientSession, path: str
) -> None:
    """A form works like JSON, with booleans and numbers as text."""
    url = f"{sandbox.url}{PREFIX}{path}"
    form = {name: str(value) for name, value in _body(path).items()}
    form |= {"enable_registration": "0", "enable_on_screen_keyboard": "true"}
    multipart = FormData(form, default_to_multipart=True)
    for data in (form, multipart):
        async with client.post(url, data=data) as response:
            assert response.status == 201
            uuid = (await response.json())["data"]["uuid"]
        session = sandbox.sessions[uuid]
        sent = _body(path)
        sent |= {"enable_registration": False, "enable_on_screen_keyboard": True}
        assert session.sent == sent
        assert session.parameters["camera_service"] == 3
    form |= {"camera_service": "5", "enable_registration": "off"}
    async with client.post(url, data=form) as response:
        errors = (await response.json())["errors"]
    assert set(errors) == {"camera_service", "enable_registration"}


async def test_json_only(sandbox: Sandbox, client: ClientSession, post: Post) -> None:
    """A setting refuses what is not JSON, to hold our own client to it."""
    sandbox.settings.json_only = True
    async with client.post(
        f"{sandbox.url}{PREFIX}/portal-sessions", data={"shop_uuid": SHOP}
    ) as response:
        answer = await response.json()
    assert (answer["code"], list(answer["errors"])) == (1003, ["body"])
    assert (await post("/portal-sessions", {"shop_uuid": SHOP}))[0] == 201


async def test_brand_kit(get: Get, sandbox: Sandbox) -> None:
    """Colors and logos are shown as the API spells them, null where there is none."""
    sandbox.account.brand_kit.large_logo_url = "https://example.com/logo.png"
    _, answer = await get("/brand-kit")
    assert answer["data"] == {
        "small_logo_url": None,
        "large_logo_url": "https://example.com/logo.png",
        "primary_color": "#5b21b6",
        "secondary_color": "#0f766e",
        "tertiary_color": None,
        "quarternary_color": None,
        "font_family": None,
    }


async def test_other_codes(get: Get, sandbox: Sandbox) -> None:
    """Settings answer with the codes that the documents leave open."""
    sandbox.settings.unknown_session_code = 60013
    assert (await get("/portal-sessions/x"))[1]["code"] == 60013
    sandbox.settings.wrong_key_code = 7011
    sandbox.remove_key("sandbox-key")
    assert await get("/shops") == _error(7011, "User has no access to this account.")


async def test_headers(sandbox: Sandbox, client: ClientSession) -> None:
    """Every answer carries the headers of the settings, a refusal too."""
    sandbox.settings.headers = {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "9",
    }
    for path in ("/shops", "/shops/x", "/nothing"):
        async with client.get(f"{sandbox.url}{PREFIX}{path}") as response:
            assert response.headers["X-RateLimit-Remaining"] == "9"


@pytest.mark.parametrize("path", PATHS)
async def test_create_not_found(post: Post, sandbox: Sandbox, path: str) -> None:
    """An unknown shop or contact has a code of its own."""
    assert await post(path, _body(path) | {"shop_uuid": "x"}) == _error(
        1008, "Shop not found."
    )
    assert await post(path, _body(path) | {"contact_uuid": "x"}) == _error(
        55031, "Contact not found."
    )
    assert not sandbox.sessions


async def test_unknown_session(get: Get, post: Post, sandbox: Sandbox) -> None:
    """A session that is not there, or is another account's, is invalid input."""
    assert (await get("/portal-sessions/x"))[1]["code"] == 1003
    _, answer = await post("/portal-sessions", {"shop_uuid": SHOP})
    uuid = answer["data"]["uuid"]
    sandbox.add_key("sandbox-key", Account("Somebody else"))
    assert (await get(f"/portal-sessions/{uuid}"))[1]["code"] == 1003
    sandbox.add_key("sandbox-key")
    assert (await get(f"/portal-sessions/{uuid}"))[0] == 200
    sandbox.remove_session(uuid)
    assert (await get(f"/portal-sessions/{uuid}"))[1]["code"] == 1003


async def test_session_lives(get: Get, post: Post, sandbox: Sandbox) -> None:
    """A contact and events appear on the next read."""
    _, answer = await post("/portal-sessions/vouchers", {"shop_uuid": SHOP})
    uuid = answer["data"]["uuid"]
    sandbox.identify(uuid, "123")
    sandbox.add_event(uuid, "voucher_redeemed", {"code": "X"})
    _, answer = await get(f"/portal-sessions/{uuid}")
    assert answer["data"]["contact"] == {"uuid": "123"}
    assert answer["data"]["events"] == [
        {
            "type": "voucher_redeemed",
            "data": {"code": "X"},
            "created_at": "2026-11-22T12:30:00+00:00",
        }
    ]
    sandbox.settings.omit_events = True
    assert "events" not in (await get(f"/portal-sessions/{uuid}"))[1]["data"]


async def test_url_for(post: Post, sandbox: Sandbox) -> None:
    """A session's url is whatever a test wants it to be."""
    overrides = {
        "javascript:alert(1)": "javascript:alert(1)",
        "https://long.example/{uuid}": "https://long.example/{}",
        "": "",
    }
    for override, expected in overrides.items():
        sandbox.settings.url_for = override
        _, answer = await post("/portal-sessions", {"shop_uuid": SHOP})
        assert answer["data"]["url"] == expected.format(answer["data"]["uuid"])
    sandbox.settings.url_for = lambda uuid: uuid[::-1]
    _, answer = await post("/portal-sessions", {"shop_uuid": SHOP})
    assert answer["data"]["url"] == answer["data"]["uuid"][::-1]


async def test_no_such_call(get: Get, post: Post) -> None:
    """There is no list, and no other call."""
    assert (await get("/portal-sessions"))[0] == 405
    assert (await get("/nothing"))[0] == 404
    assert (await post("/portal-sessions/nothing", {}))[0] == 405
