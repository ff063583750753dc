"""The kinds of fault that tests can request instead of, or on top of, an answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import socket
import struct
from typing import Literal, NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from .errors import STATUS, ApiError, FieldErrors

type FaultKind = Literal[
    "delay",
    "status",
    "code",
    "reset_before",
    "reset_after",
    "truncate",
    "stall",
    "html",
    "no_data",
    "malformed",
    "raw",
    "redirect",
]

_HTML = b"<!DOCTYPE html><html><head><title>Oops</title></head><body>Oops</body></html>"
_EMPTY = b'{"data": {}, "meta": []}'
_FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class Fault:
    """A fault, and the API requests that it affects.

    kind          what happens:
      delay         the answer comes late, after `delay` seconds
      status        `status` with `body` and `headers`; without a body, an HTML page
                    from 500 on and JSON below
      code          the API's error `code`, with `message` and `errors`
      reset_before  the connection is closed, the request is not handled
      reset_after   the request is handled, then the connection is reset (TCP RST)
      truncate      the request is handled, half of the answer is sent
      stall         the request is handled, headers are sent, and no body
      html          200 with an HTML page
      no_data       200 with JSON that has no `data`
      malformed     200 with JSON that breaks off
      raw           `status` (200) with `body` and `headers` as they are
      redirect      `status` (302) to `location`
    method, path  match requests: a method, and a text within path and query
    times         how many requests it affects; 0 is all until it is cleared
    delay         seconds that any kind waits first
    handled       whether the request is handled (a session created) before the fault,
                  if that is not as the kind has it
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    times: int = 1
    delay: float = 0
    handled: bool | None = None
    status: int | None = None
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int = 1000
    message: str | None = None
    errors: FieldErrors | None = None
    location: str = ""

    def __post_init__(self) -> None:
        """Refuse a fault that could never happen."""
        if self.kind not in KINDS:
            message = f"unknown kind of fault: {self.kind}"
            raise ValueError(message)
        if self.kind == "status" and self.status is None:
            message = "a fault of kind status needs a status"
            raise ValueError(message)
        if self.times < 0 or self.delay < 0:
            message = "times and delay cannot be negative"
            raise ValueError(message)

    @property
    def handles(self) -> bool:
        """Return whether the request is handled before the fault."""
        return KINDS[self.kind].handles if self.handled is None else self.handled

    @property
    def content(self) -> bytes:
        """Return the body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body

    def matches(self, request: web.BaseRequest) -> bool:
        """Return whether a request is one of those that it affects."""
        method = self.method.upper()
        return method in ("", request.method) and self.path in request.path_qs


class Exchange(NamedTuple):
    """A request, its answer so far, and the fault that affects it."""

    fault: Fault
    request: web.Request
    handler: Handler
    answer: web.Response | None
    closing: asyncio.Event

    def transport(self) -> asyncio.Transport:
        """Return the connection; raises ConnectionResetError if the client has left."""
        transport = self.request.transport
        if not isinstance(transport, asyncio.Transport):
            raise ConnectionResetError
        return transport

    def body(self) -> bytes:
        """Return the fault's body, or that of the answer."""
        answer = self.answer.body if self.answer is not None else None
        return self.fault.content or (answer if isinstance(answer, bytes) else _EMPTY)


async def _delay(exchange: Exchange) -> web.StreamResponse:
    return exchange.answer or await exchange.handler(exchange.request)


async def _status(exchange: Exchange) -> web.StreamResponse:
    fault = exchange.fault
    status = fault.status or STATUS
    html = status >= _FIRST_SERVER_ERROR
    headers = {"Content-Type": "text/html" if html else "application/json"}
    body = fault.content or (_HTML if html else b'{"message": "Error."}')
    return web.Response(status=status, body=body, headers=headers | {**fault.headers})


async def _code(exchange: Exchange) -> web.StreamResponse:
    fault = exchange.fault
    error = ApiError(
        fault.code,
        message=fault.message,
        errors=fault.errors,
        status=fault.status or STATUS,
    )
    return web.json_response(
        error.as_json(), status=error.status, headers=fault.headers
    )


async def _close(exchange: Exchange) -> web.StreamResponse:
    exchange.transport().close()
    return web.Response()


async def _reset(exchange: Exchange) -> web.StreamResponse:
    transport = exchange.transport()
    connection = transport.get_extra_info("socket")
    # Without lingering, the kernel sends RST instead of FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return web.Response()


async def _begin(exchange: Exchange, body: bytes) -> web.StreamResponse:
    """Send the headers of an answer."""
    status = exchange.answer.status if exchange.answer is not None else 200
    response = web.StreamResponse(
        status=exchange.fault.status or status,
        headers={"Content-Type": "application/json", **exchange.fault.headers},
    )
    response.content_length = len(body)
    await response.prepare(exchange.request)
    return response


async def _truncate(exchange: Exchange) -> web.StreamResponse:
    body = exchange.body()
    response = await _begin(exchange, body)
    await response.write(body[: len(body) // 2])
    exchange.transport().close()
    return response


async def _stall(exchange: Exchange) -> web.StreamResponse:
    response = await _begin(exchange, exchange.body())
    await exchange.closing.wait()
    exchange.transport().abort()
    return response


def _fixed(body: bytes, content_type: str) -> Responder:
    async def respond(exchange: Exchange) -> web.StreamResponse:
        headers = {"Content-Type": content_type, **exchange.fault.headers}
        return web.Response(
            status=exchange.fault.status or 200,
            body=exchange.fault.content or body,
            headers=headers,
        )

    return respond


async def _redirect(exchange: Exchange) -> web.StreamResponse:
    return web.Response(
        status=exchange.fault.status or 302,
        headers={"Location": exchange.fault.location, **exchange.fault.headers},
    )


type Responder = Callable[[Exchange], Awaitable[web.StreamResponse]]


class Kind(NamedTuple):
    """How a kind of fault answers, and whether the request is handled before."""

    respond: Responder
    handles: bool = False


KINDS: Mapping[str, Kind] = {
    "delay": Kind(_delay),
    "status": Kind(_status),
    "code": Kind(_code),
    "reset_before": Kind(_close),
    "reset_after": Kind(_reset, handles=True),
    "truncate": Kind(_truncate, handles=True),
    "stall": Kind(_stall, handles=True),
    "html": Kind(_fixed(_HTML, "text/html")),
    "no_data": Kind(_fixed(b'{"meta": []}', "application/json")),
    "malformed": Kind(_fixed(b'{"data": {"uuid": "', "application/json")),
    "raw": Kind(_fixed(b"", "application/json")),
    "redirect": Kind(_redirect),
}
