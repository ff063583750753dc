"""What goes over the wire to Piggy, and what every answer becomes."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
)
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

from custom_components.piggy.api import (
    DEFAULT_URL,
    Account,
    Contact,
    ContactIdentifier,
    PiggyApiError,
    PiggyAuthError,
    PiggyClient,
    PiggyConnectionError,
    PiggyError,
    PiggyInterruptedError,
    PiggyMaintenanceError,
    PiggyRateLimitError,
    PiggyResponseError,
    PiggyTimeoutError,
    SessionEvent,
    SessionOptions,
    SessionType,
    Shop,
    client as client_module,
)
from sandbox import DEFAULT_KEY, Fault, Sandbox

PREFIX = "/api/v3/oauth/clients"
SHOP = "2222e1242t3324535"
CONTACT = "0f6c1f0e-5a0d-4a8f-8c39-5f4f3a0b7c22"
EMAIL = "Ben@Example.com"
CARD = "1000002"
UUID = "d02c7730-a1bb-471d-b293-bdc5add171e5"
MIB = 1024 * 1024

# The seven calls and their parameters as Piggy documents them.
PATHS = {
    "portal": "/portal-sessions",
    "credit_reception": "/portal-sessions/credit-reception",
    "redeem_giftcard": "/portal-sessions/redeem-giftcards",
    "top_up_giftcard": "/portal-sessions/top-up-giftcards",
    "pay_prepaid": "/portal-sessions/pay-prepaid",
    "top_up_prepaid": "/portal-sessions/top-up-prepaid",
    "voucher": "/portal-sessions/vouchers",
}
COMMON: dict[str, tuple[Any, ...]] = {
    "contact_uuid": ("123",),
    "scanner_type": ("camera", "hand_scanner"),
    "enable_email_identification": (True, False),
    "enable_registration": (True, False),
    "enable_on_screen_keyboard": (True, False),
    "camera_service": (1, 2, 3),
    "facing_mode": ("user", "environment"),
    "primary_identification_method": ("email", "identifier"),
}
GIFTCARD: dict[str, tuple[Any, ...]] = {
    "amount_in_cents": (1, 1040),
    "allow_multiple_giftcards": (True, False),
}

type Call = Callable[[PiggyClient], Awaitable[object]]

CALLS: Mapping[str, Call] = {
    "account": lambda client: client.get_account(),
    "shops": lambda client: client.get_shops(),
    "create": lambda client: client.create_portal_session(
        SessionType.VOUCHER, SHOP, SessionOptions(contact_uuid=CONTACT)
    ),
    "session": lambda client: client.get_portal_session(UUID),
    "contact": lambda client: client.find_contact_by_email(EMAIL),
    "card": lambda client: client.find_contact_identifier(CARD),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Do without Home Assistant."""


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Return what requests are made with."""
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def client(session: ClientSession, sandbox: Sandbox) -> PiggyClient:
    """Return a client of the sandbox."""
    return PiggyClient(session, DEFAULT_KEY, sandbox.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up an answer soon."""
    monkeypatch.setattr(client_module, "TIMEOUT", ClientTimeout(total=0.5))


type Serve = Callable[[bytes], Coroutine[Any, Any, str]]


