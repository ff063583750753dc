"""Feeds malformed answers to the client, and checks the results."""

from argparse import ArgumentParser
import logging
from random import SystemRandom
import sys
from time import perf_counter

from .run import fuzz


def main() -> int:
    """Run the requested number of inputs, and print the results."""
    parser = ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="inputs")
    parser.add_argument("--seed", type=int, help="repeats an earlier run")
    given = parser.parse_args()
    seed = SystemRandom().randrange(2**32) if given.seed is None else given.seed
    logging.disable(logging.CRITICAL)
    print(f"fuzz: {given.count} inputs, seed {seed}", flush=True)  # noqa: T201
    began = perf_counter()

    def report(done: int) -> None:
        rate = done / (perf_counter() - began)
        print(f"fuzz: {done} done, {rate:.0f} a second", flush=True)  # noqa: T201

    outcomes = fuzz(given.count, seed, report)
    for outcome, times in outcomes.most_common():
        print(f"fuzz: {times:8} {outcome}")  # noqa: T201
    print("fuzz: only the client's own errors were raised")  # noqa: T201
    return 0


sys.exit(main())
