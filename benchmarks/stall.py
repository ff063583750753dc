"""How long the event loop stands still while every screen starts a session."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import gc
import time

from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .hub import account, add, create, devices, running_hub
from .piggy import running_piggy
from .samples import Measure, Samples, in_turn

SCREENS = 100
ROUNDS = 60
QUICK = 10
TICK = 0.001  # seconds
PAUSE = 0.2  # seconds in which what a round left behind is done


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    async with running_piggy() as piggy, running_hub() as hass:
        session = async_get_clientsession(hass)
        entry = account(piggy, SCREENS)
        await add(hass, entry)
        screens = devices(hass, entry)

        async def actions() -> None:
            await asyncio.gather(*(create(hass, screen) for screen in screens))

        async def posts() -> None:
            await asyncio.gather(*(piggy.create(session) for _ in screens))

        async def without_integration() -> float:
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_block_till_done()
            stall = await longest_of_posts()
            await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            return stall

        longest_of_posts = longest(posts)
        rounds = ROUNDS // (QUICK if quick else 1)
        samples = await in_turn(longest(actions), without_integration, rounds, 2)
    return {"stall": samples}


def longest(run: Callable[[], Awaitable[None]]) -> Measure:
    """Return how to measure the milliseconds that nothing else was done for."""

    async def watched() -> float:
        worst = 0.0

        async def tick() -> None:
            nonlocal worst
            while True:
                before = time.perf_counter()
                await asyncio.sleep(TICK)
                worst = max(worst, time.perf_counter() - before - TICK)

        gc.collect()  # what was loaded and unloaded before is not this one's
        watch = asyncio.create_task(tick())
        await asyncio.sleep(PAUSE)
        worst = 0.0
        await run()
        await asyncio.sleep(PAUSE)
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        return worst * 1000

    return watched