@pytest.fixture
async def serve(socket_enabled: None) -> AsyncIterator[Serve]:
    """Return a function that serves fixed bytes to whoever connects; gives the url."""
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
    """Return JSON in which true is not 1."""
    return json.dumps(value, sort_keys=True)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Return an exception with all that it drags along."""
    while error is not None:
        yield error
        yield from chain(error.__cause__)
        error = error.__context__


def texts(error: BaseException) -> str:
    """Return all that can be read in an exception."""
    return "\n".join(
        [
            *(f"{link} {link!r} {link.args}" for link in chain(error)),
            *traceback.format_exception(error),
        ]
    )


# --- What is sent -----------------------------------------------------------------


@pytest.mark.parametrize("kind", PATHS)
async def test_create(client: PiggyClient, sandbox: Sandbox, kind: str) -> None:
    """Every parameter of every type goes over the wire as it is documented."""
    table = COMMON | (GIFTCARD if kind == "redeem_giftcard" else {})
    required = {"amount_in_cents": 1040} if kind == "redeem_giftcard" else {}
    bodies: list[dict[str, Any]] = [
        required,
        {name: values[-1] for name, values in table.items()},
        *(
            required | {name: value}
            for name, values in table.items()
            for value in values
        ),
    ]
    for options in bodies:
        made = await client.create_portal_session(
            SessionType(kind), SHOP, SessionOptions(**options)
        )
        sent = sandbox.requests[-1]
        assert (sent.method, sent.path) == ("POST", PREFIX + PATHS[kind])
        assert exact(sent.json) == exact({"shop_uuid": SHOP, **options})
        stored = sandbox.sessions[made.uuid]
        assert (stored.type.name, stored.shop.uuid) == (kind, SHOP)
        assert made.contact_uuid == options.get("contact_uuid")
    assert len(sandbox.requests) == len(sandbox.sessions) == len(bodies)


@every_call
async def test_headers(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """Every call shows the key and asks for JSON."""
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
    """What only reads is a GET of the documented path."""
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
    """Whatever an id holds, it is one segment of the path."""
    made = await client.create_portal_session(
        SessionType.PORTAL, SHOP, SessionOptions()
    )
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
    """Whatever an email address or a card holds, it is one value of the query."""
    contact = sandbox.add_contact(email, uuid="odd")
    sandbox.add_identifier(f" {email}/?", contact)
    assert await client.find_contact_by_email(email) == Contact("odd")
    assert await client.find_contact_identifier(f" {email}/?") == ContactIdentifier(
        active=True, contact=Contact("odd")
    )


@pytest.mark.parametrize("key", ["ключ", "line\nbreak", "a\0b", "tab\there"])
async def test_impossible_key(
    session: ClientSession, sandbox: Sandbox, key: str
) -> None:
    """A key that no header can hold is refused before anything is sent."""
    with pytest.raises(PiggyAuthError) as caught:
        await PiggyClient(session, key, sandbox.url).get_shops()
    assert key not in texts(caught.value)
    assert sandbox.requests == []


# --- What is read -----------------------------------------------------------------


async def test_account(client: PiggyClient, sandbox: Sandbox) -> None:
    """The health check tells the account's name and uuid, or does not."""
    assert await client.get_account() == Account("Piggy Sandbox", "piggy-sandbox")
    sandbox.account.uuid = None
    assert await client.get_account() == Account("Piggy Sandbox", "1")
    sandbox.account.id = sandbox.account.company = None
    assert await client.get_account() == Account(None, None)


async def test_shops(client: PiggyClient, sandbox: Sandbox) -> None:
    """The shops come with what is told of them."""
    assert await client.get_shops() == [
        Shop(SHOP, "Sesame Street", "physical", None),
        Shop("123123", "Amsterdam Pop-up Store", "physical", None),
        Shop("7b1f6a52-0c1e-4a0e-9a53-1d1c6f0e8a11", "Web shop", "web", "webshop"),
    ]
    sandbox.shops.clear()
    assert await client.get_shops() == []


@pytest.mark.parametrize("status", [200, 201])
async def test_session(client: PiggyClient, sandbox: Sandbox, status: int) -> None:
    """A session comes back from create and get, with what happened meanwhile."""
    sandbox.store.now = lambda: datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC)
    sandbox.settings.created_status = status
    made = await client.create_portal_session(
        SessionType.VOUCHER, SHOP, SessionOptions()
    )
    assert made.url == f"{sandbox.url}/portal-sessions?uuid={made.uuid}"
    assert made.shop == Shop(SHOP, "Sesame Street")
    assert made.created_at == datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC)
    assert (made.contact_uuid, made.events) == (None, ())
    assert await client.get_portal_session(made.uuid) == made

    sandbox.identify(made.uuid, CONTACT)
    sandbox.add_event(made.uuid, "voucher_redeemed", {"code": "COFFEE"})
    seen = await client.get_portal_session(made.uuid)
    assert seen.contact_uuid == CONTACT
    assert seen.events == (
        SessionEvent("voucher_redeemed", {"code": "COFFEE"}, made.created_at),
    )
    sandbox.omit_events = True
    assert (await client.get_portal_session(made.uuid)).events is None


