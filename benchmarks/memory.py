"""The memory of a screen with a session."""

import gc
import tracemalloc

from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant

from .hub import account, add, create, devices, entities, running_hub
from .piggy import Piggy, running_piggy
from .samples import Samples

SCREENS = 50
ROUNDS = 3


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    async with running_piggy() as piggy, running_hub() as hass:
        tracemalloc.start()
        await _show(hass, piggy, 1, 0)  # imports, and what is kept but once
        weights = [
            await _weight(hass, piggy, number)
            for number in range(1, 2 if quick else ROUNDS + 1)
        ]
        tracemalloc.stop()
    return {"memory": Samples(weights)}


async def _weight(hass: HomeAssistant, piggy: Piggy, number: int) -> float:
    """Return the KiB that each further screen takes."""
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    await _show(hass, piggy, SCREENS, number)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return (after - before) / SCREENS / 1024


async def _show(hass: HomeAssistant, piggy: Piggy, screens: int, number: int) -> None:
    """Show a session on the screens of a new account, and fetch the images."""
    entry = account(piggy, screens, number)
    await add(hass, entry)
    for device in devices(hass, entry):
        await create(hass, device)
    for entity_id in entities(hass, entry, "image"):
        await async_get_image(hass, entity_id)
    await hass.async_block_till_done()
