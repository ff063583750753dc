"""Runs the sandbox on its own: python -m sandbox [--help]."""

import argparse
import asyncio
import os
import signal
import socket
import sys

from .seed import DEFAULT_KEY
from .server import Sandbox

_MAX_PORT = 65535


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= _MAX_PORT:
        return int(text)
    message = f"not a port from 0 to {_MAX_PORT}: {text}"
    raise argparse.ArgumentTypeError(message)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A local stand-in for Piggy's API."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=_port, default=8585, help="port to listen on, 0 picks one"
    )
    parser.add_argument(
        "--key",
        action="append",
        help=f"API key to accept, may be repeated (default {DEFAULT_KEY})",
    )
    parser.add_argument(
        "--base-url", help="address of the portal pages, if phones need another one"
    )
    return parser.parse_args(arguments)


def describe(sandbox: Sandbox) -> str:
    """Return what somebody needs to know to use a running sandbox."""
    lines = [
        f"Sandbox: {sandbox.url}",
        *(f"API key: {key}" for key in sandbox.keys),
        *(
            f"Shop: {shop.name} ({shop.type}), uuid {shop.uuid}"
            for shop in sandbox.shops.values()
        ),
        *(
            f"Contact: {contact.email}, uuid {contact.uuid}"
            for contact in sandbox.contacts.values()
        ),
        *(
            f"Card: {card.value}, "
            f"{card.contact.email if card.contact else 'of nobody'}"
            f"{'' if card.active else ', inactive'}"
            for card in sandbox.identifiers.values()
        ),
    ]
    return "\n".join(lines)


async def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    sandbox = Sandbox(
        host=options.host,
        port=options.port,
        keys=options.key or (DEFAULT_KEY,),
        base_url=options.base_url,
    )
    try:
        await sandbox.start()
    except OSError as err:
        where = f"{options.host}:{options.port}"
        # asyncio puts the address into the text of a system error once more.
        if err.errno is None or isinstance(err, socket.gaierror):
            reason = err.strerror
        else:
            reason = os.strerror(err.errno)
        print(f"sandbox: cannot listen on {where}: {reason}", file=sys.stderr)
        return 1
    try:
        print(describe(sandbox), flush=True)
        await stop.wait()
    finally:
        await sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(parse())))