async def test_contact(client: PiggyClient) -> None:
    """A contact is found by address and by card; a card may belong to nobody."""
    ben = Contact(CONTACT)
    assert await client.find_contact_by_email(EMAIL) == ben
    assert await client.find_contact_identifier(CARD) == ContactIdentifier(
        active=True, contact=ben
    )
    assert await client.find_contact_identifier("1000004") == ContactIdentifier(
        active=True, contact=None
    )


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (CALLS["session"], 1003),
        (lambda client: client.find_contact_by_email("nobody@example.com"), 55031),
        (lambda client: client.find_contact_identifier("42"), 60003),
        (lambda client: client.find_contact_identifier("1000003"), 60004),
        (
            lambda client: client.create_portal_session(
                SessionType.PORTAL, "gone", SessionOptions()
            ),
            1008,
        ),
        (
            lambda client: client.create_portal_session(
                SessionType.PORTAL, SHOP, SessionOptions(contact_uuid="gone")
            ),
            55031,
        ),
        (
            lambda client: client.create_portal_session(
                SessionType.REDEEM_GIFTCARD, SHOP, SessionOptions()
            ),
            1003,
        ),
    ],
)
async def test_refused(client: PiggyClient, call: Call, code: int) -> None:
    """What Piggy refuses comes with its code and its words."""
    with pytest.raises(PiggyApiError) as caught:
        await call(client)
    assert caught.value.code == code
    assert caught.value.message
    assert str(caught.value).startswith(f"error {code}: {caught.value.message}")


# --- What goes wrong --------------------------------------------------------------

