"""TCP ports on the loopback interface."""

import errno
import socket

LOOPBACK = "127.0.0.1"
_LAST_PORT = 65535


def is_free(port: int) -> bool:
    """Return whether a server can listen on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port with nothing but closed connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as err:
            if err.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port() -> int:
    """Return a port that the system says is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def next_free_port(wanted: int) -> int:
    """Return the wanted port, or the first free one above it; 0 means any.

    Raises OSError when there is none.
    """
    if wanted == 0:
        return free_port()
    for port in range(wanted, _LAST_PORT + 1):
        if is_free(port):
            return port
    raise OSError(errno.EADDRINUSE, f"No port from {wanted} upwards is free")
