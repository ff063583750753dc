"""A test in another process can do over HTTP what one in the same process can."""

from base64 import b64encode
from typing import Any

from aiohttp import ClientSession
import pytest

from sandbox import Sandbox

from .conftest import Get, Post


@pytest.fixture
def admin(sandbox: Sandbox, client: ClientSession) -> Any:
    """Return a function that calls the admin API: status and JSON, if there is any."""

    async def call(method: str, path: str, body: object = None) -> tuple[int, Any]:
        url = f"{sandbox.url}/sandbox{path}"
        async with client.request(method, url, json=body) as response:
            answer = await response.json() if response.status != 204 else None
            return response.status, answer

    return call


async def test_state(admin: Any, post: Post, sandbox: Sandbox) -> None:
    """The state lists all data."""
    await post("/portal-sessions", {"shop_uuid": "123123"})
    status, state = await admin("GET", "/state")
    assert status == 200
    assert state["url"] == sandbox.url
    assert state["keys"] == ["sandbox-key"]
    assert state["account"]["company"] == "Piggy Sandbox"
    assert len(state["shops"]) == 3
    assert len(state["contacts"]) == 3
    assert len(state["identifiers"]) == 4
    (session,) = state["sessions"]
    assert session["type"] == "portal"
    assert session["url"].startswith(sandbox.url)
    assert session["parameters"]["camera_service"] == 3


async def test_requests(admin: Any, post: Post, sandbox: Sandbox) -> None:
    """Requests are listed and cleared; reading the list is not recorded."""
    await post("/portal-sessions", {"shop_uuid": "123123"})
    _, (request,) = await admin("GET", "/requests")
    assert request["method"] == "POST"
    assert request["path"].endswith("/portal-sessions")
    assert request["json"] == {"shop_uuid": "123123"}
    assert request["headers"]["Authorization"] == "Bearer sandbox-key"
    assert request["time"] > 0
    assert await admin("DELETE", "/requests") == (204, None)
    assert sandbox.requests == []


