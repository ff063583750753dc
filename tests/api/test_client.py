"""The requests that the client sends, and how it reads the responses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
import gzip
import json
import traceback
from typing import Any
from urllib.parse import unquote

from aiohttp import ClientSession, ClientTimeout
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.piggy.api import http
from custom_components.piggy.api.client import PiggyClient
from custom_components.piggy.api.errors import (
    PiggyApiError,
    PiggyAuthError,
    PiggyConnectionError,
    PiggyError,
    PiggyInterruptedError,
    PiggyMaintenanceError,
    PiggyRateLimitError,
    PiggyResponseError,
    PiggyTimeoutError,
)
from custom_components.piggy.api.http import DEFAULT_URL
from custom_components.piggy.api.models import (
    SessionEvent,
    Shop,
)
from custom_components.piggy.api.session_types import SessionType
from sandbox import DEFAULT_KEY, Fault, Sandbox, session_types

PREFIX = "/api/v3/oauth/clients"
SHOP = "2222e1242t3324535"
CONTACT = "0f6c1f0e-5a0d-4a8f-8c39-5f4f3a0b7c22"
EMAIL = "Ben@Example.com"
CARD = "1000002"
SURROGATE = "\ud800"
UUID = "d02c7730-a1bb-471d-b293-bdc5add171e5"
MIB = 1024 * 1024

type Call = Callable[[PiggyClient], Awaitable[object]]

CALLS: dict[str, Call] = {
    "account": lambda client: client.get_account(),
    "shops": lambda client: client.get_shops(),
    "create": lambda client: client.create_portal_session(
        SessionType.VOUCHER, SHOP, {"contact_uuid": CONTACT}
    ),
    "session": lambda client: client.get_portal_session(UUID),
    "contact": lambda client: client.find_contact_by_email(EMAIL),
    "card": lambda client: client.find_contact_by_identifier(CARD),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Return the HTTP session for requests."""
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def client(session: ClientSession, sandbox: Sandbox) -> PiggyClient:
    """Return a client of the sandbox."""
    return PiggyClient(session, DEFAULT_KEY, sandbox.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts."""
    monkeypatch.setattr(http, "TIMEOUT", ClientTimeout(total=0.5))


type Serve = Callable[[bytes], Coroutine[Any, Any, str]]


@pytest.fixture
async def serve(socket_enabled: None) -> AsyncIterator[Serve]:
    """Return a function that serves fixed bytes on every connection; gives the url."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> str:
        async def respond(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
                writer.close()
                await writer.wait_closed()

        server = await asyncio.start_server(respond, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


def exact(value: object) -> str:
    """Return canonical JSON, in which `true` and `1` differ."""
    return json.dumps(value, sort_keys=True)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Return an exception with its causes and contexts."""
    while error is not None:
        yield error
        yield from chain(error.__cause__)
        error = error.__context__


def texts(error: BaseException) -> str:
    """Return every text of an exception."""
    return "\n".join(
        [
            *(f"{link} {link!r} {link.args}" for link in chain(error)),
            *traceback.format_exception(error),
        ]
    )


# --- What is sent -----------------------------------------------------------------


@pytest.mark.parametrize("row", session_types.SESSION_TYPES, ids=lambda row: row.name)
async def test_create(
    client: PiggyClient, sandbox: Sandbox, row: session_types.SessionType
) -> None:
    """Every parameter of every type goes over the wire as it is documented."""
    amount = {"amount_in_cents": 1040}
    is_required = row.purchase_amount is session_types.PurchaseAmount.REQUIRED
    required: dict[str, Any] = amount if is_required else {}
    bodies = [required, {**required, **row.defaults, "contact_uuid": "123"}]
    for options in bodies:
        made = await client.create_portal_session(SessionType(row.name), SHOP, options)
        sent = sandbox.requests[-1]
        assert (sent.method, sent.path) == (
            "POST",
            f"{PREFIX}/portal-sessions{row.path}",
        )
        assert exact(sent.json) == exact({"shop_uuid": SHOP, **options})
        stored = sandbox.sessions[made.uuid]
        assert (stored.type.name, stored.shop.uuid) == (row.name, SHOP)
        assert made.contact_uuid == options.get("contact_uuid")
    assert len(sandbox.requests) == len(sandbox.sessions) == len(bodies)


@every_call
async def test_headers(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """Every request has the API key and asks for JSON."""
    with suppress(PiggyApiError):
        await call(client)
    (sent,) = sandbox.requests
    assert sent.headers["Authorization"] == f"Bearer {DEFAULT_KEY}"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in sent.headers
    if sent.method == "POST":
        assert sent.headers["Content-Type"] == "application/json"
    else:
        assert sent.body == b""


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("account", ""),
        ("shops", "/shops"),
        ("session", f"/portal-sessions/{UUID}"),
        ("contact", "/contacts/find-one-by?email=Ben@Example.com"),
        ("card", "/contact-identifiers/find?contact_identifier_value=1000002"),
    ],
)
async def test_get(client: PiggyClient, sandbox: Sandbox, call: str, path: str) -> None:
    """Reading calls send a GET to the documented path."""
    with suppress(PiggyApiError):
        await CALLS[call](client)
    assert [(sent.method, sent.path) for sent in sandbox.requests] == [
        ("GET", PREFIX + path)
    ]


@pytest.mark.parametrize("slash", ["", "/", "//"])
async def test_base(session: ClientSession, sandbox: Sandbox, slash: str) -> None:
    """A slash at the end of the address changes nothing."""
    assert DEFAULT_URL == "https://api.piggy.eu"
    client = PiggyClient(session, DEFAULT_KEY, f"{sandbox.url}{slash}")
    assert len(await client.get_shops()) == 3


@pytest.mark.parametrize(
    "uuid",
    [
        "123123",
        "a/b",
        "../shops",
        "..",
        ".",
        "a?b=c",
        "a#b",
        "a b",
        "a+b",
        "a%2Fb",
        "%",
        "a;b=c&d",
        "a\\b",
        "a:b@c",
        "é✓𝄞",
        "line\nbreak",
    ],
)
async def test_opaque_uuid(client: PiggyClient, sandbox: Sandbox, uuid: str) -> None:
    """An id is always one segment of the path, whatever characters it contains."""
    made = await client.create_portal_session(SessionType.PORTAL, SHOP, {})
    stored = sandbox.sessions.pop(made.uuid)
    stored.uuid = uuid
    sandbox.sessions[uuid] = stored
    found = await client.get_portal_session(uuid)
    assert found.uuid == uuid
    path, _, segment = sandbox.requests[-1].path.rpartition("/")
    assert path == f"{PREFIX}/portal-sessions"
    assert unquote(segment) == uuid
    assert not set(segment) & set("?#/\\ .")


@pytest.mark.parametrize(
    "email", ["a+b@example.com", "a&email=b@example.com", "é@example.com", "a=b#c@d.e"]
)
async def test_opaque_query(client: PiggyClient, sandbox: Sandbox, email: str) -> None:
    """An email address or card number is always one value of the query."""
    contact = sandbox.add_contact(email, uuid="odd")
    sandbox.add_identifier(f" {email}/?", contact)
    assert await client.find_contact_by_email(email) == "odd"
    assert await client.find_contact_by_identifier(f" {email}/?") == "odd"


@pytest.mark.parametrize("key", ["ключ", "line\nbreak", "a\0b", "tab\there"])
async def test_impossible_key(
    session: ClientSession, sandbox: Sandbox, key: str
) -> None:
    """A key that is not a valid header value is refused before a request is sent."""
    with pytest.raises(PiggyAuthError) as caught:
        await PiggyClient(session, key, sandbox.url).get_shops()
    assert str(caught.value) == "a key that no header can hold"
    assert key not in texts(caught.value)
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.find_contact_by_email(f"a@{SURROGATE}"),
        lambda client: client.find_contact_by_identifier(SURROGATE),
        lambda client: client.get_portal_session(SURROGATE),
        lambda client: client.create_portal_session(
            SessionType.PORTAL, SHOP, {"contact_uuid": SURROGATE}
        ),
        lambda client: client.create_portal_session(SessionType.PORTAL, SURROGATE, {}),
        lambda client: client.create_portal_session(
            SessionType.PORTAL, SHOP, {"amount_in_cents": 2**64}
        ),
    ],
)
async def test_unsendable(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """A value that cannot be sent is invalid input, and nothing is sent."""
    with pytest.raises(PiggyApiError) as caught:
        await call(client)
    assert str(caught.value) == "error 1003: a value that cannot be sent"
    assert list(chain(caught.value)) == [caught.value]
    assert sandbox.requests == []


# --- What is read -----------------------------------------------------------------


async def test_account(client: PiggyClient, sandbox: Sandbox) -> None:
    """The health check returns the account's name and uuid, if Piggy sends them."""
    assert await client.get_account() == ("Piggy Sandbox", "piggy-sandbox")
    sandbox.account.uuid = None
    assert await client.get_account() == ("Piggy Sandbox", "1")
    sandbox.account.id = sandbox.account.company = None
    assert await client.get_account() == (None, None)


async def test_shops(client: PiggyClient, sandbox: Sandbox) -> None:
    """Shops have the fields that Piggy sends."""
    assert await client.get_shops() == [
        Shop(SHOP, "Sesame Street"),
        Shop("123123", "Amsterdam Pop-up Store"),
        Shop("7b1f6a52-0c1e-4a0e-9a53-1d1c6f0e8a11", "Web shop", "webshop"),
    ]
    sandbox.shops.clear()
    assert await client.get_shops() == []


@pytest.mark.parametrize("status", [200, 201])
async def test_session(client: PiggyClient, sandbox: Sandbox, status: int) -> None:
    """Create and get return the session, with the events so far."""
    sandbox.store.now = lambda: datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC)
    sandbox.settings.created_status = status
    made = await client.create_portal_session(SessionType.VOUCHER, SHOP, {})
    assert made.url == f"{sandbox.url}/portal-sessions?uuid={made.uuid}"
    assert made.shop == Shop(SHOP, "Sesame Street")
    assert made.created_at == "2023-10-19T15:11:13+00:00"
    assert (made.contact_uuid, made.events) == (None, ())
    assert await client.get_portal_session(made.uuid) == made

    sandbox.identify(made.uuid, CONTACT)
    sandbox.add_event(made.uuid, "voucher_redeemed", {"code": "COFFEE"})
    seen = await client.get_portal_session(made.uuid)
    assert seen.contact_uuid == CONTACT
    assert seen.events == (
        SessionEvent("voucher_redeemed", {"code": "COFFEE"}, made.created_at),
    )
    sandbox.settings.omit_events = True
    assert (await client.get_portal_session(made.uuid)).events is None


async def test_contact(client: PiggyClient) -> None:
    """A contact is found by address and by card."""
    assert await client.find_contact_by_email(EMAIL) == CONTACT
    assert await client.find_contact_by_identifier(CARD) == CONTACT


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"active": True, "contact": {"uuid": "u", "email": "a@b.c"}}, "u"),
        ({"active": None, "contact": {"uuid": 7}}, "7"),
        ({"active": False, "contact": {"uuid": "u"}}, 60004),
        ({"active": True, "contact": None}, 60011),
        ({"contact": {}}, 60011),
        ({}, 60011),
    ],
)
async def test_card(
    client: PiggyClient, sandbox: Sandbox, data: object, found: str | int
) -> None:
    """A card is in use unless Piggy says otherwise, and may belong to no contact."""
    sandbox.add_fault(Fault("raw", body=json.dumps({"data": data})))
    if isinstance(found, str):
        assert await client.find_contact_by_identifier(CARD) == found
        return
    with pytest.raises(PiggyApiError) as caught:
        await client.find_contact_by_identifier(CARD)
    assert str(caught.value) == f"error {found}: "
    assert not caught.value.is_temporary


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (CALLS["session"], 1003),
        (lambda client: client.find_contact_by_email("stranger@example.com"), 55031),
        (lambda client: client.find_contact_by_identifier("42"), 60003),
        (lambda client: client.find_contact_by_identifier("1000003"), 60004),
        (
            lambda client: client.create_portal_session(SessionType.PORTAL, "gone", {}),
            1008,
        ),
        (
            lambda client: client.create_portal_session(
                SessionType.PORTAL, SHOP, {"contact_uuid": "gone"}
            ),
            55031,
        ),
        (
            lambda client: client.create_portal_session(
                SessionType.REDEEM_GIFTCARD, SHOP, {}
            ),
            1003,
        ),
    ],
)
async def test_refused(client: PiggyClient, call: Call, code: int) -> None:
    """A refusal has Piggy's code and message."""
    with pytest.raises(PiggyApiError) as caught:
        await call(client)
    assert caught.value.code == code
    assert caught.value.details
    assert str(caught.value) == f"error {code}: {caught.value.details}"


