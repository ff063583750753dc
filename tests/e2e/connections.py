"""Serves connections: the part that the stand-ins for devices have in common."""

from abc import ABC, abstractmethod
import asyncio
from contextlib import suppress
import ssl
from types import TracebackType
from typing import Self


class Connections(ABC):
    """Listens on a port; `serve` is run for each connection."""

    def __init__(
        self, host: str, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        """Describe where to listen; port 0 is any free one."""
        self._address = (host, port)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(
            self._accept, *self._address, ssl=self._tls
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening, and break all connections."""
        assert self._server is not None
        self._server.close()
        self.cut()

    @property
    def port(self) -> int:
        """Return the port where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """Break all connections."""
        for task in self._tasks:
            task.cancel()

    @abstractmethod
    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection, which is closed then."""

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.serve(reader, writer)
        self._tasks.discard(task)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