async def test_faults(admin: Any, get: Get, client: ClientSession) -> None:
    """Faults are queued, shown and cleared."""
    fault = {
        "kind": "code",
        "code": 5001,
        "path": "shops",
        "times": 2,
        "errors": {"field": "text", "other": ["list"]},
    }
    assert (await admin("POST", "/faults", fault))[0] == 201
    assert (await get(""))[0] == 200
    _, answer = await get("/shops")
    assert answer["code"] == 5001
    assert answer["errors"] == fault["errors"]
    _, (pending,) = await admin("GET", "/faults")
    assert (pending["kind"], pending["times"]) == ("code", 1)
    assert await admin("DELETE", "/faults") == (204, None)
    assert (await get("/shops"))[0] == 200

    raw = {"kind": "raw", "body_base64": b64encode(b"\xff\x00").decode()}
    assert (await admin("POST", "/faults", raw))[0] == 201
    async with client.get("shops") as response:
        assert await response.read() == b"\xff\x00"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "nonsense"},
        {"kind": "status"},
        {"kind": "status", "status": 42},
        {"kind": 1},
        {"kind": "html", "path": 1},
        {"kind": "html", "times": "1"},
        {"kind": "status", "status": 600},
        {"kind": "raw", "body_base64": "!"},
        {"kind": "raw", "headers": {"Retry-After": 3}},
        {"kind": "code", "errors": {"field": 3}},
        {"kind": "delay", "delay": -1},
        {"kind": "delay", "delay": "1"},
        {"kind": "html", "times": -1},
        {"kind": "html", "handled": 1},
        {"kind": "html", "unknown": 1},
    ],
)
async def test_wrong_fault(admin: Any, sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    """A fault that could never happen is refused."""
    status, answer = await admin("POST", "/faults", wrong)
    assert (status, answer["code"]) == (400, 1003)
    assert sandbox.faults == []


async def test_settings(admin: Any, post: Post, get: Get) -> None:
    """Settings change one by one."""
    assert await admin("PATCH", "/settings", {"url_for": "x:{uuid}"}) == (204, None)
    assert (await admin("PATCH", "/settings", {"omit_events": True}))[0] == 204
    assert (await admin("PATCH", "/settings", {"created_status": 200}))[0] == 204
    status, answer = await post("/portal-sessions", {"shop_uuid": "123123"})
    uuid = answer["data"]["uuid"]
    assert (status, answer["data"]["url"]) == (200, f"x:{uuid}")
    assert "events" not in (await get(f"/portal-sessions/{uuid}"))[1]["data"]
    assert (await admin("PATCH", "/settings", {"omit_events": 1}))[0] == 400
    assert (await admin("PATCH", "/settings", {"url_for": None}))[0] == 204
    _, answer = await get(f"/portal-sessions/{uuid}")
    assert answer["data"]["url"].startswith("http://127.0.0.1:")


async def test_variants(admin: Any, post: Post, get: Get, sandbox: Sandbox) -> None:
    """What the documents leave open is set from outside too."""
    changes = {
        "json_only": True,
        "unknown_session_code": 60013,
        "headers": {"X-RateLimit-Limit": "5000"},
        "refuse_framing": True,
        "wrong_key_code": 7011,
    }
    assert (await admin("PATCH", "/settings", changes))[0] == 204
    assert {name: getattr(sandbox.settings, name) for name in changes} == changes
    assert (await get("/portal-sessions/x"))[1]["code"] == 60013
    for wrong in ({"headers": {"x": 1}}, {"vendor_page": "x"}, {"base_url": 1}):
        assert (await admin("PATCH", "/settings", wrong))[0] == 400


async def test_ledger(admin: Any, post: Post, sandbox: Sandbox) -> None:
    """What was paid is read from outside too, and so is a giftcard added."""
    card = {"hash": "NEW", "balance": 700}
    assert (await admin("POST", "/giftcards", card))[0] == 201
    path, body = "redeem-giftcards", {"shop_uuid": "123123", "amount_in_cents": 500}
    _, answer = await post(f"/portal-sessions/{path}", body)
    session = sandbox.sessions[answer["data"]["uuid"]]
    sandbox.payments.move_giftcard(session, sandbox.giftcards["NEW"], -500)
    _, (row,) = await admin("GET", "/ledger")
    assert (row["session_uuid"], row["amount"]) == (session.uuid, -500)
    assert row["kind"] == "giftcard_transaction"


async def test_data(admin: Any, get: Get, post: Post) -> None:
    """Shops, contacts, cards and keys come and go."""
    shop = {"name": "New", "uuid": "new", "type": "popup", "reference": "r"}
    assert await admin("POST", "/shops", shop) == (201, shop)
    assert (await get("/shops/new"))[1]["data"] == shop
    assert await admin("DELETE", "/shops/new") == (204, None)
    assert (await get("/shops/new"))[1]["code"] == 1008

    status, contact = await admin("POST", "/contacts", {"email": "eve@example.com"})
    assert status == 201
    card = {"value": "77", "contact_uuid": contact["uuid"], "name": "Ring"}
    status, answer = await admin("POST", "/identifiers", card)
    assert (status, answer["contact"]) == (201, contact)
    _, answer = await get("/contact-identifiers/find?contact_identifier_value=77")
    assert answer["data"]["name"] == "Ring"
    assert (await admin("DELETE", f"/contacts/{contact['uuid']}"))[0] == 204
    _, answer = await post(
        "/portal-sessions", {"shop_uuid": "123123", "contact_uuid": contact["uuid"]}
    )
    assert answer["code"] == 55031
    card = {"value": "78", "contact_uuid": "stranger"}
    assert (await admin("POST", "/identifiers", card))[1]["code"] == 55031

    assert (await admin("DELETE", "/keys/sandbox-key"))[0] == 204
    assert (await get(""))[0] == 401
    assert (await admin("POST", "/keys", {"key": "sandbox-key"}))[0] == 201
    assert (await get(""))[0] == 200


async def test_sessions(admin: Any, get: Get, post: Post) -> None:
    """A customer can be played from outside."""
    _, answer = await post("/portal-sessions", {"shop_uuid": "123123"})
    uuid = answer["data"]["uuid"]
    path = f"/sessions/{uuid}"
    assert (await admin("POST", f"{path}/identify", {"contact_uuid": "123"}))[0] == 204
    event = {"type": "credit_reception", "data": {"credits": 3}}
    status, added = await admin("POST", f"{path}/events", event)
    assert (status, added) == (201, event | {"created_at": added["created_at"]})
    _, answer = await get(f"/portal-sessions/{uuid}")
    assert answer["data"]["contact"] == {"uuid": "123"}
    assert answer["data"]["events"] == [added]
    body = {"contact_uuid": "stranger"}
    assert (await admin("POST", f"{path}/identify", body))[1]["code"] == 55031
    assert (await admin("POST", "/sessions/x/events", event))[1]["code"] == 1003
    assert (await admin("DELETE", path))[0] == 204
    assert (await get(f"/portal-sessions/{uuid}"))[1]["code"] == 1003


async def test_nothing_to_delete(sandbox: Sandbox, client: ClientSession) -> None:
    """Unknown data cannot be deleted."""
    for kind in ("keys", "shops", "contacts", "sessions"):
        async with client.delete(f"{sandbox.url}/sandbox/{kind}/x") as response:
            assert response.status == 404