# --- What goes wrong --------------------------------------------------------------

NO_CODE = "HTTP {} without data and without an error code"
BROKE_OFF = "the connection broke off"
DOWN = "down for maintenance"
NO_ADDRESS = "session without a web address"
NESTED = b'{"data": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
FAULTS: list[tuple[Fault, type[PiggyError], str, bool]] = [
    (Fault("status", status=401), PiggyAuthError, "key refused (HTTP 401)", False),
    (Fault("html", status=401), PiggyAuthError, "key refused (HTTP 401)", False),
    *(
        (
            Fault("code", status=status, code=7011),
            PiggyAuthError,
            "key refused (error 7011)",
            False,
        )
        for status in (200, 400, 403, 500)
    ),
    (Fault("status", status=429), PiggyRateLimitError, "too many requests", True),
    (Fault("status", status=503), PiggyMaintenanceError, DOWN, True),
    (Fault("raw", status=503, body=""), PiggyMaintenanceError, DOWN, True),
    *(
        (Fault(kind), PiggyInterruptedError, BROKE_OFF, True)
        for kind in ("reset_before", "reset_after", "truncate")
    ),
    *(
        (fault, PiggyResponseError, NO_CODE.format(fault.status or 200), False)
        for fault in (
            Fault("html"),
            Fault("no_data"),
            Fault("malformed"),
            Fault("status", status=403),
            Fault("status", status=403, body="<html>Forbidden</html>"),
            Fault("status", status=404),
            Fault("status", status=499),
            Fault("raw", status=204),
            Fault("raw", body="[]"),
            Fault("raw", body="null"),
            Fault("raw", body='{"data": {}}', status=400),
            Fault("raw", body='{"data": "\xe9"}'.encode("latin-1")),
            Fault("raw", body='{"data": []}'.encode("utf-16")),
            Fault("raw", body=r'{"data": [{"uuid": "1", "name": "\ud800"}]}'),
            Fault("raw", body=r'{"code": 1003, "message": "\ud800"}'),
            Fault("raw", body=NESTED),
            Fault("redirect", status=302, location="/elsewhere"),
        )
    ),
    *(
        (Fault("raw", status=status, body=body), PiggyResponseError, text, True)
        for status, body in ((500, ""), (502, "{}"), (599, "<html>"))
        for text in (NO_CODE.format(status),)
    ),
    (Fault("code", status=403, code=1000), PiggyApiError, "error 1000: ", True),
    (Fault("code", status=400, code=1003), PiggyApiError, "error 1003: ", False),
    (Fault("code", status=500, code=1003), PiggyApiError, "error 1003: ", True),
]


