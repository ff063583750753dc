"""The time of an account's set-up, by its number of screens."""

import gc
from itertools import count
from statistics import median
import time

from homeassistant.core import HomeAssistant

from .hub import account, add, running_hub
from .piggy import Piggy, running_piggy
from .samples import Samples, in_turn

SCREENS = 100
PARTS = 10
ROUNDS = 8
QUICK = 4


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    numbers = count()
    async with running_piggy() as piggy, running_hub() as hass:

        async def set_up(screens: int) -> float:
            return await _set_up(hass, piggy, screens, next(numbers))

        async def whole() -> float:
            return await set_up(SCREENS)

        async def in_parts() -> float:
            return sum([await set_up(SCREENS // PARTS) for _ in range(PARTS)])

        rounds = ROUNDS // (QUICK if quick else 1)
        samples = await in_turn(whole, in_parts, rounds, 1)
        one = [await set_up(1) for _ in range(rounds)]
    ten = median(samples.other) / PARTS
    samples.notes = f"1 screen: {median(one):.3f} s, 10 screens: {ten:.3f} s"
    return {"setup": samples}


async def _set_up(
    hass: HomeAssistant, piggy: Piggy, screens: int, number: int
) -> float:
    """Return the seconds that setting up a new account takes, then remove it."""
    entry = account(piggy, screens, number)
    gc.collect()  # what the account before left behind is not this one's
    start = time.perf_counter()
    await add(hass, entry)
    seconds = time.perf_counter() - start
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    return seconds
