"""Measures one family of rows: python -m benchmarks.worker FAMILY [--quick]."""

import argparse
from dataclasses import asdict
from functools import partial
from importlib import import_module
import json

from .hub import run


def main() -> None:
    """Measure, and print the samples as the last line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("family")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    family = import_module(f".{options.family}", __package__)
    samples = run(partial(family.measure, quick=options.quick))
    print(json.dumps({row: asdict(found) for row, found in samples.items()}))


if __name__ == "__main__":
    main()