@every_call
async def test_fault(sandbox: Sandbox, call: Call) -> None:
    """Every failure of every call has its kind, and no create is sent twice."""
    for fault, kind, text, temporary in FAULTS:
        sandbox.requests.clear()
        sandbox.clear_faults()
        sandbox.add_fault(replace(fault, times=0))
        async with ClientSession() as fresh:
            with pytest.raises(PiggyError) as caught:
                await call(PiggyClient(fresh, DEFAULT_KEY, sandbox.url))
        error = caught.value
        assert (type(error), error.is_temporary) == (kind, temporary), fault
        assert str(error).startswith(text), fault
        repeated = fault.kind.startswith("reset") and call is not CALLS["create"]
        assert len(sandbox.requests) == 1 + repeated, fault
        assert list(chain(error)) == [error]


@every_call
@pytest.mark.usefixtures("impatient")
async def test_stall(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """An answer that does not come, or stops, is a timeout; nothing is sent twice."""
    for fault in (Fault("stall", handled=False), Fault("delay", delay=30)):
        sandbox.requests.clear()
        sandbox.add_fault(fault)
        with pytest.raises(PiggyTimeoutError) as caught:
            await call(client)
        assert str(caught.value) == "no complete answer in time"
        assert caught.value.is_temporary
        assert list(chain(caught.value)) == [caught.value]
        assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("is_connected", "seconds", "kind"),
    [(True, 15, PiggyTimeoutError), (False, 5, PiggyConnectionError)],
)
async def test_patience(
    session: ClientSession,
    sandbox: Sandbox,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[PiggyError],
    seconds: float,
    *,
    is_connected: bool,
) -> None:
    """A call ends after 15 seconds, and after 5 without a connection."""
    sandbox.add_fault(Fault("stall", handled=False))
    unending = (await serve(b"")).replace("http:", "https:")
    client = PiggyClient(
        session, DEFAULT_KEY, sandbox.url if is_connected else unending
    )
    call = asyncio.create_task(client.get_shops())
    for _ in range(1000 * is_connected):
        if not sandbox.requests:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    loop, elapsed = asyncio.get_running_loop(), seconds - 2
    monotonic = loop.time
    monkeypatch.setattr(loop, "time", lambda: monotonic() + elapsed)
    await asyncio.sleep(0.05)
    assert not call.done()
    elapsed = 2 * seconds
    await asyncio.wait([call], timeout=30)
    assert type(call.exception()) is kind


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
async def test_create_once(client: PiggyClient, sandbox: Sandbox, kind: Any) -> None:
    """A create is not repeated on a connection that was used before."""
    await client.get_shops()
    sandbox.add_fault(Fault(kind, method="POST"))
    with pytest.raises(PiggyInterruptedError):
        await CALLS["create"](client)
    assert len(sandbox.calls("POST")) == 1
    assert len(sandbox.sessions) == (kind == "reset_after")


