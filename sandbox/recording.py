"""A record of every request."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
import time

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict, CIMultiDictProxy

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
    """Middleware that notes every request but those to the admin API."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.requests: list[Recorded] = []

    def calls(self, method: str = "", path: str = "") -> list[Recorded]:
        """Return the requests of a method whose path contains a text."""
        return [
            request
            for request in self.requests
            if method in ("", request.method) and path in request.path
        ]

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Note a request, then let it be handled."""
        if not request.path.startswith(f"{ADMIN_PREFIX}/"):
            self.requests.append(
                Recorded(
                    request.method,
                    request.path_qs,
                    CIMultiDictProxy(CIMultiDict(request.headers)),
                    await request.read(),
                    time.monotonic(),
                )
            )
        return await handler(request)
