"""A network between a browser and a hub that can be cut."""

import asyncio
from contextlib import suppress
import ssl
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"


class Network:
    """Forwards connections to a port while it is up."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Forward to a port of this machine; with a certificate, from https."""
        self._port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._carried: set[asyncio.Task[None]] = set()
        self.up = True

    @property
    def url(self) -> str:
        """Return where it listens."""
        assert self._server is not None
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._carry, LOOPBACK, ssl=self._tls)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        self.up = False
        for task in self._carried:
            task.cancel()

    def restore(self) -> None:
        """Take connections again."""
        self.up = True

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carried.add(task)
        ends = [writer]
        try:
            if self.up:
                far_reader, far_writer = await asyncio.open_connection(
                    LOOPBACK, self._port
                )
                ends.append(far_writer)
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pour(reader, far_writer))
                    group.create_task(_pour(far_reader, writer))
        except OSError, asyncio.CancelledError, ExceptionGroup:
            pass
        finally:
            self._carried.discard(task)
            for end in ends:
                end.close()
                with suppress(OSError):
                    await end.wait_closed()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward one direction until it ends."""
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