async def test_no_server(session: ClientSession, sandbox: Sandbox) -> None:
    """Without a server, nothing was sent."""
    await sandbox.stop()
    for url in (sandbox.url, "http://nowhere.invalid", "http://a..b", "http://"):
        with pytest.raises(PiggyConnectionError) as caught:
            await PiggyClient(session, DEFAULT_KEY, url).get_shops()
        assert caught.value.is_temporary
        assert str(caught.value) == "no connection"
        assert list(chain(caught.value)) == [caught.value]


async def test_no_tls(session: ClientSession, sandbox: Sandbox) -> None:
    """The key is not sent to a server without TLS."""
    url = sandbox.url.replace("http:", "https:")
    with pytest.raises(PiggyConnectionError):
        await PiggyClient(session, DEFAULT_KEY, url).get_shops()
    assert sandbox.requests == []


async def test_no_handshake(
    session: ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is never established is not reported as a timeout."""
    monkeypatch.setattr(http, "TIMEOUT", ClientTimeout(total=30, connect=0.2))
    url = (await serve(b"")).replace("http:", "https:")
    with pytest.raises(PiggyConnectionError):
        await PiggyClient(session, DEFAULT_KEY, url).get_shops()


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
async def test_stale_connection(
    client: PiggyClient, sandbox: Sandbox, kind: Any
) -> None:
    """Reading calls are repeated when Piggy has closed the kept connection."""
    await client.get_shops()
    sandbox.add_fault(Fault(kind))
    assert len(await client.get_shops()) == 3


GARBLED = (PiggyInterruptedError, PiggyResponseError)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = OK + b"Content-Length: 4\r\nContent-Encoding: %b\r\n\r\nabcd"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", PiggyInterruptedError),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", PiggyResponseError),
        (OK + b"Content-Length: x\r\n\r\n", PiggyResponseError),
        (OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n", PiggyResponseError),
        (OK + b"Content-Length: 9\r\n\r\n{}", PiggyInterruptedError),
        (CHUNKED + b"zz\r\n{}\r\n", GARBLED),
        (CHUNKED + b'9\r\n{"data": \r\nzz\r\n', GARBLED),
        (PACKED % b"gzip", GARBLED),
        (PACKED % b"deflate", GARBLED),
        (PACKED % b"br", GARBLED),
    ],
)
async def test_no_http(
    session: ClientSession,
    serve: Serve,
    answer: bytes,
    kind: type[PiggyError] | tuple[type[PiggyError], ...],
) -> None:
    """An answer that is not HTTP, or is cut off, raises the error of its kind.

    What kind a garbled body is depends on whether it came together with its head.
    """
    client = PiggyClient(session, DEFAULT_KEY, await serve(answer))
    with pytest.raises(kind) as caught:
        await client.get_shops()
    assert str(caught.value) in (BROKE_OFF, "an answer that is not HTTP")
    assert list(chain(caught.value)) == [caught.value]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("401 Unauthorized", PiggyAuthError),
        ("429 Too Many Requests", PiggyRateLimitError),
        ("503 Service Unavailable", PiggyMaintenanceError),
    ],
)
@pytest.mark.parametrize("body", [b"half", b"x" * (MIB + 1)], ids=["half", "huge"])
async def test_status_is_enough(
    session: ClientSession,
    serve: Serve,
    head: str,
    body: bytes,
    kind: type[PiggyError],
) -> None:
    """The meaning of some statuses does not depend on the body."""
    answer = f"HTTP/1.1 {head}\r\nContent-Length: {len(body) * 2}\r\n\r\n".encode()
    client = PiggyClient(session, DEFAULT_KEY, await serve(answer + body))
    with pytest.raises(PiggyError) as caught:
        await client.get_shops()
    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect(client: PiggyClient, sandbox: Sandbox, status: int) -> None:
    """A redirect is not followed: the key is not sent elsewhere."""
    async with Sandbox() as other:
        sandbox.add_fault(
            Fault("redirect", status=status, location=f"{other.url}{PREFIX}/shops")
        )
        with pytest.raises(PiggyResponseError):
            await CALLS["create"](client)
        assert other.requests == []
    assert len(sandbox.requests) == 1


async def test_huge(client: PiggyClient, sandbox: Sandbox) -> None:
    """A body is read up to 1 MiB and not one byte further."""
    body = b'{"data": []}'.ljust(MIB)
    sandbox.add_fault(Fault("raw", body=body), Fault("raw", body=body + b" "))
    assert await client.get_shops() == []
    with pytest.raises(PiggyResponseError, match=r"^an answer of more than 1 MiB$"):
        await client.get_shops()


async def test_gzip(client: PiggyClient, sandbox: Sandbox) -> None:
    """A compressed body is read though it was not asked for, up to 1 MiB of text."""
    small, bomb = (gzip.compress(b'{"data": []}'.ljust(size)) for size in (99, 9 * MIB))
    assert len(bomb) < MIB
    headers = {"Content-Encoding": "gzip"}
    sandbox.add_fault(
        Fault("raw", body=small, headers=headers),
        Fault("raw", body=bomb, headers=headers),
    )
    assert await client.get_shops() == []
    with pytest.raises(PiggyResponseError, match=r"^an answer of more than 1 MiB$"):
        await client.get_shops()


@pytest.mark.parametrize("content_type", ["text/html", "application/json; charset=x"])
async def test_content_type(
    client: PiggyClient, sandbox: Sandbox, content_type: str
) -> None:
    """A JSON body is parsed whatever its content type is."""
    sandbox.add_fault(
        Fault(
            "raw",
            body='{"data": [{"uuid": "1", "name": "Café"}], "meta": {}}',
            headers={"Content-Type": content_type},
        )
    )
    assert await client.get_shops() == [Shop("1", "Café")]


@pytest.mark.parametrize(
    ("call", "data", "said"),
    [
        ("shops", None, "shops that are not a list"),
        ("shops", {}, "shops that are not a list"),
        ("shops", "shops", "shops that are not a list"),
        ("shops", [None], "shop without uuid"),
        ("shops", [{"name": "no uuid"}], "shop without uuid"),
        ("shops", [{"uuid": True}], "shop without uuid"),
        ("contact", None, "contact without uuid"),
        ("contact", [], "contact without uuid"),
        ("contact", {"uuid": ""}, "contact without uuid"),
        ("card", None, "identifier that is not an object"),
        ("card", [], "identifier that is not an object"),
        ("card", "card", "identifier that is not an object"),
        ("card", {"contact": {"email": "a@b.c"}}, "contact without uuid"),
        ("create", None, "session without uuid"),
        ("create", {"uuid": "1"}, "session without url"),
        ("create", {"uuid": "1", "url": ""}, "session without url"),
        ("create", {"uuid": "1", "url": "javascript:alert(1)"}, NO_ADDRESS),
        ("create", {"uuid": "1", "url": "http://"}, NO_ADDRESS),
        ("create", {"uuid": "1", "url": "https://a/ b"}, NO_ADDRESS),
        ("create", {"uuid": {}, "url": "https://a/b"}, "session without uuid"),
        ("session", [], "session without uuid"),
        ("session", {"url": "https://a/b"}, "session without uuid"),
        (
            "session",
            {"uuid": "1", "url": "https://a/b"},
            "another session than the one asked for",
        ),
    ],
)
async def test_useless_data(
    client: PiggyClient, sandbox: Sandbox, call: str, data: object, said: str
) -> None:
    """The error of an answer without usable data says what is missing."""
    sandbox.add_fault(Fault("raw", body=json.dumps({"data": data, "meta": []})))
    with pytest.raises(PiggyResponseError) as caught:
        await CALLS[call](client)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("30", 30.0),
        ("  7 ", 7.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 13:01:30 +0100", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 11:00:00 GMT", None),
        ("Sun, 22 Nov 99999 11:00:00 GMT", None),
        ("Sun, 22 Nov 2026 11:00:00 +2400", None),
    ],
)
async def test_retry_after(
    client: PiggyClient,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    header: str | None,
    seconds: float | None,
) -> None:
    """A rate limit has the seconds to wait, if Piggy sends them."""
    freezer.move_to("2026-11-22T12:00:00Z")
    headers = {} if header is None else {"Retry-After": header}
    sandbox.add_fault(Fault("status", status=429, headers=headers))
    with pytest.raises(PiggyRateLimitError) as caught:
        await client.get_shops()
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "understood"),
    [
        (1008, 1008),
        ("1008", 1008),
        (-1, None),
        (0, 0),
        (424242, 424242),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("9" * 5000, None),
        (10**30, None),
        (None, None),
        (True, None),
        (1008.5, None),
        ("", None),
        ("-1", None),
        ("E1008", None),
        ("²", None),
        ([1008], None),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 422, 500])
async def test_code(
    client: PiggyClient,
    sandbox: Sandbox,
    code: object,
    understood: int | None,
    status: int,
) -> None:
    """The code decides, whatever the status is; without one the answer is malformed."""
    body = json.dumps({"message": "No.", "code": code, "status_code": status})
    sandbox.add_fault(Fault("raw", status=status, body=body))
    with pytest.raises((PiggyApiError, PiggyResponseError)) as caught:
        await client.get_shops()
    assert getattr(caught.value, "code", None) == understood


@pytest.mark.parametrize(
    ("answer", "details"),
    [
        ({}, ""),
        ({"message": "Shop not found."}, "Shop not found."),
        ({"message": ["Shop not found."]}, ""),
        ({"message": "One\n two\t\r\n three "}, "One two three"),
        ({"message": "No.", "errors": []}, "No."),
        ({"message": "No.", "errors": "shop_uuid"}, "No."),
        (
            {"message": "No.", "errors": {"a": ["One.", "Two."], "b": "Three."}},
            "No.; a: One., Two.; b: Three.",
        ),
        ({"errors": {"a": [1, None, {"x": "y"}, "One."], "b": 2}}, "a: One.; b: "),
        ({"message": "x" * 500}, "x" * 500),
        ({"message": "x" * 501}, "…"),
        (
            {"errors": dict.fromkeys("abcdefghijklmnopqrstuvw", "No.")},
            "; ".join(f"{name}: No." for name in "abcdefghijklmnopqrst"),
        ),
        ({"errors": {"a": ["x"] * 21}}, f"a: {', '.join(['x'] * 20)}"),
        (
            {"errors": {"a": "x" * 400, "b": "y" * 400, "c": "z" * 400}},
            f"a: {'x' * 400}; b: {'y' * 400}; c: {'z' * 187}",
        ),
    ],
)
async def test_details(
    client: PiggyClient, sandbox: Sandbox, answer: dict[str, Any], details: str
) -> None:
    """Messages of Piggy and of fields are one line, up to a limit."""
    body = json.dumps({"code": 1003, **answer})
    sandbox.add_fault(Fault("raw", status=400, body=body))
    with pytest.raises(PiggyApiError) as caught:
        await client.get_shops()
    assert caught.value.details == details
    assert str(caught.value) == f"error 1003: {details}"


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (
            422,
            {"message": "The given data was invalid.", "errors": {"a": ["Bad."]}},
            "error 1003: The given data was invalid.; a: Bad.",
        ),
        (422, {"errors": {"a": "Bad."}}, "error 1003: a: Bad."),
        (422, {"code": None, "errors": {"a": []}}, "error 1003: a: "),
        (422, {"code": 1008, "errors": {"a": "Bad."}}, "error 1008: a: Bad."),
        (422, {"message": "No."}, NO_CODE.format(422)),
        (422, {"errors": {}}, NO_CODE.format(422)),
        (422, {"errors": ["Bad."]}, NO_CODE.format(422)),
        (400, {"errors": {"a": "Bad."}}, NO_CODE.format(400)),
        (200, {"errors": {"a": "Bad."}}, NO_CODE.format(200)),
    ],
)
async def test_invalid_fields(
    client: PiggyClient,
    sandbox: Sandbox,
    status: int,
    answer: dict[str, Any],
    said: str,
) -> None:
    """A 422 without a code but with messages by field is invalid input."""
    sandbox.add_fault(Fault("raw", status=status, body=json.dumps(answer)))
    with pytest.raises((PiggyApiError, PiggyResponseError)) as caught:
        await client.get_shops()
    assert str(caught.value) == said
    assert not caught.value.is_temporary


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Known to ada@example.com, who is 123.", "Known to … who is 123."),
        ("Known to ada%40example.com.", "Known to …"),
        ("See https://api.piggy.eu/portal-sessions?uuid=1 now.", "See … now."),
        ("See https%3A%2F%2Fapi.piggy.eu now.", "See … now."),
        ("No (sandbox-key) here.", "No (…) here."),
        (f"Contact {UUID}.", "Contact …."),
        (f"Contact {UUID.upper()}.", "Contact …."),
        ("Shop 2222e1242t3324535 is closed.", "Shop … is closed."),
        ("No such card: ab-1-cd.", "No such card: …."),
        ("Key sk_live_4eC39 is old.", "Key … is old."),
        ("Till4a and till5", "… and till5"),
        ("Giftcard 123456, 12345.", "Giftcard …, 12345."),
        ("Call +31 (0)6 1234-5678 now.", "Call +… now."),
        ("Call 06 12 34 56 78 now.", "Call … now."),
        ("Born 1985-03-17.", "Born …."),
        ("Bag 123456abc.", "Bag …."),
        ("Card \u0661\u0662\u0663\u0664\u0665\u0666.", "Card …."),
        ("Nothing of amount_in_cents, or 3 of 10.", None),
    ],
)
async def test_identifying_words(
    client: PiggyClient, sandbox: Sandbox, said: str, kept: str | None
) -> None:
    """Emails, long numbers and long words with digits are cut from Piggy's messages."""
    kept = kept or said
    sandbox.add_fault(Fault("code", code=1003, message=said, errors={said: said}))
    with pytest.raises(PiggyApiError) as caught:
        await client.get_shops()
    assert caught.value.details == f"{kept}; {kept}: {kept}"


@pytest.mark.parametrize(
    ("parameters", "said", "kept"),
    [
        ({"contact_uuid": "ada"}, "No Ada here, Adam.", "No … here, …m."),
        ({"contact_uuid": "1"}, "Number 1 of 11.", "Number … of ……."),
        ({"contact_uuid": "a|b"}, "Is a or b or a|b.", "Is a or b or …."),
        ({"contact_uuid": "a b&c"}, "a b&c a%20b%26c", "… …"),
        ({"contact_uuid": "cd", "facing_mode": "ab-cd"}, "ab-cd cd", "… …"),
        ({"contact_uuid": ""}, "Empty.", "Empty."),
        ({"camera_service": 3}, "Is 3.", "Is 3."),
    ],
)
async def test_sent_words(
    client: PiggyClient,
    sandbox: Sandbox,
    parameters: dict[str, Any],
    said: str,
    kept: str,
) -> None:
    """Errors do not contain the values that were sent."""
    sandbox.add_fault(Fault("code", code=1003, message=said, errors={said: said}))
    with pytest.raises(PiggyApiError) as caught:
        await client.create_portal_session(SessionType.PORTAL, SHOP, parameters)
    assert caught.value.details == f"{kept}; {kept}: {kept}"


@every_call
async def test_secrets(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """No exception contains the key or a requested value, even if Piggy repeats it."""
    asked = {"create": CONTACT, "contact": EMAIL, "card": CARD, "session": UUID}
    said = [DEFAULT_KEY, *(asked[name] for name in asked if CALLS[name] is call)]
    for word in (*said, *map(str.lower, said), *map(str.upper, said)):
        words = f"Known is ( {word} )."
        sandbox.add_fault(
            Fault("code", code=1003, message=words, errors={word: [words], "x": words})
        )
        with pytest.raises(PiggyApiError) as caught:
            await call(client)
        assert caught.value.details.startswith("Known is ( … ).; …: ")
        assert word not in texts(caught.value)
    for fault, *_ in FAULTS:
        sandbox.clear_faults()
        sandbox.add_fault(replace(fault, times=0))
        with pytest.raises(PiggyError) as error:
            await call(client)
        known = (DEFAULT_KEY, SHOP, sandbox.url, *asked.values())
        assert not [word for word in known if word in texts(error.value)]


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.find_contact_by_email("mary"),
        lambda client: client.find_contact_by_identifier("mary"),
        lambda client: client.get_portal_session("mary"),
        lambda client: client.create_portal_session(SessionType.PORTAL, "mary", {}),
    ],
)
async def test_every_call_redacts(
    client: PiggyClient, sandbox: Sandbox, call: Call
) -> None:
    """Sent values are redacted, wherever in the request they were."""
    sandbox.add_fault(Fault("code", code=1003, message="Not Mary!"))
    with pytest.raises(PiggyApiError) as caught:
        await call(client)
    assert caught.value.details == "Not …!"


