"""Tests the mutants: python -m mutation [--help]."""

import argparse
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

from . import card, python
from .equivalents import MOST, read, unused
from .modules import CARD, CHECKOUT, PYTHON, source_of
from .report import Result, as_json, count, missed, survivors, table, totals

MODULES = (*PYTHON, *CARD)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/mutate",
        description="Changes the code in small ways, and lists the changes that no "
        "test notices. Results are kept: a second call continues.",
    )
    parser.add_argument(
        "--module",
        nargs="+",
        choices=MODULES,
        metavar="NAME",
        help=f"only these: {', '.join(MODULES)}",
    )
    parser.add_argument(
        "--changed",
        nargs="?",
        const="origin/main",
        metavar="BRANCH",
        help="only lines that differ from this branch (default: origin/main)",
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes at once"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts")
    parser.add_argument(
        "--fresh", action="store_true", help="forget the results of earlier calls"
    )
    parser.add_argument(
        "--check", action="store_true", help="exit 1 when a rate is below its bound"
    )
    return parser.parse_args(arguments)


def changed_since(branch: str, module: str) -> frozenset[int]:
    """Return a module's lines that changed since the fork from a branch."""
    git = shutil.which("git") or "git"
    command = [git, "diff", "--unified=0", "--merge-base", branch, "--"]
    diff = subprocess.run(  # noqa: S603 -- a branch that the caller names
        [*command, source_of(module)],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
        text=True,
    )
    return lines_of(diff.stdout)


def lines_of(diff: str) -> frozenset[int]:
    """Return the new lines in a diff without context."""
    hunks = re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", diff, re.MULTILINE)
    return frozenset(
        line
        for start, length in hunks
        for line in range(int(start), int(start) + int(length or 1))
    )


def main(options: argparse.Namespace) -> int:
    """Test the mutants and report; return the exit status."""
    equivalents = read()
    results: list[Result] = []
    for module in options.module or MODULES:
        run = card.run if module in CARD else python.run
        lines = changed_since(options.changed, module) if options.changed else None
        if lines != frozenset():
            results += run(module, lines, options.jobs, fresh=options.fresh)
    counts = count(results, equivalents)
    for mutant in survivors(results, equivalents):
        print(f"{mutant.diff}\n")
    print(table(counts))
    if options.json:
        options.json.write_text(f"{json.dumps(as_json(counts), indent=2)}\n")
    problems = [f"the rate of {name} is below its bound" for name in missed(counts)]
    if not options.changed:
        mutants = [mutant for mutant, _ in results]
        problems += [
            f"no mutant is this equivalent: {row}"
            for row in unused(equivalents, mutants)
        ]
        known = sum(row.equivalent for row in totals(counts).values())
        if known > MOST * len(mutants):
            problems.append(f"more than {MOST:.0%} of the mutants are equivalent")
    for problem in problems:
        print(f"mutate: {problem}", file=sys.stderr)
    return 1 if options.check and problems else 0


if __name__ == "__main__":
    sys.exit(main(parse()))
