"""Runs a simulated day: scripts/shop-day [--help]."""

import argparse
import os
from pathlib import Path
import sys

import pytest


def _count(text: str) -> int:
    """Read a number of customers; argparse reports a ValueError, too."""
    if (count := int(text)) < 1:
        raise argparse.ArgumentTypeError("a day has at least one customer")
    return count


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/shop-day",
        description="Simulates a shop's day with disturbances, and compares what Piggy"
        " booked with what Home Assistant reported.",
    )
    parser.add_argument(
        "--customers",
        type=_count,
        metavar="N",
        default=10_000,
        help="how many customers come; defaults to %(default)s, about half an hour."
        " Latencies have to be short from 500 customers on",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="repeats a day; defaults to %(default)s"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the result to a file, too"
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Run the day as a test; return its exit status."""
    arguments = parse()
    os.environ |= {
        "DAY_CUSTOMERS": str(arguments.customers),
        "DAY_SEEDS": str(arguments.seed),
        "DAY_REPORT": str(arguments.json.resolve()) if arguments.json else "",
    }
    return pytest.main(["--quiet", "--tb=short", "tests/ledger/test_day.py"])


if __name__ == "__main__":
    sys.exit(main())
