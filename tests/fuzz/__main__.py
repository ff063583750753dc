"""Feeds the client with answers that make no sense, and checks what comes of them."""

from argparse import ArgumentParser
import logging
from random import SystemRandom
import sys
from time import perf_counter

from .run import fuzz


def main() -> int:
    """Run as many inputs as asked for, and print what came of them."""
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
    print("fuzz: nothing but the client's own errors came out")  # noqa: T201
    return 0


sys.exit(main())
