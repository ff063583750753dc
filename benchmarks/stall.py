"""The longest stall of the event loop while every screen starts a session."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import gc
from itertools import count
import time

from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .hub import account, add, create, devices, running_hub
from .piggy import running_piggy
from .samples import Samples, in_turn

SCREENS = 100
ROUNDS = 60
QUICK = 10
TICK = 0.001  # seconds
PAUSE = 0.2  # seconds in which what a round left behind is done


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    async with running_piggy() as piggy, running_hub() as hass:
        session = async_get_clientsession(hass)
        numbers = count()

        async def with_integration() -> float:
            # A new account each time: sessions that were replaced are still polled.
            entry = account(piggy, SCREENS, next(numbers))
            await add(hass, entry)
            screens = devices(hass, entry)

            async def actions() -> None:
                await asyncio.gather(*(create(hass, screen) for screen in screens))

            stall = await longest(actions)
            await hass.config_entries.async_remove(entry.entry_id)
            await hass.async_block_till_done()
            return stall

        async def posts() -> None:
            await asyncio.gather(*(piggy.create(session) for _ in range(SCREENS)))

        async def without_integration() -> float:
            return await longest(posts)

        rounds = ROUNDS // (QUICK if quick else 1)
        samples = await in_turn(with_integration, without_integration, rounds, 2)
    return {"stall": samples}


async def longest(run: Callable[[], Awaitable[None]]) -> float:
    """Return the longest stall in milliseconds."""
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
