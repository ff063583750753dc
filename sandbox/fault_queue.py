"""The queue of faults, as a middleware of the API."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from .faults import KINDS, Exchange, Fault


class Faults:
    """Middleware that applies the first fault that matches a request."""

    def __init__(self, *aside: str) -> None:
        """Start without faults; those without a path spare the paths of `aside`."""
        self._aside = aside
        # Each with the times that it has left; 0 is without end.
        self.pending: list[Fault] = []
        self.closing = asyncio.Event()

    def add(self, *faults: Fault) -> None:
        """Queue faults; the first that matches a request affects it."""
        self.pending += faults

    def clear(self) -> None:
        """Drop the faults that are still queued."""
        self.pending.clear()

    def _take(self, request: web.Request) -> Fault | None:
        for index, fault in enumerate(self.pending):
            is_meant = fault.path or request.path not in self._aside
            if is_meant and fault.matches(request):
                if fault.times == 1:
                    del self.pending[index]
                elif fault.times:
                    self.pending[index] = replace(fault, times=fault.times - 1)
                return fault
        return None

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Answer a request, or fail it as queued."""
        fault = self._take(request)
        if fault is None:
            return await handler(request)
        answer: web.Response | None = None
        if fault.handles:
            response = await handler(request)
            answer = response if isinstance(response, web.Response) else None
        if fault.delay:
            with suppress(TimeoutError):
                async with asyncio.timeout(fault.delay):
                    await self.closing.wait()
        exchange = Exchange(fault, request, handler, answer, self.closing)
        return await KINDS[fault.kind].respond(exchange)
