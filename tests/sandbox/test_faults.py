"""Every fault looks to a client like the real thing."""

import asyncio
import errno
import gzip
import json
from time import monotonic
from typing import Any

from aiohttp import (
    ClientOSError,
    ClientPayloadError,
    ClientSession,
    ClientTimeout,
    ServerDisconnectedError,
)
import pytest

from sandbox import Fault, Sandbox
from sandbox.api import PREFIX

from .conftest import Get, Post

BODY = {"shop_uuid": "123123"}


async def _create(
    sandbox: Sandbox, client: ClientSession, seconds: float = 10
) -> tuple[int, str, bytes]:
    """Create a session; return status, content type and body."""
    async with client.post(
        f"{sandbox.url}{PREFIX}/portal-sessions",
        json=BODY,
        timeout=ClientTimeout(total=seconds),
        allow_redirects=False,
    ) as response:
        return response.status, response.content_type, await response.read()


async def test_once(get: Get, sandbox: Sandbox) -> None:
    """A fault applies to one request by default."""
    sandbox.add_fault(Fault("status", status=503))
    async with ClientSession() as session, session.get(sandbox.url + PREFIX) as answer:
        assert (answer.status, answer.content_type) == (503, "text/html")
    assert (await get(""))[0] == 200
    assert sandbox.faults == []


async def test_times(get: Get, sandbox: Sandbox) -> None:
    """A fault applies to the given number of requests, also when it is queued again."""
    fault = Fault("code", code=1000, times=2)
    for _ in range(2):
        sandbox.add_fault(fault)
        assert [(await get(""))[0] for _ in range(3)] == [400, 400, 200]
    sandbox.add_fault(Fault("code", times=0))
    assert [(await get(""))[0] for _ in range(4)] == [400] * 4
    sandbox.clear_faults()
    assert (await get(""))[0] == 200


async def test_match(get: Get, post: Post, sandbox: Sandbox) -> None:
    """A fault waits for a request of its method and path."""
    sandbox.add_fault(
        Fault("code", method="post", path="portal-sessions"),
        Fault("code", path="?email=ada"),
    )
    assert (await get("/portal-sessions/x"))[1]["code"] == 1003
    assert (await get("/contacts/find-one-by?email=ben@example.com"))[0] == 200
    assert (await get("/contacts/find-one-by?email=ada@example.com"))[0] == 400
    assert (await post("/portal-sessions", BODY))[1]["code"] == 1000
    assert sandbox.faults == []


async def test_in_turn(get: Get, sandbox: Sandbox) -> None:
    """Faults that match the same request come in the order of the queue."""
    sandbox.add_fault(Fault("code", code=1), Fault("code", code=2, times=2))
    assert [(await get(""))[1]["code"] for _ in range(2)] == [1, 2]
    assert [(fault.code, fault.times) for fault in sandbox.faults] == [(2, 1)]


async def test_portal_is_spared(
    post: Post, sandbox: Sandbox, client: ClientSession
) -> None:
    """Faults are the API's: the portal page and the admin API stay up."""
    _, answer = await post("/portal-sessions", BODY)
    sandbox.add_fault(Fault("reset_before", times=0))
    for url in (answer["data"]["url"], f"{sandbox.url}/sandbox/state"):
        async with client.get(url) as response:
            assert response.status == 200


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 502, 503])
async def test_status(sandbox: Sandbox, client: ClientSession, status: int) -> None:
    """A status comes with a body of its usual kind, before the key is looked at."""
    sandbox.add_fault(Fault("status", status=status))
    got, content_type, body = await _create(sandbox, client)
    assert got == status
    assert content_type == ("text/html" if status >= 500 else "application/json")
    assert body
    assert not sandbox.sessions


async def test_status_in_detail(sandbox: Sandbox, client: ClientSession) -> None:
    """A test can set the body and the headers."""
    sandbox.add_fault(
        Fault(
            "status",
            status=429,
            headers={"Retry-After": "7", "Content-Type": "text/plain"},
            body="slow down",
        )
    )
    async with client.get(sandbox.url + PREFIX) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "7"
        assert response.content_type == "text/plain"
        assert await response.text() == "slow down"


