"""The CPU time of polling a thousand sessions."""

import asyncio
from math import inf
import time

from custom_components.piggy import session as lives
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .hub import account, add, create, devices, running_hub
from .piggy import running_piggy
from .samples import Samples, in_turn

SCREENS = 1000
# Faster than in a shop: what is done is the same, with less waiting.
INTERVAL = 4.0  # seconds
ROUNDS = 5
QUICK = 5


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family; raises RuntimeError when polls are missing."""
    schedule = dict.fromkeys(lives.SessionStatus, ((inf, INTERVAL),))
    vars(lives)["SCHEDULE"] = schedule
    async with running_piggy() as piggy, running_hub() as hass:
        session = async_get_clientsession(hass)
        entry = account(piggy, SCREENS)
        await add(hass, entry)
        uuids = [
            (await create(hass, device))["uuid"] for device in devices(hass, entry)
        ]
        await hass.config_entries.async_unload(entry.entry_id)

        async def polled() -> float:
            await hass.config_entries.async_setup(entry.entry_id)
            await asyncio.sleep(2 * INTERVAL)  # by then every screen polls
            await piggy.admin(session, "DELETE", "requests")
            start = time.process_time()
            await asyncio.sleep(INTERVAL)
            seconds = time.process_time() - start
            await hass.config_entries.async_unload(entry.entry_id)
            done = len(await piggy.admin(session, "GET", "requests"))
            if not 0.5 < done / SCREENS < 1.1:  # noqa: PLR2004
                raise RuntimeError(f"{done} polls where {SCREENS} were due")
            return seconds * SCREENS / done

        async def bare() -> float:
            start = time.process_time()
            await asyncio.gather(
                *(read(uuid, number) for number, uuid in enumerate(uuids))
            )
            return time.process_time() - start

        async def read(uuid: str, number: int) -> None:
            await asyncio.sleep(INTERVAL * number / SCREENS)
            await piggy.get(session, uuid)

        rounds = ROUNDS // (QUICK if quick else 1)
        samples = await in_turn(polled, bare, rounds)
    return {"polling": samples}