FAULTS: list[tuple[Fault, type[PiggyError], str]] = [
    (Fault("status", status=401), PiggyAuthError, "key refused (HTTP 401)"),
    (Fault("status", status=401, body=""), PiggyAuthError, "key refused (HTTP 401)"),
    (Fault("html", status=401), PiggyAuthError, "key refused (HTTP 401)"),
    (Fault("status", status=403), PiggyAuthError, "key refused (HTTP 403)"),
    (Fault("code", status=403, code=1003), PiggyAuthError, "key refused (HTTP 403)"),
    (Fault("status", status=429), PiggyRateLimitError, "too many requests"),
    (Fault("status", status=503), PiggyMaintenanceError, "down for maintenance"),
    (Fault("raw", status=503, body=""), PiggyMaintenanceError, "down for maintenance"),
    (
        Fault("status", status=500),
        PiggyResponseError,
        "HTTP 500 without a JSON object",
    ),
    (
        Fault("status", status=404),
        PiggyResponseError,
        "HTTP 404 without data and without an error code",
    ),
    (Fault("reset_before"), PiggyInterruptedError, "the connection broke off"),
    (Fault("reset_after"), PiggyInterruptedError, "the connection broke off"),
    (Fault("truncate"), PiggyInterruptedError, "the connection broke off"),
    (Fault("html"), PiggyResponseError, "HTTP 200 without a JSON object"),
    (
        Fault("no_data"),
        PiggyResponseError,
        "HTTP 200 without data and without an error code",
    ),
    (Fault("malformed"), PiggyResponseError, "HTTP 200 without a JSON object"),
    (Fault("raw", status=204), PiggyResponseError, "HTTP 204 without a JSON object"),
    (Fault("raw", body="[]"), PiggyResponseError, "HTTP 200 without a JSON object"),
    (Fault("raw", body="null"), PiggyResponseError, "HTTP 200 without a JSON object"),
    (
        Fault("raw", body='{"data": {}}', status=400),
        PiggyResponseError,
        "HTTP 400 without data and without an error code",
    ),
    (
        Fault("raw", body='{"data": "\xe9"}'.encode("latin-1")),
        PiggyResponseError,
        "HTTP 200 without a JSON object",
    ),
    (
        Fault("raw", body='{"data": []}'.encode("utf-16")),
        PiggyResponseError,
        "HTTP 200 without a JSON object",
    ),
    (
        Fault("raw", body=b'{"data": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        PiggyResponseError,
        "HTTP 200 without a JSON object",
    ),
    (
        Fault("redirect", location="/elsewhere"),
        PiggyResponseError,
        "HTTP 302 without a JSON object",
    ),
]


@every_call
async def test_fault(sandbox: Sandbox, call: Call) -> None:
    """Every failure of every call is told by its kind, and no create is sent twice."""
    for fault, kind, text in FAULTS:
        sandbox.requests.clear()
        sandbox.clear_faults()
        sandbox.add_fault(replace(fault, times=0))
        async with ClientSession() as fresh:
            with pytest.raises(PiggyError) as caught:
                await call(PiggyClient(fresh, DEFAULT_KEY, sandbox.url))
        assert (type(caught.value), str(caught.value)) == (kind, text), fault
        repeated = fault.kind.startswith("reset") and call is not CALLS["create"]
        assert len(sandbox.requests) == 1 + repeated, fault
        assert list(chain(caught.value)) == [caught.value]


@every_call
@pytest.mark.usefixtures("impatient")
async def test_stall(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """An answer that does not come, or stops, is a timeout; nothing is sent twice."""
    for fault in (Fault("stall", handled=False), Fault("delay", delay=30)):
        sandbox.requests.clear()
        sandbox.add_fault(fault)
        with pytest.raises(PiggyTimeoutError) as caught:
            await call(client)
        assert str(caught.value) == "no whole answer in time"
        assert list(chain(caught.value)) == [caught.value]
        assert len(sandbox.requests) == 1


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
async def test_create_once(client: PiggyClient, sandbox: Sandbox, kind: Any) -> None:
    """A create is not repeated either where the connection was in use before."""
    await client.get_shops()
    sandbox.add_fault(Fault(kind, method="POST"))
    with pytest.raises(PiggyInterruptedError):
        await CALLS["create"](client)
    assert len(sandbox.calls("POST")) == 1
    assert len(sandbox.sessions) == (kind == "reset_after")


async def test_no_server(session: ClientSession, sandbox: Sandbox) -> None:
    """Where nobody listens nothing was sent."""
    await sandbox.stop()
    for url in (sandbox.url, "http://nowhere.invalid", "http://a..b"):
        with pytest.raises(PiggyConnectionError) as caught:
            await PiggyClient(session, DEFAULT_KEY, url).get_shops()
        assert list(chain(caught.value)) == [caught.value]


async def test_no_tls(session: ClientSession, sandbox: Sandbox) -> None:
    """A server that does not speak TLS gets no key."""
    url = sandbox.url.replace("http:", "https:")
    with pytest.raises(PiggyConnectionError):
        await PiggyClient(session, DEFAULT_KEY, url).get_shops()
    assert sandbox.requests == []


async def test_no_handshake(
    session: ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never finishes to connect is no timeout of an answer."""
    monkeypatch.setattr(client_module, "TIMEOUT", ClientTimeout(total=30, connect=0.2))
    url = (await serve(b"")).replace("http:", "https:")
    with pytest.raises(PiggyConnectionError):
        await PiggyClient(session, DEFAULT_KEY, url).get_shops()


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
async def test_stale_connection(
    client: PiggyClient, sandbox: Sandbox, kind: Any
) -> None:
    """What only reads survives a connection that Piggy has closed meanwhile."""
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
    """What does not speak HTTP, or only begins to, is told by its kind.

    What kind a garbled body is depends on whether it came together with its head.
    """
    client = PiggyClient(session, DEFAULT_KEY, await serve(answer))
    with pytest.raises(kind) as caught:
        await client.get_shops()
    assert list(chain(caught.value)) == [caught.value]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("401 Unauthorized", PiggyAuthError),
        ("403 Forbidden", PiggyAuthError),
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
    """Where the status says all, the body may be anything."""
    answer = f"HTTP/1.1 {head}\r\nContent-Length: {len(body) * 2}\r\n\r\n".encode()
    client = PiggyClient(session, DEFAULT_KEY, await serve(answer + body))
    with pytest.raises(PiggyError) as caught:
        await client.get_shops()
    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@every_call
async def test_redirect(
    client: PiggyClient, sandbox: Sandbox, call: Call, status: int
) -> None:
    """A redirect is not followed: the key goes to nobody else."""
    async with Sandbox() as other:
        sandbox.add_fault(
            Fault("redirect", status=status, location=f"{other.url}{PREFIX}/shops")
        )
        with pytest.raises(PiggyResponseError):
            await call(client)
        assert other.requests == []
    assert len(sandbox.requests) == 1


async def test_huge(client: PiggyClient, sandbox: Sandbox) -> None:
    """A body is read up to 1 MiB and not one byte further."""
    body = b'{"data": []}'.ljust(MIB)
    sandbox.add_fault(Fault("raw", body=body), Fault("raw", body=body + b" "))
    assert await client.get_shops() == []
    with pytest.raises(PiggyResponseError, match="more than 1 MiB"):
        await client.get_shops()


async def test_endless(session: ClientSession, serve: Serve) -> None:
    """A body without end is left, whatever it claims to be."""
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (8 * MIB)
    with pytest.raises(PiggyResponseError, match="more than 1 MiB"):
        await PiggyClient(session, DEFAULT_KEY, await serve(answer)).get_shops()


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
    with pytest.raises(PiggyResponseError, match="more than 1 MiB"):
        await client.get_shops()


@pytest.mark.parametrize("content_type", ["text/html", "application/json; charset=x"])
async def test_content_type(
    client: PiggyClient, sandbox: Sandbox, content_type: str
) -> None:
    """JSON is JSON whatever it is called."""
    sandbox.add_fault(
        Fault(
            "raw",
            body='{"data": [{"uuid": "1", "name": "Café"}], "meta": {}}',
            headers={"Content-Type": content_type},
        )
    )
    assert await client.get_shops() == [Shop("1", "Café")]


@pytest.mark.parametrize(
    ("call", "data"),
    [
        ("shops", None),
        ("shops", {}),
        ("shops", "shops"),
        ("shops", [None]),
        ("shops", [{"name": "no uuid"}]),
        ("shops", [{"uuid": True}]),
        ("contact", None),
        ("contact", []),
        ("contact", {"uuid": ""}),
        ("card", {"contact": {"email": "a@b.c"}}),
        ("create", None),
        ("create", {"uuid": "1"}),
        ("create", {"uuid": "1", "url": ""}),
        ("create", {"uuid": "1", "url": "javascript:alert(1)"}),
        ("create", {"uuid": "1", "url": "http://"}),
        ("create", {"uuid": "1", "url": "https://a/ b"}),
        ("create", {"uuid": {}, "url": "https://a/b"}),
        ("session", []),
        ("session", {"url": "https://a/b"}),
    ],
)
async def test_useless_data(
    client: PiggyClient, sandbox: Sandbox, call: str, data: object
) -> None:
    """An answer that nothing can be done with makes no sense."""
    sandbox.add_fault(Fault("raw", body=json.dumps({"data": data, "meta": []})))
    with pytest.raises(PiggyResponseError):
        await CALLS[call](client)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("30", 30.0),
        ("  7 ", 7.0),
        ("9" * 400, 999999999.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 13:01:30 +0100", 90.0),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90.0),
        ("Sunday, 22-Nov-26 12:00:10 GMT", 10.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 11:00:00 GMT", None),
        ("Sun, 22 Nov 99999 11:00:00 GMT", None),
        ("Sun, 22 Nov 2147483648 11:00:00 GMT", None),
        ("Sun, 22 Nov 2026 11:00:00 +2400", None),
        ("Sun, 22 Nov 2026 11:00:00 +999999999", None),
        ("Mon, 22 Nov 9999 23:59:59 -2359", 251603668739.0),
    ],
)
async def test_retry_after(
    client: PiggyClient,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    header: str | None,
    seconds: float | None,
) -> None:
    """A rate limit comes with the seconds to wait, if they are told."""
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
        (-1, -1),
        (0, 0),
        (424242, 424242),
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
    """The code decides, whatever the status; without one the answer makes no sense."""
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
        ({"message": "No.", "errors": None}, "No."),
        ({"message": "No.", "errors": []}, "No."),
        ({"message": "No.", "errors": "shop_uuid"}, "No."),
        (
            {"message": "No.", "errors": {"a": ["One.", "Two."], "b": "Three."}},
            "No.; a: One., Two.; b: Three.",
        ),
        ({"errors": {"a": "One."}}, "a: One."),
        ({"errors": {"a": [1, None, {"x": "y"}, "One."], "b": 2}}, "a: One.; b: "),
    ],
)
async def test_details(
    client: PiggyClient, sandbox: Sandbox, answer: dict[str, Any], details: str
) -> None:
    """Piggy's words are kept in one line, with the messages by field."""
    body = json.dumps({"code": 1003, **answer})
    sandbox.add_fault(Fault("raw", status=400, body=body))
    with pytest.raises(PiggyApiError) as caught:
        await client.get_shops()
    assert caught.value.details == details
    assert str(caught.value) == f"error 1003: {details}"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Known to ada@example.com, who is 123.", "Known to … who is 123."),
        ("See https://api.piggy.eu/portal-sessions?uuid=1 now.", "See … now."),
        ("See https%3A%2F%2Fapi.piggy.eu now.", "See … now."),
        (f"Contact {UUID}.", "Contact …."),
        (f"Contact {UUID.upper()}.", "Contact …."),
        ("No (sandbox-key) here.", "No (…) here."),
    ],
)
async def test_telling_words(
    client: PiggyClient, sandbox: Sandbox, said: str, kept: str
) -> None:
    """Addresses, urls and uuids stay out of an error, whosever they are."""
    sandbox.add_fault(Fault("code", code=1003, message=said, errors={"x": said}))
    with pytest.raises(PiggyApiError) as caught:
        await client.get_shops()
    assert caught.value.details == f"{kept}; x: {kept}"


async def test_long_details(client: PiggyClient, sandbox: Sandbox) -> None:
    """Piggy's words fit a notification and a line of the log, however many they are."""
    errors = {f"field {number}": ["word " * 40] * 9 for number in range(300)}
    sandbox.add_fault(Fault("code", code=1003, message="x" * 9999, errors=errors))
    with pytest.raises(PiggyApiError) as caught:
        await client.get_shops()
    assert len(str(caught.value)) < 2000
    assert len(repr(caught.value)) < 2000


@every_call
async def test_secrets(client: PiggyClient, sandbox: Sandbox, call: Call) -> None:
    """What was asked about, and the key, are in no exception, also if Piggy says it."""
    asked = {"create": CONTACT, "contact": EMAIL, "card": CARD, "session": UUID}
    said = [DEFAULT_KEY, *(asked[name] for name in asked if CALLS[name] is call)]
    for word in (*said, *map(str.lower, said), *map(str.upper, said)):
        words = f"Nobody is ({word})."
        sandbox.add_fault(
            Fault("code", code=1003, message=words, errors={word: [words], "x": words})
        )
        with pytest.raises(PiggyApiError) as caught:
            await call(client)
        assert caught.value.message == "Nobody is (…)."
        assert word not in texts(caught.value)
    for fault, _, _ in FAULTS:
        sandbox.clear_faults()
        sandbox.add_fault(replace(fault, times=0))
        with pytest.raises(PiggyError) as error:
            await call(client)
        known = (DEFAULT_KEY, SHOP, sandbox.url, *asked.values())
        assert not [word for word in known if word in texts(error.value)]


@pytest.mark.parametrize(
    ("header", "remaining"),
    [
        (None, None),
        ("4999", 4999),
        ("0", 0),
        ("9" * 400, 999999999),
        ("many", None),
        ("-1", None),
        ("", None),
    ],
)
async def test_rate_limit_remaining(
    client: PiggyClient, sandbox: Sandbox, header: str | None, remaining: int | None
) -> None:
    """How many requests are left is kept where Piggy tells."""
    headers = {} if header is None else {"X-RateLimit-Remaining": header}
    assert client.rate_limit_remaining is None
    sandbox.add_fault(Fault("raw", body='{"data": []}', headers=headers))
    await client.get_shops()
    assert client.rate_limit_remaining == remaining


async def test_rate_limit_of_refusal(client: PiggyClient, sandbox: Sandbox) -> None:
    """A refusal tells how many requests are left too, and silence changes nothing."""
    headers = {"X-RateLimit-Remaining": "0"}
    sandbox.add_fault(Fault("status", status=429, headers=headers))
    with pytest.raises(PiggyRateLimitError):
        await client.get_shops()
    await client.get_shops()
    assert client.rate_limit_remaining == 0
