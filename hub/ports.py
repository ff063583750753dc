"""TCP ports of this machine."""

import errno
import socket

LOOPBACK = "127.0.0.1"
_LAST_PORT = 65535


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server can listen on the port.

    Raises OSError for a host that is not this machine.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port with nothing but closed connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as err:
            if err.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port(host: str = LOOPBACK) -> int:
    """Return a port that is free at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def next_free_port(wanted: int, host: str = LOOPBACK) -> int:
    """Return the wanted port, or the next free one above it; 0 is any free one.

    Raises OSError when there is none, or for a host that is not this machine.
    """
    if wanted == 0:
        return free_port(host)
    for port in range(wanted, _LAST_PORT + 1):
        if is_free(port, host):
            return port
    raise OSError(errno.EADDRINUSE, f"No port from {wanted} upwards is free")
