"""Checks an account: python -m check_account [--help]."""

import argparse
import asyncio
from contextlib import suppress
from getpass import getpass
import json
import os
from pathlib import Path
import signal
import sys
from typing import Final

from aiohttp import ClientSession
from qrcode.main import QRCode

from custom_components.piggy.address import normalized
from custom_components.piggy.api.http import DEFAULT_URL
from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.options import WITH_AMOUNT

from .answers import ACCEPTED, Asker
from .facts import Needs
from .report import HELP, Verdict, as_markdown, as_text, judge
from .visit import Seen, create, look, watch

KEY_VARIABLE: Final = "PIGGY_API_KEY"
MANIFEST: Final = Path(__file__).parents[1] / "custom_components/piggy/manifest.json"
PATIENCE: Final = 600.0  # seconds


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/check-account",
        description="Checks whether a Piggy account behaves as the integration assumes."
        f" The API key is taken from {KEY_VARIABLE}, or asked for.",
    )
    parser.add_argument("--url", default=DEFAULT_URL, help="address of the API")
    parser.add_argument(
        "--create",
        action="store_true",
        help="create sessions of every type, with and without an amount",
    )
    parser.add_argument(
        "--wait",
        type=SessionType,
        nargs="?",
        const=SessionType.PORTAL,
        metavar="TYPE",
        help="watch a session while you use it on a phone (default type: portal)",
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help="create sessions without asking; alone, the same as --create --yes",
    )
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("check-account-report.md"),
        help="file for the report (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    options.url = normalized(options.url)
    if options.url is None:
        parser.error("--url must start with https://, or be in the local network")
    options.create |= options.yes and not options.wait
    return options


def may_create(options: argparse.Namespace, seen: Seen) -> bool:
    """Return whether there is a shop and the person agrees to create sessions."""
    if seen.shop_uuid is None:
        print("The account has no shop to create sessions in.", file=sys.stderr)
        return False
    if options.yes:
        return True
    count = (len(SessionType) + len(WITH_AMOUNT) + 1) * options.create
    count += options.wait is not None
    print(
        f"This creates up to {count} sessions in the first shop of the account. They"
        " have no effect until they are opened."
    )
    with suppress(EOFError):  # there is no terminal
        return input("Create them? [y/N] ").strip().lower() in ("y", "yes")
    return False


def show(url: str) -> None:
    """Print a session's code for a phone."""
    code = QRCode()
    code.add_data(url)
    print("\nScan this code with a phone, identify, and use the session:\n")
    code.print_ascii(invert=True)
    print(
        f"Press Ctrl-C to continue; it ends in {PATIENCE / 60:.0f} minutes.", flush=True
    )


async def wait_for_use(asker: Asker, seen: Seen, kind: SessionType) -> None:
    """Watch a session until it was used, the time is up, or Ctrl-C is pressed."""
    task = asyncio.create_task(watch(asker, seen, kind, show))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, task.cancel)
    await asyncio.wait([task], timeout=PATIENCE)
    loop.remove_signal_handler(signal.SIGINT)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def run(options: argparse.Namespace, key: str) -> int:
    """Check the account; return the exit status."""
    needs = {Needs.NOTHING}
    async with ClientSession() as session:
        asker = Asker(session, options.url, key)
        seen = await look(asker)
        if seen.health.outcome != ACCEPTED:
            print(f"The health check failed: {seen.health.outcome}.", file=sys.stderr)
            return 1
        if (options.create or options.wait) and may_create(options, seen):
            if options.create:
                await create(asker, seen)
                needs.add(Needs.CREATE)
            if options.wait:
                await wait_for_use(asker, seen, options.wait)
                needs.add(Needs.WAIT)
    findings = judge(seen, needs)
    print(as_text(findings))
    version = json.loads(MANIFEST.read_text(encoding="utf-8"))["version"]
    host = "the default API" if options.url == DEFAULT_URL else "an API of its own"
    about = f"Piggy {version}, {host}."
    options.report.write_text(as_markdown(findings, about), encoding="utf-8")
    print(f"{HELP}\nThe report for a bug report: {options.report}")
    return int(any(finding.verdict is Verdict.DIFFERENT for finding in findings))


def main() -> int:
    """Run the command."""
    options = parse()
    try:
        key = os.environ.get(KEY_VARIABLE) or getpass("Piggy API key: ")
    except EOFError:
        print(f"\nSet {KEY_VARIABLE} to an API key.", file=sys.stderr)
        return 1
    return asyncio.run(run(options, key.strip()))


if __name__ == "__main__":
    sys.exit(main())