@pytest.mark.parametrize("key", ["", "9", "sandbox-key"])
async def test_key_in_words(session: ClientSession, sandbox: Sandbox, key: str) -> None:
    """Errors never contain the key."""
    sandbox.add_fault(Fault("code", code=1003, message=f"Your key is: {key}"))
    with pytest.raises(PiggyApiError) as caught:
        await PiggyClient(session, key, sandbox.url).get_shops()
    assert caught.value.details == ("Your key is: …" if key else "Your key is:")


@pytest.mark.parametrize(
    ("header", "number"),
    [
        (None, None),
        ("4999", 4999),
        ("0", 0),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("many", None),
        ("1.5", None),
        ("\u00b2", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("name", ["limit", "remaining"])
async def test_rate_limit(
    client: PiggyClient,
    sandbox: Sandbox,
    name: str,
    header: str | None,
    number: int | None,
) -> None:
    """The client stores each rate limit header that an answer contains."""
    headers = {} if header is None else {f"X-RateLimit-{name.title()}": header}
    assert (client.limit, client.remaining) == (None, None)
    sandbox.add_fault(Fault("raw", body='{"data": []}', headers=headers))
    await client.get_shops()
    known = {"limit": client.limit, "remaining": client.remaining}
    assert known == {"limit": None, "remaining": None, name: number}


async def test_rate_limit_of_refusal(client: PiggyClient, sandbox: Sandbox) -> None:
    """A refusal has a rate limit too, and an answer without one changes nothing."""
    headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0"}
    sandbox.add_fault(Fault("status", status=429, headers=headers))
    with pytest.raises(PiggyRateLimitError):
        await client.get_shops()
    await client.get_shops()
    assert (client.limit, client.remaining) == (5000, 0)
    sandbox.add_fault(
        Fault("status", status=404, headers={"X-RateLimit-Remaining": "9"})
    )
    with pytest.raises(PiggyResponseError):
        await client.get_shops()
    assert (client.limit, client.remaining) == (5000, 9)
    assert client.is_near_limit


@pytest.mark.parametrize(
    ("limit", "remaining", "low"),
    [
        (5000, 500, False),
        (5000, 499, True),
        (5000, 0, True),
        (5000, 5000, False),
        (9, 0, True),
        (0, 0, False),
        (None, 0, False),
        (5000, None, False),
        (None, None, False),
    ],
)
async def test_low_rate_limit(
    client: PiggyClient, limit: int | None, remaining: int | None, *, low: bool
) -> None:
    """Below a tenth of a known limit, few requests remain."""
    client.limit, client.remaining = limit, remaining
    assert client.is_near_limit is low
