"""A record of every request."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import json
import time

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDictProxy

ADMIN_PREFIX = "/sandbox"


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived: path with query, and seconds of the monotonic clock."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes
    time: float

    @property
    def json(self) -> object:
        """Return the body, or None if it is not JSON."""
        try:
            parsed: object = json.loads(self.body)
        except ValueError, RecursionError:
            return None
        return parsed

    def as_json(self) -> Mapping[str, object]:
        """Return the request as the admin API shows it."""
        return {
            "method": self.method,
            "path": self.path,
            "headers": dict(self.headers),
            "json": self.json,
            "time": self.time,
        }


class Recorder:
    """Middleware that records every request except those to the admin API.

    Requests for what is read on the side, at any moment, are recorded apart: `calls`
    returns them by their exact path.
    """

    def __init__(self, *aside: str) -> None:
        """Start without requests; `aside` are the paths of what is read on the side."""
        self.requests: list[Recorded] = []
        self._aside: dict[str, list[Recorded]] = {path: [] for path in aside}
        self._arrived = asyncio.Event()

    def calls(self, method: str = "", path: str = "") -> list[Recorded]:
        """Return the requests of a method whose path contains a text."""
        return [
            request
            for request in self._aside.get(path, self.requests)
            if method in ("", request.method) and path in request.path
        ]

    async def wait_for(
        self, count: int = 1, method: str = "", path: str = ""
    ) -> list[Recorded]:
        """Wait until that many requests match; bound it with asyncio.timeout."""
        while len(found := self.calls(method, path)) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return found

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Record a request, then handle it."""
        if not request.path.startswith(f"{ADMIN_PREFIX}/"):
            self._aside.get(request.path, self.requests).append(
                Recorded(
                    request.method,
                    request.path_qs,
                    request.headers,
                    await request.read(),
                    time.monotonic(),
                )
            )
            self._arrived.set()
        return await handler(request)
