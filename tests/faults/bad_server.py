"""A faulty HTTP server that runs in its own thread."""

from contextlib import suppress
import socket
from socketserver import BaseRequestHandler, TCPServer
import ssl
import struct
from threading import Thread
from time import sleep
from typing import Any, override


class BadServer:
    """Presents only a TLS certificate, or without one resets every connection."""

    def __init__(
        self, address: tuple[str, int], context: ssl.SSLContext | None
    ) -> None:
        """Listen."""
        _Server.context = context
        self._server = _Server(address, _Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))

    def start(self) -> None:
        """Start the server."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(TCPServer):
    allow_reuse_address = True
    context: ssl.SSLContext | None = None


class _Handler(BaseRequestHandler):
    request: socket.socket

    @override
    def handle(self) -> None:
        server: Any = self.server
        self.request.settimeout(10)
        if server.context is None:
            # The request arrives in the meantime and is not read.
            sleep(0.02)
            # Not lingering makes the kernel send RST where it would send FIN.
            linger = struct.pack("ii", 1, 0)
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.request.close()
            return
        # The client is the one to refuse.
        with suppress(OSError):
            server.context.wrap_socket(self.request, server_side=True).close()
