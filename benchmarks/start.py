"""What screens add to the start of Home Assistant.

As a program, it starts Home Assistant in a folder and prints the seconds that took, or
sets up screens there and stops. A process can start only one Home Assistant.
"""

import os
from pathlib import Path
from statistics import median
import sys
from tempfile import TemporaryDirectory
import time

from homeassistant.config_entries import ConfigEntryState

from .hub import DOMAIN, account, add, hub_in, run
from .piggy import Piggy, running_piggy
from .process import output_of
from .samples import Samples

SIZES = (0, 1, 100, 1000)
ROUNDS = 7
QUICK = 7
TIMEOUT = 120  # seconds


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family.

    The hubs start again, as after an update: their screens are known already.
    """
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    with TemporaryDirectory(prefix="bench-") as name:
        async with running_piggy() as piggy:
            folders = {size: Path(name) / str(size) for size in SIZES}
            for size, folder in folders.items():
                await _prepare(folder, piggy, size)
            rounds = ROUNDS // (QUICK if quick else 1)
            for number in range(-1, rounds):
                for size in SIZES if number % 2 else reversed(SIZES):
                    seconds = await _started(folders[size])
                    if number >= 0:
                        times[size].append(seconds)
    without, one, hundred, thousand = times.values()
    return {"start": growth(without, one, hundred, thousand)}


def growth(
    without: list[float], one: list[float], hundred: list[float], thousand: list[float]
) -> Samples:
    """Return what a thousand screens add, beside ten times what a hundred add."""
    added = {
        screens: [
            with_screens - alone
            for with_screens, alone in zip(seconds, without, strict=True)
        ]
        for screens, seconds in ((1, one), (100, hundred), (1000, thousand))
    }
    return Samples(
        added[1000],
        [10 * seconds for seconds in added[100]],
        f"1 screen adds {median(added[1]):.2f} s, and 100 screens add"
        f" {median(added[100]):.2f} s, to a start of {median(without):.2f} s",
    )


async def _prepare(folder: Path, piggy: Piggy, screens: int) -> None:
    """Set up screens in a hub that is stopped then; raises RuntimeError."""
    await _run(folder, piggy.url, piggy.shop, screens)


async def _started(folder: Path) -> float:
    """Return the seconds of a start; raises RuntimeError."""
    return float(await _run(folder))


async def _run(*arguments: object) -> bytes:
    """Run this program; return its output."""
    command = (sys.executable, "-m", "benchmarks.start", *map(str, arguments))
    return await output_of("a start", *command, seconds=TIMEOUT)


async def _main(folder: str, *prepare: str) -> None:
    """Start, print the seconds, and end without stopping: the folder stays as it is."""
    before = time.perf_counter()
    async with hub_in(Path(folder)) as hass:
        if prepare:
            url, shop, screens = prepare
            if int(screens):
                await add(hass, account(Piggy(url, shop), int(screens)))
            return
        seconds = time.perf_counter() - before
        for entry in hass.config_entries.async_entries(DOMAIN):
            if entry.state is not ConfigEntryState.LOADED:
                raise RuntimeError(f"The account is {entry.state}: {entry.reason}")
        print(seconds, flush=True)
        os._exit(0)


if __name__ == "__main__":
    run(lambda: _main(*sys.argv[1:]))
