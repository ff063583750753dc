"""Measures the rows: python -m benchmarks [--help]."""

import argparse
import asyncio
from collections.abc import Container, Mapping
import json
from pathlib import Path
import sys
from typing import Any, Final

from hub.configuration import CHECKOUT

from . import docs
from .process import output_of
from .report import Result, as_json, is_within, machine, table
from .rows import ROWS, families
from .samples import Samples

TIMEOUT: Final = 300  # seconds a family


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures what the integration adds beside what one would use "
        "instead. Nothing leaves this machine.",
    )
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=[row.key for row in ROWS],
        metavar="ROW",
        help=f"only these: {', '.join(row.key for row in ROWS)}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer repeats, more noise"
    )
    parser.add_argument(
        "--check", action="store_true", help="exit 1 when a bound is missed"
    )
    parser.add_argument(
        "--json",
        type=Path,
        default=CHECKOUT / ".bench" / "results.json",
        help="where the results are written",
    )
    parser.add_argument(
        "--docs",
        action="store_true",
        help="write the results into docs/performance.md and README.md",
    )
    options = parser.parse_args(arguments)
    if options.docs and (options.rows or options.quick):
        parser.error("--docs writes what a full run measured")
    return options


async def main(options: argparse.Namespace) -> int:
    """Measure and print the results; return the exit status."""
    wanted = options.rows or [row.key for row in ROWS]
    here = machine()
    found: dict[str, Samples] = {}
    for family in families(wanted):
        print(f"bench: {family}", file=sys.stderr)
        found |= await measure(family, quick=options.quick)
        # What there is stays, should a later family fail.
        _write(options.json, as_json(_chosen(found, wanted), here))
    results = _chosen(found, wanted)
    print(table(results))
    if options.docs:
        docs.write(results, here)
    missed = [row.key for row, samples in results if not is_within(row, samples)]
    if missed:
        print(f"bench: over the bound: {', '.join(missed)}", file=sys.stderr)
    return 1 if options.check and missed else 0


def _chosen(found: Mapping[str, Samples], wanted: Container[str]) -> list[Result]:
    """Return the measured rows that the user selected."""
    return [
        (row, found[row.key]) for row in ROWS if row.key in wanted and row.key in found
    ]


def _write(path: Path, content: Any) -> None:
    """Write a JSON file, and create its folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


async def measure(family: str, *, quick: bool) -> dict[str, Samples]:
    """Measure a family in a process of its own; raises RuntimeError if it fails."""
    command = [sys.executable, "-m", "benchmarks.worker", family]
    if quick:
        command.append("--quick")
    output = await output_of(family, *command, seconds=TIMEOUT)
    samples = json.loads(output.splitlines()[-1])
    return {row: Samples.from_json(found) for row, found in samples.items()}


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