async def test_code(get: Get, sandbox: Sandbox) -> None:
    """An API error has its code, and errors as lists or texts."""
    errors = {"shop_uuid": ["one", "two"], "contact_uuid": "three"}
    sandbox.add_fault(
        Fault("code", code=5003),
        Fault("code", code=1003, message="Nee.", errors=errors, status=422),
    )
    assert await get("") == (
        400,
        {
            "message": "Giftcard balance is insufficient.",
            "code": 5003,
            "status_code": 400,
        },
    )
    assert await get("") == (
        422,
        {"message": "Nee.", "code": 1003, "status_code": 422, "errors": errors},
    )


@pytest.mark.parametrize("code", [7002, 7011, 60013, 80300])
async def test_any_code(get: Get, sandbox: Sandbox, code: int) -> None:
    """A fault answers with any code, and says what it means."""
    sandbox.add_fault(Fault("code", code=code))
    _, answer = await get("")
    assert answer["code"] == code
    assert answer["message"] != "Error."


async def test_laravel_and_firewall(sandbox: Sandbox, client: ClientSession) -> None:
    """A fault answers 422 without a code, and 403 with one, without, and with HTML."""
    invalid = {"message": "No.", "errors": {"email": ["No."]}}
    refused = {"message": "No.", "code": 7002, "status_code": 403}
    sandbox.add_fault(
        Fault("status", status=422, body=json.dumps(invalid)),
        Fault("code", code=7002, message="No.", status=403),
        Fault("status", status=403),
        Fault(
            "status", status=403, body="<html>", headers={"Content-Type": "text/html"}
        ),
    )
    seen: list[Any] = []
    for _ in range(4):
        async with client.get(sandbox.url + PREFIX) as response:
            json_type = response.content_type == "application/json"
            body = await (response.json() if json_type else response.text())
            seen.append((response.status, body))
    assert seen == [
        (422, invalid),
        (403, refused),
        (403, {"message": "Error."}),
        (403, "<html>"),
    ]


async def test_delay(sandbox: Sandbox, client: ClientSession) -> None:
    """A delayed answer has the usual content."""
    sandbox.add_fault(Fault("delay", delay=0.2))
    before = monotonic()
    status, _, _ = await _create(sandbox, client)
    assert monotonic() - before >= 0.2
    assert status == 201
    assert len(sandbox.sessions) == 1


@pytest.mark.parametrize(
    ("fault", "sessions"),
    [(Fault("delay", delay=30), 0), (Fault("delay", delay=30, handled=True), 1)],
)
async def test_client_leaves(
    sandbox: Sandbox, client: ClientSession, fault: Fault, sessions: int
) -> None:
    """A test can choose whether a request takes effect after its client disconnects."""
    sandbox.add_fault(fault)
    with pytest.raises(TimeoutError):
        await _create(sandbox, client, 0.2)
    assert len(sandbox.sessions) == sessions
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("fault", "error", "sessions"),
    [
        (Fault("reset_before"), ServerDisconnectedError, 0),
        (Fault("reset_before", handled=True), ServerDisconnectedError, 1),
        (Fault("reset_after"), ClientOSError, 1),
        (Fault("reset_after", handled=False), ClientOSError, 0),
        (Fault("truncate"), ClientPayloadError, 1),
        (Fault("truncate", handled=False), ClientPayloadError, 0),
        (Fault("stall"), TimeoutError, 1),
        (Fault("stall", handled=False), TimeoutError, 0),
    ],
)
async def test_connection(
    sandbox: Sandbox,
    client: ClientSession,
    fault: Fault,
    error: type[Exception],
    sessions: int,
) -> None:
    """A broken connection leaves a session behind, or not."""
    sandbox.add_fault(fault)
    with pytest.raises(error):
        await _create(sandbox, client, 0.5)
    assert len(sandbox.sessions) == sessions
    assert [request.json for request in sandbox.requests] == [BODY]
    assert (await _create(sandbox, client))[0] == 201


