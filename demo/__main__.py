"""Runs a demo: python -m demo [--help]."""

import argparse
import asyncio
from collections.abc import Coroutine
from ipaddress import IPv4Address
from pathlib import Path
import signal
import sys

from hub.errors import HubError
from hub.ports import LOOPBACK

from .errors import DemoError
from .folder import FOLDER
from .progress import Progress
from .run import HUB_PORT, SANDBOX_PORT, Options, run_once, run_until_stopped

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1
# The exit status of a program that SIGINT ended.
_INTERRUPTED = 130


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Starts a real Home Assistant with Piggy's integration and a local "
        "stand-in for Piggy's API. Starts anew each time; runs until Ctrl-C.",
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="check that the right QR code is shown, then end; uses free ports and a "
        "temporary folder, whatever the other options are",
    )
    parser.add_argument(
        "--host",
        type=_address,
        default=LOOPBACK,
        help="this machine's address on its network, so that phones and tablets on the "
        "same network can open the demo; defaults to %(default)s, which only this "
        "machine can open",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=HUB_PORT,
        help="Home Assistant's port, or the next free one; defaults to %(default)s",
    )
    parser.add_argument(
        "--vendor-page",
        action="store_true",
        help="show Piggy's own portal page behind the code, which npm packages make",
    )
    parser.add_argument(
        "--sandbox-port",
        type=int,
        default=SANDBOX_PORT,
        help="the sandbox's port, or the next free one; defaults to %(default)s",
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="the folder for the demo's state"
    )
    return parser.parse_args(arguments)


def _address(text: str) -> str:
    """Return an address that other devices can open; raises ArgumentTypeError."""
    try:
        address = IPv4Address(text)
    except ValueError:
        address = None
    if address is None or address.is_unspecified:
        raise argparse.ArgumentTypeError(
            f"{text} is not an address of this machine, such as 192.168.1.20"
        )
    return str(address)


async def main(arguments: argparse.Namespace) -> int:
    """Run a demo; return the exit status."""
    progress = Progress()
    if arguments.once:
        return await _run(run_once(progress), progress, asyncio.Event())
    up = asyncio.Event()
    options = Options(
        arguments.folder.resolve(),
        arguments.host,
        arguments.port,
        arguments.sandbox_port,
        arguments.vendor_page,
    )
    return await _run(run_until_stopped(options, progress, up.set), progress, up)


async def _run(
    demo: Coroutine[None, None, None], progress: Progress, up: asyncio.Event
) -> int:
    """Run to the end or to the first signal, then stop everything that was started."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(demo)
    stopping = False

    def stop() -> None:
        # A second cancellation would interrupt the stopping of Home Assistant.
        nonlocal stopping
        if not stopping:
            stopping = True
            progress.say("\nStopping")
            task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        return 0 if up.is_set() else _INTERRUPTED
    except (DemoError, HubError) as err:
        print(f"demo: {err}", file=sys.stderr)
        return _FAILED
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
