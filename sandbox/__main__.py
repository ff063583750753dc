"""Runs the sandbox on its own: python -m sandbox [--help]."""

import argparse
import asyncio
import os
import signal
import socket
import sys

from .seed import DEFAULT_KEY
from .server import Sandbox
from .settings import RATE_LIMIT, VENDOR_PAGE

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
    parser.add_argument(
        "--vendor-page",
        action="store_true",
        help="show Piggy's own portal page, which scripts/portal-page builds",
    )
    options = parser.parse_args(arguments)
    if options.vendor_page and not VENDOR_PAGE.is_dir():
        parser.error("Piggy's portal page is not built; run scripts/portal-page first")
    return options


def describe(sandbox: Sandbox) -> str:
    """Return what a person needs to use a running sandbox."""
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
            f"{card.contact.email if card.contact else 'no contact'}"
            f"{'' if card.active else ', inactive'}"
            for card in sandbox.identifiers.values()
        ),
        *(
            f"Giftcard: {card.hash}, {card.balance / 100:.2f}"
            f"{', expired' if card.expires else ''}"
            for card in sandbox.giftcards.values()
        ),
        *(
            f"Voucher: {voucher.code}, {voucher.name}"
            for voucher in sandbox.vouchers.values()
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
        vendor_page=VENDOR_PAGE if options.vendor_page else None,
    )
    sandbox.settings.headers = RATE_LIMIT
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