async def test_reset_is_a_reset(sandbox: Sandbox, client: ClientSession) -> None:
    """After a reset the client is told so by the kernel."""
    sandbox.add_fault(Fault("reset_after"))
    with pytest.raises(ClientOSError) as caught:
        await _create(sandbox, client)
    assert caught.value.errno == errno.ECONNRESET


async def test_stall_sends_headers(sandbox: Sandbox, client: ClientSession) -> None:
    """A stalled answer sends its status and headers, but no complete body."""
    sandbox.add_fault(Fault("stall", status=200))
    async with client.post(
        f"{sandbox.url}{PREFIX}/portal-sessions", json=BODY
    ) as response:
        assert response.status == 200
        assert response.content_length
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await response.read()


@pytest.mark.parametrize("kind", ["stall", "delay"])
async def test_stop_during_fault(sandbox: Sandbox, kind: Any) -> None:
    """Stopping the sandbox does not wait for answers that are held back."""
    sandbox.add_fault(Fault(kind, delay=30 if kind == "delay" else 0))
    async with ClientSession() as session:
        request = asyncio.create_task(session.get(f"{sandbox.url}{PREFIX}/shops"))
        async with asyncio.timeout(5):
            await sandbox.wait_for_calls()
            await sandbox.stop()
        await asyncio.wait([request])
        if request.exception() is None:
            request.result().close()


@pytest.mark.parametrize(
    ("kind", "content_type", "body"),
    [
        ("html", "text/html", b"<!DOCTYPE html>"),
        ("no_data", "application/json", b'{"meta": []}'),
        ("malformed", "application/json", b'{"data": {"uuid": "'),
        ("raw", "application/json", b""),
    ],
)
async def test_strange_success(
    sandbox: Sandbox, client: ClientSession, kind: Any, content_type: str, body: bytes
) -> None:
    """A response with a success status can have a wrong body."""
    sandbox.add_fault(Fault(kind))
    status, got_type, got_body = await _create(sandbox, client)
    assert (status, got_type) == (200, content_type)
    assert got_body.startswith(body)
    assert not sandbox.sessions


async def test_raw(sandbox: Sandbox, client: ClientSession) -> None:
    """Raw bytes arrive as they are, with the headers that a test wants."""
    bomb = gzip.compress(b"0" * 1_000_000)
    sandbox.add_fault(
        Fault("raw", body=bomb, headers={"Content-Encoding": "gzip"}),
        Fault(
            "raw",
            body=b'"\xe9"',
            headers={"Content-Type": "application/json; charset=latin-1"},
        ),
        Fault("raw", status=201, body='"é"'),
    )
    assert (await _create(sandbox, client))[2] == b"0" * 1_000_000
    async with client.get(sandbox.url + PREFIX) as response:
        assert await response.json() == "é"
    assert await _create(sandbox, client) == (
        201,
        "application/json",
        '"é"'.encode(),
    )


async def test_redirect(sandbox: Sandbox, client: ClientSession) -> None:
    """A redirect leads where a test wants."""
    sandbox.add_fault(
        Fault("redirect", location=f"{sandbox.url}/elsewhere"),
        Fault("redirect", location="/", status=308),
    )
    async with client.get(sandbox.url + PREFIX, allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == f"{sandbox.url}/elsewhere"
    assert (await _create(sandbox, client))[0] == 308


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nonsense"},
        {"kind": "status"},
        {"kind": "delay", "delay": -1},
        {"kind": "html", "times": -1},
    ],
)
def test_impossible(wrong: dict[str, Any]) -> None:
    """A fault that could never happen raises an error."""
    with pytest.raises(ValueError, match=r"unknown kind|needs a status|negative"):
        Fault(**wrong)
