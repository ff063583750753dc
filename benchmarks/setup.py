"""How long the set-up of an account takes, by its screens."""

from statistics import median
import time

from homeassistant.core import HomeAssistant

from .hub import account, add, running_hub
from .piggy import Piggy, running_piggy
from .samples import Samples

SCREENS = (1, 10, 100)
ROUNDS = 7
QUICK = 2


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    rounds = ROUNDS // (QUICK if quick else 1)
    taken: dict[int, list[float]] = {screens: [] for screens in SCREENS}
    async with running_piggy() as piggy, running_hub() as hass:
        await _set_up(hass, piggy, 1, 0)  # imports, and what is set up but once
        for number in range(1, rounds + 1):
            for screens, seconds in taken.items():
                seconds.append(await _set_up(hass, piggy, screens, number))
    one, ten, hundred = taken.values()
    notes = f"1: {median(one):.3f} s, 10: {median(ten):.3f} s"
    return {"setup": Samples(hundred, [10 * seconds for seconds in ten], notes)}


async def _set_up(
    hass: HomeAssistant, piggy: Piggy, screens: int, number: int
) -> float:
    """Return the seconds until an account that is new is there, then remove it."""
    entry = account(piggy, screens, number)
    start = time.perf_counter()
    await add(hass, entry)
    seconds = time.perf_counter() - start
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    return seconds
