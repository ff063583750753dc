"""A network between a browser and a hub that can be cut."""

import asyncio
import ssl
from typing import override

from .connections import Connections

LOOPBACK = "127.0.0.1"


class Network(Connections):
    """Forwards connections to a port while it is up."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Forward to a port of this machine; with a certificate, from https."""
        super().__init__(LOOPBACK, tls=tls)
        self._far_port = port
        self.up = True

    @property
    def url(self) -> str:
        """Return where it listens."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{LOOPBACK}:{self.port}"

    @override
    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        self.up = False
        super().cut()

    def restore(self) -> None:
        """Take connections again."""
        self.up = True

    @override
    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not self.up:
            return
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._far_port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pour(reader, far_writer))
                group.create_task(_pour(far_reader, writer))
        finally:
            far_writer.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward one direction until it ends."""
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
