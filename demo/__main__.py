"""Runs a demo: python -m demo [--help]."""

import argparse
import asyncio
from collections.abc import Coroutine
from pathlib import Path
import signal
import sys

from .errors import DemoError
from .folder import FOLDER
from .progress import Progress
from .run import HUB_PORT, SANDBOX_PORT, Options, run_once, run_until_stopped

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1
# As a shell reports a program that SIGINT ended.
_INTERRUPTED = 130


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A real Home Assistant with Piggy's integration and a local "
        "stand-in for Piggy's API. Starts afresh each time; runs until Ctrl-C.",
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="check that the right QR code is shown, then end; takes free ports and a "
        "folder of its own",
    )
    parser.add_argument(
        "--port", type=int, default=HUB_PORT, help="Home Assistant's, or the next free"
    )
    parser.add_argument(
        "--sandbox-port",
        type=int,
        default=SANDBOX_PORT,
        help="the sandbox's, or the next free",
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where the demo keeps its state"
    )
    return parser.parse_args(arguments)


async def main(arguments: argparse.Namespace) -> int:
    """Run a demo; return the exit status."""
    progress = Progress()
    if arguments.once:
        return await _run(run_once(progress), progress, asyncio.Event())
    up = asyncio.Event()
    options = Options(
        arguments.folder.resolve(), arguments.port, arguments.sandbox_port
    )
    return await _run(run_until_stopped(options, progress, up.set), progress, up)


async def _run(
    demo: Coroutine[None, None, None], progress: Progress, up: asyncio.Event
) -> int:
    """Run to the end or to the first signal; what was started is stopped either way."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(demo)
    stopping = False

    def stop() -> None:
        # A second cancellation would cut short the stopping of Home Assistant.
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
    except DemoError as err:
        print(f"demo: {err}", file=sys.stderr)
        return _FAILED
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
