"""Stands in for displays that are controlled over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
import os
import ssl
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import BodyPartReader, web

from hub.errors import NotYetError
from hub.waiting import eventually

# The integrations' ports are fixed. An address of this process's own keeps them free.
_PID: Final = os.getpid()
HOST: Final = f"127.{64 + (_PID >> 16 & 63)}.{_PID >> 8 & 255}.{_PID & 255}"


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    parts: dict[str, bytes]


@dataclass
class Receiver:
    """Records requests, and answers them."""

    port: int
    answer: Callable[[Received], Any] = lambda _: {}
    host: str = HOST
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def wait_for(
        self, wanted: Callable[[Received], object], count: int = 1
    ) -> Received:
        """Wait for a number of requests of a kind; return the last of them."""

        async def look() -> Received:
            found = self.of(wanted)
            if len(found) < count:
                msg = f"{len(found)} requests arrived, not {count}"
                raise NotYetError(msg)
            return found[count - 1]

        return await eventually(look)

    def of(self, wanted: Callable[[Received], object]) -> list[Received]:
        """Return the requests of a kind."""
        return [request for request in self.received if wanted(request)]

    async def _handle(self, request: web.Request) -> web.Response:
        parts: dict[str, bytes] = {}
        if request.content_type == "multipart/form-data":
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                parts[part.name or ""] = bytes(await part.read())
        received = Received(
            request.method,
            request.path,
            dict(request.query),
            dict(request.headers),
            await request.read() if not parts else b"",
            parts,
        )
        self.received.append(received)
        answer = self.answer(received)
        if isinstance(answer, web.Response):
            return answer
        return web.json_response(answer)
